"""Changes of a lead on its page: the form of each change, and the change itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from leadlight.sales import access
from leadlight.sales.conflicts import Conflicting
from leadlight.sales.models import Attachment, CustomField, Lead, LeadEvent
from leadlight.sales.models.event_log import Kind
from leadlight.sales.models.lead_changes import locked
from leadlight.sales.refusals import Refused
from leadlight.web.leads.change_page import ChangePage, named_page
from leadlight.web.leads.forms.after_sale import ASK, FOLLOW_UP, asks_for_follow_up
from leadlight.web.leads.forms.catalogue import CHANGES
from leadlight.web.leads.forms.change import ChangeForm
from leadlight.web.leads.forms.comments import EditCommentForm, PinForm, UnpinForm
from leadlight.web.leads.forms.custom_field import CustomFieldForm
from leadlight.web.leads.forms.files import FilesForm, RemoveFileForm
from leadlight.web.leads.lead_page import lead_page, visible_lead
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.changes import act
from leadlight.web.shell.errors import refused

# Changes after which the page asks something: on which day to work on the lead again after an
# activity, and whether to start a follow-up after a win.
ASKS = {"activity": "next", "won": FOLLOW_UP}


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def change(
    request: ReaderRequest, what: str, key: str, pages: Mapping[str, ChangePage]
) -> HttpResponse:
    """Show a lead with the form of a change open; a POST makes the change.

    `pages` are the pages to return to other than that of the lead, by the parameter `return`.
    """
    lead = visible_lead(request.user, key, has_tags=request.method != "POST")
    page = pages.get(named_page(request), LEAD_PAGE)
    if not access.may_edit(request.user, lead):
        return refused(request, _("You can see this lead, but not change it."), status=403)
    if what == "owner" and not access.may_assign(request.user):
        return refused(request, _("You do not have the right to assign leads."), status=403)
    form = _form(request, what, lead)
    if request.method != "POST":
        return page.show(request, lead, form=form, what=what)
    return _make(request, form, what, page)


def _make(request: ReaderRequest, form: ChangeForm, what: str, page: ChangePage) -> HttpResponse:
    """Make the change of a form, and show the lead, or the form with its errors."""
    lead, status = form.lead, 400
    if form.is_valid():
        try:
            with locked(lead):
                act(request, form.apply)
        except Conflicting as refusal:
            form.conflicts, status = refusal.conflicts, 409
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return page.made(request, lead, what)
    shown = visible_lead(request.user, lead.key)
    return page.show(request, shown, form=form, what=what, status=status)


def _made(request: ReaderRequest, lead: Lead, what: str) -> HttpResponse:
    try:
        shown = visible_lead(request.user, lead.key)
    except Http404:  # binned, or given to someone whose leads the user does not see
        return redirect("leads")
    asks = ASKS.get(what, "")
    if asks == FOLLOW_UP and not asks_for_follow_up(request.user):
        asks = ""
    if not request.htmx:
        page = reverse("lead", args=[lead.key])
        return redirect(page + (f"?{ASK}={asks}" if asks == FOLLOW_UP else ""))
    return lead_page(request, shown, what=asks, done=what)


PINS: dict[str, type[PinForm]] = {"pin-comment": PinForm, "unpin-comment": UnpinForm}
LEAD_PAGE = ChangePage(lead_page, _made)


def _form(request: ReaderRequest, what: str, lead: Lead) -> ChangeForm:
    data = request.POST if request.method == "POST" else None
    if what == "field":
        fields = CustomField.objects.filter(subject=CustomField.Subject.LEAD, is_archived=False)
        field = get_object_or_404(fields, key=_key(request, "field"))
        return CustomFieldForm(lead, request.user, data, field=field)
    if what == "edit-comment":
        comment = _comment(request, lead, actor=request.user)
        return EditCommentForm(lead, request.user, data, comment=comment)
    if what == "files":
        return FilesForm(lead, request.user, request if data is not None else None)
    if what == "remove-file":
        files = Attachment.objects.filter(lead=lead, is_removed=False)
        file = get_object_or_404(files, key=_key(request, "file"))
        return RemoveFileForm(lead, request.user, data, file=file)
    if what in PINS:
        return PINS[what](lead, request.user, data, comment=_comment(request, lead))
    if what not in CHANGES:
        raise Http404
    return CHANGES[what](lead, request.user, data)


def _comment(request: ReaderRequest, lead: Lead, **conditions: Any) -> LeadEvent:
    """Return the comment of the parameter `comment`; raise Http404 for any other event."""
    comments = lead.events.filter(kind=Kind.COMMENT, about="", **conditions)
    return get_object_or_404(comments, key=_key(request, "comment"))


def _key(request: ReaderRequest, name: str) -> str:
    """Return the key in a parameter, without NUL characters: PostgreSQL rejects them."""
    return request.GET.get(name, "").replace("\0", "")
