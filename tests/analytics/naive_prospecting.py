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
from tests.analytics.naive_facts import events_of, is_chosen, is_credited, stay_of
from tests.analytics.naive_leads import OPEN, days_to_close, exact_days, keys_of, quantile
from tests.analytics.naive_prospects import Seen, first_team, is_recorded, prospects_seen
from tests.analytics.naive_rows import Kind, lines
from tests.analytics.world import ProspectingList, State, World, colleagues_of

HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Fact:
    """An event of a prospect, or the import of a list, with the credited user and team."""

    kind: str
    day: date
    its_list: ProspectingList
    user_id: int | None
    team_id: int | None
    seen: Seen | None = None
    is_call: bool = False
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
        return Expected(rows, _line(None, facts))
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
    return Expected(rows, _line(None, facts))


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
    for seen in prospects_seen(world, filters, scope):
        if _is_asked(world, filters, seen):
            yield from _of_prospect(world, filters, seen)
    for one in world.prospecting_lists:
        visible = scope.sees_all or one.user_id in colleagues_of(world, scope)
        if visible and one.created_on <= filters.today and _is_of_list(filters, one):
            whose = (one.user_id, first_team(world, one.user_id))
            yield Fact("list", one.created_on, one, *whose)


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
    costs = [fact.its_list.cost for fact in of("list") if fact.its_list.cost is not None]
    cost = sum(costs, Decimal(0)) if costs else None
    calls = sum(fact.is_call for fact in activities)
    to_lead = [
        max(Fraction(0), exact_days(fact.seen.converted_at - fact.seen.row.created_at))
        for fact in turned
        if fact.seen and fact.seen.converted_at
    ]
    with_cost = [fact for fact in won if fact.its_list.cost is not None]
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
    }
    behind = {name: [fact.key for fact in of(name)] for name in ("prospects", "worked", "reached")}
    behind["turned_into_leads"] = [fact.key for fact in turned]
    behind |= {f"{status}_leads": keys_of(of(status)) for status in ("open", "won", "lost")}
    behind["return_on_cost"] = keys_of(with_cost)
    behind["activities_per_lead"] = ["" for _ in activities]
    return ExpectedRow(key, cells, behind)


def _amount(won: list[Fact]) -> Decimal:
    return sum((fact.then.amount or Decimal(0) for fact in won), Decimal(0))
