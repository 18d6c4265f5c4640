"""The contract of a report, and of its answer.

A report is a module of `reports` with a docstring and a `REPORT`. Its `facts` lays the facts that
are behind the numbers before the columns; everything else is done for all reports alike, by `run`
(scope, filters, grouping, totals, comparison, notes) and `drilldown` (what is behind a number).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from ibis.expr.types import DateValue, Table

from leadlight.analytics.metrics.columns import Column, Rate, Span
from leadlight.analytics.metrics.date_rules import DAYS
from leadlight.analytics.query import query_params
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.grouping import Shown
from leadlight.analytics.query.periods import PRESETS, Bucket, Period, Unit
from leadlight.analytics.query.phrases import Phrase
from leadlight.analytics.query.query_params import DEFAULT_PRESET, Clock, QueryParams
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.scope import EVERYTHING, Scope
from leadlight.analytics.query.statement import Statement
from leadlight.analytics.stats.survival import Estimate

Value = int | Decimal | float | Rate | Span | Estimate | None
Subject = Literal["lead", "activity", "prospect"]


@dataclass(frozen=True)
class Flow:
    """What happened in the period: one row per fact, with the local `day` it happened on.

    `rows` has the id of its `subject` (`lead_id`, `activity_id` or `prospect_id`: what its list
    shows), `day`, `user_id` and `team_id` (credited), the other ids that rows are grouped by, and
    what the columns add up. In the groupings `shared_in` the facts belong to no row by themselves:
    each row is set against all of them. `whole` is what the totals are made of where that is not
    every row once. `leads` are what a list shows of the leads where that is not their state as of
    the question.
    """

    rows: Table
    subject: Subject = "lead"
    shared_in: frozenset[str] = frozenset()
    whole: Table | None = None
    leads: Table | None = None


@dataclass(frozen=True)
class Stock:
    """What stood at the end of a day: one row per lead, from `opened_on` until before `shut_on`.

    `rows` has these (null: still open) and the same ids as a flow; it begins with the first lead,
    and is asked for its state at the end of each row's days.
    """

    rows: Table
    subject: Subject = "lead"

    def on(self, day: DateValue) -> Table:
        """The part that is open at the end of a day."""
        rows = self.rows
        return rows.filter(rows.opened_on <= day, rows.shut_on.isnull() | (rows.shut_on > day))


Facts = Mapping[str, Flow | Stock]


@dataclass(frozen=True)
class FurtherRow:
    """A row of its own below the others and outside the totals, whatever the rows are grouped by.

    Its figures are the columns' own, over other facts: `facts` says which stand in for which.
    """

    key: str
    title: str
    facts: Mapping[str, str]


@dataclass(frozen=True)
class ChartSpec:
    """What the chart of a report shows, by the keys of columns.

    `stacked` counts on top of each other and an `amount` as a line. A `funnel` draws its first
    count step by step; a `heat` map shades every rate, row by column; `stages` stand for what the
    same things go through one after the other: their totals, from the first to the last.
    `amounts` stacks the first amount and the last; the one between is shown as a part of the last.
    `intervals` draw the first interval of each row, and the first rate in it; `curves` the curves
    of the report's `chart_column` column, row by row.
    """

    stacked: tuple[str, ...] = ()
    amount: str | None = None
    kind: Literal[
        "stacked", "funnel", "heat", "stages", "amounts", "intervals", "curves", "none"
    ] = "stacked"


@dataclass(frozen=True, eq=False)
class Report:
    """One question that a manager asks. `key` is its module, address and CLI argument.

    `prefetch` names small tables to be asked for first; their rows are in `query.prefetched`, and
    `remarks` are what a reader must be told of them. Those of `prefetched_values` are bound values:
    the SQL of the report does not depend on them. `branch` is what it depends on beside the shape
    of the question. Builders of tables (`facts`, `prefetch`) are given shapes. `needs` are filters
    that must have a value: whoever asks fills in a default. `is_of_one_pipeline`: several, or none,
    are refused. A report with a `unit` has buckets of that length only. `headlines` are the columns
    that stand above the report as cards. `views` are further tables of the same question; each is a
    report of its own with the same key, and its name as `view`. `shown_when_empty` says, by
    grouping, which rows are shown though nothing is in them, where these are others than in all
    reports. `postprocess` completes an answer with figures that follow from all its rows together,
    and with what is to be said of them. `sort` is the order of the rows at first, where it is not
    the usual one. `date_rules` are the sentences of the days on which its facts count, by their
    names, where these are not those of all reports (`DAYS`). `chart_column` is a figure that
    pictures show and the table does not; its sums are those of columns.
    """

    key: str
    title: str
    text: str
    facts: Callable[[ReportQuery], Facts]
    columns: Callable[[ReportQuery], tuple[Column, ...]]
    groupings: tuple[str, ...]
    warnings: tuple[Column, ...] = ()
    switches: tuple[str, ...] = ()
    trend: Column | None = None
    prefetch: Callable[[Filters, Scope], Mapping[str, Table]] | None = None
    prefetched_values: frozenset[str] = frozenset()
    branch: Callable[[Filters], Hashable] = lambda filters: None
    remarks: Callable[[ReportQuery], Iterable[Note]] = lambda query: ()
    needs: tuple[str, ...] = ()
    is_of_one_pipeline: bool = False
    preset: str = DEFAULT_PRESET
    presets: tuple[str, ...] = PRESETS
    unit: Unit | None = None
    further_rows: tuple[FurtherRow, ...] = ()
    headlines: tuple[str, ...] = ()
    chart: ChartSpec = ChartSpec()
    view: str | None = None
    views: tuple[Report, ...] = ()
    shown_when_empty: Mapping[str, Shown] = field(default_factory=dict)
    postprocess: Callable[[Result], Result] = lambda result: result
    sort: str = ""
    date_rules: Callable[[Filters], Mapping[str, str]] = lambda filters: {}
    chart_column: Column | None = None

    @property
    def summary(self) -> str:
        """The first sentence of the report's text."""
        return self.text.split("\n\n")[0].strip()

    @property
    def every_view(self) -> tuple[Report, ...]:
        """The report itself, then its further tables."""
        return (self, *self.views)

    def viewed(self, params: QueryParams) -> Report:
        """The table of this report that a query asks for."""
        names = [view.view for view in self.every_view if view.view]
        name = query_params.one_of(params, "view", names)
        return next(view for view in self.every_view if view.view == name)

    def read(
        self, params: QueryParams, clock: Clock, *, extra_params: Iterable[str] = ()
    ) -> Filters:
        """What a query string asks this report. Raises BadFilter; see `Filters.from_query`."""
        filters = Filters.from_query(
            params,
            clock,
            groupings=self.groupings,
            preset=self.preset,
            view=self.view,
            extra_params=extra_params,
        )
        if self.unit is None:
            return filters
        query_params.one_of(params, "bucket", [self.unit])
        return replace(filters, unit=self.unit)

    def grouping(self, filters: Filters) -> str:
        return filters.group_by or self.groupings[0]

    def blank(self, filters: Filters) -> ReportQuery:
        """The question asked of a company that has nothing yet, by someone who sees all."""
        tables = self.prefetch(filters, EVERYTHING) if self.prefetch else {}
        return ReportQuery(filters, EVERYTHING, tuple((name, ()) for name in tables))

    def shape_of(self, query: ReportQuery) -> ReportQuery:
        """The part of a question that the SQL of this report depends on."""
        filters = query.filters.shape
        if self.grouping(filters) != "bucket" and self.trend is None:
            filters = replace(filters, unit=None)
        known = (pair for pair in query.prefetched if pair[0] not in self.prefetched_values)
        return replace(
            query,
            filters=filters,
            scope=query.scope.shape,
            prefetched=tuple(known),
            branch=self.branch(query.filters),
        )

    def headline_columns(self, query: ReportQuery) -> tuple[Column, ...]:
        """The figures that stand above the report; of a report without any, its first ones."""
        columns = self.columns(query)
        return tuple(one for one in columns if one.key in self.headlines) or columns[:6]

    def column(self, key: str, query: ReportQuery) -> Column | None:
        """The figure with this key: shown, noted, a part of one of them, or left out of it."""
        columns = (*self.columns(query), *self.warnings)
        within = (one for column in columns for one in (*(column.parts or ()), *column.exclusions))
        named = (column for column in within if column.title)
        return next((column for column in (*columns, *named) if column.key == key), None)

    def date_rules_of(self, column: Column, filters: Filters) -> tuple[Phrase, ...]:
        """On which days the facts count that a figure is made of, in sentences."""
        rules = {**DAYS, **self.date_rules(filters)}
        facts = (column.facts, *(over for over, _aggregate in column.aggregates.values()))
        return tuple(Phrase(sentence) for sentence in dict.fromkeys(rules[name] for name in facts))

    def further_row(self, key: str | None) -> FurtherRow | None:
        return next((row for row in self.further_rows if row.key == key), None)


