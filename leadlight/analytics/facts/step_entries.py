"""Which leads entered a step of a pipeline, and what became of each of them there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import ibis
from ibis.expr.types import BooleanValue, StringValue, Table

from leadlight.analytics.facts.step_intervals import stays_at, steps_at, timed_stays
from leadlight.analytics.metrics.columns import Predicate
from leadlight.analytics.query.attribution import credited
from leadlight.analytics.query.filters import FIRST, LAST, Filters
from leadlight.analytics.query.lead_filter import having
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.query.working_time import epoch, if_working, working_time
from leadlight.analytics.star.schema import CLOSED_STATUSES, TABLES
from leadlight.analytics.star.step_history import in_order


def steps_asked(filters: Filters) -> Table:
    """The steps of the pipeline asked about, each with its `position` there."""
    steps = in_order(TABLES["steps"])
    return steps.filter(having(steps, "pipeline", filters.keys("pipeline")))


def prefetch_steps(filters: Filters, scope: Scope) -> dict[str, Table]:
    """Ids, keys and names of the steps in their order, for columns that are made of them."""
    steps = steps_asked(filters).order_by("position")
    return {"steps": steps.select("step_id", "step_key", "step_name")}


def with_leads(facts: Table, query: ReportQuery) -> Table:
    """The facts of the leads that are asked about, each with its `status`, `amount`, when it was
    closed, and who is credited. The pipeline chosen is that of the steps, wherever the leads are
    today."""
    of_any = query.filters.choosing("pipeline", ())
    leads = replace(query, filters=of_any).leads
    user, team = credited(leads, "now", query.filters.switch("credit"))
    told = leads.select(
        "lead_id",
        "status",
        "amount",
        "closed_at",
        user_id=user,
        team_id=team,
        **if_working(query.filters, "closed_on"),
    )
    return query.filters.narrow_credited(facts.inner_join(told, "lead_id"))


def entries(query: ReportQuery) -> Table:
    """One row per lead and step that it entered in the period, with its `outcome` there."""
    filters = query.filters
    ways = steps_at(query.instant)
    ways = ways.filter(ways.step_id.isin(steps_asked(filters).step_id))
    is_reached = filters.switch("skipping") == "reached"
    entered = ways.select(
        "lead_id",
        "step_id",
        "went",
        day=ways.reached_on if is_reached else ways.visited_on,
        has_advanced=ways.advanced if is_reached else ways.visit_advanced,
    )
    return _with_outcome(entered, query)


def entries_in_all(query: ReportQuery) -> Table:
    """One row per lead whose first entry in the pipeline is in the period: it ends where the lead
    is, or it has left.

    Whatever step a lead enters first, it reaches the first one then.
    """
    steps = steps_asked(query.filters)
    first = steps.filter(steps.position == 0)
    ways = steps_at(query.instant)
    ways = ways.filter(ways.step_id.isin(first.step_id))
    last = _last_stays(query)
    is_here = last.filter(last.step_id.isin(steps.step_id))
    entered = ways.select(
        "lead_id",
        went=ways.lead_id.isin(is_here.lead_id).ifelse("here", "away"),
        day="reached_on",
        has_advanced=ibis.literal(False),
    )
    return _with_outcome(entered, query)


def _last_stays(query: ReportQuery) -> Table:
    """Where each lead is, or was closed."""
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
    """Whether this is what became of a lead."""

    def behind(facts: Table) -> BooleanValue:
        return facts.outcome == outcome

    return behind


def is_carried_on(facts: Table) -> BooleanValue:
    """On to the next step, or won in this one."""
    return facts.outcome.isin(("advanced", "won"))


def stays(query: ReportQuery) -> Table:
    """The stays that began in the period, and how long those that are over `lasted`."""
    filters = query.filters
    stays = stays_at(query.instant)
    begun = stays.filter(
        stays.step_id.isin(steps_asked(filters).step_id),
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
    """Whether the lead was moved on, or closed there.

    Asked of the stays, and no filter of theirs: after a join, that would be tried on each pair.
    """
    return stays.lasted.notnull()
