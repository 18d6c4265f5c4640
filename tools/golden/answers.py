"""Answers to the queries of a golden copy, split into values and words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from functools import cache, partial
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from leadlight.accounts.models import Organization, User
from leadlight.accounts.readers import SYSTEM as EVERYBODY
from leadlight.accounts.readers import Reader
from leadlight.analytics.engine.run import run
from leadlight.analytics.export.attribution_bridge import bridge_to_dict, moved_to_dict
from leadlight.analytics.export.changes import changes_to_dict
from leadlight.analytics.export.results import (
    drilldown_to_dict,
    explanation_to_dict,
    plain,
    to_dict,
)
from leadlight.analytics.insight import data_quality
from leadlight.analytics.insight.attribution_bridge import SIDES, Bridge, build_bridge, moved_leads
from leadlight.analytics.insight.changes.changes import report_changes, since_of
from leadlight.analytics.insight.drilldown import drilldown
from leadlight.analytics.insight.explain import explain
from leadlight.analytics.metrics.columns import Rate
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.lead_filter import WITHOUT
from leadlight.analytics.query.phrases import BadFilter
from leadlight.analytics.reports import EVERY_TABLE
from leadlight.analytics.reports.contract import Report, Result
from leadlight.replication import replica
from leadlight.reporting.reader import ReportReader, scope_of
from leadlight.reporting.reader import clock as company_clock
from leadlight.sales.models import Category, Lead

from .companies import keys_by_dimension, latest_instant
from .queries import SYSTEM, Choices, GoldenQuery, queries

Answer = dict[str, Any]
# Texts about values, compared only on request.
WORDS = ("title", "definition", "counts_on", "text", "method", "sentences", "scope")
DESCRIBED = ("columns", "rows", "notes", "left_out", "differences")
LISTED_ROWS = 200
SOME = 4  # number of drill-downs, if not all are included


def name_of(table: Report) -> str:
    return f"{table.key}.{table.view}" if table.view else table.key


def tables() -> dict[str, Report]:
    """Return every table of every report, by its name in a golden copy."""
    return {name_of(table): table for table in EVERY_TABLE}


def answers_of(table_name: str, is_brief: bool) -> dict[str, Answer]:
    """Return every answer of one table, by the address of the query."""
    table = tables()[table_name]
    return answers_to(table, queries(table, choices(is_brief)))


def answers_to(table: Report, queries: Iterable[GoldenQuery]) -> dict[str, Answer]:
    """Return the answers to queries and to the further queries about their results."""
    return {
        address: _split(answer)
        for query in queries
        for address, answer in QueryAnswers(table, query).answers()
    }


@cache
def readers() -> Mapping[str, Reader]:
    """Return name → reader: the system, and an admin, a manager and a seller if there are any."""
    people = User.objects.filter(is_active=True).order_by("key")
    others = people.exclude(role=User.Role.ADMIN)
    managers = others.filter(memberships__is_manager=True)
    owners = Lead.objects.values_list("owner_id", flat=True)
    sellers = others.exclude(pk__in=managers).filter(pk__in=owners)
    found = {"admin": people.filter(role=User.Role.ADMIN), "manager": managers, "seller": sellers}
    first_users = {name: users.first() for name, users in found.items()}
    return {SYSTEM: EVERYBODY} | {name: user for name, user in first_users.items() if user}


@cache
def choices(is_brief: bool = False) -> Choices:
    """Return the values that query parameters can have in this company."""
    clock = report_reader(SYSTEM).clock
    instant = (clock.now - timedelta(33)).astimezone(clock.zone)
    return Choices(
        categories=tuple(Category.objects.order_by("key").values_list("key", flat=True)),
        keys=keys_by_dimension(),
        readers=tuple(name for name in readers() if name != SYSTEM),
        past_day=clock.day_of(clock.now - timedelta(100)).isoformat(),
        past_instant=instant.replace(hour=14, minute=7, second=0, microsecond=0).isoformat(),
        is_brief=is_brief,
    )


@cache
def report_reader(reader: str) -> ReportReader:
    """Return the report reader of a user, at `latest_instant`."""
    copy = replica.current()
    copy.catch_up()
    organization = Organization.current()
    user = readers()[reader]
    return ReportReader(
        user,
        scope_of(user),
        company_clock(organization, copy, latest_instant()),
        copy.query_cache,
        organization.currency,
    )


class QueryAnswers:
    """One query to one table, and the further queries about its result."""

    def __init__(self, table: Report, query: GoldenQuery) -> None:
        self.table = table
        self.query = query
        self.report_reader = report_reader(query.reader)

    def answers(self) -> Iterator[tuple[str, Answer]]:
        """Yield the result and the answers about it, or the error if the query is invalid."""
        try:
            report, filters = self.report_reader.read(self.table, self.query.params)
            result = self.report_reader.run(self.table, self.query.params)
        except BadFilter as refused:
            yield f"answer {self.query.address}", {"refused": str(refused)}
            return
        yield f"answer {self.query.address}", _result(result)
        for name in self.query.about:
            for address, ask in getattr(self, f"_{name}")(report, filters, result):
                yield f"{address} {self.query.address}", _answer_or_refusal(ask)

    def _headlines(self, report: Report, filters: Filters, result: Result) -> Iterator[Any]:
        yield (
            "headlines",
            lambda: _result(self.report_reader.headlines(self.table, self.query.params)),
        )

    def _some_lists(self, report: Report, filters: Filters, result: Result) -> Iterator[Any]:
        """Yield the drill-downs of the first figures of the total and of one row."""
        of_both = (self._total_lists, self._row_lists)
        yield from (
            each for lists in of_both for each in islice(lists(report, filters, result), SOME)
        )

    def _total_lists(self, report: Report, filters: Filters, result: Result) -> Iterator[Any]:
        """Yield the drill-down of each figure of the total."""
        for column in _figures(report, result):
            yield _address("list", column=column), self._list(report, filters, column, None)

    def _row_lists(self, report: Report, filters: Filters, result: Result) -> Iterator[Any]:
        """Yield the drill-down of each figure of one row."""
        for column in _figures(report, result):
            if row := _row(result, column):
                address = _address("list", column=column, row=row)
                yield address, self._list(report, filters, column, row)

    def _list(
        self, report: Report, filters: Filters, column: str, row: str | None
    ) -> Callable[[], Answer]:
        scope, engine = self.report_reader.scope, self.report_reader.engine
        return lambda: drilldown_to_dict(
            drilldown(
                report,
                filters,
                scope,
                engine,
                column_key=column,
                row_key=row,
                limit=LISTED_ROWS,
            )
        )

    def _explanations(self, report: Report, filters: Filters, result: Result) -> Iterator[Any]:
        """Yield the explanation of each figure of one row."""
        for column in result.columns:
            row = _row(result, column.key)
            yield (
                _address("explanation", column=column.key, row=row),
                partial(self._explanation, report, filters, column.key, row),
            )

    def _explanation(
        self, report: Report, filters: Filters, column: str, row: str | None
    ) -> Answer:
        report_reader = self.report_reader
        explained = explain(
            report,
            filters,
            report_reader.scope,
            report_reader.engine,
            report_reader.currency,
            column_key=column,
            row_key=row,
        )
        parts = [
            {"key": part.key, "value": plain(part.value), "row": part.row_key}
            for part in explained.parts
        ]
        answer = explanation_to_dict(explained) | {"parts": parts}
        answer.pop("sql", None)
        return answer

    def _changes(self, report: Report, filters: Filters, result: Result) -> Iterator[Any]:
        """Yield the changes since the past instant, with the list of one figure."""
        params = {"since": (choices().past_instant,)}
        yield (
            "changes",
            lambda: changes_to_dict(
                report_changes(
                    report,
                    filters,
                    since_of(params, self.report_reader.clock),
                    self.report_reader.scope,
                    self.report_reader.engine,
                    self.report_reader.clock,
                    limit=LISTED_ROWS,
                )
            ),
        )

    def _credit(self, report: Report, filters: Filters, result: Result) -> Iterator[Any]:
        """Yield the attribution bridge of each figure, and the leads moved on each of its sides."""
        try:
            columns = build_bridge(
                report, filters, self.report_reader.scope, self.report_reader.engine
            ).columns
        except BadFilter as refused:
            sentence = str(refused)
            yield "credit", lambda: {"refused": sentence}
            return
        for credit in ("owner", "creator"):
            params = {**self.query.params, "credit": (credit,)}
            _, credited = self.report_reader.read(self.table, params)
            for column in columns:
                found = build_bridge(
                    report,
                    credited,
                    self.report_reader.scope,
                    self.report_reader.engine,
                    column.key,
                )
                moved = {"column": column.key, "credit": credit}
                yield _address("credit", **moved), lambda found=found: bridge_to_dict(found)
                yield from self._moved(found, moved)

    def _moved(self, found: Bridge, params: Mapping[str, str]) -> Iterator[Any]:
        for side in SIDES:
            row = next((one for one in found.rows if one.moved(side)), None)
            if row is not None:
                key = row.key or WITHOUT
                yield (
                    _address("moved", **params, side=side, row=key),
                    lambda key=key, side=side: moved_to_dict(
                        moved_leads(
                            found,
                            self.report_reader.scope,
                            self.report_reader.engine,
                            key,
                            side,
                            limit=LISTED_ROWS,
                        )
                    ),
                )

    def _quality(self, report: Report, filters: Filters, result: Result) -> Iterator[Any]:
        yield "quality", lambda: self._faults(report, filters)

    def _faults(self, report: Report, filters: Filters) -> Answer:
        """Return the count of each data-quality fault, and the headlines without leads with it."""
        scope, engine, currency = (
            self.report_reader.scope,
            self.report_reader.engine,
            self.report_reader.currency,
        )
        found = run(
            data_quality.ALL_COLUMNS,
            data_quality.filters_of(filters),
            scope,
            engine,
            currency,
            only_totals=True,
        )
        faults = [key for key in data_quality.FAULTS if found.totals[key]]
        effects = data_quality.effects(report, filters, scope, engine, currency, faults)
        return {
            "totals": {key: plain(value) for key, value in found.totals.items()},
            "effects": {
                fault: {
                    one.column.key: {"now": plain(one.now), "without": plain(one.without)}
                    for one in effects[fault]
                }
                for fault in faults
            },
        }


def _answer_or_refusal(ask: Callable[[], Answer]) -> Answer:
    try:
        return ask()
    except BadFilter as refused:
        return {"refused": str(refused)}


def _address(kind: str, **named: str | None) -> str:
    return f"{kind} {urlencode({name: value for name, value in named.items() if value})}"


def _result(result: Result) -> Answer:
    """Return a result with its trends; row labels that are phrases become texts (`title`)."""
    answer = to_dict(result)
    for row, written in zip(result.rows, answer["rows"], strict=True):
        written["trend"] = list(row.trend)
        written["few"] = row.is_few
        if row.key is None or row.further:
            written["title"] = written.pop("label")
    return answer


def _figures(report: Report, result: Result) -> Iterable[str]:
    """Return the keys that may have a drill-down: columns, their parts and exclusions, warnings."""
    return dict.fromkeys(
        one.key
        for column in (*result.columns, *report.warnings)
        for one in (column, *(column.parts or ()), *column.exclusions)
        if one.title or one.note
    )


def _row(result: Result, column: str) -> str | None:
    """Return the key of the first row in which a figure is not 0, or else of the first row."""
    rows = [row for row in result.rows if _is_nonzero(row.cells.get(column))] or result.rows
    return (rows[0].key or WITHOUT) if rows else None


def _is_nonzero(value: Any) -> bool:
    return bool(value.numerator if isinstance(value, Rate) else value)


def _split(answer: Answer) -> Answer:
    """Split an answer into its values and its texts (`WORDS`)."""
    words = {name: answer.pop(name) for name in WORDS if name in answer}
    for name in DESCRIBED:
        entries = answer.get(name, [])
        texts = [{word: entry.pop(word) for word in WORDS if word in entry} for entry in entries]
        if any(texts):
            words[name] = texts
    if isinstance(column := answer.get("column"), dict):
        words["column"] = {word: column.pop(word) for word in WORDS if word in column}
    return {"values": answer, "words": words}
