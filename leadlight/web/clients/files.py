"""Export of the list of clients: every client found, with its custom fields, as CSV or XLSX."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leadlight.accounts.models import User
from leadlight.accounts.origin import at_origin
from leadlight.analytics.export.sheets import Heading, Sheet
from leadlight.analytics.query.phrases import BadFilter
from leadlight.presentation import formats
from leadlight.presentation.datasets.fields import cell_kind
from leadlight.sales.models import CustomField
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX
from leadlight.sales.models.field_texts import value_of
from leadlight.sales.refusals import Refused
from leadlight.web.clients.list_query import FIGURES, ClientQuery
from leadlight.web.clients.listing import Row, every_row, titles
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.downloads import download, record_export, refuse_unknown_kind
from leadlight.web.shell.errors import refused_query
from leadlight.web.shell.field_columns import cells_of
from leadlight.web.shell.query_string import params_of

KINDS = {"open_amount": "money", "won_amount": "money", "changed_at": "day"}
AT_ONCE = 500


@signed_in
@require_safe
def export(request: ReaderRequest, kind: str) -> HttpResponseBase:
    """Download all pages of the list; text that a spreadsheet takes for a formula is escaped."""
    refuse_unknown_kind(kind)
    try:
        query = ClientQuery.from_params(params_of(request))
    except (BadFilter, Refused) as bad:
        return refused_query(request, bad, _("Clients"), "clients")
    address = at_origin(request.build_absolute_uri(query.address))
    record_export(request, "list", "Clients", query.address)
    sheet = _sheet(request.user, query, address)
    now = timezone.now().astimezone(formats.company().zone)
    name = f"clients_{now:%Y-%m-%d-%H%M}"
    return download(sheet, name, kind)


def _sheet(user: User, query: ClientQuery, address: str) -> Sheet:
    fields = query.fields
    by_key = titles()
    return Sheet(
        title=_("Clients"),
        headings=(
            Heading("key", _("Key"), "text"),
            Heading("name", by_key["name"], "text"),
            Heading("is_active", _("Active"), "text"),
            *(Heading(key, by_key[key], KINDS.get(key, "count")) for key in FIGURES),
            *(Heading(CUSTOM_FIELD_PREFIX + one.key, one.name, cell_kind(one)) for one in fields),
        ),
        rows=_cells(user, query, fields),
        about=(
            (_("As of"), formats.instant(timezone.now())),
            (_("Time zone"), str(formats.company().zone)),
            (_("Currency"), formats.company().currency),
            (_("Address"), address),
        ),
    )


def _cells(
    user: User, query: ClientQuery, fields: Sequence[CustomField]
) -> Iterator[tuple[Any, ...]]:
    batch: list[Row] = []
    for row in every_row(user, query):
        batch.append(row)
        if len(batch) == AT_ONCE:
            yield from _cells_of(batch, fields)
            batch = []
    yield from _cells_of(batch, fields)


def _cells_of(rows: list[Row], fields: Sequence[CustomField]) -> Iterator[tuple[Any, ...]]:
    zone = formats.company().zone
    cells = cells_of((row.client.pk for row in rows), fields)
    for row in rows:
        totals, client = row.totals, row.client
        changed_on = totals.changed_at and totals.changed_at.astimezone(zone).date()
        figures = [getattr(totals, key) for key in FIGURES if key != "changed_at"]
        values = [value_of(field, text) for field, text in cells[client.pk]]
        yield (client.key, client.name, client.is_active, *figures, changed_on, *values)
