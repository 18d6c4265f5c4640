"""Goals of a won amount in reports with rows of time, users or teams.

Rows of users have the goals of users, rows of teams those of teams. Rows of time have the goals of
teams, or those of users if no team has a goal or the report is filtered by user. A report with such
goals prefetches whether users and teams have goals.
"""

from __future__ import annotations

from collections.abc import Mapping

from ibis.expr.types import Table

from leadlight.analytics.facts.goal_spans import chosen_goals, goal_spans, visible_goals
from leadlight.analytics.query.dimensions import CREDITED
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.scope import Scope

HAVE_GOALS = ("bucket", "user", "team")


def prefetched_goals(filters: Filters, scope: Scope, grouping: str) -> Mapping[str, Table]:
    """Return the table to prefetch, one row: whether users and whether teams have goals.

    Empty if goals do not apply.
    """
    if not _may_have_goals(filters, grouping):
        return {}
    goals = _goals(filters, scope)
    found = goals.aggregate(of_users=goals.user_id.count() > 0, of_teams=goals.team_id.count() > 0)
    return {"goals": found}


def owner_of_goals(query: ReportQuery, grouping: str) -> str | None:
    """Return the owners of the goals shown, "user" or "team", never both; None without goals."""
    filters = query.filters
    if not _may_have_goals(filters, grouping):
        return None
    of_users, of_teams = next(iter(query.prefetched_rows("goals")), (False, False))
    if of_teams and grouping != "user" and not filters.keys("user"):
        return "team"
    return "user" if of_users and grouping != "team" else None


def amount_goals(query: ReportQuery, goal_owner: str) -> Table:
    """Return the spans (see `goal_spans`) of the goals of `goal_owner`, "user" or "team"."""
    goals = _goals(query.filters, query.scope)
    return goals.filter(goals[f"{goal_owner}_id"].notnull())


def _may_have_goals(filters: Filters, grouping: str) -> bool:
    """Return whether goals apply: a goal cannot be divided by pipeline, tag and so on."""
    return grouping in HAVE_GOALS and all(name in CREDITED for name, _keys in filters.chosen)


def _goals(filters: Filters, scope: Scope) -> Table:
    return goal_spans(chosen_goals(visible_goals(scope), filters), filters)
