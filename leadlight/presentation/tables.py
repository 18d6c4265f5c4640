"""Table of a report for its page: sorted rows, their labels, and column headings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from leadlight.analytics.export.sheets import with_compared
from leadlight.analytics.metrics.columns import Column, Rate
from leadlight.analytics.metrics.working_days import WORKING_UNIT
from leadlight.analytics.query.dimensions import REPORT_FILTERS
from leadlight.analytics.query.grouping import category_of
from leadlight.analytics.query.lead_filter import WITHOUT
from leadlight.analytics.query.periods import Period
from leadlight.analytics.query.phrases import BadFilter, Phrase, gettext_noop
from leadlight.analytics.reports import CATALOGUE
from leadlight.analytics.reports.contract import Result, Row, Value
from leadlight.presentation import formats, labels
from leadlight.presentation.cells import CellWriter, trend_cell, trend_words
from leadlight.presentation.links import ListAddresses, explain_address, report_address, row_part
from leadlight.presentation.uncertainty import Uncertainty, rate_uncertainty

MOST_ROWS = 100
LABEL = "label"


# Order


def default_sort(result: Result) -> str:
    """Return the default sort: buckets and steps in their order, other rows by amount, highest
    first."""
    if result.report.sort:
        return result.report.sort
    amount = next((column.key for column in result.columns if column.kind == "money"), None)
    has_order = result.grouping in ("bucket", "step")
    return LABEL if has_order or amount is None else f"-{amount}"


def ordered(result: Result, sort: str) -> Result:
    """Return the result with sorted rows: `won_leads` is ascending, `-won_leads` descending.

    Rows without a figure come after the others, then the row without a key, then further rows.
    Raises BadFilter for an unknown column.
    """
    key, is_descending = sort.removeprefix("-"), sort.startswith("-")
    if key != LABEL and key not in {column.key for column in result.columns}:
        raise BadFilter(gettext_noop("The table has no column “%(key)s”."), key=key)
    further = [row for row in result.rows if row.further]
    named = [row for row in result.rows if row.key is not None and not row.further]
    if key == LABEL:
        known = named[::-1] if is_descending else named
    else:
        known = [row for row in named if _size(row, key) is not None]
        known.sort(key=lambda row: _size(row, key), reverse=is_descending)
    without_figure = [row for row in named if key != LABEL and _size(row, key) is None]
    without_name = [row for row in result.rows if row.key is None]
    return replace(result, rows=(*known, *without_figure, *without_name, *further))


def _size(row: Row, key: str) -> Any:
    value = row.cells[key]
    return value.value if isinstance(value, Rate) else value


# The table


Filterable = Callable[[str, Collection[str]], Collection[str]]


@dataclass(frozen=True)
class Heading:
    """Heading of a column.

    `definition` and `adding_up` explain the column; `uncertainty` is that of its total; `explain`
    is the address of its explanation; `address` sorts by it; `way` is "ascending", "descending" or
    empty.
    """

    key: str
    title: str
    unit: str
    definition: str
    adding_up: str
    address: str
    way: str
    uncertainty: Uncertainty | None = None
    explain: str = ""


@dataclass(frozen=True)
class TableRow:
    """A row: its label and its cells as HTML, and its CSS class."""

    name: SafeString
    cells: SafeString
    looks: str


@dataclass(frozen=True)
class Table:
    """Context of the table's template. `cut` rows are left out; `whole` is the address with all."""

    names: Heading
    headings: tuple[Heading, ...]
    trend: str
    lines: tuple[TableRow, ...]
    totals: SafeString
    rows: int
    cut: int
    whole: str
    has_unfinished: bool
    has_coming: bool
    has_few: bool
    has_chance: bool
    is_rounded: bool


def table(result: Result, sort: str, *, is_whole: bool, by: Filterable) -> Table:
    """Return the table of a sorted result.

    `by(dimension, keys)` returns the keys by which the reader may filter.
    """
    shown = result if is_whole else replace(result, rows=result.rows[:MOST_ROWS])
    pairs = list(with_compared(shown))
    lists = ListAddresses(result.report, result.filters)
    places = [escape(row_part(row)) for row in shown.rows]
    writers = [CellWriter(column, result, lists.address(column.key)) for column in result.columns]
    columns = [writer.cells(pairs, places) for writer in writers]
    has_trend, words = any(row.trend for row in shown.rows), trend_words()
    trends = [trend_cell(row, words) if has_trend else "" for row in shown.rows]
    address_of = _row_addresses(shown, by)
    lines = tuple(
        TableRow(_name(row, result, address_of(row)), _html("".join(cells)), _looks(row, result))
        for row, *cells in zip(shown.rows, trends, *columns, strict=True)
    )
    totals = _totals(result, writers)
    return Table(
        names=_names_heading(result, sort),
        headings=tuple(_heading(column, result, sort) for column in result.columns),
        trend=_trend_title(result) if has_trend else "",
        lines=lines,
        totals=_html(("<td></td>" if has_trend else "") + totals),
        rows=len(result.rows),
        cut=len(result.rows) - len(shown.rows),
        whole=report_address(
            result.report, result.filters, sort=sort_param(result, sort), rows="all"
        ),
        has_unfinished=any(map(result.is_partial, shown.rows)),
        has_coming=any(map(result.is_coming, shown.rows)),
        has_few=any(" few" in line.cells for line in lines) or " few" in totals,
        has_chance=any(writer.has_chance for writer in writers),
        is_rounded=any(_is_rounded(column, result) for column in result.columns),
    )


