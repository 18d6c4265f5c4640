"""By category

Which kinds of leads perform best?

This report has the figures of Company performance, with one row per tag of a category: product
line, region, reason for cancelling or any other category your company uses. Leads without a tag of
the category have their own row. The rows can also be the values of a choice field.

Figures use the same dates and attribution as in Company performance. A lead with two tags of the
category counts in both rows and once in the total.

The cost of a tag, such as that of a trade show, is spread evenly over its days, until today. The
return on cost is the amount won on leads with a tag that has a cost in the period ÷ this cost; in
the total, each cost and each lead count once. A cost cannot be divided: with a filter by user,
team, pipeline or anything else, and for those who do not have access to all leads, there is no
cost.
"""

from __future__ import annotations

from collections.abc import Iterable

import ibis
from ibis.expr.types import Table

from leadlight.analytics.facts.costs import daily, every_cost
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.metrics.costs import UNDIVIDED_COSTS, cost_columns
from leadlight.analytics.metrics.predicates import is_won
from leadlight.analytics.query.filters import FIRST, LAST
from leadlight.analytics.query.grouping import category_of, tags_of
from leadlight.analytics.query.phrases import Phrase, gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.reports import company, ranking
from leadlight.analytics.reports.contract import Facts, Flow, Note, Report
from leadlight.analytics.reports.page_layout import ColumnGroup
from leadlight.analytics.star.schema import TABLES


def facts(query: ReportQuery) -> Facts:
    """Return the facts of Company performance, costs of tags, and closed leads with these tags."""
    of_company = company.facts(query)
    costs = _costs_of_tags(query)
    is_divided = bool(query.filters.chosen) or not query.scope.sees_all
    counted = costs.limit(0) if is_divided else costs
    undivided = costs if is_divided and query.scope.sees_all else costs.limit(0)
    return {
        **of_company,
        "costs": Flow(counted, "cost"),
        "closed_with_cost": _closed_with_cost(of_company["closed"].rows, counted),
        "undivided_costs": Flow(undivided, "cost"),
    }


def _costs_of_tags(query: ReportQuery) -> Table:
    """Return the costs of the category's tags, one row per day of the period."""
    grouping = query.filters.group_by or ""
    tags = tags_of(grouping, query.filters) if category_of(grouping) else TABLES["tags"].limit(0)
    costs = every_cost(query)
    days = daily(costs.filter(costs.tag_id.isin(tags.tag_id)))
    nobody = {name: ibis.null("int64") for name in ("lead_id", "user_id", "team_id")}
    days = days.mutate(day=days.happened_on, **nobody)
    return days.filter(days.day.between(FIRST, LAST))


def _closed_with_cost(closed: Table, costs: Table) -> Flow:
    """Return the closed leads once for each of their tags that has a cost; in the total, once."""
    lead_tags = TABLES["lead_tags"]
    links = lead_tags.filter(lead_tags.tag_id.isin(costs.tag_id)).select(
        "tag_id", tagged_lead_id="lead_id"
    )
    rows = closed.inner_join(links, closed.lead_id == links.tagged_lead_id)
    once = closed.filter(closed.lead_id.isin(links.tagged_lead_id))
    return Flow(rows.drop("tagged_lead_id"), total_rows=once)


def columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return the columns of Company performance, then those of costs."""
    return (*company.columns(query), *COST_COLUMNS)


def notes(query: ReportQuery) -> Iterable[Note]:
    """Yield a note for readers to whom costs are not shown."""
    if not query.scope.sees_all:
        yield Note("costs", Phrase(NO_COSTS))


COST_COLUMNS = cost_columns("closed_with_cost", is_won)
NO_COSTS = gettext_noop("Costs are shown to those who have access to all leads.")

REPORT = Report(
    key="categories",
    title=gettext_noop("By category"),
    text=__doc__,
    facts=facts,
    columns=columns,
    warnings=(*company.REPORT.warnings, UNDIVIDED_COSTS),
    notes=notes,
    groupings=("category",),
    needs=("category",),
    switches=company.REPORT.switches,
    layout=(
        *company.LAYOUT,
        ColumnGroup(gettext_noop("Costs"), (("cost", "return_on_cost"), "cost_per_won_lead")),
    ),
    compares_at_first=True,
    headlines=company.REPORT.headlines,
    chart=company.REPORT.chart,
    views=(
        ranking.view("categories", company.facts, groupings=("category",), needs=("category",)),
    ),
)
