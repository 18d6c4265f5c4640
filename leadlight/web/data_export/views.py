"""Page on which a table is chosen for export, and its files."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from leadlight.accounts.models import User
from leadlight.accounts.origin import at_origin
from leadlight.analytics.export.parquet import write_parquet
from leadlight.analytics.export.sheets import Sheet
from leadlight.analytics.query.dimensions import LEAD_FILTERS
from leadlight.analytics.query.periods import CALENDAR_PRESETS, EARLIEST, ROLLING_PRESETS
from leadlight.analytics.query.phrases import BadFilter
from leadlight.bounds import MOST_COUNTED
from leadlight.presentation import formats, labels
from leadlight.presentation.choices import Chip, Choice, Choices, chosen_names
from leadlight.presentation.dataset_query import COLUMNS, DataQuery
from leadlight.presentation.datasets import DATASETS, rows_of
from leadlight.presentation.lead_choices import lead_choices
from leadlight.sales import access
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.downloads import download, kinds, record_export, refuse_unknown_kind
from leadlight.web.shell.errors import refused_query
from leadlight.web.shell.query_string import params_of

PARQUET = "parquet"
SAMPLE = 5
LONGEST_SAMPLE = 60


@signed_in
@require_safe
def data_export(request: ReaderRequest) -> HttpResponse:
    """Show the tables that can be exported, with filters, columns and the first rows."""
    if not access.may_export(request.user):
        raise PermissionDenied
    try:
        query = DataQuery.from_params(params_of(request), request.user)
    except BadFilter as bad:
        return refused_query(request, bad, _("Export data"), "data_export")
    found = query.found(request.user)
    count = found.order_by()[: MOST_COUNTED + 1].count()
    context = {
        "query": query,
        "tables": DATASETS.values(),
        "days": [(key, title) for key, (_path, title) in query.dataset.days.items()],
        "presets": [(key, labels.PRESETS[key]) for key in (*CALENDAR_PRESETS, *ROLLING_PRESETS)],
        "first": "" if query.preset or query.period is None else _day(query.period.first),
        "last": "" if query.preset or query.period is None else query.period.last.isoformat(),
        "bar": {"choices_at": reverse("lead_choices", args=["of"]).removesuffix("of/")},
        "dimensions": lead_choices(request.user, query.lead_filter, LEAD_FILTERS),
        "columns": _column_choices(query),
        "chips": list(_chips(request.user, query)),
        "count": count,
        "count_text": formats.up_to(count, MOST_COUNTED),
        "headings": [column.heading for column in query.columns],
        "sample": list(_sample(query, request.user)),
        "files": [
            (_file_address(query, kind), title) for kind, title in (*kinds(), (PARQUET, "Parquet"))
        ],
    }
    response = render(request, "data_export/page.html", context)
    if request.htmx:
        response.headers["HX-Push-Url"] = _address(query)
    return response


@signed_in
@require_safe
def data_export_file(request: ReaderRequest, kind: str) -> HttpResponseBase:
    """Download all rows of a table that pass the filters."""
    if kind != PARQUET:
        refuse_unknown_kind(kind)
    try:
        query = DataQuery.from_params(params_of(request), request.user)
    except BadFilter as bad:
        return refused_query(request, bad, _("Export data"), "data_export")
    sheet = _sheet(request, query)
    name = f"{query.dataset.key}_{timezone.now().astimezone(formats.company().zone):%Y-%m-%d-%H%M}"
    with override("en"):
        title = str(query.dataset.title)
    record_export(request, "table", title, _address(query))
    return _parquet(sheet, name) if kind == PARQUET else download(sheet, name, kind)


def _address(query: DataQuery) -> str:
    return f"{reverse('data_export')}?{urlencode(query.pairs)}"


def _file_address(query: DataQuery, kind: str) -> str:
    return f"{reverse('data_export_file', args=[kind])}?{urlencode(query.pairs)}"


def _sheet(request: ReaderRequest, query: DataQuery) -> Sheet:
    return Sheet(
        title=str(query.dataset.title),
        headings=tuple(column.heading for column in query.columns),
        rows=rows_of(query.found(request.user), query.columns),
        about=(
            *((_("Filter"), chip.text) for chip in _chips(request.user, query)),
            (_("As of"), formats.instant(timezone.now())),
            (_("Time zone"), str(formats.company().zone)),
            (_("Currency"), formats.company().currency),
            (_("Address"), at_origin(request.build_absolute_uri(_address(query)))),
        ),
    )


def _parquet(sheet: Sheet, name: str) -> FileResponse:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        write_parquet(sheet, path)
        file = path.open("rb")  # the response closes it; the file lives as long as it is open
    return FileResponse(
        file,
        as_attachment=True,
        filename=f"{name}.parquet",
        content_type="application/vnd.apache.parquet",
    )


def _column_choices(query: DataQuery) -> Choices:
    is_chosen = query.columns != query.every
    shown = tuple(
        Choice(one.key, str(one.title), is_chosen and one in query.columns) for one in query.every
    )
    return Choices(COLUMNS, _("Columns"), shown, hidden_count=0)


def _chips(user: User, query: DataQuery) -> Iterator[Chip]:
    """Yield the active filters, each with the address of the page without it."""
    names = chosen_names(user, query.lead_filter)
    for dimension, keys in query.lead_filter.chosen:
        for key in keys:
            left = tuple(other for other in keys if other != key)
            text = labels.titled(labels.GROUPINGS[dimension], names.get((dimension, key), key))
            yield Chip(text, _address(query.with_keys(dimension, left)))
    if query.period is not None:
        title = query.dataset.days[query.day][1]
        yield Chip(labels.titled(title, _days(query)), _address(query.without_period()))


def _days(query: DataQuery) -> str:
    period = query.period
    if query.preset is not None or period is None:
        return str(labels.PRESETS[query.preset or "all_time"])
    if period.first == EARLIEST:
        return _("up to %(last)s") % {"last": formats.day(period.last)}
    return formats.span(period.first, period.last)


def _day(day: Any) -> str:
    return "" if day == EARLIEST else day.isoformat()


def _sample(query: DataQuery, user: User) -> Iterator[list[str]]:
    """Yield the first rows as texts."""
    rows = rows_of(query.found(user), query.columns, batch=SAMPLE)
    for row in islice(rows, SAMPLE):
        yield [_text(value, column.kind) for value, column in zip(row, query.columns, strict=True)]


def _text(value: Any, kind: str) -> str:
    if value is None or value == "":
        return ""
    if kind == "money":
        return formats.money(value)
    if kind == "day":
        return formats.day(value)
    if kind == "instant":
        return formats.instant(value)
    if kind == "flag":
        return _("yes") if value else _("no")
    text = formats.number(value) if kind in ("count", "part") else str(value)
    return text if len(text) <= LONGEST_SAMPLE else text[: LONGEST_SAMPLE - 1] + "…"
