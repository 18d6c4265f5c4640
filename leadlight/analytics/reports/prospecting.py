"""Prospecting lists

Which lists and sources bring leads and sales?

If the period applies to the import date, the report covers the lists imported in the period. Their
prospects count with everything that has happened since the import, until now or the past date
chosen. If the period applies to the date of each event, each event counts on its own day. A
prospect counts on the day they were added, as contacted and as reached on the first day this
happened, and as converted on the day of the conversion. A lead counts as won, lost or cancelled on
the day it was closed. A lead that is still open counts on the day its prospect was converted.

A prospect is contacted if there was at least one activity with them, or if they were converted into
a lead. A prospect is reached if one of their activities had an outcome that your company counts as
reached. Activities are those done on the prospect, and are credited to the person who did them.
Calls are the activities whose type counts as a call.

Prospects are credited to their owner, or to the owner of their list if they have no owner.
Converted prospects are credited to the owner of the lead at its creation, closed leads to their
owner at closing, open leads to their current owner. The option “Attribution” can credit all leads
to the current owner or the creator instead.

The cost of a list counts on the day of its import; further costs of a list or of a source are
spread evenly over their days, until today. If the period applies to the import date, a list counts
with all its costs. The cost of a list is charged to the owner of the list. The cost of a source has
no list and no owner, and has a row of its own where rows are lists or users; it is left out with
any filter but by source. The return on cost is the amount won on lists with a known cost, or whose
source has one, ÷ this cost.

You see the prospects of your colleagues and of their lists, and those that became a lead you have
access to. For other leads, you only see that they exist. You see the cost of your colleagues' lists
only, and no cost of sources. Lists and sources are those of the prospect. A filter by pipeline,
tag, client or field keeps the prospects whose lead matches it. Lists imported in the period are
shown even if they are empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import ibis
from ibis import _
from ibis.expr.types import BooleanValue, Table

from leadlight.analytics.facts.activities import recorded_activities
from leadlight.analytics.facts.costs import counts_source_costs, daily, every_cost
from leadlight.analytics.facts.prospects import (
    first_teams,
    is_of_colleague,
    visible_prospects,
)
from leadlight.analytics.metrics import prospects
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.metrics.costs import UNDIVIDED_COSTS
from leadlight.analytics.metrics.date_rules import ON_ITS_OWN, WITH_ITS_LIST
from leadlight.analytics.query import working_time
from leadlight.analytics.query.attribution import Event, credited
from leadlight.analytics.query.dimensions import CREDITED
from leadlight.analytics.query.filters import FIRST, LAST, LAST_SO_FAR, TODAY, Filters
from leadlight.analytics.query.lead_filter import has_key
from leadlight.analytics.query.phrases import gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.reports import ranking
from leadlight.analytics.reports.contract import (
    Facts,
    Flow,
    Report,
    Subject,
)
from leadlight.analytics.reports.page_layout import ChartSpec, ColumnGroup
from leadlight.analytics.star.schema import TABLES

OF_LISTS = ("prospecting_list", "source")
IDS = ("prospect_id", "prospecting_list_id", "source", "imported_on")
MICROSECONDS = 1e6


def facts(query: ReportQuery) -> Facts:
    """Return prospects, activities on them, the leads they became, and costs."""
    rows = _visible_prospects(query)
    activities = recorded_activities(query).filter(_.prospect_id.notnull())

    def flow(facts: Table, subject: Subject = "prospect") -> Flow:
        return Flow(_dated_in_period(query, facts), subject)

    return {
        "prospects": flow(rows.mutate(happened_on=rows.created_on)),
        "worked": flow(_worked(rows, activities)),
        "reached": flow(_reached(rows, activities)),
        "activities": flow(_done(rows, activities), "activity"),
        "turned": flow(_conversions(query, rows)),
        "open": flow(_open(query, rows)),
        "closed": flow(_closed(query, rows)),
        "costs": flow(_costs(query), "cost"),
        "undivided_costs": Flow(_undivided_costs(query), "cost"),
    }


def _visible_prospects(query: ReportQuery) -> Table:
    """Return the prospects that the reader may see and that pass the filters.

    `turned_on` is the day on which the prospect became a lead.
    """
    rows = visible_prospects(query)
    chosen = [(name, keys) for name, keys in query.filters.chosen if name not in CREDITED]
    for dimension, keys in chosen:
        if dimension in OF_LISTS:
            rows = rows.filter(has_key(rows, dimension, keys))
    of_leads = tuple((name, keys) for name, keys in chosen if name not in OF_LISTS)
    if of_leads:
        leads = replace(query.filters.lead_filter, chosen=of_leads).narrow(query.visible)
        rows = rows.filter(rows.became_id.isin(leads.lead_id))
    rows = rows.mutate(turned_on=rows.converted_on.fill_null(rows.became_on))
    return _with_team(rows)


def _with_team(facts: Table) -> Table:
    """Return the facts with the first team of the credited user."""
    firsts = first_teams()
    joined = facts.left_join(firsts, facts.user_id == firsts.member_id)
    return joined.drop("member_id").rename(team_id="first_team_id")


def _dated_in_period(query: ReportQuery, facts: Table) -> Table:
    """Return the facts of the period, by day of import or of the event, as the switch selects."""
    filters = query.filters
    by_list = filters.switch("prospects_by") == "list"
    dated = facts.mutate(day=facts.imported_on if by_list else facts.happened_on)
    return filters.narrow_credited(dated.filter(dated.day.between(FIRST, LAST)))


def _worked(rows: Table, activities: Table) -> Table:
    """Return the prospects on the day of the first activity or conversion, whichever is earlier."""
    joined = _with_first(rows, activities)
    joined = joined.mutate(happened_on=ibis.least(joined.first_on, joined.turned_on))
    return joined.filter(joined.happened_on.notnull())


def _reached(rows: Table, activities: Table) -> Table:
    outcomes = TABLES["outcomes"]
    reached = outcomes.filter(outcomes.is_reached)
    joined = _with_first(rows, activities.filter(activities.outcome_id.isin(reached.outcome_id)))
    return joined.filter(joined.first_on.notnull()).rename(happened_on="first_on")


def _with_first(rows: Table, activities: Table) -> Table:
    """Return the prospects with the day of the first activity on each."""
    firsts = activities.group_by(done_on_id=activities.prospect_id).aggregate(
        first_on=activities.occurred_on.min()
    )
    return rows.left_join(firsts, rows.prospect_id == firsts.done_on_id)


def _done(rows: Table, activities: Table) -> Table:
    """Return every activity on the prospects, credited to the user who did it."""
    types = TABLES["activity_types"].select("activity_kind", its_type_id="activity_type_id")
    done = activities.inner_join(types, activities.activity_type_id == types.its_type_id).select(
        "activity_id",
        "activity_kind",
        "user_id",
        done_on_id="prospect_id",
        also_on_id="lead_id",
        happened_on="occurred_on",
    )
    rows = rows.select(*IDS, "became_id")
    joined = rows.inner_join(done, rows.prospect_id == done.done_on_id)
    is_of_lead = joined.also_on_id == joined.became_id
    return _with_team(joined.mutate(lead_id=is_of_lead.ifelse(joined.became_id, ibis.null())))


def _conversions(query: ReportQuery, rows: Table) -> Table:
    """Return the prospects on the day they became leads, credited like the creation of the lead.

    A prospect whose lead the reader may not see keeps its own user and team.
    """
    rows = working_time.working_time(
        rows, query.filters, created_at="created_on", converted_at="converted_on"
    )
    took = rows.converted_at.delta(rows.created_at, unit="microsecond") / MICROSECONDS
    rows = rows.mutate(seconds_to_lead=took)
    converted = rows.filter(rows.turned_on.notnull())
    leads = _leads(query, "creation")
    joined = converted.left_join(leads, converted.became_id == leads.lead_id)
    is_seen = joined.lead_id.notnull()
    return joined.mutate(
        user_id=is_seen.ifelse(joined.led_by_id, joined.user_id),
        team_id=is_seen.ifelse(joined.led_by_team_id, joined.team_id),
        happened_on=joined.turned_on,
    )


def _open(query: ReportQuery, rows: Table) -> Table:
    """Return the prospects whose lead is open, on the day of the conversion."""
    with_lead = _with_lead(rows, _leads(query, "now"))
    return with_lead.filter(with_lead.status.isin(("todo", "standby"))).rename(
        happened_on="turned_on"
    )


def _closed(query: ReportQuery, rows: Table) -> Table:
    """Return the prospects whose lead is closed, on the day it was closed."""
    with_lead = _with_lead(rows, _leads(query, "closing"))
    return with_lead.filter(with_lead.closed_on.notnull()).rename(happened_on="closed_on")


def _with_lead(rows: Table, leads: Table) -> Table:
    """Return the prospects whose lead the reader may see, credited like the lead."""
    rows = rows.drop("user_id", "team_id")
    joined = rows.inner_join(leads, rows.became_id == leads.lead_id)
    return joined.rename(user_id="led_by_id", team_id="led_by_team_id")


def _leads(query: ReportQuery, event: Event) -> Table:
    """Return the leads of prospects, with the user and team credited for this event."""
    leads = query.visible
    user, team = credited(leads, event, query.filters.switch("credit"))
    return leads.filter(leads.prospect_id.notnull()).select(
        "lead_id",
        "status",
        "amount",
        "closed_on",
        "seconds_to_close",
        led_by_id=user,
        led_by_team_id=team,
    )


def _costs(query: ReportQuery) -> Table:
    """Return the visible costs of lists and sources that pass the filters, one row per day.

    The cost of a list is that of its owner, and counts with the list in a report by day of import.
    The cost of a source has no list and no owner, so that no other filter can divide it.
    """
    filters, scope = query.filters, query.scope
    lists = TABLES["prospecting_lists"]
    if not scope.sees_all:
        lists = lists.filter(is_of_colleague(lists.user_id, scope))
    for dimension in OF_LISTS:
        if keys := filters.keys(dimension):
            lists = lists.filter(has_key(lists, dimension, keys))
    lists = lists.filter(lists.created_on <= TODAY).select(
        "user_id", "source", its_list_id="prospecting_list_id", imported_on="created_on"
    )
    costs = daily(every_cost(query)).drop("source")
    of_lists = _with_team(costs.inner_join(lists, costs.prospecting_list_id == lists.its_list_id))
    if not counts_source_costs(query):
        return of_lists
    of_sources = _source_costs(query)
    return ibis.union(of_lists.select(*of_sources.columns), of_sources)


def _source_costs(query: ReportQuery) -> Table:
    """Return the costs of the chosen sources, one row per day."""
    costs = every_cost(query)
    costs = daily(costs.filter(costs.source.notnull()))
    if keys := query.filters.keys("source"):
        costs = costs.filter(has_key(costs, "source", keys))
    return costs.mutate(
        imported_on=costs.happened_on, user_id=ibis.null("int64"), team_id=ibis.null("int64")
    )


def _undivided_costs(query: ReportQuery) -> Table:
    """Return the costs of sources that the filters leave out, one row per day of the period."""
    costs = _source_costs(query).mutate(day=_.happened_on)
    costs = costs.filter(costs.day.between(FIRST, LAST))
    return costs if query.scope.sees_all and not counts_source_costs(query) else costs.limit(0)


def _is_shown(lists: Table, filters: Filters, scope: Scope) -> BooleanValue:
    """Return whether an empty list is shown: imported in the period, chosen, and in the scope."""
    shown = lists.created_on.between(FIRST, LAST_SO_FAR)
    for dimension in OF_LISTS:
        if keys := filters.keys(dimension):
            shown = shown & has_key(lists, dimension, keys)
    return shown if scope.sees_all else shown & is_of_colleague(lists.user_id, scope)


def columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return the columns, the same for all filters."""
    return prospects.ALL_COLUMNS


