"""The one path of a number: scope → filters → `counted` → sums → SQL → engine → `Result`."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol

import ibis
from ibis.expr.types import Table

from leadlight.analytics import grouping as by
from leadlight.analytics.filters import Filters
from leadlight.analytics.measures import Aggregate, Column, Rate
from leadlight.analytics.periods import bucket_number
from leadlight.analytics.phrases import BadFilter, Phrase, gettext_noop
from leadlight.analytics.report import Facts, Flow, Note, Report, Result, Row, Stock, Value
from leadlight.analytics.schema import leads_at
from leadlight.analytics.scope import Scope


class Engine(Protocol):
    """Where the star lies: a dialect of SQL, and something that runs it."""

    dialect: str

    def run(self, sql: str) -> list[tuple[Any, ...]]: ...


Sums = dict[str, Any]
RowId = int | str | None


def run(report: Report, filters: Filters, scope: Scope, engine: Engine, currency: str) -> Result:
    """A report's answer to one reader, with the compared period's when it was asked for.

    Raises BadFilter when the question has no answer.
    """
    result = _answer(report, filters, scope, engine, currency)
    compared = filters.compared()
    if compared is None:
        return result
    before = _answer(report, compared, scope, engine, currency)
    return replace(result, compared=before, notes=(*result.notes, *_length_notes(result, before)))


def facts_of(report: Report, filters: Filters, scope: Scope) -> Facts:
    """The facts behind a report's numbers, as far as this reader may see and asked for."""
    return report.counted(filters.narrow(scope.narrow(leads_of(filters))), filters)


def leads_of(filters: Filters) -> Table:
    """The leads as recorded at the instant that the question is about."""
    return leads_at(filters.as_of and filters.as_of.astimezone(UTC).replace(tzinfo=None))


# The questions to the engine


@dataclass(frozen=True)
class Questions:
    """The SQL of one answer. Compiling costs more than small answers, so the texts are kept.

    `rows` and `totals` are by name of the facts; `sums` and `total_sums` name, in order, what
    they add up.
    """

    sums: Mapping[str, tuple[str, ...]]
    stocks: frozenset[str]
    rows: Mapping[str, str]
    totals: Mapping[str, str]
    total_sums: Mapping[str, tuple[str, ...]]
    roster: str | None
    category: str | None
    trend: str | None

    @property
    def texts(self) -> tuple[str, ...]:
        return (*self.rows.values(), *self.totals.values())


@lru_cache(maxsize=512)
def questions(report: Report, filters: Filters, scope: Scope, dialect: str) -> Questions:
    """The questions whose answers make a report."""

    def text(table: Table) -> str:
        return str(ibis.to_sql(table, dialect=dialect))

    facts = facts_of(report, filters, scope)
    grouping = report.grouping(filters)
    columns = report.columns(filters)
    sums = {name: _aggregates(columns, name) for name in facts}
    total_sums = {name: _aggregates((*columns, *report.noted), name) for name in facts}
    roster = by.roster(grouping, filters, scope)
    category = by.category_of(grouping)
    trend = _trend(report, facts, grouping, filters)
    return Questions(
        sums={name: tuple(aggregates) for name, aggregates in sums.items()},
        stocks=frozenset(name for name, fact in facts.items() if isinstance(fact, Stock)),
        rows={
            name: text(_by_rows(fact, grouping, filters, sums[name]))
            for name, fact in facts.items()
        },
        total_sums={name: tuple(aggregates) for name, aggregates in total_sums.items()},
        totals={
            name: text(_in_all(fact, filters, total_sums[name])) for name, fact in facts.items()
        },
        roster=text(roster) if roster is not None else None,
        category=text(by.category_rows(category)) if category else None,
        trend=text(trend) if trend is not None else None,
    )


def _aggregates(columns: Iterable[Column], of: str) -> dict[str, Aggregate]:
    """What must be added up over these facts."""
    return {
        name: aggregate
        for column in columns
        for name, (over, aggregate) in column.aggregates.items()
        if over == of
    }


def _by_rows(
    fact: Flow | Stock, grouping: str, filters: Filters, aggregates: dict[str, Aggregate]
) -> Table:
    """The sums of each row, under its `row_id`."""
    if isinstance(fact, Flow):
        return _summed(by.keyed(fact.rows, grouping, filters), aggregates)
    if grouping == "bucket":
        return _stock_changes(fact, filters, aggregates)
    return _summed(by.keyed(fact.on(filters.period.last), grouping, filters), aggregates)


