"""Naive oracle of lead performance and its cohort triangle, counting one lead at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.analytics import naive_days as days
from tests.analytics.agreeing import Expected, ExpectedRow
from tests.analytics.naive_facts import Event, events_of, is_chosen, is_credited
from tests.analytics.naive_rows import lines
from tests.analytics.world import Lead, State, World, may_see, state

OPEN, CLOSED = ("todo", "standby"), ("won", "lost", "cancelled")
MATURE, LONG = Fraction(4, 5), Fraction(3, 4)
Month = tuple[int, int]


def asked(world: World, filters: Any, scope: Any) -> Iterator[tuple[Lead, State]]:
    """Yield the leads within scope and filters, except the filters on credited users and teams."""
    for lead in world.leads:
        then = state(lead, filters.as_of)
        if then and may_see(scope, lead) and is_chosen(world, filters, lead, then):
            yield lead, then


def cohort(world: World, filters: Any, scope: Any) -> list[Event]:
    """Return the creation events in the period."""
    created = (
        events_of(world, filters, lead, then)[0] for lead, then in asked(world, filters, scope)
    )
    return [
        event
        for event in created
        if event.day in filters.period and is_credited(world, filters, event)
    ]


def exact_days(took: timedelta) -> Fraction:
    return Fraction(took // timedelta(microseconds=1), 86_400 * 10**6)


def days_to_close(then: State) -> Fraction:
    assert then.closed_at
    return max(Fraction(0), exact_days(then.closed_at - then.created_at))


def quantile(values: list[Fraction], share: Fraction) -> Fraction | None:
    """Return the quantile with linear interpolation; None without values."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


# Outcomes


def main(world: World, filters: Any, scope: Any) -> Expected:
    created = cohort(world, filters, scope)
    usual = days_to_mature(world, filters, scope)
    grouping = filters.group_by or "bucket"
    rows = []
    if grouping == "bucket":
        first, last = filters.period.first, filters.period.last
        unit = days.unit_of(first, last, filters)
        for bucket in days.buckets(first, last, unit, filters.calendar):
            its = [event for event in created if event.day in bucket.days]
            rows.append(_line(bucket.key, its))
            if usual is not None and its and _is_young(its, usual, filters):
                rows[-1].unfinished = frozenset(rows[-1].cells) - {"created_leads"}
    else:
        for key, _name, has in lines(world, grouping, filters, scope, created, []):
            rows.append(_line(key, [event for event in created if has(event)]))
    closed = [event.then for event in created if event.then.closed_at]
    counts = {
        "won_without_amount": sum(t.status == "won" and t.amount is None for t in closed),
        "closed_before_creation": sum(t.closed_at < t.created_at for t in closed),  # type: ignore[operator]
    }
    noted = {code: count for code, count in counts.items() if count}
    return Expected(rows, _line(None, created), noted)


def days_to_mature(world: World, filters: Any, scope: Any) -> Fraction | None:
    """Return the 80th percentile of days to win of leads won in the last 365 days."""
    first = filters.today - timedelta(364)
    took = [
        days_to_close(then)
        for _lead, then in asked(world, filters, scope)
        if then.status == "won"
        and then.closed_at
        and first <= world.day(then.closed_at) <= filters.today
    ]
    return quantile(took, MATURE)


def _is_young(cohort: list[Event], usual: Fraction, filters: Any) -> bool:
    youngest = max(event.then.created_at for event in cohort)
    return exact_days(filters.instant - youngest) <= usual


def _line(key: str | None, its: list[Event]) -> ExpectedRow:
    by_status = {
        status: [event for event in its if event.then.status == status]
        for status in (*OPEN, *CLOSED)
    }
    still_open = by_status["todo"] + by_status["standby"]
    won = by_status["won"]
    took = [days_to_close(event.then) for event in won]
    groups = {
        "created_leads": its,
        "open_leads": still_open,
        "standby_leads": by_status["standby"],
        **{f"{status}_leads": by_status[status] for status in CLOSED},
    }
    cells = {name: len(those) for name, those in groups.items()} | {
        "won_rate": (len(won), len(its)),
        "won_amount": sum((event.then.amount or Decimal(0) for event in won), Decimal(0)),
        "median_days_to_win": quantile(took, Fraction(1, 2)),
        "p75_days_to_win": quantile(took, LONG),
        "open_rate": (len(still_open), len(its)),
    }
    groups |= {"won_rate": its, "won_amount": won, "median_days_to_win": won, "open_rate": its}
    return ExpectedRow(key, cells, {name: keys_of(those) for name, those in groups.items()})


def keys_of(events: list[Any]) -> list[str]:
    return [event.lead.key for event in events]


# Cohort triangle


def triangle(world: World, filters: Any, scope: Any) -> Expected:
    """Creation month by months since: share of leads with the outcome by the end of that month."""
    created = cohort(world, filters, scope)
    this_month = _month(filters.today)
    statuses = {"closed": CLOSED}.get(filters.switch("share_of"), (filters.switch("share_of"),))
    ages = [0]
    while ages[-1] < 24 and _later(_month(filters.period.first), ages[-1] + 1) <= this_month:
        ages.append(ages[-1] + 1)

    def line(key: str | None, its: list[Event]) -> ExpectedRow:
        cells: dict[str, Any] = {"created_leads": len(its)}
        behind = {"created_leads": keys_of(its)}
        for age in ages:
            of_age = [e for e in its if _later(_month(e.day), age) <= this_month]
            closed = [
                event
                for event in of_age
                if event.then.status in statuses
                and event.then.closed_at
                and _month(world.day(event.then.closed_at)) <= _later(_month(event.day), age)
            ]
            cells[f"by_month:{age}"] = (len(closed), len(of_age))
            behind[f"by_month:{age}"] = keys_of(of_age)
        return ExpectedRow(key, cells, behind)

    rows = []
    not_over = _month(days.first_not_over(filters))
    first, last = filters.period.first, filters.period.last
    for bucket in days.buckets(first, last, "month", filters.calendar):
        rows.append(line(bucket.key, [event for event in created if event.day in bucket.days]))
        month = _month(bucket.days[0])
        rows[-1].unfinished = frozenset(
            f"by_month:{age}" for age in ages if _later(month, age) >= not_over
        )
    totals = line(None, created)
    totals.cells |= dict.fromkeys(name for name in totals.cells if name != "created_leads")
    return Expected(rows, totals)


def _month(day: date) -> Month:
    return day.year, day.month


def _later(month: Month, months: int) -> Month:
    for _ in range(months):
        month = (month[0], month[1] + 1) if month[1] < 12 else (month[0] + 1, 1)
    return month