OF_CLOSED = ranking.ranked(
    prospects.WON_LEADS, prospects.CLOSED_LEADS, prospects.WIN_RATE.of_closed
)
OF_DECIDED = ranking.ranked(
    prospects.WON_LEADS, prospects.DECIDED_LEADS, prospects.WIN_RATE.of_decided
)


def ranked_columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return the columns of the ranking, for the win rate that the switch selects."""
    return OF_DECIDED if query.filters.leaves_cancelled_out else OF_CLOSED


def counts_events(filters: Filters) -> bool:
    """Return whether the period applies to the day of each event, not to the import of its list."""
    return filters.switch("prospects_by") == "event"


def date_rules(filters: Filters) -> Mapping[str, str]:
    """Return the date rules, by list or by event, as the switch selects."""
    return WITH_ITS_LIST if filters.switch("prospects_by") == "list" else ON_ITS_OWN


REPORT = Report(
    key="prospecting",
    title=gettext_noop("Prospecting lists"),
    text=__doc__,
    facts=facts,
    columns=columns,
    warnings=(UNDIVIDED_COSTS,),
    tests_changes=counts_events,
    groupings=("prospecting_list", "source", "user", "bucket"),
    shown_when_empty={"prospecting_list": _is_shown},
    switches=("prospects_by", "credit", "days"),
    layout=(
        ColumnGroup(gettext_noop("Prospecting"), ("prospects", "worked", "reached")),
        ColumnGroup(
            gettext_noop("Leads"),
            ("turned_into_leads", "prospects_to_leads", "won_leads"),
            more=("open_leads", "lost_leads", "cancelled_leads"),
        ),
        ColumnGroup(
            gettext_noop("Amounts"),
            (("won_amount", "won_amount_per_prospect"), "return_on_cost"),
            more=("cost", "cost_per_won_lead"),
        ),
        ColumnGroup(
            gettext_noop("Effort"),
            ("activities_per_lead", "median_days_to_lead"),
            more=("calls_per_lead", "median_days_lead_to_win"),
        ),
    ),
    headlines=(
        "prospects",
        "worked",
        "turned_into_leads",
        "prospects_to_leads",
        "won_amount",
        "reached",
        "won_leads",
        "return_on_cost",
    ),
    chart=ChartSpec(
        ("prospects", "worked", "reached", "turned_into_leads", "won_leads"), kind="stages"
    ),
    date_rules=date_rules,
    views=(
        ranking.view(
            "prospecting",
            facts,
            columns=ranked_columns,
            groupings=("prospecting_list", "source"),
            switches=("prospects_by", "credit", "leave_cancelled_out"),
            date_rules=date_rules,
            tests_changes=counts_events,
        ),
    ),
)
