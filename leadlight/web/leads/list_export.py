"""Leads as files: the sheet of leads in an order, and the export of all leads of the list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
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
from leadlight.presentation.datasets.fields import cell_kind
from leadlight.sales.lead_order import Order
from leadlight.sales.models import CustomField, Lead
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX
from leadlight.sales.models.field_texts import value_of
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
    """Download all leads found, in the order of the list, with all columns."""
    refuse_unknown_kind(kind)
    try:
        query = ListQuery.from_request(request, PAGE_PARAMS).read_by(request.user)
    except (BadFilter, Refused) as bad:
        return refused_query(request, bad, _("Leads"), "leads")
    sheet = sheet_of(
        query.order(request.user),
        tuple(VALUES),
        query.fields,
        filter_texts(request.user, query),
        address_of(request, query),
    )
    record_export(request, "list", "Leads", query.address)
    return download(sheet, file_name(), kind)


def file_name() -> str:
    """Return the name of a file with leads, without its ending."""
    return f"leads_{timezone.now().astimezone(formats.company().zone):%Y-%m-%d-%H%M}"


def address_of(request: ReaderRequest, query: ListQuery) -> str:
    return at_origin(request.build_absolute_uri(query.address))


def filter_texts(user: User, query: ListQuery) -> list[str]:
    """Return the filters and the search of a list as texts."""
    chips = [chip.text for chip in filter_bar(user, query).chips]
    searched = [_("Matching “%(searched)s”") % {"searched": query.searched}]
    return [*chips, *(searched if query.searched else [])]


def sheet_of(
    order: Order,
    columns: Sequence[str],
    fields: Sequence[CustomField],
    filters: Iterable[str],
    address: str,
) -> Sheet:
    """Return the sheet of leads in an order, with columns of `VALUES` and of custom fields.

    `filters` and `address` are those of the list, for the metadata of the file.
    """
    return Sheet(
        title=_("Leads"),
        headings=(
            Heading("key", _("Key"), "text"),
            Heading("title", _("Title"), "text"),
            *(Heading(key, str(COLUMNS[key].title), VALUES[key][0]) for key in columns),
            *(Heading(CUSTOM_FIELD_PREFIX + one.key, one.name, cell_kind(one)) for one in fields),
        ),
        rows=_rows(order, columns, fields),
        about=(
            *((_("Filter"), text) for text in filters),
            (_("As of"), formats.instant(timezone.now())),
            (_("Time zone"), str(formats.company().zone)),
            (_("Currency"), formats.company().currency),
            (_("Address"), address),
        ),
    )


def _rows(
    order: Order, columns: Sequence[str], fields: Sequence[CustomField]
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows; the leads are read a batch at a time, so that any number fits in memory."""
    leads = Lead.objects.select_related(*RELATED).defer("description").prefetch_related("tags")
    batch = order.after(None, AT_ONCE)
    while batch:
        found = leads.in_bulk([one.pk for one in batch])
        texts = cells_of(found, fields)
        for one in batch:
            if one.pk in found:
                yield _row(found[one.pk], columns, texts[one.pk])
        batch = order.after(batch[-1], AT_ONCE)


def _row(lead: Lead, columns: Sequence[str], texts: Any) -> tuple[Any, ...]:
    values = (VALUES[key][1](lead) for key in columns)
    own = (value_of(field, text) for field, text in texts)
    return (lead.key, lead.title, *values, *own)
