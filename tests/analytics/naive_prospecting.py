"""Naive oracle of prospecting, counting one prospect at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.analytics import naive_days as days
from tests.analytics.agreeing import Expected, ExpectedRow
from tests.analytics.naive_costs import cost_days, divides_sources, per_lead
from tests.analytics.naive_facts import events_of, is_chosen, is_credited, stay_of
from tests.analytics.naive_leads import OPEN, days_to_close, exact_days, keys_of, quantile
from tests.analytics.naive_prospects import Seen, first_team, is_recorded, prospects_seen
from tests.analytics.naive_rows import Kind, lines
from tests.analytics.world import ProspectingList, State, World, colleagues_of

HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Fact:
    """An event of a prospect, or a day of a cost, with the credited user and team."""

    kind: str
    day: date
    its_list: ProspectingList
    user_id: int | None
    team_id: int | None
    seen: Seen | None = None
    is_call: bool = False
    has_cost: bool = False
    cents: int = 0
    key: str = ""

    @property
    def then(self) -> State:
        then = self.seen and self.seen.then
        assert then
        return then

    @property
    def lead(self) -> Any:
        return self.seen and self.seen.lead


def main(world: World, filters: Any, scope: Any) -> Expected:
    facts = facts_of(world, filters, scope)
    grouping = filters.group_by or "prospecting_list"
    if grouping == "bucket":
        first, last = filters.period.first, filters.period.last
        unit = days.unit_of(first, last, filters)
        rows = [
            _line(bucket.key, [fact for fact in facts if fact.day in bucket.days])
            for bucket in days.buckets(first, last, unit, filters.calendar)
        ]
        return Expected(rows, _line(None, facts), _noted(world, filters, scope))
    imported = [
        Fact("imported", one.created_on, one, None, None)
        for one in world.prospecting_lists
        if _is_imported(world, filters, scope, one)
    ]
    shown = imported if grouping == "prospecting_list" else []
    rows = [
        _line(key, [fact for fact in facts if has(fact)])
        for key, _name, has in lines(world, grouping, filters, scope, facts, shown, kinds(world))
    ]
    return Expected(rows, _line(None, facts), _noted(world, filters, scope))


def _noted(world: World, filters: Any, scope: Any) -> dict[str, int]:
    """Return the number of costs of sources that other filters leave out."""
    if divides_sources(filters, scope) or not scope.sees_all:
        return {}
    left_out = {
        one.name
        for one in cost_days(world, filters)
        if one.cost and one.cost.source and one.day in filters.period
        if not filters.keys("source") or one.cost.source in filters.keys("source")
    }
    return {"undivided_costs": len(left_out)} if left_out else {}


def facts_of(world: World, filters: Any, scope: Any) -> list[Fact]:
    """Return the facts in the period, by the day of their list or their own, as the switch says."""
    facts = list(_counted(world, filters, scope))
    if filters.switch("prospects_by") == "list":
        facts = [replace(fact, day=fact.its_list.created_on) for fact in facts]
    return [
        fact
        for fact in facts
        if fact.day in filters.period and is_credited(world, filters, fact)  # type: ignore[arg-type]
    ]


def kinds(world: World) -> dict[str, Kind]:
    """Return the row kinds of groupings that differ for prospects: source and list."""
    return {
        "source": (None, lambda fact: [fact.its_list.source]),
        "prospecting_list": (world.prospecting_lists, lambda fact: [fact.its_list.id]),
    }


def _is_imported(world: World, filters: Any, scope: Any, one: ProspectingList) -> bool:
    """Return whether the list was imported in the period and is within filters and scope."""
    seen = scope.sees_all or one.user_id in colleagues_of(world, scope)
    in_time = one.created_on in filters.period and one.created_on <= filters.today
    return seen and in_time and _is_of_list(filters, one)


def _is_of_list(filters: Any, one: ProspectingList) -> bool:
    sources, lists = filters.keys("source"), filters.keys("prospecting_list")
    return (not sources or (one.source or "none") in sources) and (not lists or one.key in lists)


def _is_asked(world: World, filters: Any, seen: Seen) -> bool:
    """Return whether the prospect matches the filters; those on leads apply to its lead."""
    if not _is_of_list(filters, seen.its_list):
        return False
    of_leads_only = ("pipeline", "tag", "client", *(f"field:{one.key}" for one in world.fields))
    if not any(filters.keys(name) for name in of_leads_only):
        return True
    of_leads = filters.with_keys("source", ()).with_keys("prospecting_list", ())
    return bool(seen.lead and seen.then and is_chosen(world, of_leads, seen.lead, seen.then))


# Facts


def _counted(world: World, filters: Any, scope: Any) -> Iterator[Fact]:
    """Yield all facts within scope and filters, each on its own day."""
    costly = _costly_lists(world, filters, scope)
    for seen in prospects_seen(world, filters, scope):
        if _is_asked(world, filters, seen):
            has_cost = seen.its_list.id in costly
            for fact in _of_prospect(world, filters, seen):
                yield replace(fact, has_cost=has_cost)
    for one in cost_days(world, filters):
        if one.its_list:
            its, user_id = one.its_list, one.its_list.user_id
            visible = scope.sees_all or user_id in colleagues_of(world, scope)
            if visible and its.created_on <= filters.today and _is_of_list(filters, its):
                whose = (user_id, first_team(world, user_id))
                yield Fact("cost", one.day, its, *whose, cents=one.cents, key=one.name)
        elif one.cost and one.cost.source and divides_sources(filters, scope):
            its = _without_list(one.cost.source, one.day)
            if _is_of_list(filters, its):
                yield Fact("cost", one.day, its, None, None, cents=one.cents, key=one.name)


def _without_list(source: str, day: date) -> ProspectingList:
    """Return the place of a cost of a source."""
    return ProspectingList(None, "", "", None, day, source)  # type: ignore[arg-type]


def _costly_lists(world: World, filters: Any, scope: Any) -> set[int]:
    """Return the lists with a cost that the reader sees, or with a source that has one."""
    recorded = [one for one in world.costs if not filters.as_of or one.created_at <= filters.as_of]
    lists = {one.prospecting_list_id for one in recorded}
    sources = {one.source for one in recorded if one.source}
    colleagues = colleagues_of(world, scope)
    return {
        one.id
        for one in world.prospecting_lists
        if (
            (one.cost is not None or one.id in lists)
            and (scope.sees_all or one.user_id in colleagues)
        )
        or (one.source in sources and divides_sources(filters, scope))
    }


def _of_prospect(world: World, filters: Any, seen: Seen) -> Iterator[Fact]:
    its, key = seen.its_list, seen.row.key
    whose = (seen.user_id, first_team(world, seen.user_id))
    yield Fact("prospects", world.day(seen.row.created_at), its, *whose, seen, key=key)
    done = [
        activity
        for activity in world.activities
        if activity.prospect_id == seen.row.id and is_recorded(activity.recorded_at, filters)
    ]
    calls = {kind.id for kind in world.activity_types if kind.kind == "call"}
    reached = {outcome.id for outcome in world.outcomes if outcome.is_reached}
    for activity in done:
        by = (activity.user_id, first_team(world, activity.user_id))
        is_call = activity.activity_type_id in calls
        yield Fact("activities", world.day(activity.occurred_at), its, *by, seen, is_call)
    first = [world.day(activity.occurred_at) for activity in done]
    turned_on = None
    if seen.converted_at:
        turned_on = world.day(seen.converted_at)
    elif seen.then:
        turned_on = world.day(seen.then.created_at)
    if first or turned_on:
        day = min([*first, *([turned_on] if turned_on else [])])
        yield Fact("worked", day, its, *whose, seen, key=key)
    if spoken := [world.day(a.occurred_at) for a in done if a.outcome_id in reached]:
        yield Fact("reached", min(spoken), its, *whose, seen, key=key)
    if turned_on:
        yield from _turned(world, filters, seen, turned_on, whose)


def _turned(
    world: World, filters: Any, seen: Seen, turned_on: date, whose: tuple[int | None, int | None]
) -> Iterator[Fact]:
    """Yield the conversion of the prospect and, if visible, the state of its lead."""
    its, key = seen.its_list, seen.row.key
    if not (seen.lead and seen.then):
        yield Fact("turned", turned_on, its, *whose, seen, key=key)
        return
    created, *closed = events_of(world, filters, seen.lead, seen.then)
    yield Fact("turned", turned_on, its, created.user_id, created.team_id, seen, key=key)
    for event in closed:
        yield Fact(event.fact, event.day, its, event.user_id, event.team_id, seen)
    if seen.then.status in OPEN:
        stay = stay_of(world, filters, seen.lead, seen.then)
        yield Fact("open", turned_on, its, stay.user_id, stay.team_id, seen)


# Figures


def _line(key: str | None, facts: list[Fact]) -> ExpectedRow:
    def of(kind: str) -> list[Fact]:
        return [fact for fact in facts if fact.kind == kind]

    prospects, turned, won, activities = of("prospects"), of("turned"), of("won"), of("activities")
    amount = _amount(won)
    costs = of("cost")
    cost = Decimal(sum(fact.cents for fact in costs)) / 100 if costs else None
    calls = sum(fact.is_call for fact in activities)
    to_lead = [
        max(Fraction(0), exact_days(fact.seen.converted_at - fact.seen.row.created_at))
        for fact in turned
        if fact.seen and fact.seen.converted_at
    ]
    with_cost = [fact for fact in won if fact.has_cost]
    cells: dict[str, Any] = {
        "prospects": len(prospects),
        "worked": len(of("worked")),
        "reached": len(of("reached")),
        "turned_into_leads": len(turned),
        "prospects_to_leads": (len(turned), len(prospects)),
        **{f"{status}_leads": len(of(status)) for status in ("open", "won", "lost", "cancelled")},
        "won_amount": amount,
        "won_amount_per_prospect": Decimal(round(Fraction(amount) / len(prospects) * 100)) / 100
        if prospects
        else None,
        "activities_per_lead": (len(activities), len(turned)),
        "calls_per_lead": (calls, len(turned)),
        "median_days_to_lead": quantile(to_lead, HALF),
        "median_days_lead_to_win": quantile([days_to_close(fact.then) for fact in won], HALF),
        "cost": cost,
        "return_on_cost": (_amount(with_cost), cost or 0),
        "cost_per_won_lead": per_lead(cost, len(with_cost)),
    }
    behind = {name: [fact.key for fact in of(name)] for name in ("prospects", "worked", "reached")}
    behind["turned_into_leads"] = [fact.key for fact in turned]
    behind |= {f"{status}_leads": keys_of(of(status)) for status in ("open", "won", "lost")}
    behind["return_on_cost"] = behind["cost_per_won_lead"] = keys_of(with_cost)
    behind["cost"] = sorted({fact.key for fact in costs})
    behind["activities_per_lead"] = ["" for _ in activities]
    return ExpectedRow(key, cells, behind)


def _amount(won: list[Fact]) -> Decimal:
    return sum((fact.then.amount or Decimal(0) for fact in won), Decimal(0))
