"""Naive oracle of the report of losses and its views, counting one lead at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import Any

from tests.analytics import naive_days as days
from tests.analytics.agreeing import Expected, ExpectedRow
from tests.analytics.naive_facts import Event, events_of, is_chosen, is_credited
from tests.analytics.naive_rows import Has, lines
from tests.analytics.naive_step_history import places, visits
from tests.analytics.naive_working import days_between
from tests.analytics.world import State, Step, Tag, World, may_see, state

Cells = Callable[[Sequence[Event], Sequence[Event]], tuple[dict[str, Any], dict[str, list[str]]]]


def overall(world: World, filters: Any, scope: Any) -> Expected:
    closed = closings(world, filters, scope)
    grouping = filters.group_by or "reason"

    def cells(
        its: Sequence[Event], every: Sequence[Event]
    ) -> tuple[dict[str, Any], dict[str, list[str]]]:
        lost, all_lost = lost_of(its, filters), lost_of(every, filters)
        whole = every if grouping == "reason" else its
        took = [_days(world, event.then, filters) for event in lost]
        figures = {
            "lost_leads": len(lost),
            "lost_amount": _amount(lost),
            "loss_share": (len(lost), len(all_lost)),
            "lost_amount_share": (_amount(lost), _amount(all_lost)),
            "closed_share": (len(lost), len(whole)),
            "median_days_to_lose": median(took) if took else None,
        }
        behind = dict.fromkeys(figures, keys_of(lost))
        if grouping != "reason":
            behind["closed_share"] = keys_of(its)
        return figures, behind

    return _counted(world, grouping, filters, scope, closed, cells)


def by_step(world: World, filters: Any, scope: Any) -> Expected:
    [pipeline_key] = filters.keys("pipeline")
    closed = [
        event
        for event in closings(world, filters.with_keys("pipeline", ()), scope)
        if _pipeline_key(world, step_at_closing(world, event, filters)) == pipeline_key
    ]
    return _counted(world, "step", filters, scope, closed, _reasons_of(world, filters))


def by_person(world: World, filters: Any, scope: Any) -> Expected:
    closed = closings(world, filters, scope)
    grouping = filters.group_by or "user"
    return _counted(world, grouping, filters, scope, closed, _reasons_of(world, filters))


def _reasons_of(world: World, filters: Any) -> Cells:
    reasons = reasons_in(world, filters)
    ids = {tag.id for tag in reasons}

    def cells(
        its: Sequence[Event], every: Sequence[Event]
    ) -> tuple[dict[str, Any], dict[str, list[str]]]:
        lost = lost_of(its, filters)
        found = {"lost_leads": lost} | {
            f"reason:{tag.key}": [event for event in lost if tag.id in event.lead.tag_ids]
            for tag in sorted(reasons, key=lambda tag: tag.name)
        }
        found["no_reason"] = [event for event in lost if not ids & set(event.lead.tag_ids)]
        figures = {column: len(events) for column, events in found.items()}
        return figures, {column: keys_of(events) for column, events in found.items()}

    return cells


def _counted(
    world: World,
    grouping: str,
    filters: Any,
    scope: Any,
    closed: Sequence[Event],
    cells: Cells,
) -> Expected:
    rows = [
        ExpectedRow(key, *cells([event for event in closed if has(event)], closed))
        for key, has in _rows(world, grouping, filters, scope, closed)
    ]
    return Expected(rows, ExpectedRow(None, *cells(closed, closed)))


def _rows(
    world: World, grouping: str, filters: Any, scope: Any, closed: Sequence[Event]
) -> list[tuple[str | None, Has]]:
    first, last = filters.period.first, filters.period.last
    if grouping == "bucket":
        unit = days.unit_of(first, last, filters)
        buckets = days.buckets(first, last, unit, filters.calendar, filters.today)
        return [(one.key, lambda event, one=one: event.day in one.days) for one in buckets]
    reasons = reasons_in(world, filters)
    ids = {tag.id for tag in reasons}
    kinds = {
        "reason": (
            reasons,
            lambda event: [tag_id for tag_id in event.lead.tag_ids if tag_id in ids] or [None],
        ),
        "step": (
            world.steps,
            lambda event: [step_at_closing(world, event, filters).id],
        ),
    }
    named = lines(world, grouping, filters, scope, closed, [], kinds)
    if grouping == "step":
        order = {
            step.key: places(world, step.pipeline_id, filters.as_of).index(step)
            for step in world.steps
        }
        named.sort(key=lambda line: (order[str(line[0])], str(line[1])))
    return [(key, has) for key, _name, has in named]


# Closed leads


def closings(world: World, filters: Any, scope: Any) -> list[Event]:
    """Return the closings in the period, within scope and filters."""
    found = []
    for lead in world.leads:
        then = state(lead, filters.as_of)
        if then and may_see(scope, lead) and is_chosen(world, filters, lead, then):
            found += [one for one in events_of(world, filters, lead, then) if is_closing(one)]
    return [
        event
        for event in found
        if is_credited(world, filters, event) and event.day in filters.period
    ]


def is_closing(event: Event) -> bool:
    return event.fact in ("won", "lost", "cancelled")


def lost_of(events: Sequence[Event], filters: Any) -> list[Event]:
    statuses = ["lost"]
    if filters.switch("include_cancelled") == "yes":
        statuses.append("cancelled")
    return [event for event in events if event.fact in statuses]


def reasons_in(world: World, filters: Any) -> list[Tag]:
    closings = {"lost", "both"}
    if filters.switch("include_cancelled") == "yes":
        closings.add("cancelled")
    ids = {category.id for category in world.categories if category.reason_for in closings}
    return [tag for tag in world.tags if tag.category_id in ids]


def step_at_closing(world: World, event: Event, filters: Any) -> Step:
    been = visits(world, event.lead, filters.as_of)
    begun = [visit for visit in been if visit.since <= event.then.closed_at]  # type: ignore[operator]
    return (begun[-1] if begun else been[0]).step


def _pipeline_key(world: World, step: Step) -> str:
    return next(row.key for row in world.pipelines if row.id == step.pipeline_id)


def _days(world: World, then: State, filters: Any) -> Fraction:
    return days_between(world, then.created_at, then.closed_at, filters.switch("days"))


def _amount(events: Sequence[Event]) -> Decimal:
    return sum((event.then.amount or Decimal(0) for event in events), Decimal("0.00"))


def keys_of(events: Sequence[Event]) -> list[str]:
    return sorted(event.lead.key for event in events)
