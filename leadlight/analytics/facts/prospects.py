"""The rows of prospecting lists that a reader may see, each with its list and what it became."""

from __future__ import annotations

import ibis
from ibis.expr.types import BooleanValue, Table

from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.star.schema import TABLES, is_known


def visible_prospects(query: ReportQuery) -> Table:
    """The prospects as they were known at the instant asked about, in no way narrowed.

    A reader sees those of his colleagues and of their lists, and those that became a lead that he
    may see: `became_id`, and `became_on`, when the lead was created. `user_id` is the list's where
    a row has none; `source`, `imported_on` and `has_cost` are the list's.
    """
    scope, instant = query.scope, query.instant
    prospects, lists, leads = TABLES["prospects"], lists_of(scope), query.visible
    places = lists.select(
        "source",
        its_list_id="prospecting_list_id",
        list_user_id="user_id",
        imported_on="created_on",
        has_cost=lists.cost.notnull(),
    )
    became = leads.filter(leads.prospect_id.notnull()).select(
        became_id="lead_id", became_on="created_on", became_of_id="prospect_id"
    )
    rows = prospects.filter(is_known(prospects.created_at, instant))
    rows = rows.left_join(places, rows.prospecting_list_id == places.its_list_id)
    rows = rows.left_join(became, rows.prospect_id == became.became_of_id)
    if not scope.sees_all:
        own = is_of_colleague(rows.user_id, scope) | is_of_colleague(rows.list_user_id, scope)
        rows = rows.filter(own | rows.became_id.notnull())
    converted = is_known(rows.converted_at, instant)
    return rows.mutate(
        user_id=rows.user_id.fill_null(rows.list_user_id),
        converted_at=converted.ifelse(rows.converted_at, ibis.null()),
        converted_on=converted.ifelse(rows.converted_on, ibis.null()),
    )


def lists_of(scope: Scope) -> Table:
    """The prospecting lists; what one of them cost is shown to who may see its owner's figures."""
    lists = TABLES["prospecting_lists"]
    if scope.sees_all:
        return lists
    return lists.mutate(cost=is_of_colleague(lists.user_id, scope).ifelse(lists.cost, ibis.null()))


def is_of_colleague(user_id: ibis.expr.types.Column, scope: Scope) -> BooleanValue:
    """Whether this is a user whose figures the reader may see; nobody's are not."""
    colleagues = scope.colleagues(TABLES["users"], TABLES["memberships"])
    return user_id.isin(colleagues.user_id).fill_null(False)


def first_teams() -> Table:
    """The team of each member; of several, the one there was first."""
    members = TABLES["memberships"]
    return members.group_by(member_id=members.user_id).aggregate(
        first_team_id=members.team_id.min()
    )