def _summed(keyed: Table, aggregates: dict[str, Aggregate]) -> Table:
    return keyed.group_by("row_id").aggregate(
        **{name: aggregate(keyed) for name, aggregate in aggregates.items()}
    )


def _in_all(fact: Flow | Stock, filters: Filters, aggregates: dict[str, Aggregate]) -> Table:
    """The sums over everything: not the sum of the rows, which may repeat a lead."""
    rows = fact.rows if isinstance(fact, Flow) else fact.on(filters.period.last)
    return rows.aggregate(**{name: aggregate(rows) for name, aggregate in aggregates.items()})


def _stock_changes(stock: Stock, filters: Filters, aggregates: dict[str, Aggregate]) -> Table:
    """By bucket, what was added to the stock, less what left it; from the very first bucket on."""
    shut = stock.rows.filter(stock.rows.shut_on <= ibis.date(filters.period.last))
    added = _by_day(stock.rows, "opened_on", aggregates)
    left = _by_day(shut, "shut_on", aggregates)
    left = left.mutate(**{name: -left[name] for name in aggregates})
    daily = ibis.union(added, left)
    keyed = by.keyed(daily, "bucket", filters)
    return keyed.group_by("row_id").aggregate(**{name: keyed[name].sum() for name in aggregates})


def _by_day(rows: Table, day: str, aggregates: dict[str, Aggregate]) -> Table:
    return rows.group_by(day=rows[day]).aggregate(
        **{name: aggregate(rows) for name, aggregate in aggregates.items()}
    )


def _trend(report: Report, facts: Facts, grouping: str, filters: Filters) -> Table | None:
    """Row by row and bucket by bucket, the column that shows how a row develops."""
    if report.trend is None or grouping == "bucket":
        return None
    rows = facts[report.trend.of].rows
    keyed = by.keyed(rows.filter(report.trend.behind(rows)), grouping, filters)
    number = bucket_number(keyed.day, filters.bucket_unit, filters.calendar)
    return keyed.group_by(row_id=keyed.row_id, bucket=number).aggregate(times=keyed.count())


# From their answers to rows


def _answer(
    report: Report, filters: Filters, scope: Scope, engine: Engine, currency: str
) -> Result:
    asked = questions(report, filters, scope, engine.dialect)
    grouping = report.grouping(filters)
    if asked.category and not engine.run(asked.category):
        raise BadFilter(
            gettext_noop("There is no category “%(key)s”."), key=by.category_of(grouping)
        )
    columns = report.columns(filters)
    totals = _total_sums(asked, engine)
    sums = {name: _by_row(engine.run(text), asked.sums[name]) for name, text in asked.rows.items()}
    if grouping == "bucket":
        rows = _time_rows(columns, filters, sums, asked.stocks, totals)
    else:
        names = engine.run(asked.roster) if asked.roster else None
        rows = _named_rows(columns, sums, names, totals)
        rows = _with_trends(rows, filters, engine.run(asked.trend) if asked.trend else None, names)
    return Result(
        report=report,
        filters=filters,
        grouping=grouping,
        period=filters.period,
        as_of=filters.asked_at,
        currency=currency,
        columns=columns,
        rows=tuple(rows),
        totals=figures(columns, totals, totals),
        notes=tuple(_notes(report, totals, grouping, scope)),
        sql=asked.texts,
    )


def _total_sums(asked: Questions, engine: Engine) -> Sums:
    totals: Sums = {}
    for name, text in asked.totals.items():
        totals |= zip(asked.total_sums[name], engine.run(text)[0], strict=True)
    return totals


def figures(columns: Iterable[Column], sums: Sums, totals: Sums) -> dict[str, Value]:
    """The figures of a row from its sums and the report's."""
    return {column.key: column.value(sums, totals) for column in columns}


def _by_row(rows: list[tuple[Any, ...]], names: Iterable[str]) -> dict[RowId, Sums]:
    return {row_id: dict(zip(names, sums, strict=True)) for row_id, *sums in rows}


def _time_rows(
    columns: tuple[Column, ...],
    filters: Filters,
    sums: Mapping[str, dict[RowId, Sums]],
    stocks: Container[str],
    totals: Sums,
) -> list[Row]:
    """A row for every bucket, empty ones too."""
    calendar = filters.buckets()
    numbers = [bucket.number for bucket in calendar]
    sums = {
        name: _running(of_rows, numbers) if name in stocks else of_rows
        for name, of_rows in sums.items()
    }
    return [
        Row(
            bucket.key,
            bucket.key,
            figures(columns, _of_row(sums, bucket.number), totals),
            bucket,
            filters.is_unfinished(bucket),
        )
        for bucket in calendar
    ]


