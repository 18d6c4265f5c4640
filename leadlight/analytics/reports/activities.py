"""What was done, with what result, and how much of it makes a sale?

An activity counts on the local day it was done, whatever became of its lead. Which are counted: on
leads, on prospects, or both; those on neither count with both. Reached are those whose outcome the
company counts so, among those that have an outcome. A lead or prospect touched several times counts
once in each row and once in the total.

An activity is credited to who did it; his team is that of the lead where he is a member of it, else
the first of his teams. By a switch it is credited to the lead's current owner or to its creator; on
a prospect that became no lead, to whose the prospect is. Won leads are credited as in the company
report, on the day they were closed.

Activities for each won lead: all activities of the days, divided by the leads won in these days;
where rows are types or outcomes, by all of them. Activities on won leads: what was ever done, up to
closing, on the leads won in these days and on the prospects that these had been, divided by the
number of these leads.

One sees the activities on the leads and prospects one may see, and those of one's colleagues; what
these were done on stays hidden where one may not see it, and is then credited to nobody when the
owner or the creator is. A filter on leads keeps the activities on these leads and on the prospects
that became these; a prospecting list or a source also keeps those on its other prospects.
"""

from __future__ import annotations

from collections.abc import Mapping

from ibis.expr.types import Table

from leadlight.analytics.facts.activities import activities_done, done_on_wins, won_leads
from leadlight.analytics.metrics import activities, deals
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.query.filters import FIRST, LAST, Filters
from leadlight.analytics.query.phrases import gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.reports import goals
from leadlight.analytics.reports.contract import (
    Facts,
    Flow,
    Report,
)
from leadlight.analytics.reports.page_layout import ChartSpec, ColumnGroup
from leadlight.analytics.star.schema import TABLES

KINDS = frozenset({"activity_type", "outcome"})


def prefetch(filters: Filters, scope: Scope) -> Mapping[str, Table]:
    """Return the types of activities and their outcomes, by name: each has columns of its own."""
    types, outcomes = TABLES["activity_types"], TABLES["outcomes"]
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


def facts(query: ReportQuery) -> Facts:
    """Return the activities of the period, the leads won in it, and all activities on these."""
    return {
        "activities": Flow(activities_done(query, FIRST, LAST), subject="activity"),
        "closed": Flow(won_leads(query, FIRST, LAST), shared_in=KINDS),
        "on_wins": Flow(done_on_wins(query, FIRST, LAST), subject="activity"),
    }


def columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return the columns; those of each type or outcome only if rows are not types or outcomes."""
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
            gettext_noop("Activities"),
            ("activities", "reached_activities", "reach_rate"),
            more=("not_reached_activities", "without_outcome", "with_outcome"),
        ),
        ColumnGroup(gettext_noop("Reach"), ("leads_touched", "prospects_touched")),
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
