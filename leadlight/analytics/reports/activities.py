"""Sales activities

How many activities were done, with what results, and how many does a sale take?

An activity counts on the day it was done, whatever the outcome of its lead. You choose whether to
count activities on leads, on prospects or on both. Activities on neither are counted if you choose
both. The reach rate is the number of activities that reached someone ÷ activities with an outcome.
Your company defines which outcomes count as reached. A lead or prospect with several activities
counts once in each row and once in the total.

An activity is credited to the person who did it. It is credited to the team of the lead if this
person is a member of it, otherwise to the first team of this person. The option “Attribution” can
credit it to the lead's current owner or creator instead. With this option, an activity on a
prospect that did not become a lead is credited to the owner of the prospect. Won leads count on the
day they were closed, and are credited to the same person as in Company performance.

“Activities per won lead” divides the activities of the period by the leads won in it. In rows by
type or outcome, it divides them by all won leads. “Activities on each won lead” is the average
number of all activities, up to closing, on the leads won in the period and on the prospects they
came from.

You see the activities on the leads and prospects you have access to, and those of your colleagues.
If you do not have access to the lead or prospect of a colleague's activity, that lead or prospect
stays hidden, and attribution to the owner or creator credits the activity to nobody. A filter on
leads keeps the activities on these leads and on the prospects that became them. A filter by
prospecting list or source also keeps the activities on the other prospects of this list or source.
"""

from __future__ import annotations

from collections.abc import Mapping

from ibis.expr.types import Table

from leadlight.analytics.facts.activities import activities_done, done_on_wins, won_leads
from leadlight.analytics.metrics import activities, deals
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.query.filters import FIRST, LAST, Filters
from leadlight.analytics.query.phrases import gettext_noop
from leadlight.analytics.query.report_query import ReportQuery, instant_of
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.reports import goals
from leadlight.analytics.reports.contract import (
    Facts,
    Flow,
    Report,
)
from leadlight.analytics.reports.page_layout import ChartSpec, ColumnGroup
from leadlight.analytics.star.schema import TABLES, is_added, is_recorded

KINDS = frozenset({"activity_type", "outcome"})


def prefetch(filters: Filters, scope: Scope) -> Mapping[str, Table]:
    """Return the activity types and outcomes, sorted by name; each has columns of its own.

    As of a past instant, they are those that were added or used by then.
    """
    types, outcomes = (_present(name, filters) for name in ("activity_type", "outcome"))
    named = types.select("activity_type_name", its_type_id="activity_type_id")
    placed = outcomes.inner_join(named, outcomes.activity_type_id == named.its_type_id)
    return {
        "types": types.order_by("activity_type_name", "activity_type_id").select(
            "activity_type_id", "activity_type_key", "activity_type_name"
        ),
        "outcomes": placed.order_by("activity_type_name", "outcome_name", "outcome_id").select(
            "outcome_id", "outcome_key", "outcome_name", "activity_type_name", "is_reached"
        ),
    }


def _present(kind: str, filters: Filters) -> Table:
    """Return the activity types or outcomes that were added or used by the instant of a report."""
    rows, instant = TABLES[f"{kind}s"], instant_of(filters)
    if instant is None:
        return rows
    activities = TABLES["activities"]
    used = activities.filter(is_recorded(activities.recorded_at, instant))
    return rows.filter(is_added(rows, instant) | rows[f"{kind}_id"].isin(used[f"{kind}_id"]))


def facts(query: ReportQuery) -> Facts:
    """Return the activities of the period, the leads won in it, and all activities on them."""
    return {
        "activities": Flow(activities_done(query, FIRST, LAST), subject="activity"),
        "closed": Flow(won_leads(query, FIRST, LAST), shared_in=KINDS),
        "on_wins": Flow(done_on_wins(query, FIRST, LAST), subject="activity"),
    }


def columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return the columns.

    If rows are types or outcomes, no columns are by type; if rows are outcomes, none by outcome.
    """
    grouping = query.filters.group_by
    types = () if grouping in KINDS else query.prefetched_rows("types")
    outcomes = query.prefetched_rows("outcomes")
    reached, not_reached = activities.results(outcomes)
    return (
        activities.ACTIVITIES,
        *(activities.of_type(*row) for row in types),
        *(() if grouping == "outcome" else activities.of_outcomes(outcomes)),
        reached,
        not_reached,
        activities.WITHOUT_OUTCOME,
        activities.WITH_OUTCOME,
        activities.reach_rate(reached),
        activities.LEADS_TOUCHED,
        activities.PROSPECTS_TOUCHED,
        *(() if grouping in KINDS else (deals.WON_LEADS,)),
        activities.EFFORT_PER_WIN,
        *(activities.effort_of_type(*row) for row in types),
        activities.ACTIVITIES_ON_WINS,
        *(activities.on_wins_of_type(*row) for row in types),
    )


REPORT = Report(
    key="activities",
    title=gettext_noop("Sales activities"),
    text=__doc__,
    facts=facts,
    columns=columns,
    prefetch=prefetch,
    groupings=("user", "team", "activity_type", "outcome", "bucket"),
    switches=("activities_on", "credit"),
    layout=(
        ColumnGroup(
            gettext_noop("All types"),
            ("activities", "reached_activities", "reach_rate"),
            more=("not_reached_activities", "without_outcome", "with_outcome"),
        ),
        ColumnGroup(gettext_noop("Leads and prospects"), ("leads_touched", "prospects_touched")),
        ColumnGroup(
            gettext_noop("Effort"),
            ("won_leads", "effort_per_win", "activities_on_wins"),
            more=("effort_per_win:*", "activities_on_wins:*"),
        ),
        ColumnGroup(gettext_noop("By type"), (), more=("activities:*",)),
        ColumnGroup(gettext_noop("By outcome"), (), more=("outcome:*",)),
    ),
    compares_at_first=True,
    headlines=(
        "activities",
        "reach_rate",
        "leads_touched",
        "won_leads",
        "effort_per_win",
        "prospects_touched",
        "activities_on_wins",
    ),
    chart=ChartSpec(
        ("reached_activities", "not_reached_activities", "without_outcome"), rate="reach_rate"
    ),
    views=(goals.VIEW,),
)
