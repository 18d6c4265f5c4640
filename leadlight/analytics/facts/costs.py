"""Costs of prospecting lists, sources and tags, as one fact for each of their days.

A cost is spread evenly over its n days in integer cents: day k, from 0, gets the cents up to its
end, rounded down, less those up to its start. So the costs of adjacent periods add up to the amount
exactly. Days after today do not count yet.
"""

from __future__ import annotations

from decimal import Decimal

import ibis
from ibis.expr.types import Table

from leadlight.analytics.query.filters import TODAY
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.star.schema import TABLES, is_recorded

CENT = ibis.literal(Decimal("0.01"), type="decimal(16, 2)")


def every_cost(query: ReportQuery) -> Table:
    """Return the costs recorded at the instant of the query, with the `whole_amount` of each.

    The cost of a list (`ProspectingList.cost`) is one of them, on the day of its import; its
    `cost_id` is the negative id of the list.
    """
    costs, lists = TABLES["costs"], TABLES["prospecting_lists"]
    recorded = costs.filter(is_recorded(costs.created_at, query.instant))
    names = ("cost_id", "cost_name", "first_on", "last_on", "prospecting_list_id", "source")
    own = lists.filter(lists.cost.notnull()).select(
        cost_id=-lists.prospecting_list_id,
        cost_name=lists.prospecting_list_name,
        first_on=lists.created_on,
        last_on=lists.created_on,
        prospecting_list_id=lists.prospecting_list_id,
        source=ibis.null("string"),
        tag_id=ibis.null("int64"),
        whole_amount=lists.cost,
    )
    return ibis.union(recorded.select(*names, "tag_id", whole_amount="amount"), own)


def counts_source_costs(query: ReportQuery) -> bool:
    """Return whether costs of sources count in a report of prospecting.

    They do for readers of all leads, unless a filter would divide them: they have no list and no
    owner.
    """
    return query.scope.sees_all and {name for name, _keys in query.filters.chosen} <= {"source"}


def daily(costs: Table) -> Table:
    """Return a row per cost and day until today, with `happened_on` and the `amount` of the day."""
    days = costs.last_on.delta(costs.first_on, unit="day") + 1
    each = costs.mutate(days=days).mutate(number=ibis.range(0, days).unnest())
    each = each.mutate(
        happened_on=(each.first_on + each.number.as_interval("D")).cast("date"),
        amount=(_part(each).cast("decimal(16, 2)") * CENT).cast("decimal(14, 2)"),
    ).drop("days", "number")
    return each.filter(each.happened_on <= TODAY)


def _part(each: Table) -> ibis.expr.types.IntegerValue:
    """Return the cents of a day.

    Each day has the same whole cents; the rest is spread by rounding down. Both divisions are exact
    as floating-point numbers.
    """
    cents = (each.whole_amount * 100).cast("int64")
    rest = cents % each.days
    return cents // each.days + (
        rest * (each.number + 1) // each.days - rest * each.number // each.days
    )