@dataclass(frozen=True)
class Row:
    """One line of figures. `key` is a bucket's or an external id; None is "without one".

    `label` is a name from the data, or the key; a `bucket` is named by who shows it, and so is a
    `further` row. `unfinished` are the columns whose figures will still change by themselves.
    `is_few`: it is made of so few cases that its figures say little.
    """

    key: str | None
    label: str | None
    cells: Mapping[str, Value]
    bucket: Bucket | None = None
    is_unfinished: bool = False
    trend: tuple[int, ...] = ()
    further: FurtherRow | None = None
    unfinished: frozenset[str] = frozenset()
    is_few: bool = False


@dataclass(frozen=True)
class Note:
    """Something the reader must know of the numbers; `column` opens the list of `count` leads.

    `method` names the statistic behind plain words, for those who ask.
    """

    code: str
    phrase: Phrase
    count: int | None = None
    column: str | None = None
    method: Phrase | None = None


@dataclass(frozen=True)
class Result:
    """A report's answer. `compared` is the same for the compared period, row for row by place."""

    report: Report
    filters: Filters
    grouping: str
    period: Period
    as_of: datetime
    currency: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    totals: Mapping[str, Value]
    notes: tuple[Note, ...] = ()
    compared: Result | None = None
    statements: tuple[Statement, ...] = field(default=(), repr=False)
    scope: Scope = EVERYTHING

    def is_coming(self, row: Row) -> bool:
        """Whether a row is of whole days that have not begun: unfinished, as one expects."""
        return row.bucket is not None and self.filters.is_coming(row.bucket)

    def is_partial(self, row: Row) -> bool:
        """Whether a row is unfinished because it is running, or cut by the period."""
        return row.is_unfinished and not self.is_coming(row)

    @property
    def time_zone(self) -> str:
        return str(self.filters.zone)
