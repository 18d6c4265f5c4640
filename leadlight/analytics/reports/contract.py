"""Report contract: the types of a report's definition and of its result.

A report is a module of `reports` with a docstring and a `REPORT`. Its `facts` returns the tables
over which its columns compute; everything else is the same for all reports, in `run` (scope,
filters, grouping, totals, comparison, notes) and `drilldown` (the list behind a figure).
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
from leadlight.analytics.query.phrases import Phrase, gettext_noop
from leadlight.analytics.query.query_params import DEFAULT_PRESET, Clock, QueryParams
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.scope import ALL_LEADS, Scope
from leadlight.analytics.query.statement import Statement
from leadlight.analytics.reports.matrix import Matrix
from leadlight.analytics.reports.page_layout import ChartSpec, ColumnGroup
from leadlight.analytics.stats.differences import Sample
from leadlight.analytics.stats.survival import Estimate

Value = int | Decimal | float | Rate | Span | Estimate | None
Samples = Mapping[str, Sample | None]
Subject = Literal["lead", "activity", "prospect", "cost"]


@dataclass(frozen=True)
class Flow:
    """Events of the period: one row per fact, with its local `day`.

    `rows` has the id of its `subject` (`lead_id`, `activity_id`, `prospect_id` or `cost_id`, listed
    by the drill-down), `day`, the credited `user_id` and `team_id`, the other ids that rows are
    grouped by, and the values that the columns aggregate. In the groupings `shared_in` the facts
    belong to no row: every row gets the aggregates of all of them. `total_rows` are the facts of
    the totals, by default `rows`. `leads` are the leads as a drill-down shows them, by default in
    their state at the instant of the query.
    """

    rows: Table
    subject: Subject = "lead"
    shared_in: frozenset[str] = frozenset()
    total_rows: Table | None = None
    leads: Table | None = None


@dataclass(frozen=True)
class Stock:
    """State at the end of a day: one row per lead, valid from `opened_on` until before `shut_on`.

    `rows` has these columns (`shut_on` null: still open) and the same ids as a flow. It includes
    leads from before the period; the engine reads the state at the end of each row's last day.
    """

    rows: Table
    subject: Subject = "lead"

    def on(self, day: DateValue) -> Table:
        """Return the rows that are open at the end of a day."""
        rows = self.rows
        return rows.filter(rows.opened_on <= day, rows.shut_on.isnull() | (rows.shut_on > day))


Facts = Mapping[str, Flow | Stock]


@dataclass(frozen=True)
class FurtherRow:
    """Extra row below the row of totals, in every grouping; the totals do not include it.

    It has the report's columns over other facts: `facts` maps the usual names to the other ones,
    and `definition` says which facts these are. `is_shown` returns whether the row is shown, by
    default always. With `has_incomplete_leads`, the leads of the row lack data that the report
    needs.
    """

    key: str
    title: str
    facts: Mapping[str, str]
    definition: str
    is_shown: Callable[[Filters], bool] = lambda filters: True
    has_incomplete_leads: bool = False


@dataclass(frozen=True, eq=False)
class Report:
    """Definition of a report or of one of its views; `key` is its module, address and CLI argument.

    `text` is the docstring of the module: paragraphs with the title, the question and the rules.

    - `prefetch` returns small tables by name, which are read first; `query.prefetched` has their
      rows, and `notes` returns notes about them. The SQL of the report does not depend on the
      rows of the tables in `prefetched_values`: they are bound values.
    - `branch` returns a further value on which the SQL depends, besides the shape of the query.
      `facts` and `prefetch` are called with shapes.
    - `needs` are filters that must have a value: the caller fills in a default. With
      `is_of_one_pipeline`, exactly one pipeline must be chosen.
    - `unit` is the only bucket length of the report, if set.
    - `row_link_report` is the key of the report that the label of a row opens, narrowed to the row.
    - `headlines` are the keys of the most important columns; the first are the cards of the page.
    - `views` are further tables of the report; each is a report with the same key, and its name in
      `view`. The menu opens `first_view`, which is the first tab, by default the report itself.
    - `shown_when_empty` has, by grouping, the condition under which rows without facts are shown,
      if it is not the default one (`grouping.all_rows`).
    - `postprocess` adds figures that depend on all rows of a result, and notes on them.
    - `sort` is the initial order of the rows, if it is not the default one.
    - `date_rules` has, by name of facts, the sentences that replace those in `DAYS`.
    - `own_periods` has, by name of facts, their period, if it is not that of the filters.
    - `chart_column` is a column of charts only; its aggregates are among those of the columns.
    - `is_about_now`: the report has no period; its addresses keep the period for other views.
    - `layout` groups the columns of the table on a page; by default each has its own cell.
    - `matrix` are the cells of the table that are shaded on one scale.
    - `has_comparison`: figures can be compared with those of another period.
    - `compares_at_first`: the page compares with the period before unless the reader chooses.
    - `is_of_goals`: tables have a row for each goal, with its own period, and no totals; see
      `progress_of` in `reports.goals`.
    - `total_title` is the label of the row of totals; it may name the `period`. The sentence
      `total_definition` says which facts the totals count.
    - `tests_changes` says whether changes from the compared period are tested. They are not if the
      figures are a state on a day, or follow leads up to now: those of the earlier period had more
      time.
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
    notes: Callable[[ReportQuery], Iterable[Note]] = lambda query: ()
    needs: tuple[str, ...] = ()
    is_of_one_pipeline: bool = False
    preset: str = DEFAULT_PRESET
    presets: tuple[str, ...] = PRESETS
    unit: Unit | None = None
    further_rows: tuple[FurtherRow, ...] = ()
    row_link_report: str = "company"
    headlines: tuple[str, ...] = ()
    chart: ChartSpec = field(default_factory=ChartSpec)
    view: str | None = None
    views: tuple[Report, ...] = ()
    first_view: str | None = None
    shown_when_empty: Mapping[str, Shown] = field(default_factory=dict)
    postprocess: Callable[[Result], Result] = lambda result: result
    sort: str = ""
    date_rules: Callable[[Filters], Mapping[str, str]] = lambda filters: {}
    own_periods: Callable[[Filters], Mapping[str, Period]] = lambda filters: {}
    chart_column: Column | None = None
    is_about_now: bool = False
    layout: tuple[ColumnGroup, ...] = ()
    matrix: Matrix | None = None
    has_comparison: bool = True
    compares_at_first: bool = False
    total_title: str = gettext_noop("Total")
    total_definition: str = ""
    is_of_goals: bool = False
    tests_changes: Callable[[Filters], bool] = lambda filters: True

    @property
    def summary(self) -> str:
        """The question that the report answers."""
        return self.help_text[0]

    @property
    def help_text(self) -> tuple[str, ...]:
        """Paragraphs of the text after the title; the first is the question of the report."""
        return tuple(paragraph.strip() for paragraph in self.text.split("\n\n")[1:])

    @property
    def all_views(self) -> tuple[Report, ...]:
        """This report, then its further views."""
        return (self, *self.views)

    def selected_view(self, params: QueryParams) -> Report:
        """Return the view that a query string selects."""
        names = [view.view for view in self.all_views if view.view]
        name = query_params.one_of(params, "view", names)
        return next(view for view in self.all_views if view.view == name)

    def read(
        self, params: QueryParams, clock: Clock, *, extra_params: Iterable[str] = ()
    ) -> Filters:
        """Parse the filters of this report. Raises BadFilter; see `Filters.from_params`."""
        filters = Filters.from_params(
            params,
            clock,
            groupings=self.groupings,
            preset=self.preset,
            view=self.view,
            extra_params=extra_params,
        )
        if self.is_about_now:
            filters = filters.at_present()
        if self.unit is None:
            return filters
        query_params.one_of(params, "bucket", [self.unit])
        return replace(filters, unit=self.unit)

    def grouping(self, filters: Filters) -> str:
        return filters.group_by or self.groupings[0]

    def empty_query(self, filters: Filters) -> ReportQuery:
        """Return the query of a reader who sees everything in a company without data."""
        tables = self.prefetch(filters, ALL_LEADS) if self.prefetch else {}
        return ReportQuery(filters, ALL_LEADS, tuple((name, ()) for name in tables))

    def shape_of(self, query: ReportQuery) -> ReportQuery:
        """Return the part of a query on which the SQL of this report depends."""
        filters = query.filters.shape
        if self.grouping(filters) != "bucket" and self.trend is None:
            filters = replace(filters, unit=None)
        prefetched = (pair for pair in query.prefetched if pair[0] not in self.prefetched_values)
        return replace(
            query,
            filters=filters,
            scope=query.scope.shape,
            prefetched=tuple(prefetched),
            branch=self.branch(query.filters),
        )

    def headline_columns(self, query: ReportQuery) -> tuple[Column, ...]:
        """Return the columns of the headlines; the first six if the report declares none."""
        columns = self.columns(query)
        return tuple(one for one in columns if one.key in self.headlines) or columns[:6]

    def column(self, key: str, query: ReportQuery) -> Column | None:
        """Return the column with this key: a column or warning, or a part or exclusion of one."""
        columns = (*self.columns(query), *self.warnings)
        within = (one for column in columns for one in (*(column.parts or ()), *column.exclusions))
        named = (column for column in within if column.title)
        return next((column for column in (*columns, *named) if column.key == key), None)

    def date_rules_of(self, column: Column, filters: Filters) -> tuple[Phrase, ...]:
        """Return the date rules of a figure: sentences that say on which day its facts count.

        They may name the `first` and `last` day of the facts' own period.
        """
        rules, periods = {**DAYS, **self.date_rules(filters)}, self.own_periods(filters)
        facts = (column.facts, *(over for over, _aggregate in column.aggregates.values()))
        sentences = {rules[name]: periods.get(name) for name in facts}
        return tuple(
            Phrase(sentence, {"first": period.first, "last": period.last} if period else {})
            for sentence, period in sentences.items()
        )

    def further_row(self, key: str | None) -> FurtherRow | None:
        return next((row for row in self.further_rows if row.key == key), None)


