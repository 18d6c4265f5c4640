"""Prospects that a reader may see, with their lists and the leads they became."""

from __future__ import annotations

import ibis
from ibis.expr.types import BooleanValue, Table

from leadlight.analytics.facts.costs import counts_source_costs, every_cost
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.star.schema import TABLES, is_recorded


def visible_prospects(query: ReportQuery) -> Table:
    """Return the prospects as recorded at the instant of the query; the filters do not apply.

    Readers see the prospects of the users whose figures they may see, the prospects of these users'
    lists, and the prospects that became a lead which they may see. `became_id` is the id of that
    lead, `became_on` the day of its creation. `user_id` defaults to the user of the list; `source`,
    `imported_on` and `has_cost` are those of the list.
    """
    scope, instant = query.scope, query.instant
    prospects, lists, leads = TABLES["prospects"], TABLES["prospecting_lists"], query.visible
    places = lists.select(
        "source",
        its_list_id="prospecting_list_id",
        list_user_id="user_id",
        imported_on="created_on",
        has_cost=_has_cost(lists, query),
    )
    became = leads.filter(leads.prospect_id.notnull()).select(
        became_id="lead_id", became_on="created_on", became_of_id="prospect_id"
    )
    rows = prospects.filter(is_recorded(prospects.created_at, instant))
    rows = rows.left_join(places, rows.prospecting_list_id == places.its_list_id)
    rows = rows.left_join(became, rows.prospect_id == became.became_of_id)
    if not scope.sees_all:
        own = is_of_colleague(rows.user_id, scope) | is_of_colleague(rows.list_user_id, scope)
        rows = rows.filter(own | rows.became_id.notnull())
    converted = is_recorded(rows.converted_at, instant)
    return rows.mutate(
        user_id=rows.user_id.fill_null(rows.list_user_id),
        converted_at=converted.ifelse(rows.converted_at, ibis.null()),
        converted_on=converted.ifelse(rows.converted_on, ibis.null()),
    )


def _has_cost(lists: Table, query: ReportQuery) -> BooleanValue:
    """Return whether the reader sees a cost of the list, or a cost of its source counts."""
    costs = every_cost(query)
    has_cost = lists.prospecting_list_id.isin(costs.prospecting_list_id)
    if not query.scope.sees_all:
        has_cost = has_cost & is_of_colleague(lists.user_id, query.scope)
    if counts_source_costs(query):
        has_cost = has_cost | lists.source.isin(costs.source)
    return has_cost


def is_of_colleague(user_id: ibis.expr.types.Column, scope: Scope) -> BooleanValue:
    """Return whether this is a user whose figures the reader may see; False for null."""
    colleagues = scope.colleagues(TABLES["users"], TABLES["memberships"])
    return user_id.isin(colleagues.user_id).fill_null(False)


def first_teams() -> Table:
    """Return the team of each member; of several teams, the one with the smallest id."""
    members = TABLES["memberships"]
    return members.group_by(member_id=members.user_id).aggregate(
        first_team_id=members.team_id.min()
    )
