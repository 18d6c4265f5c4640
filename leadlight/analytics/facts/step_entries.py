"""Entries of leads into the steps of a pipeline, and the outcome of the leads in each step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import ibis
from ibis.expr.types import BooleanValue, StringValue, Table

from leadlight.analytics.facts.step_intervals import stays_at, steps_at, timed_stays
from leadlight.analytics.metrics.columns import Predicate
from leadlight.analytics.query.attribution import credited
from leadlight.analytics.query.filters import FIRST, LAST, Filters
from leadlight.analytics.query.lead_filter import has_key
from leadlight.analytics.query.report_query import ReportQuery, instant_of
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.query.working_time import epoch, if_working, working_time
from leadlight.analytics.star.schema import CLOSED_STATUSES, steps_set_at
from leadlight.analytics.star.step_history import in_order


def chosen_steps(filters: Filters) -> Table:
    """Return the steps of the chosen pipeline, each with its `position`."""
    steps = in_order(steps_set_at(instant_of(filters)))
    return steps.filter(has_key(steps, "pipeline", filters.keys("pipeline")))


def prefetch_steps(filters: Filters, scope: Scope) -> dict[str, Table]:
    """Return the table of the steps (id, key, name) in order, from which columns are made."""
    steps = chosen_steps(filters).order_by("position")
    return {"steps": steps.select("step_id", "step_key", "step_name")}


def with_leads(facts: Table, query: ReportQuery) -> Table:
    """Return the facts of the leads that pass the filters, with columns of the leads.

    The columns are `status`, `amount`, `closed_at` and the credited `user_id` and `team_id`. The
    filter by pipeline applies to the steps only, not to the current pipeline of the leads.
    """
    of_any = query.filters.with_keys("pipeline", ())
    leads = replace(query, filters=of_any).leads
    user, team = credited(leads, "now", query.filters.switch("credit"))
    columns = leads.select(
        "lead_id",
        "status",
        "amount",
        "closed_at",
        user_id=user,
        team_id=team,
        **if_working(query.filters, "closed_on"),
    )
    return query.filters.narrow_credited(facts.inner_join(columns, "lead_id"))


def entries(query: ReportQuery) -> Table:
    """Return one row per lead and step that the lead entered in the period, with its `outcome`.

    The switch `skipping` selects whether a step that the lead skipped counts as entered.
    """
    filters = query.filters
    reached = steps_at(query.instant)
    reached = reached.filter(reached.step_id.isin(chosen_steps(filters).step_id))
    is_reached = filters.switch("skipping") == "reached"
    entered = reached.select(
        "lead_id",
        "step_id",
        "went",
        day=reached.reached_on if is_reached else reached.visited_on,
        has_advanced=reached.advanced if is_reached else reached.visit_advanced,
    )
    return _with_outcome(entered, query)


def pipeline_entries(query: ReportQuery) -> Table:
    """Return one row per lead that first entered the pipeline in the period.

    The outcome is "left_pipeline", or if the lead is still in the pipeline, "still_here" or its
    closed status. The first entry is the entry into the first step: a lead that enters a later step
    reaches the first step at the same instant.
    """
    steps = chosen_steps(query.filters)
    first = steps.filter(steps.position == 0)
    reached = steps_at(query.instant)
    reached = reached.filter(reached.step_id.isin(first.step_id))
    last = _last_stays(query)
    is_here = last.filter(last.step_id.isin(steps.step_id))
    entered = reached.select(
        "lead_id",
        went=reached.lead_id.isin(is_here.lead_id).ifelse("here", "away"),
        day="reached_on",
        has_advanced=ibis.literal(False),
    )
    return _with_outcome(entered, query)


def _last_stays(query: ReportQuery) -> Table:
    """Return the last stay of each lead, closed or not."""
    stays = stays_at(query.instant)
    return stays.filter(stays.left_at.isnull())


def _with_outcome(entered: Table, query: ReportQuery) -> Table:
    entered = entered.filter(entered.day.between(FIRST, LAST))
    last = working_time(_last_stays(query), query.filters, entered_at="entered_on")
    here_since = last.entered_at.delta(epoch(), unit="microsecond")
    since = last.select(its_lead_id="lead_id", here_since=here_since)
    placed = entered.left_join(since, entered.lead_id == since.its_lead_id).drop("its_lead_id")
    facts = with_leads(placed, query)
    return facts.mutate(outcome=_outcome(facts)).drop("has_advanced", "went")


def _outcome(facts: Table) -> StringValue:
    is_here: Any = facts.went == "here"
    return ibis.cases(
        (facts.has_advanced, "advanced"),
        (is_here & facts.status.isin(CLOSED_STATUSES), facts.status),
        (is_here, "still_here"),
        (facts.went == "back", "moved_back"),
        else_="left_pipeline",
    )


def is_outcome(outcome: str) -> Predicate:
    """Return a condition on facts: whether this is the outcome of the lead in the step."""

    def condition(facts: Table) -> BooleanValue:
        return facts.outcome == outcome

    return condition


def is_carried_on(facts: Table) -> BooleanValue:
    """Return whether the lead advanced to a later step, or was won in this one."""
    return facts.outcome.isin(("advanced", "won"))


def stays(query: ReportQuery) -> Table:
    """Return the stays that began in the period, with `lasted` (see `timed_stays`)."""
    filters = query.filters
    stays = stays_at(query.instant)
    begun = stays.filter(
        stays.step_id.isin(chosen_steps(filters).step_id),
        stays.entered_on.between(FIRST, LAST),
    ).select(
        "lead_id",
        "step_id",
        "entered_at",
        "left_at",
        "entered_on",
        day="entered_on",
        **if_working(filters, "left_on"),
    )
    return timed_stays(with_leads(begun, query), filters)


def is_over(stays: Table) -> BooleanValue:
    """Return whether a stay ended, by a move or by the closing of the lead.

    Use it in aggregates, not as a filter: DuckDB would evaluate a filter on each pair of the join.
    """
    return stays.lasted.notnull()
