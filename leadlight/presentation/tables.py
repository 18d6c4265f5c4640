"""Table of a report for its page: sorted rows, their labels, and column headings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from leadlight.analytics.export.sheets import with_compared
from leadlight.analytics.metrics.columns import Column, Rate
from leadlight.analytics.query.dimensions import is_of_field, is_report_filter
from leadlight.analytics.query.grouping import is_of_tags
from leadlight.analytics.query.lead_filter import WITHOUT
from leadlight.analytics.query.periods import Period
from leadlight.analytics.query.phrases import BadFilter, Phrase, gettext_noop
from leadlight.analytics.reports import CATALOGUE
from leadlight.analytics.reports.contract import Result, Row, Value
from leadlight.presentation import formats, labels
from leadlight.presentation.cells import CellRenderer, trend_cell, trend_words
from leadlight.presentation.comparisons import PERCENT
from leadlight.presentation.headings import adding_up, title_of, unit_of
from leadlight.presentation.heat import Heat
from leadlight.presentation.layout import TableCell, groups_of, layout_of
from leadlight.presentation.links import (
    ListAddresses,
    PageParams,
    explain_address,
    report_address,
    row_part,
)
from leadlight.presentation.uncertainty import Uncertainty, rate_uncertainty

MOST_ROWS = 100
LABEL = "label"


# Order


def default_sort(result: Result) -> str:
    """Return the default sort: buckets in their order, other rows as the report declares.

    Without a declared sort, steps and choices of a custom field are in their order, and other rows
    are sorted by the first column of a matrix or by the first amount, highest first.
    """
    if result.report.sort and result.grouping != "bucket":
        return result.report.sort
    has_order = result.grouping in ("bucket", "step") or is_of_field(result.grouping)
    if result.report.matrix and not has_order:
        return f"-{result.columns[0].key}"
    amount = next((column.key for column in result.columns if column.kind == "money"), None)
    return LABEL if has_order or amount is None else f"-{amount}"


def ordered(result: Result, sort: str) -> Result:
    """Return the result with sorted rows: `won_leads` is ascending, `-won_leads` descending.

    Rows without a figure come after the others, then the row without a key, then further rows.
    Raises BadFilter for an unknown column.
    """
    key, is_descending = sort.removeprefix("-"), sort.startswith("-")
    if key != LABEL and key not in {column.key for column in result.columns}:
        raise BadFilter(gettext_noop("The table has no column “%(key)s”."), key=key)
    named = [row for row in result.rows if row.key is not None and not row.further]
    if key == LABEL:
        known = named[::-1] if is_descending else named
    else:
        known = [row for row in named if _size(row, key) is not None]
        known.sort(key=lambda row: _size(row, key), reverse=is_descending)
    without_figure = [row for row in named if key != LABEL and _size(row, key) is None]
    without_name = [row for row in result.rows if row.key is None]
    rows = (*known, *without_figure, *without_name, *result.further_rows)
    return replace(result, rows=rows)


def _size(row: Row, key: str) -> Any:
    value = row.cells[key]
    return value.value if isinstance(value, Rate) else value


# The table


Filterable = Callable[[str, Collection[str]], Collection[str]]


@dataclass(frozen=True)
class Heading:
    """Heading of a cell of the table.

    `definition` explains the column and `adding_up` its total; `uncertainty` is that of the total;
    `explain` is the address of the explanation; `address` sorts by the column; `direction` is
    "ascending", "descending" or empty. `span` is the number of HTML cells below the heading.
    `further` has the titles of the figures in small print; the heading shows them if `has_further`.
    """

    key: str
    title: str
    unit: str
    definition: str
    adding_up: str
    address: str
    direction: str
    uncertainty: Uncertainty | None = None
    explain: str = ""
    span: int = 1
    further: str = ""
    has_further: bool = False
    is_shown: bool = True


@dataclass(frozen=True)
class HeadingGroup:
    """Group of headings; `span` is the number of HTML cells of those that are shown."""

    title: str
    headings: tuple[Heading, ...]

    @property
    def shown(self) -> tuple[Heading, ...]:
        return tuple(heading for heading in self.headings if heading.is_shown)

    @property
    def span(self) -> int:
        return sum(heading.span for heading in self.shown)


@dataclass(frozen=True)
class TableRow:
    """A row: its label and its cells as HTML, and its CSS class."""

    name: SafeString
    cells: SafeString
    looks: str


@dataclass(frozen=True)
class Table:
    """Context of the table's template.

    `rows` is the number of rows above the totals; `omitted` of them are left out, and
    `full_address` is the address of the table with all rows. The rows in `further` are below the
    totals. `heat` is the legend of the shades, or empty. `groups` have all headings; `hidden` of
    them are not shown. `change_form` is the form of changes; empty if nothing is compared.
    """

    names: Heading
    groups: tuple[HeadingGroup, ...]
    trend: str
    lines: tuple[TableRow, ...]
    totals: SafeString
    further: tuple[TableRow, ...]
    rows: int
    omitted: int
    full_address: str
    has_unfinished: bool
    has_future_rows: bool
    has_few: bool
    has_chance: bool
    is_rounded: bool
    heat: str = ""
    change_form: str = ""

    @property
    def hidden(self) -> int:
        return sum(len(group.headings) - len(group.shown) for group in self.groups)

    @property
    def shown_groups(self) -> tuple[HeadingGroup, ...]:
        return tuple(group for group in self.groups if group.shown)

    @property
    def has_groups(self) -> bool:
        return any(group.title for group in self.groups)


def table(
    result: Result,
    sort: str,
    *,
    by: Filterable,
    chosen: Sequence[str] = (),
    change_form: str = PERCENT,
    is_whole: bool = False,
) -> Table:
    """Return the table of a sorted result.

    `chosen` are the keys of the cells to show, empty for the default ones. `by(dimension, keys)`
    returns the keys by which the reader may filter. `change_form` is one of the `CHANGE_FORMS`.
    Raises BadFilter for an unknown chosen key.
    """
    main = result.main_rows if is_whole else result.main_rows[:MOST_ROWS]
    shown = replace(result, rows=(*main, *result.further_rows))
    layout = layout_of(result, chosen)
    pairs = list(with_compared(shown))
    lists = ListAddresses(result.report, result.filters)
    row_parts = [escape(row_part(row)) for row in shown.rows]
    heat = Heat(result, shown.rows)
    shown_cells = [cell for cell in layout if cell.is_shown]
    writers = {
        cell.key: CellRenderer(cell, result, lists, heat, change_form) for cell in shown_cells
    }
    columns = [writer.cells(pairs, row_parts) for writer in writers.values()]
    has_trend, words = any(row.trend for row in shown.rows), trend_words()
    trends = [trend_cell(row, words) if has_trend else "" for row in shown.rows]
    address_of = _row_addresses(shown, by)
    lines = tuple(
        TableRow(_name(row, result, address_of(row)), _html("".join(cells)), _looks(row, result))
        for row, *cells in zip(shown.rows, trends, *columns, strict=True)
    )
    totals = _totals(result, writers.values())
    page = {
        "sort": sort_param(result, sort),
        "columns": list(chosen),
        "change": change_param(change_form),
    }
    return Table(
        names=_names_heading(result, sort, page),
        groups=tuple(
            HeadingGroup(
                labels.say(Phrase(title)) if title else "",
                tuple(_heading(cell, result, sort, page, writers.get(cell.key)) for cell in cells),
            )
            for title, cells in groups_of(layout)
        ),
        trend=_trend_title(result) if has_trend else "",
        lines=lines[: len(main)],
        further=lines[len(main) :],
        totals=_html(("<td></td>" if has_trend else "") + totals),
        rows=len(result.main_rows),
        omitted=len(result.main_rows) - len(main),
        full_address=report_address(result.report, result.filters, **page | {"rows": "all"}),
        has_unfinished=any(result.is_partial(row) or row.unfinished for row in shown.rows),
        has_future_rows=any(map(result.is_future, shown.rows)),
        has_few=any(" few" in line.cells for line in lines) or " few" in totals,
        has_chance=any(writer.has_chance for writer in writers.values()),
        is_rounded=any(_is_rounded(cell.column, result) for cell in layout if cell.is_shown),
        heat=_(heat.words) if any(" heat-" in line.cells for line in lines) else "",
        change_form=change_form if any(one.has_change for one in writers.values()) else "",
    )


def _is_rounded(column: Column, result: Result) -> bool:
    if column.kind != "money":
        return False
    amounts: list[Any] = [row.cells[column.key] for row in result.rows]
    return formats.cents_at_a_glance(*amounts) < formats.cents(*amounts)


def _totals(result: Result, writers: Iterable[CellRenderer]) -> str:
    before = result.compared.totals if result.compared else {}
    return "".join(writer.cell(result.totals, before, basis=writer.basis()) for writer in writers)


def sort_param(result: Result, sort: str) -> str | None:
    """Return the sort for an address; None if it is the default."""
    return None if sort == default_sort(result) else sort


def change_param(change_form: str) -> str | None:
    """Return the form of changes for an address; None if it is the default."""
    return None if change_form == PERCENT else change_form


def _html(text: str) -> SafeString:
    return mark_safe(text)  # noqa: S308  # made of escaped parts


def _looks(row: Row, result: Result) -> str:
    if row.further:
        return "further"
    if row.is_few:
        return "few"
    if result.is_future(row):
        return "coming"
    return "unfinished" if row.is_unfinished else "without" if row.key is None else ""


# Headings


def _names_heading(result: Result, sort: str, page: PageParams) -> Heading:
    title = labels.grouping_title(result.grouping)
    return Heading(LABEL, title, "", "", "", *_sorting(LABEL, result, sort, page, first=""))


def _heading(
    cell: TableCell, result: Result, sort: str, page: PageParams, writer: CellRenderer | None
) -> Heading:
    column = cell.column
    first = "" if column.kind == "ranks" else "-"
    step = column.names.get("step") if cell.group else None  # the group names the figure
    return Heading(
        column.key,
        str(step or title_of(column)),
        unit_of(column, result.currency),
        labels.say(column.definition_phrase),
        adding_up(result.report, column),
        *_sorting(column.key, result, sort, page, first=first),
        uncertainty=_uncertainty_of(column, result.totals[column.key]),
        explain=explain_address(result.report, result.filters, column=column.key),
        span=writer.span if writer else 1,
        further=formats.listed([labels.say(one.title_phrase) for one in cell.further]),
        has_further=not step and _needs_words(writer),
        is_shown=cell.is_shown,
    )


def _needs_words(writer: CellRenderer | None) -> bool:
    """Return whether the heading names the figures in small print.

    Amounts beside a figure that is not an amount need no name.
    """
    if writer is None:
        return False
    is_count = writer.column.kind != "money"
    return any(one.column.kind != "money" or not is_count for one in writer.further)


def _uncertainty_of(column: Column, total: Value) -> Uncertainty | None:
    """Return the uncertainty of a total that is a proportion; None for other columns."""
    return rate_uncertainty(total) if column.is_proportion and isinstance(total, Rate) else None


def _sorting(
    key: str, result: Result, sort: str, page: PageParams, *, first: str
) -> tuple[str, str]:
    """Return the address that sorts by a column or reverses its order, and the current order."""
    direction = {key: "ascending", f"-{key}": "descending"}.get(sort, "")
    wanted = f"{first}{key}"
    if sort == wanted:
        wanted = key if first else f"-{key}"
    own = page | {"sort": sort_param(result, wanted)}
    return report_address(result.report, result.filters, **own), direction


def total_title(result: Result) -> str:
    """Return the label of the row of totals."""
    return labels.say(result.total_title)


def _trend_title(result: Result) -> str:
    trend = result.report.trend
    return _("Trend of “%(title)s”") % {"title": _(trend.title)} if trend else ""


# Names of rows


def _name(row: Row, result: Result, address: str | None) -> SafeString:
    text = str(escape(labels.row_label(row, result.grouping)))
    if row.is_unfinished:
        state = _("not started") if result.is_future(row) else _("unfinished")
        text += f'<span class="visually-hidden"> {escape(state)}</span>'
    return _html(f'<a href="{escape(address)}">{text}</a>' if address else text)


def _row_addresses(result: Result, by: Filterable) -> Callable[[Row], str | None]:
    """Return a function from a row to the link of its label, or None.

    A bucket links to the same report for its days. Another row links to the report named by
    `Report.row_link_report`, filtered by the row.
    """
    if result.grouping == "bucket":
        return lambda row: _days_address(result, row)
    dimension = "tag" if is_of_tags(result.grouping) else result.grouping
    if not is_report_filter(dimension):
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
    opened = CATALOGUE[result.report.row_link_report]
    group_by = "bucket" if opened.groupings[0] == result.grouping else None
    own = replace(result.filters, group_by=group_by, view=None)
    return report_address(opened, own.with_keys(dimension, (_key_of(row),)))
