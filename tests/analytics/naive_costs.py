"""Oracle of costs: each cost as cents for each of its days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.analytics.naive_facts import Event
from tests.analytics.world import Cost, ProspectingList, World


@dataclass(frozen=True)
class CostDay:
    """Part of a cost on one of its days, until today; `its_list` is the list that it is for."""

    name: str
    day: date
    cents: int
    cost: Cost | None
    its_list: ProspectingList | None = None


def cost_days(world: World, filters: Any) -> Iterator[CostDay]:
    """Yield every day of the recorded costs, and the import of each list with a cost of its own."""
    lists = {one.id: one for one in world.prospecting_lists}
    for cost in world.costs:
        if filters.as_of and cost.created_at > filters.as_of:
            continue
        number, cents = (cost.last_on - cost.first_on).days + 1, int(cost.amount * 100)
        for place in range(number):
            day = cost.first_on + timedelta(place)
            part = cents * (place + 1) // number - cents * place // number
            its_list = lists.get(cost.prospecting_list_id or 0)
            if day <= filters.today:
                yield CostDay(cost.name, day, part, cost, its_list)
    for one in world.prospecting_lists:
        if one.cost is not None and one.created_on <= filters.today:
            yield CostDay(one.name, one.created_on, int(one.cost * 100), None, one)


def divides_sources(filters: Any, scope: Any) -> bool:
    """Return whether costs of sources count in a report of prospecting."""
    others = ("user", "team", "pipeline", "tag", "prospecting_list", "client")
    fields = any(name.startswith("field:") for name, _keys in filters.chosen)
    return scope.sees_all and not fields and not any(filters.keys(name) for name in others)


def amount_of(days: list[CostDay]) -> Decimal | None:
    return Decimal(sum(one.cents for one in days)) / 100 if days else None


def per_lead(cost: Decimal | None, leads: int) -> Decimal | None:
    """Return the cost of a lead, half a cent to the even cent."""
    return (
        Decimal(round(Fraction(cost) / leads * 100)) / 100 if cost is not None and leads else None
    )


class CategoryCosts:
    """Costs of the tags of a category in a period, and the figures of rows and total."""

    def __init__(
        self, world: World, filters: Any, scope: Any, grouping: str, first: date, last: date
    ) -> None:
        its = {row.id for row in world.categories if f"category:{row.key}" == grouping}
        tags = {tag.id: tag.key for tag in world.tags if tag.category_id in its}
        here = [
            one
            for one in cost_days(world, filters)
            if one.cost and one.cost.tag_id in tags and first <= one.day <= last
        ]
        self.undivided = 0
        if filters.chosen or not scope.sees_all:
            self.undivided = len({one.name for one in here}) if scope.sees_all else 0
            here = []
        self.days, self.tags = here, tags

    def add_to(self, row: Any, events: list[Event], key: str | None, *, is_total: bool) -> None:
        """Add the figures of costs to a row."""
        days = [one for one in self.days if is_total or self._key(one) == key]
        with_cost = {one.cost.tag_id for one in days if one.cost}
        won = [e for e in events if e.fact == "won" and with_cost & set(e.lead.tag_ids)]
        cost, amount = amount_of(days), sum((e.then.amount or Decimal(0) for e in won), Decimal(0))
        row.cells["cost"] = cost
        row.cells["return_on_cost"] = (amount, cost or 0)
        row.cells["cost_per_won_lead"] = per_lead(cost, len(won))
        keys = sorted(e.lead.key for e in won)
        row.leads["return_on_cost"] = row.leads["cost_per_won_lead"] = keys

    def _key(self, one: CostDay) -> str | None:
        return self.tags.get(one.cost.tag_id or 0) if one.cost else None