def _of_row(sums: Mapping[str, dict[RowId, Sums]], row_id: RowId) -> Sums:
    """Everything that was added up for a row, whatever the facts."""
    return {
        name: value for of_rows in sums.values() for name, value in of_rows.get(row_id, {}).items()
    }


def _running(changes: dict[RowId, Sums], numbers: list[int]) -> dict[RowId, Sums]:
    """A stock at the end of each bucket: the sum of its changes so far."""
    left = sorted(changes.items(), key=lambda change: int(change[0] or 0), reverse=True)
    stock: Sums = {}
    states: dict[RowId, Sums] = {}
    for number in numbers:
        while left and int(left[-1][0] or 0) <= number:
            change = left.pop()[1]
            stock = {name: _plus(stock.get(name), value) for name, value in change.items()}
        states[number] = stock
    return states


def _plus(so_far: Any, value: Any) -> Any:
    return value if so_far is None else so_far if value is None else so_far + value


def _named_rows(
    columns: tuple[Column, ...],
    sums: Mapping[str, dict[RowId, Sums]],
    names: list[tuple[Any, ...]] | None,
    totals: Sums,
) -> list[Row]:
    """A row for everyone with figures or shown when empty, by name; without one comes last."""
    present = {row_id for of_rows in sums.values() for row_id in of_rows}
    if names is None:
        names = [(text, text, text, False) for text in present if text is not None]
    named: list[tuple[str | None, str | None, RowId]] = [
        (str(name), str(key), row_id)
        for row_id, key, name, shown in names
        if shown or row_id in present
    ]
    named.sort(key=lambda row: (str(row[0]).casefold(), row[1]))
    if None in present:
        named.append((None, None, None))
    return [
        Row(key, name, figures(columns, _of_row(sums, row_id), totals))
        for name, key, row_id in named
    ]


def _with_trends(
    rows: list[Row],
    filters: Filters,
    trend: list[tuple[Any, ...]] | None,
    names: list[tuple[Any, ...]] | None,
) -> list[Row]:
    if trend is None:
        return rows
    keys = {row_id: key for row_id, key, *_ in names or ()}
    times = {(keys.get(row_id), number): count for row_id, number, count in trend}
    numbers = [bucket.number for bucket in filters.buckets()]
    return [
        replace(row, trend=tuple(times.get((row.key, number), 0) for number in numbers))
        for row in rows
    ]


# What the reader must know


def _notes(report: Report, totals: Sums, grouping: str, scope: Scope) -> Iterable[Note]:
    for column in report.noted:
        count = column.value(totals, totals)
        if count:
            phrase = Phrase(NOTED[column.key], {"count": count})
            yield Note(column.key, phrase, count, column.key)
    if by.category_of(grouping):
        yield Note("several_tags", Phrase(SEVERAL_TAGS))
    if not scope.sees_all:
        yield Note("scope", Phrase(OWN_LEADS_ONLY))


def _length_notes(result: Result, before: Result) -> Iterable[Note]:
    if result.period.days != before.period.days:
        values = {"days": result.period.days, "compared_days": before.period.days}
        yield Note("compared_length", Phrase(COMPARED_LENGTH, values))


NOTED = {
    "won_without_amount": gettext_noop("Won leads without an amount, counted as 0: %(count)s."),
    "closed_before_creation": gettext_noop(
        "Leads closed before they were created, counted as 0 days: %(count)s."
    ),
}
SEVERAL_TAGS = gettext_noop(
    "A lead with several tags of this category counts in each of their rows and once in the total."
)
OWN_LEADS_ONLY = gettext_noop("These are only the leads that you may see.")
COMPARED_LENGTH = gettext_noop(
    "These are %(days)s days, compared with %(compared_days)s: the months are not equally long."
)


def change(now: Value, before: Value) -> float | None:
    """By which part of `before` a figure changed; for a rate, the difference of the two.

    None where there is nothing to compare.
    """
    if isinstance(now, Rate) and isinstance(before, Rate):
        known = now.value is not None and before.value is not None
        return now.value - before.value if known else None  # type: ignore[operator]
    if now is None or before is None or isinstance(now, Rate) or isinstance(before, Rate):
        return None
    return float(now - before) / float(before) if before else None  # type: ignore[operator]


def local_now(filters: Filters) -> datetime:
    """The instant up to which the answer counts, in the company's zone."""
    return filters.asked_at.astimezone(filters.zone)
