"""Where a number comes from: its parts, its days, what was left out, and the SQL that made it.

Only asked for one figure at a time, by who doubts it, or for the totals of a file; a report's
answer knows nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from leadlight.analytics.engine.compiler import filled
from leadlight.analytics.engine.queries import texts_of
from leadlight.analytics.engine.run import Engine, headlines_of, question_of, run
from leadlight.analytics.insight.drilldown import Listing, listing
from leadlight.analytics.metrics.columns import Column, Rate
from leadlight.analytics.query.bound_values import values_of
from leadlight.analytics.query.filters import WITHOUT, Filters
from leadlight.analytics.query.phrases import BadFilter, Phrase, gettext_noop
from leadlight.analytics.query.report_query import Question
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.query.statement import Statement
from leadlight.analytics.reports.contract import Report, Result, Row, Value


def is_goal(column: Column) -> bool:
    """Whether a figure is what is to be reached: it was set, not counted."""
    return {facts for facts, _sum in column.aggregates.values()} == {"goals"}


@dataclass(frozen=True)
class Part:
    """The numerator or the denominator of a fraction; `key` and `row_key` open its list.

    What is to be reached has no list: its figure `is_goal`.
    """

    column: Column
    value: Value
    key: str
    row_key: str | None

    @property
    def is_goal(self) -> bool:
        return is_goal(self.column)


@dataclass(frozen=True)
class LeftOut:
    """How many a figure leaves out, or counts as 0; `key` opens their list."""

    key: str
    count: int
    phrase: Phrase


@dataclass(frozen=True)
class Told:
    """What a file says of a column's total: what it divides, and what it leaves out."""

    parts: tuple[Part, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True)
class Explanation:
    """What there is to say of one figure of a row, or of the total where `row` is None.

    `listing` is of what is behind it, with one of its rows. `sql` are the texts that made it, which
    only those may see who see everything.
    """

    result: Result
    column: Column
    row: Row | None
    row_key: str | None
    value: Value
    parts: tuple[Part, ...]
    counts_on: tuple[Phrase, ...]
    left_out: tuple[LeftOut, ...]
    is_unfinished: bool
    listing: Listing
    sql: tuple[str, ...] = field(default=(), repr=False)


def explain(
    report: Report,
    filters: Filters,
    scope: Scope,
    engine: Engine,
    currency: str,
    *,
    column_key: str,
    row_key: str | None = None,
) -> Explanation:
    """A column's cell of one row (`none`: the row without one), or of the total, explained.

    Raises BadFilter for a column or row that the report does not have.
    """

    def listed(key: str) -> Listing:
        return listing(report, filters, scope, engine, column_key=key, row_key=row_key, limit=0)

    behind = listed(column_key)
    column = behind.column
    result = run(report, replace(filters, compare=None), scope, engine, currency)
    row = None if row_key is None else _row(result, row_key)
    figures = result.totals if row is None else row.cells
    shown = column.key in {one.key for one in result.columns}
    value = figures[column.key] if shown else behind.count if column.kind == "count" else None
    counts = {one.key: listed(one.key).count for one in column.left_out}
    asked = question_of(report, result.filters, scope, engine)
    return Explanation(
        result=replace(result, filters=filters),
        column=column,
        row=row,
        row_key=row_key,
        value=value,
        parts=tuple(_parts(report, column, value, row_key, asked)),
        counts_on=report.counts_on(column, filters),
        left_out=_left_out(column, counts),
        is_unfinished=row is not None and (row.is_unfinished or column.key in row.unfinished),
        listing=behind,
        sql=tuple(_texts(result, column, row, scope, engine)),
    )


def told_of_totals(result: Result, scope: Scope, engine: Engine) -> dict[str, Told]:
    """By column of an answer, what there is to say of its total."""
    report = result.report
    question = question_of(report, replace(result.filters, compare=None), scope, engine)
    keys = tuple(dict.fromkeys(one.key for column in result.columns for one in column.left_out))
    counts: Mapping[str, Value] = {}
    if keys:
        counts = headlines_of(_of_left_out(report, keys), question, engine, "").totals
    return {
        column.key: Told(
            tuple(_parts(report, column, result.totals[column.key], None, question)),
            _left_out(column, counts),
        )
        for column in result.columns
    }


@lru_cache(maxsize=128)
def _of_left_out(report: Report, keys: tuple[str, ...]) -> Report:
    """The same report of what its figures leave out; kept, because its texts are kept by it."""

    def columns(question: Question) -> tuple[Column, ...]:
        left_out = (one for column in report.columns(question) for one in column.left_out)
        return tuple({one.key: one for one in left_out}.values())

    return replace(report, columns=columns, headlines=keys, further_rows=())


def _left_out(column: Column, counts: Mapping[str, Any]) -> tuple[LeftOut, ...]:
    return tuple(
        LeftOut(one.key, counts[one.key], Phrase(one.note, {"count": counts[one.key]}))
        for one in column.left_out
        if counts[one.key]
    )


def _row(result: Result, row_key: str) -> Row:
    key = None if row_key == WITHOUT else row_key
    for row in result.rows:
        if row.key == key:
            return row
    raise BadFilter(gettext_noop("The report has no row “%(key)s”."), key=row_key)


def _parts(
    report: Report, column: Column, value: Value, row_key: str | None, question: Question
) -> Iterator[Part]:
    """Both parts of a fraction, where each has a name of its own and a list."""
    if column.parts is None or not isinstance(value, Rate):
        return
    top, bottom = column.parts
    if not all(report.column(part.key, question) for part in column.parts):
        return
    yield Part(top, value.numerator, top.key, row_key)
    yield Part(bottom, value.denominator, bottom.key, None if top is bottom else row_key)


def _texts(
    result: Result, column: Column, row: Row | None, scope: Scope, engine: Engine
) -> Iterator[str]:
    """The SQL of the figure's facts: of all the rows, of the further row, or of the total."""
    question = question_of(result.report, result.filters, scope, engine)
    asked = texts_of(result.report, question, engine.dialect)

    def written(text: Statement) -> str:
        return filled(text, values_of(text.names, question), engine.dialect)

    names = dict.fromkeys((column.of, *(over for over, _sum in column.aggregates.values())))
    both = [(name, text) for name, _, text in asked.both]
    if row is None:
        texts = [*asked.totals.items(), *both]
    elif row.further:
        texts = [*asked.further[row.further.key].items()]
    else:
        texts = [*asked.totals.items(), *both, *asked.rows.items()]
    yield from (written(text) for name, text in texts if name in names)
