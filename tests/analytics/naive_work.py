"""Naive oracle of the work lists, judging one open lead at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.analytics.agreeing import Expected, ExpectedRow
from tests.analytics.naive_facts import Stay, is_credited, stay_of
from tests.analytics.naive_leads import (
    LONG,
    OPEN,
    asked,
    days_to_close,
    exact_days,
    keys_of,
    quantile,
)
from tests.analytics.naive_rows import lines
from tests.analytics.naive_step_history import closed_of_late, places, visits
from tests.analytics.world import Lead, State, World, may_see, state

FEWEST = 10
LISTS = {"slow": "slow_leads", "stuck": "stuck_leads", "speed_up": "leads_to_speed_up"}


def work(world: World, filters: Any, scope: Any) -> Expected:
    """Return the work lists.

    Each open lead is judged for each list: True, False, or None with too few leads to compare with.
    """
    past = _Past(world, filters, scope)
    waiting = [
        (stay, past.judged(lead, then))
        for lead, then in asked(world, filters, scope)
        if then.status in OPEN
        for stay in [stay_of(world, filters, lead, then)]
        if is_credited(world, filters, stay)
    ]

    def line(key: str | None, its: list[tuple[Stay, dict[str, bool | None]]]) -> ExpectedRow:
        cells: dict[str, Any] = {"open_leads": len(its)}
        behind = {"open_leads": keys_of([stay for stay, _ in its])}
        for name, column in LISTS.items():
            found = [stay for stay, judged in its if judged[name]]
            cells[column] = len(found)
            money = column.replace("leads", "amount")
            cells[money] = sum((stay.then.amount or Decimal(0) for stay in found), Decimal(0))
            behind[column] = behind[money] = keys_of(found)
        return ExpectedRow(key, cells, behind)

    grouping = filters.group_by or "user"
    rows = [
        line(key, [one for one in waiting if has(one[0])])
        for key, _name, has in lines(
            world, grouping, filters, scope, [], [stay for stay, _ in waiting]
        )
    ]
    unknown = {
        f"{name}_unknown": sum(judged[name] is None for _, judged in waiting) for name in LISTS
    }
    noted = {code: count for code, count in unknown.items() if count}
    return Expected(rows, line(None, waiting), noted)


class _Past:
    """Days to win, days in step and win rates of the leads within scope."""

    def __init__(self, world: World, filters: Any, scope: Any) -> None:
        self.world = world
        self.filters = filters
        self.days_to_win: dict[int, list[Fraction]] = {}
        self.days_in_step: dict[int, list[Fraction]] = {}
        for lead in world.leads:
            then = state(lead, filters.as_of)
            if then and may_see(scope, lead):
                if then.status == "won":
                    self.days_to_win.setdefault(then.pipeline_id, []).append(days_to_close(then))
                for step_id, days in self.stays_over(lead, then):
                    self.days_in_step.setdefault(step_id, []).append(days)
        self.won_of_closed = closed_of_late(world, filters, scope)

    def stays_over(self, lead: Lead, then: State) -> Iterator[tuple[int, Fraction]]:
        """Yield step id and days of each ended stay, except stays that began after the closing."""
        for visit in visits(self.world, lead, self.filters.as_of):
            until = visit.until or then.closed_at
            if until and not (then.closed_at and visit.since > then.closed_at):
                yield visit.step.id, exact_days(until - visit.since)

    def judged(self, lead: Lead, then: State) -> dict[str, bool | None]:
        here = visits(self.world, lead, self.filters.as_of)[-1]
        return {
            "slow": self.is_longer(then.created_at, self.days_to_win.get(then.pipeline_id, [])),
            "stuck": self.is_longer(here.since, self.days_in_step.get(then.step_id, [])),
            "speed_up": self.is_to_speed_up(lead, then),
        }

    def is_longer(self, since: Any, usual: list[Fraction]) -> bool | None:
        """Return whether more local days passed since then than the 75th percentile, or None."""
        if len(usual) < FEWEST:
            return None
        long = quantile(usual, LONG)
        assert long is not None
        return (self.filters.today - self.world.day(since)).days > long

    def is_to_speed_up(self, lead: Lead, then: State) -> bool | None:
        steps = places(self.world, then.pipeline_id, self.filters.as_of)
        known = {
            step.id: Fraction(sum(won), len(won))
            for step in steps
            if len(won := self.won_of_closed.get(step.id, [])) >= FEWEST
        }
        if not known:
            return None
        likely = [step.id for step in steps if known.get(step.id, 0) >= Fraction(1, 2)]
        order = [step.id for step in steps]
        if not likely or order.index(then.step_id) < order.index(likely[0]):
            return False
        touched = [self.world.day(then.created_at)] + [
            self.world.day(activity.occurred_at)
            for activity in self.world.activities
            if self.filters.as_of is None or activity.recorded_at <= self.filters.as_of
            if activity.lead_id == lead.id
            or (lead.prospect_id and activity.prospect_id == lead.prospect_id)
        ]
        return max(touched) <= self.filters.today - timedelta(14)
