"""Historical durations and win rates, used to judge open leads.

The tables are small and prefetched before a report's queries. They cover all leads that the reader
may see, without the filters. The functions at the end derive figures from their rows, and leave out
the pipelines and steps with too few cases.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import ibis
from ibis import _
from ibis.expr.types import Table

from leadlight.analytics.facts.cohorts import leads_for_win_rates
from leadlight.analytics.facts.step_intervals import stays_at, steps_at, timed_stays
from leadlight.analytics.metrics.predicates import days_to_close, is_won
from leadlight.analytics.query import working_time
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.report_query import ReportQuery, Rows
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.star.schema import steps_set_at
from leadlight.analytics.star.step_history import in_order

LONG_QUANTILE = 0.75


def days_to_win(filters: Filters, scope: Scope) -> Table:
    """Return for each pipeline: id, number of won leads, 75th percentile of their days to win."""
    leads = ReportQuery(filters, scope).visible
    won = leads.filter(is_won(leads))
    days = days_to_close(won).quantile(LONG_QUANTILE)
    by_pipeline = won.group_by("pipeline_id").aggregate(cases=won.count(), days=days)
    return by_pipeline.order_by("pipeline_id")


def days_in_step(filters: Filters, scope: Scope) -> Table:
    """Return for each step: id, number of ended stays, 75th percentile of their days."""
    query = ReportQuery(filters, scope)
    leads = query.visible.select(
        its_lead_id="lead_id",
        closed_at="closed_at",
        **working_time.if_working(filters, "closed_on"),
    )
    stays = stays_at(query.instant)
    stays = timed_stays(stays.inner_join(leads, stays.lead_id == leads.its_lead_id), filters)
    days = stays.lasted / working_time.MICROSECONDS_PER_DAY
    by_step = stays.group_by("step_id").aggregate(
        cases=days.count(), days=days.quantile(LONG_QUANTILE)
    )
    return by_step.order_by("step_id")


def days_until_onward(filters: Filters, scope: Scope) -> Table:
    """Return for each step: id, number of stays that ended onward, 75th percentile of their days.

    A stay ends onward when the lead moves to a later step of the pipeline, or is won.
    """
    query = ReportQuery(filters, scope)
    leads = query.visible.select(
        "status",
        its_lead_id="lead_id",
        closed_at="closed_at",
        **working_time.if_working(filters, "closed_on"),
    )
    steps = in_order(steps_set_at(query.instant))
    here = steps.select(here_id="step_id", here_position="position")
    then = steps.select(then_id="step_id", then_position="position")
    stays = stays_at(query.instant)
    stays = stays.inner_join(leads, stays.lead_id == leads.its_lead_id)
    stays = stays.left_join(here, stays.step_id == here.here_id)
    stays = stays.left_join(then, stays.next_step_id == then.then_id)
    is_moved_on = (stays.next_pipeline_id == stays.pipeline_id) & (
        stays.then_position > stays.here_position
    )
    is_won_here = stays.left_at.isnull() & is_won(stays)
    stays = timed_stays(stays.mutate(is_onward=is_moved_on.fill_null(False) | is_won_here), filters)
    days = stays.lasted / working_time.MICROSECONDS_PER_DAY
    by_step = stays.group_by("step_id").aggregate(
        cases=days.count(where=stays.is_onward),
        days=days.quantile(LONG_QUANTILE, where=stays.is_onward),
    )
    return by_step.filter(by_step.cases > 0).order_by("step_id")


def closed_leads_by_step(filters: Filters, scope: Scope) -> Table:
    """Return each lead of `leads_for_win_rates` once for every step that it had reached.

    Only steps of its pipeline count. `step_id` is the step reached.
    """
    query = ReportQuery(filters, scope)
    closed = leads_for_win_rates(query).drop("step_id")
    reached = steps_at(query.instant).select(
        "step_id", reaching_lead_id="lead_id", its_pipeline_id="pipeline_id"
    )
    return reached.inner_join(
        closed,
        [
            reached.reaching_lead_id == closed.lead_id,
            reached.its_pipeline_id == closed.pipeline_id,
        ],
    ).drop("reaching_lead_id", "its_pipeline_id")


def wins_by_step(filters: Filters, scope: Scope) -> Table:
    """Return for each step: id, pipeline, position, and numbers of closed and of won leads.

    The numbers are of the leads of `leads_for_win_rates` in the pipeline that had reached the step.
    Each lead is read once, with the last step that it reached: it had also reached all steps
    before. The pipelines are compared after the join, because a join by two columns takes DuckDB
    several times as long.
    """
    query = ReportQuery(filters, scope)
    closed = leads_for_win_rates(query).select(
        "status", closed_lead_id="lead_id", closed_in_id="pipeline_id"
    )
    reached = steps_at(query.instant)
    furthest = reached.filter(~reached.advanced)
    pairs = furthest.inner_join(closed, furthest.lead_id == closed.closed_lead_id)
    is_its = pairs.pipeline_id == pairs.closed_in_id
    ended = pairs.group_by(end_id="step_id").aggregate(
        closed=pairs.count(where=is_its), won=pairs.count(where=is_its & is_won(pairs))
    )
    steps = in_order(steps_set_at(query.instant))
    placed = steps.left_join(ended, steps.step_id == ended.end_id)
    onward: dict[str, Any] = {"group_by": "pipeline_id", "order_by": ibis.desc("position")}
    had_reached = placed.select(
        "step_id",
        "pipeline_id",
        "position",
        closed=_.closed.fill_null(0).sum().over(**onward, rows=(None, 0)),
        won=_.won.fill_null(0).sum().over(**onward, rows=(None, 0)),
    )
    return had_reached.filter(had_reached.closed > 0).order_by("step_id")


# Derived figures


def long_durations(rows: Rows, fewest: int) -> dict[int, float]:
    """Return the number of days after which a duration is long, by id of pipeline or step."""
    return {row_id: days for row_id, cases, days in rows if cases >= fewest}


def win_rates(rows: Rows, fewest: int) -> dict[int, Fraction]:
    """Return the win rate of the leads that reached a step, by id of the step."""
    return {step: Fraction(won, closed) for step, _, _, closed, won in rows if closed >= fewest}


def first_likely_step(rows: Rows, fewest: int) -> dict[int, int | None]:
    """Return, by pipeline, the position of the first step with a win rate of at least 50 %.

    The position is None if there is no such step. A pipeline whose steps all have too few cases is
    left out.
    """
    enough = [row for row in rows if row[3] >= fewest]
    return {
        pipeline: min(
            (
                position
                for _, its, position, closed, won in enough
                if its == pipeline and 2 * won >= closed
            ),
            default=None,
        )
        for pipeline in {row[1] for row in enough}
    }
