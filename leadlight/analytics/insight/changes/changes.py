"""Changes of a report between two instants, lead by lead.

A figure that is a count or sum is the sum of the contributions of its *subjects*: single leads,
activities, prospects or costs. So the differences of all subjects add up exactly to the difference
of the totals. Each subject whose contribution changed has one reason: the first one that applies to
its state as recorded then and now. Rates, means and medians are not sums: they have a value then
and now, without reasons.

Both instants use today's access rights: see `docs/decisions/0003-permissions-of-past-reports.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from leadlight.analytics.engine.run import Engine, build_query, run, run_statement
from leadlight.analytics.insight.changes.reasons import REASONS
from leadlight.analytics.insight.changes.snapshots import SnapshotPair, list_query, reason_queries
from leadlight.analytics.insight.list_columns import LIST_SPECS
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.query import query_params
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.phrases import BadFilter, gettext_noop
from leadlight.analytics.query.query_params import Clock, QueryParams
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.reports.contract import Report, Subject, Value

Number = int | Decimal
WEEK = timedelta(7)


@dataclass(frozen=True)
class Difference:
    """A figure then and now; `reasons` has, by reason, the number of subjects and their difference.

    `reasons` is empty if the figure is no sum (`is_sum` is False).
    """

    column: Column
    then: Value
    now: Value
    is_sum: bool
    reasons: Mapping[str, tuple[int, Number]]

    @property
    def by(self) -> Number:
        """Sum now − sum then, a missing sum counting as 0; differences by reason add up to it."""
        return (self.now or 0) - (self.then or 0)  # type: ignore[operator,return-value]

    @property
    def is_changed(self) -> bool:
        return self.then != self.now or bool(self.reasons)


@dataclass(frozen=True)
class ChangedSubject:
    """One lead, activity, prospect or cost whose contribution changed, with the reason.

    `row` has the fields of the list, as recorded now, or then if the subject is deleted.
    """

    reason: str
    then: Number
    now: Number
    row: Mapping[str, Any]


@dataclass(frozen=True)
class Changes:
    """Differences of all figures, and the changed subjects of one, the largest change first.

    `filters` are those of the later instant with fixed days; `requested` are the original filters,
    maybe with a relative period. `count` is the number of all changed subjects, or of those with
    `reason` if it is given.
    """

    report: Report
    filters: Filters
    requested: Filters
    since: datetime
    differences: tuple[Difference, ...]
    column: Column | None
    reason: str | None
    subject: Subject
    count: int
    changed: tuple[ChangedSubject, ...]
    scope: Scope

    @property
    def reasons(self) -> tuple[str, ...]:
        """Reasons that occur, in the order of `REASONS`."""
        used = {reason for one in self.differences for reason in one.reasons}
        return tuple(reason for reason in REASONS if reason in used)


def report_changes(
    report: Report,
    filters: Filters,
    since: datetime,
    scope: Scope,
    engine: Engine,
    clock: Clock,
    *,
    column_key: str | None = None,
    reason: str | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> Changes:
    """Return the changes of a report from `since` to the filters' own instant, over the same days.

    The list is that of `column_key`, or of the first figure that changed. Raises BadFilter for a
    figure that is no sum, an unknown reason, and a `since` that is not before the later instant.
    """
    if since >= filters.instant:
        raise BadFilter(gettext_noop("Choose a start date before the end date."))
    if reason is not None and reason not in REASONS:
        raise BadFilter(gettext_noop("Unknown reason: “%(reason)s”."), reason=reason)
    pair = _pair(report, filters, since, scope, engine, clock)
    differences = tuple(_differences(pair, engine))
    column = _listed_column(differences, column_key)
    changed = _changed(pair, column, engine, reason, limit, offset) if column else ()
    return Changes(
        report=report,
        filters=pair.now.filters,
        requested=filters,
        since=since,
        differences=differences,
        column=column,
        reason=reason,
        subject=pair.subject(column) if column else "lead",
        count=_count(differences, column, reason),
        changed=tuple(changed),
        scope=scope,
    )


def since_of(params: QueryParams, clock: Clock) -> datetime:
    """Return the earlier instant: as requested, or the end of the day a week before the later."""
    given = query_params.as_of(params, clock, "since")
    if given:
        return given
    until = query_params.as_of(params, clock) or clock.now
    return query_params.end_of(clock.day_of(until - WEEK), clock.zone).astimezone(UTC)


def _listed_column(differences: tuple[Difference, ...], key: str | None) -> Column | None:
    sums = [one for one in differences if one.is_sum]
    if key is None:
        return next((one.column for one in sums if one.reasons), None)
    found = next((one.column for one in sums if one.column.key == key), None)
    if found is None:
        raise BadFilter(gettext_noop("This report has no total “%(key)s”."), key=key)
    return found


def _count(differences: tuple[Difference, ...], column: Column | None, reason: str | None) -> int:
    if column is None:
        return 0
    reasons = next(one.reasons for one in differences if one.column.key == column.key)
    return sum(count for name, (count, _) in reasons.items() if reason in (None, name))


def _pair(
    report: Report,
    filters: Filters,
    since: datetime,
    scope: Scope,
    engine: Engine,
    clock: Clock,
) -> SnapshotPair:
    """Return both queries with the same days, even if the period is relative."""
    now = replace(filters, preset=None, unit=filters.bucket_unit, compare=None)
    then = replace(now, as_of=since, instant=since, today=clock.day_of(since))
    return SnapshotPair(
        report,
        build_query(report, then, scope, engine),
        build_query(report, now, scope, engine),
    )


def _differences(pair: SnapshotPair, engine: Engine) -> Iterator[Difference]:
    before, after = (
        run(pair.report, one.filters, one.scope, engine, "") for one in (pair.then, pair.now)
    )
    reasons = _reasons(pair, engine)
    for column in after.columns:
        if not column.has_total:
            continue
        yield Difference(
            column,
            before.totals.get(column.key),
            after.totals[column.key],
            column.key in reasons,
            reasons.get(column.key, {}),
        )


def _reasons(pair: SnapshotPair, engine: Engine) -> dict[str, dict[str, tuple[int, Number]]]:
    """Return, by sum and reason, the number of changed subjects and their difference."""
    found: dict[str, dict[str, tuple[int, Number]]] = {}
    for keys, statement in reason_queries(pair, engine.dialect).items():
        found |= {key: {} for key in keys}
        for reason, *values in run_statement(engine, statement, pair.now, then=pair.then):
            for place, key in enumerate(keys):
                count, by = values[2 * place : 2 * place + 2]
                if count:
                    found[key][reason] = (count, by)
    return {
        key: {name: reasons[name] for name in REASONS if name in reasons}
        for key, reasons in found.items()
    }


def _changed(
    pair: SnapshotPair,
    column: Column,
    engine: Engine,
    reason: str | None,
    limit: int | None,
    offset: int,
) -> Iterator[ChangedSubject]:
    statement = list_query(
        pair,
        column.key,
        of_reason=reason is not None,
        is_cut=limit is not None,
        dialect=engine.dialect,
    )
    given = {"reason": reason, "limit": limit, "offset": offset}
    keys = LIST_SPECS[pair.subject(column)].keys
    for why, then, now, *row in run_statement(engine, statement, pair.now, then=pair.then, **given):
        yield ChangedSubject(why, then, now, dict(zip(keys, row, strict=True)))
