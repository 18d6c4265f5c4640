"""Where a number comes from: its parts, its days, what was left out, and the SQL that made it.

Only asked for one figure at a time, by who doubts it; a report's answer knows nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from leadlight.analytics.filters import WITHOUT, Filters
from leadlight.analytics.listing import Listing, listing
from leadlight.analytics.measures import Column, Rate
from leadlight.analytics.phrases import BadFilter, Phrase, gettext_noop
from leadlight.analytics.report import Report, Result, Row, Value
from leadlight.analytics.run import Engine, question_of, run
from leadlight.analytics.scope import Scope
from leadlight.analytics.texts import texts_of


@dataclass(frozen=True)
class Part:
    """The numerator or the denominator of a fraction; `key` and `row_key` open its list."""

    column: Column
    value: Value
    key: str
    row_key: str | None


@dataclass(frozen=True)
class LeftOut:
    """How many a figure leaves out, or counts as 0; `key` opens their list."""

    key: str
    count: int
    phrase: Phrase


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
        return listing(
            report, filters, scope, engine, column_key=key, row_key=row_key, order=None, limit=1
        )

    behind = listed(column_key)
    column = behind.column
    result = run(report, replace(filters, compare=None), scope, engine, currency)
    row = None if row_key is None else _row(result, row_key)
    figures = result.totals if row is None else row.cells
    shown = column.key in {one.key for one in result.columns}
    value = figures[column.key] if shown else behind.count if column.kind == "count" else None
    counts = [(one, listed(one.key).count) for one in column.left_out]
    return Explanation(
        result=replace(result, filters=filters),
        column=column,
        row=row,
        row_key=row_key,
        value=value,
        parts=tuple(_parts(report, result, column, value, row_key, scope, engine)),
        counts_on=report.counts_on(column, filters),
        left_out=tuple(
            LeftOut(one.key, count, Phrase(one.note, {"count": count}))
            for one, count in counts
            if count
        ),
        is_unfinished=row is not None and (row.is_unfinished or column.key in row.unfinished),
        listing=behind,
        sql=tuple(_texts(result, column, row, scope, engine)),
    )


def _row(result: Result, row_key: str) -> Row:
    key = None if row_key == WITHOUT else row_key
    for row in result.rows:
        if row.key == key:
            return row
    raise BadFilter(gettext_noop("The report has no row “%(key)s”."), key=row_key)


def _parts(
    report: Report,
    result: Result,
    column: Column,
    value: Value,
    row_key: str | None,
    scope: Scope,
    engine: Engine,
) -> Iterator[Part]:
    """Both parts of a fraction, where each has a name of its own and a list."""
    if column.parts is None or not isinstance(value, Rate):
        return
    question = question_of(report, result.filters, scope, engine)
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
    names = dict.fromkeys((column.of, *(over for over, _sum in column.aggregates.values())))
    both = [(name, text) for name, _, text in asked.both]
    if row is None:
        texts = [*asked.totals.items(), *both]
    elif row.further:
        texts = [*asked.further[row.further.key].items()]
    else:
        texts = [*asked.totals.items(), *both, *asked.rows.items()]
    yield from (text for name, text in texts if name in names)
