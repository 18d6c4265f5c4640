"""Team performance

Who sells, and how fast?

This report has the figures of Company performance, with one row per seller or team: leads created,
won, lost and cancelled, amounts and sales cycle. Leads that had no owner when they were created or
closed are in the row “Unassigned”. Active sellers are listed with zeros if they did nothing in the
period.

Figures use the same attribution as in Company performance. The share is the row's share of the won
amount of all rows. The trend shows the number of leads won over time.

The goals are those set for the won amount, each spread evenly over the days of its month, quarter
or year. Rows by user show the goals of users, rows by team those of teams, and rows by period those
of teams, or of users if no team has any. Goals are not shown with a filter by tag, pipeline and so
on, because they apply to all leads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ibis.expr.types import Table

from leadlight.analytics.facts.amount_goals import amount_goals, owner_of_goals, prefetched_goals
from leadlight.analytics.metrics import deals
from leadlight.analytics.metrics.amount_goals import goal_column, reached_column
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.metrics.date_rules import SPREAD
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.phrases import gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.reports import company, ranking
from leadlight.analytics.reports.contract import (
    Facts,
    Flow,
    Report,
)
from leadlight.analytics.reports.page_layout import ColumnGroup
from leadlight.analytics.reports.team import months


def prefetch(filters: Filters, scope: Scope) -> Mapping[str, Table]:
    """Return whether there are goals of users and of teams."""
    return prefetched_goals(filters, scope, REPORT.grouping(filters))


def facts(query: ReportQuery) -> Facts:
    """Return the facts of Company performance, and the goals of the period."""
    facts = company.facts(query)
    if goal_owner := _goal_owner(query):
        return {**facts, "goals": Flow(amount_goals(query, goal_owner))}
    return facts


def columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return the columns of Company performance, the share of the total, and those of goals."""
    return (*company.columns(query), deals.WON_AMOUNT_SHARE, *_goals(query))


def _goal_owner(query: ReportQuery) -> str | None:
    return owner_of_goals(query, REPORT.grouping(query.filters))


def _goals(query: ReportQuery) -> tuple[Column, ...]:
    goal_owner = _goal_owner(query)
    if goal_owner is None:
        return ()
    goal = goal_column(goal_owner)
    return (goal, reached_column(goal))


REPORT = Report(
    key="team",
    title=gettext_noop("Team performance"),
    text=__doc__,
    facts=facts,
    columns=columns,
    prefetch=prefetch,
    date_rules=lambda filters: {"goals": SPREAD},
    warnings=company.REPORT.warnings,
    groupings=("user", "team", "bucket"),
    switches=company.REPORT.switches,
    trend=deals.WON_LEADS,
    layout=(
        replace(
            company.RESULT,
            cells=("won_leads", ("won_amount", "won_amount_share"), "win_rate", "mean_deal"),
        ),
        ColumnGroup(gettext_noop("Against the goal"), ("goal_reached_rate",), more=("goal",)),
        *company.OTHER_GROUPS,
    ),
    compares_at_first=True,
    headlines=company.REPORT.headlines,
    chart=replace(company.REPORT.chart, goal="goal"),
    views=(months.VIEW, ranking.view("team", company.facts, groupings=("user", "team"))),
)