@dataclass(frozen=True)
class Row:
    """One row of figures. `key` is that of a bucket or an external id; None for "without a value".

    `label` is a name from the data, or the key, or None if `key` is; pages and exports have their
    own label for a `bucket` or `further` row. `unfinished` are the keys of columns whose figures
    can still change with time. `is_few` marks a row with too few cases to judge. `samples` are, by
    key of column, the samples for the significance test of a change; empty if nothing is compared.
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
    samples: Samples = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Note:
    """Note on the figures of a result; the drill-down of `column` (a key) lists `count` leads.

    `method` names the statistical method, shown on request.
    """

    code: str
    phrase: Phrase
    count: int | None = None
    column: str | None = None
    method: Phrase | None = None


@dataclass(frozen=True)
class Result:
    """Result of a report. `compared` is the result for the compared period.

    `total_samples` are the samples of the totals, like `Row.samples`.
    """

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
    scope: Scope = ALL_LEADS
    total_samples: Samples = field(default_factory=dict, repr=False)

    def is_future(self, row: Row) -> bool:
        """Return whether the row is a bucket that has not begun and ends within the period."""
        return row.bucket is not None and self.filters.is_future(row.bucket)

    def is_partial(self, row: Row) -> bool:
        """Return whether the row is unfinished, and has begun or is cut off by the period."""
        return row.is_unfinished and not self.is_future(row)

    @property
    def main_rows(self) -> tuple[Row, ...]:
        """Rows of the grouping, which the totals cover."""
        return tuple(row for row in self.rows if not row.further)

    @property
    def further_rows(self) -> tuple[Row, ...]:
        """Rows below the totals."""
        return tuple(row for row in self.rows if row.further)

    @property
    def total_title(self) -> Phrase:
        """Label of the row of totals."""
        return Phrase(self.report.total_title, {"period": self.period})

    def title_in_total(self, column: Column) -> Phrase:
        """Return the title of a column on a card and in the row of totals."""
        if not column.total_title:
            return column.title_phrase
        days = {"first_day": self.period.first, "last_day": self.period.last}
        totals = {
            one.key: self.totals[one.key]
            for one in self.columns
            if f"%({one.key})s" in column.total_title
        }
        return Phrase(column.total_title, {**column.names, **days, **totals})

    @property
    def time_zone(self) -> str:
        return str(self.filters.zone)
