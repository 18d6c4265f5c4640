"""Data quality: the effect of badly recorded leads on the headlines of a report.

The faults are columns of the table *Data quality* (`reports.leads.quality`), and the leads left out
here are those in its drill-downs, so that each fault has one definition.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ibis.expr.types import Table

from leadlight.analytics.engine.run import Engine, build_query, result_of, run
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.periods import Period
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.reports.contract import Report, Result, Value
from leadlight.analytics.reports.leads import quality as leads_quality

TABLE = leads_quality.REPORT
# Count of a fault → sum of the amounts; None if the fault is a missing amount.
FAULTS: Mapping[str, str | None] = {
    "overdue_leads": "overdue_amount",
    "undated_leads": "undated_amount",
    "leads_without_amount": None,
    "unowned_leads": "unowned_amount",
    "reopened_leads": "reopened_amount",
    "untouched_leads": "untouched_amount",
    "closed_before_creation": "closed_before_creation_amount",
    "created_later": "created_later_amount",
}
# All columns are headlines, so that one query returns the amounts too.
ALL_COLUMNS = replace(TABLE, headlines=tuple(column.key for column in leads_quality.COLUMNS))
SHARED_SWITCHES = ("credit", "tags", "days")


@dataclass(frozen=True)
class QueryWithoutFault(ReportQuery):
    """Query without the leads that have a fault."""

    fault: str = ""

    @property
    def leads(self) -> Table:
        leads = super().leads
        return leads.filter(leads.lead_id.notin(_with_fault(self).lead_id))


@dataclass(frozen=True)
class Effect:
    """Effect of a fault on one headline: its value with and without the faulty leads."""

    column: Column
    now: Value
    without: Value


@dataclass(frozen=True)
class Quality:
    """Faults of the leads in a report, and their effects.

    The totals of `faults` have the count and the amount of every fault. `effects` has, for each
    fault that occurs, the headlines that would change.
    """

    faults: Result
    effects: Mapping[str, tuple[Effect, ...]]


def quality(
    report: Report, filters: Filters, scope: Scope, engine: Engine, currency: str
) -> Quality:
    """Return the faults in a report, and the headlines that would change without them."""
    counted = run(ALL_COLUMNS, filters_of(filters), scope, engine, currency, only_totals=True)
    occurring = [fault for fault in FAULTS if counted.totals[fault]]
    return Quality(counted, effects(report, filters, scope, engine, currency, occurring))


def filters_of(filters: Filters) -> Filters:
    """Return the filters of the data-quality table for the same leads, with today as period."""
    return replace(
        filters,
        view=TABLE.view,
        period=Period(filters.today, filters.today),
        preset=TABLE.preset,
        default_preset=TABLE.preset,
        compare=None,
        group_by=None,
        unit=None,
        chosen_switches=_shared_switches(filters),
    )


def _shared_switches(filters: Filters) -> tuple[tuple[str, str], ...]:
    """Return the switches that the data-quality table also has."""
    return tuple(pair for pair in filters.chosen_switches if pair[0] in SHARED_SWITCHES)


def effects(
    report: Report,
    filters: Filters,
    scope: Scope,
    engine: Engine,
    currency: str,
    faults: Iterable[str],
) -> dict[str, tuple[Effect, ...]]:
    """Return, by fault, the headlines that would change without the leads that have it."""
    query = build_query(report, filters, scope, engine)
    now = result_of(report, query, engine, currency, only_totals=True)
    found = {}
    for fault in faults:
        without = QueryWithoutFault(query.filters, scope, query.prefetched, fault=fault)
        found[fault] = _differences(
            now, result_of(report, without, engine, currency, only_totals=True)
        )
    return found


def _differences(now: Result, then: Result) -> tuple[Effect, ...]:
    return tuple(
        Effect(column, now.totals[column.key], then.totals[column.key])
        for column in now.columns
        if now.totals[column.key] != then.totals[column.key]
    )


def _with_fault(reduced: QueryWithoutFault) -> Table:
    """Return the leads in the drill-down of the fault."""
    filters = replace(reduced.filters, chosen_switches=_shared_switches(reduced.filters))
    query = ReportQuery(filters, reduced.scope)
    column = next(one for one in TABLE.columns(query) if one.key == reduced.fault)
    rows = TABLE.facts(query)[column.facts].rows
    return rows.filter(column.where(rows))
