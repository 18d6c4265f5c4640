"""The contract of a report, and of its answer.

A report is a module of `reports` with a docstring and a `REPORT`. Its `counted` lays the facts
that are behind the numbers before the columns; everything else is done for all reports alike, by
`run` (scope, filters, grouping, totals, comparison, notes) and `listing` (what is behind a number).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

import ibis
from ibis.expr.types import Table

from leadlight.analytics.filters import Filters
from leadlight.analytics.measures import Column, Rate
from leadlight.analytics.periods import Bucket, Period
from leadlight.analytics.phrases import Phrase

Value = int | Decimal | float | Rate | None


@dataclass(frozen=True)
class Flow:
    """What happened in the period: one row per lead, with the local `day` it happened on.

    `rows` has `lead_id`, `day`, `user_id` and `team_id` (credited), the lead's other ids, and what
    the columns add up.
    """

    rows: Table


@dataclass(frozen=True)
class Stock:
    """What stood at the end of a day: one row per lead, from `opened_on` until before `shut_on`.

    `rows` has these (null: still open) and the same ids as a flow; it begins with the first lead,
    and is asked for its state at the end of each row's days.
    """

    rows: Table

    def on(self, day: date) -> Table:
        """The part that is open at the end of a day."""
        last = ibis.date(day)
        rows = self.rows
        return rows.filter(rows.opened_on <= last, rows.shut_on.isnull() | (rows.shut_on > last))


Facts = Mapping[str, Flow | Stock]


@dataclass(frozen=True, eq=False)
class Report:
    """One question that a manager asks. `key` is its module, address and CLI argument."""

    key: str
    title: str
    text: str
    counted: Callable[[Table, Filters], Facts]
    columns: Callable[[Filters], tuple[Column, ...]]
    noted: tuple[Column, ...]
    groupings: tuple[str, ...]
    switches: tuple[str, ...]
    trend: Column | None = None

    @property
    def question(self) -> str:
        """The first sentence of the report's text."""
        return self.text.split("\n\n")[0].strip()

    def grouping(self, filters: Filters) -> str:
        return filters.group_by or self.groupings[0]

    def column(self, key: str, filters: Filters) -> Column | None:
        every = (*self.columns(filters), *self.noted)
        return next((column for column in every if column.key == key), None)


@dataclass(frozen=True)
class Row:
    """One line of figures. `key` is a bucket's or an external id; None is "without one".

    `label` is a name from the data, or the key; a `bucket` is named by who shows it.
    """

    key: str | None
    label: str | None
    cells: Mapping[str, Value]
    bucket: Bucket | None = None
    is_unfinished: bool = False
    trend: tuple[int, ...] = ()


@dataclass(frozen=True)
class Note:
    """Something the reader must know of the numbers; `column` opens the list of `count` leads."""

    code: str
    phrase: Phrase
    count: int | None = None
    column: str | None = None


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
    sql: tuple[str, ...] = field(default=(), repr=False)

    @property
    def time_zone(self) -> str:
        return str(self.filters.zone)
