"""Export of the list of leads: all leads found, in the order of the list, with all columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leadlight.accounts.models import User
from leadlight.accounts.origin import at_origin
from leadlight.analytics.export.sheets import Heading, Sheet
from leadlight.analytics.query.phrases import BadFilter
from leadlight.presentation import formats, labels
from leadlight.sales.models import CustomField, Lead
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX
from leadlight.sales.models.field_texts import FieldKind, value_of
from leadlight.sales.refusals import Refused
from leadlight.web.leads.columns import COLUMNS
from leadlight.web.leads.filter_bar import filter_bar
from leadlight.web.leads.list_query import PAGE_PARAMS, ListQuery
from leadlight.web.leads.list_rows import RELATED
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.downloads import download, kinds, record_export, refuse_unknown_kind
from leadlight.web.shell.errors import refused_query
from leadlight.web.shell.field_columns import cells_of

AT_ONCE = 500


def _day(instant: datetime | None) -> date | None:
    return instant and instant.astimezone(formats.company().zone).date()


def _days(instant: datetime) -> int:
    return max(0, (timezone.now() - instant).days)


# Column of the list → kind of the cells of its column in the file, and their values.
VALUES: dict[str, tuple[str, Callable[[Lead], Any]]] = {
    "client": ("text", lambda lead: str(lead.client or "")),
    "status": ("text", lambda lead: labels.status(lead.status)),
    "step": ("text", lambda lead: str(lead.step)),
    "owner": ("text", lambda lead: str(lead.owner or "")),
    "team": ("text", lambda lead: str(lead.team or "")),
    "amount": ("money", lambda lead: lead.amount),
    "probability": ("count", lambda lead: lead.probability),
    "expected": ("day", lambda lead: lead.estimated_closing_on),
    "reminder": ("day", lambda lead: _day(lead.reminder_at)),
    "created": ("day", lambda lead: _day(lead.created_at)),
    "updated": ("day", lambda lead: _day(lead.updated_at)),
    "activity": ("day", lambda lead: _day(lead.last_activity_at)),
    "status_days": ("count", lambda lead: _days(lead.status_since)),
    "step_days": ("count", lambda lead: _days(lead.step_since)),
    "postponements": ("count", lambda lead: lead.postponements),
    "source": ("text", lambda lead: lead.source),
    "tags": ("text", lambda lead: ", ".join(str(tag) for tag in lead.tags.all())),
}


def exports_of(query: ListQuery) -> list[tuple[str, str]]:
    """Return the addresses of the export of a list, each with its title."""
    text = f"?{urlencode(query.pairs)}" if query.pairs else ""
    return [(reverse("leads_export", args=[kind]) + text, title) for kind, title in kinds()]


@signed_in
@require_safe
def export(request: ReaderRequest, kind: str) -> HttpResponseBase:
    """Download all pages of the list."""
    refuse_unknown_kind(kind)
    try:
        query = ListQuery.from_request(request, PAGE_PARAMS).read_by(request.user)
    except (BadFilter, Refused) as bad:
        return refused_query(request, bad, _("Leads"), "leads")
    now = timezone.now().astimezone(formats.company().zone)
    address = at_origin(request.build_absolute_uri(query.address))
    record_export(request, "list", "Leads", query.address)
    return download(_sheet(request.user, query, address), f"leads_{now:%Y-%m-%d-%H%M}", kind)


def _sheet(user: User, query: ListQuery, address: str) -> Sheet:
    chips = [chip.text for chip in filter_bar(user, query).chips]
    searched = [_("Matching “%(searched)s”") % {"searched": query.searched}]
    filters = [*chips, *(searched if query.searched else [])]
    return Sheet(
        title=_("Leads"),
        headings=(
            Heading("key", _("Key"), "text"),
            Heading("title", _("Title"), "text"),
            *(Heading(key, str(COLUMNS[key].title), kind) for key, (kind, _of) in VALUES.items()),
            *(Heading(CUSTOM_FIELD_PREFIX + one.key, one.name, _kind(one)) for one in query.fields),
        ),
        rows=_rows(user, query),
        about=(
            *((_("Filter"), text) for text in filters),
            (_("As of"), formats.instant(timezone.now())),
            (_("Time zone"), str(formats.company().zone)),
            (_("Currency"), formats.company().currency),
            (_("Address"), address),
        ),
    )


def _kind(field: CustomField) -> str:
    kinds = {FieldKind.NUMBER: "part", FieldKind.AMOUNT: "money", FieldKind.DAY: "day"}
    return kinds.get(FieldKind(field.kind), "text")


def _rows(user: User, query: ListQuery) -> Iterator[tuple[Any, ...]]:
    """Yield the rows; the leads are read a batch at a time, so that any number fits in memory."""
    order = query.order(user)
    leads = Lead.objects.select_related(*RELATED).defer("description").prefetch_related("tags")
    batch = order.after(None, AT_ONCE)
    while batch:
        found = leads.in_bulk([one.pk for one in batch])
        texts = cells_of(found, query.fields)
        for one in batch:
            if one.pk in found:
                yield _row(found[one.pk], texts[one.pk])
        batch = order.after(batch[-1], AT_ONCE)


def _row(lead: Lead, texts: Any) -> tuple[Any, ...]:
    values = (value(lead) for _kind_of, value in VALUES.values())
    own = (value_of(field, text) for field, text in texts)
    return (lead.key, lead.title, *values, *own)
