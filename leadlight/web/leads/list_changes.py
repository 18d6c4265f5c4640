"""Changes of leads in the cells of their list."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from leadlight.analytics.query.phrases import BadFilter
from leadlight.sales import access
from leadlight.sales.lead_order import position_of
from leadlight.sales.models import Lead
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX
from leadlight.sales.refusals import Refused
from leadlight.web.leads.change_page import ChangePage
from leadlight.web.leads.extended import details_of
from leadlight.web.leads.forms.change import ChangeForm
from leadlight.web.leads.forms.custom_field import CustomFieldForm
from leadlight.web.leads.forms.daily import StandbyForm, WinForm
from leadlight.web.leads.lead_page import shown_conflicts, visible_lead
from leadlight.web.leads.list_query import EXTENDED, ListQuery
from leadlight.web.leads.list_rows import OpenCell, Rows
from leadlight.web.leads.listing import leads_with_details
from leadlight.web.shell.auth import ReaderRequest, signed_in

NAME = "list"
STATUS = "status"
LONGEST_NUMBER = 9  # digits


@signed_in
@require_safe
def lead_row(request: ReaderRequest, key: str) -> HttpResponse:
    """Show the row of a lead; with `edit=status`, its status cell offers the possible changes."""
    lead = visible_lead(request.user, key)
    if not request.htmx:
        return redirect("lead", lead.key)
    is_status = request.GET.get("edit") == STATUS and access.may_edit(request.user, lead)
    done = request.GET.get("done", "")
    return _shown(request, lead, what=STATUS if is_status else "", done=done)


def show(
    request: ReaderRequest,
    lead: Lead,
    *,
    form: ChangeForm | None = None,
    what: str = "",
    status: int = 200,
) -> HttpResponse:
    """Show the row of a lead with the form of a change open in its cell."""
    return _shown(request, lead, form=form, what=what, status=status)


def made(request: ReaderRequest, lead: Lead, what: str) -> HttpResponse:
    """Show the changed row, or none if the user no longer sees the lead."""
    if not request.htmx:
        return redirect("leads")
    if not access.visible_leads(request.user).filter(pk=lead.pk).exists():
        return render(request, "leads/row_page.html", {})
    done = what
    if what == "field":
        done = CUSTOM_FIELD_PREFIX + request.GET.get("field", "")
    return _shown(request, visible_lead(request.user, lead.key), done=done)


PAGE = ChangePage(show, made)


def query_of(request: ReaderRequest) -> tuple[ListQuery, str]:
    """Return the query of the list that a request comes from, and its query string.

    If that query string is invalid by now, the query is that of the list without filters.
    """
    sent: Any = request.POST if request.method == "POST" else request.GET
    source = str(sent.get("from", "")).replace("\0", "")
    try:
        params = {name: [str(one) for one in values] for name, values in QueryDict(source).lists()}
        return ListQuery.from_params(params).read_by(request.user), source
    except (BadFilter, Refused):
        return ListQuery.from_params({}), ""


def _shown(
    request: ReaderRequest,
    lead: Lead,
    *,
    form: ChangeForm | None = None,
    what: str = "",
    done: str = "",
    status: int = 200,
) -> HttpResponse:
    query, source = query_of(request)
    now = timezone.now()
    shown = leads_with_details(Lead.objects.filter(pk=lead.pk), query).get()
    rows = Rows(request.user, query, [shown], source, now, done=done)
    opened = _opened(request, lead, form, what) if what else None
    row = rows.of(shown, position_of(shown, query.sort), _number(request), opened)
    if query.view == EXTENDED:
        row = replace(row, details=details_of([lead])[lead.pk])
    context = {"query": query, "row": row, "done": done}
    return render(request, "leads/row_page.html", context, status=status)


def _opened(request: ReaderRequest, lead: Lead, form: ChangeForm | None, what: str) -> OpenCell:
    """Return the cell with the form of a change."""
    if form is not None:
        form.focus()
    name = CUSTOM_FIELD_PREFIX + form.field.key if isinstance(form, CustomFieldForm) else what
    context: dict[str, Any] = {
        "lead": lead,
        "form": form,
        "standby_form": form if isinstance(form, StandbyForm) else StandbyForm(lead, request.user),
        "what": what,
        "conflicts": list(shown_conflicts(form.conflicts)) if form else [],
        "back": f"{reverse('lead_row', args=[lead.key])}?{urlencode({'done': name})}",
        "asks_when_won": what == STATUS and "reasons" in WinForm(lead, request.user).fields,
    }
    return OpenCell(name, render_to_string("leads/cell_form.html", context, request))


def _number(request: ReaderRequest) -> int | None:
    sent: Any = request.POST if request.method == "POST" else request.GET
    text = sent.get("n", "")
    return (
        int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER else None
    )