def _is_rounded(column: Column, result: Result) -> bool:
    if column.kind != "money":
        return False
    amounts: list[Any] = [row.cells[column.key] for row in result.rows]
    return formats.cents_at_a_glance(*amounts) < formats.cents(*amounts)


def _totals(result: Result, writers: Iterable[CellWriter]) -> str:
    before = result.compared.totals if result.compared else {}
    return "".join(
        writer.cell(
            result.totals[writer.column.key], before.get(writer.column.key), basis=writer.basis()
        )
        for writer in writers
    )


def sort_param(result: Result, sort: str) -> str | None:
    """Return the sort for an address; None if it is the default."""
    return None if sort == default_sort(result) else sort


def _html(text: str) -> SafeString:
    return mark_safe(text)  # noqa: S308  # made of escaped parts


def _looks(row: Row, result: Result) -> str:
    if row.further:
        return "further"
    if row.is_few:
        return "few"
    if result.is_coming(row):
        return "coming"
    return "unfinished" if row.is_unfinished else "without" if row.key is None else ""


# Headings


def _names_heading(result: Result, sort: str) -> Heading:
    title = labels.grouping_title(result.grouping)
    return Heading(LABEL, title, "", "", "", *_sorting(LABEL, result, sort, first=""))


def _heading(column: Column, result: Result, sort: str) -> Heading:
    return Heading(
        column.key,
        title_of(column),
        unit_of(column, result.currency),
        labels.say(column.definition_phrase),
        adding_up(column),
        *_sorting(column.key, result, sort, first="" if column.kind == "ranks" else "-"),
        uncertainty=_uncertainty_of(column, result.totals[column.key]),
        explain=explain_address(result.report, result.filters, column=column.key),
    )


def _uncertainty_of(column: Column, total: Value) -> Uncertainty | None:
    """Return the uncertainty of a total that is a proportion; None for other columns."""
    return rate_uncertainty(total) if column.is_proportion and isinstance(total, Rate) else None


def _sorting(key: str, result: Result, sort: str, *, first: str) -> tuple[str, str]:
    """Return the address that sorts by a column or reverses its order, and the current order."""
    way = {key: "ascending", f"-{key}": "descending"}.get(sort, "")
    wanted = f"{first}{key}"
    if sort == wanted:
        wanted = key if first else f"-{key}"
    address = report_address(result.report, result.filters, sort=sort_param(result, wanted))
    return address, way


def title_of(column: Column) -> str:
    """Return the title of a column, without its unit."""
    alone = column.names.get("title") if column.unit == WORKING_UNIT else None
    return labels.say(alone if isinstance(alone, Phrase) else column.title_phrase)


def unit_of(column: Column, currency: str) -> str:
    if column.kind == "money":
        return formats.currency_symbol(currency).strip()
    if column.unit == WORKING_UNIT:
        return _("working days")
    return _("days") if column.kind == "days" else ""


def adding_up(column: Column) -> str:
    """Return the sentence on how the total is computed: from the leads, not from the rows."""
    if column.kind in ("rate", "ratio"):
        return _("The total is the ratio of the totals, never the mean of the rows.")
    if column.kind in ("ranks", "share"):
        return _("It is worked out on all the rows together; the total has none.")
    if column.kind in ("days", "interval", "estimate"):
        return _("The total is worked out on all the leads together, not on the rows.")
    return _("The total counts nothing twice, whatever the rows.")


def _trend_title(result: Result) -> str:
    trend = result.report.trend
    return _("Trend of “%(title)s”") % {"title": _(trend.title)} if trend else ""


# Names of rows


def _name(row: Row, result: Result, address: str | None) -> SafeString:
    text = str(escape(labels.row_label(row, result.grouping)))
    if row.is_unfinished:
        state = _("not begun") if result.is_coming(row) else _("unfinished")
        text += f'<span class="visually-hidden"> {escape(state)}</span>'
    return _html(f'<a href="{escape(address)}">{text}</a>' if address else text)


def _row_addresses(result: Result, by: Filterable) -> Callable[[Row], str | None]:
    """Return a function from a row to the link of its label, or None.

    A bucket links to the report of its days, another row to the company report filtered by it.
    """
    if result.grouping == "bucket":
        return lambda row: _days_address(result, row)
    dimension = "tag" if category_of(result.grouping) else result.grouping
    if dimension not in REPORT_FILTERS:
        return lambda row: None
    known = by(dimension, {_key_of(row) for row in result.rows if not row.further})
    return lambda row: (
        None if row.further or _key_of(row) not in known else _own_address(result, dimension, row)
    )


def _key_of(row: Row) -> str:
    return WITHOUT if row.key is None else row.key


def _days_address(result: Result, row: Row) -> str | None:
    if row.bucket is None or row.bucket.unit == "day":
        return None
    period = result.period
    days = Period(max(row.bucket.first, period.first), min(row.bucket.last, period.last))
    inside = replace(result.filters, preset=None, period=days, unit=None)
    return report_address(result.report, inside)


def _own_address(result: Result, dimension: str, row: Row) -> str | None:
    if row.key is None and dimension == "tag":
        return None  # no filter selects leads without a tag of one category
    own = replace(result.filters, group_by=None, view=None).choosing(dimension, (_key_of(row),))
    return report_address(CATALOGUE["company"], own)
