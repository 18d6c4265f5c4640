"""Columns of goals: target, progress, pace, and the activities needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from math import ceil
from typing import Any

from ibis.expr.types import BooleanValue, Table, Value

from leadlight.analytics.metrics import deals
from leadlight.analytics.metrics.activities import ACTIVITIES
from leadlight.analytics.metrics.columns import (
    CENT,
    Column,
    Rate,
)
from leadlight.analytics.metrics.evidence import Aggregate, Sums
from leadlight.analytics.query.periods import Unit
from leadlight.analytics.query.phrases import Phrase, gettext_noop


@dataclass(frozen=True)
class GoalKind:
    """Kind of goal: measure, type of activity (None for any type), and unit of time."""

    measure: str  # activities, won_leads, won_amount
    type_id: int | None
    type_key: str | None
    type_name: str | None
    unit: Unit

    @property
    def key(self) -> str:
        return ":".join(part for part in (self.measure, self.type_key, self.unit) if part)

    @property
    def facts(self) -> str:
        """Name of the facts that count towards the goal."""
        of = "activities" if self.measure == "activities" else "closed"
        return f"{of}_{self.unit}"

    @property
    def flag(self) -> str:
        """Name of the boolean column that marks the facts and the goals of this kind."""
        return f"for:{self.key}"

    @property
    def names(self) -> Mapping[str, str | Phrase]:
        what = self.type_name or Phrase(WORDS[self.measure])
        return {"what": what, "unit": Phrase(WORDS[self.unit])}


def sort_goal_kinds(kinds: Iterable[GoalKind]) -> list[GoalKind]:
    """Sort kinds by measure, type and key: month before quarter before year."""
    order = list(WORDS)
    return sorted(
        kinds, key=lambda kind: (order.index(kind.measure), kind.type_name or "", kind.key)
    )


@dataclass(frozen=True, eq=False)
class _Progress:
    """Figures of the goals of one kind, from the sums of a row.

    `days` is the number of days of the goals' month, quarter or year; `elapsed` is the number of
    these days that are over, including the last day shown.
    """

    kind: GoalKind
    elapsed: int
    days: int

    @property
    def is_money(self) -> bool:
        return self.kind.measure == "won_amount"

    # Sums

    def counts(self, facts: Table) -> BooleanValue:
        """Return whether the user or team of a fact has a goal of this kind to which it counts."""
        return facts[self.kind.flag]

    @property
    def target_sum(self) -> dict[str, tuple[str, Aggregate]]:
        def total(goals: Table) -> Value:
            return goals.target.sum(where=goals[self.kind.flag])

        return {f"target_of:{self.kind.key}": ("goals", total)}

    @property
    def done_sum(self) -> dict[str, tuple[str, Aggregate]]:
        def total(facts: Table) -> Value:
            where = self.counts(facts)
            return facts.amount.sum(where=where) if self.is_money else facts.count(where=where)

        return {f"done:{self.kind.key}": (self.kind.facts, total)}

    # Figures

    def target(self, sums: Sums, totals: Sums) -> int | Decimal | None:
        value = sums.get(f"target_of:{self.kind.key}")
        return value if value is None or self.is_money else round(value)

    def done(self, sums: Sums, totals: Sums) -> int | Decimal | None:
        """Return the count or amount reached; None if the row has no goal of this kind."""
        if self.target(sums, totals) is None:
            return None
        return sums.get(f"done:{self.kind.key}") or (Decimal("0.00") if self.is_money else 0)

    def achieved(self, sums: Sums, totals: Sums) -> Rate:
        done, target = self.done(sums, totals), self.target(sums, totals)
        return Rate(0 if done is None else done, 0 if target is None else target)

    def pace(self, sums: Sums, totals: Sums) -> int | Decimal | None:
        done = self.done(sums, totals)
        if done is None:
            return None
        end = Decimal(done) * self.days / self.elapsed
        return end.quantize(CENT, ROUND_HALF_EVEN) if self.is_money else round(end)

    def needed(self, sums: Sums, totals: Sums) -> int | None:
        """Return the activities needed: target ÷ average deal size × activities per won lead.

        This equals target × activities ÷ won amount, rounded up. None without a target, without
        activities or without a won amount.
        """
        target = self.target(sums, totals)
        done, won = ACTIVITIES.value(sums, totals), deals.WON_AMOUNT.value(sums, totals)
        if target is None or not done or not won:
            return None
        return ceil(Fraction(target) * done / Fraction(won))

    # Columns

    def column(self, key: str, title: str, text: str, **more: Any) -> Column:
        """Return a column whose drill-down lists the facts that count towards these goals."""
        settings = {
            "kind": "money" if self.is_money else "count",
            "facts": self.kind.facts,
            "where": self.counts,
            "aggregates": self.target_sum | self.done_sum,
            "unit_override": "activities" if self.kind.measure == "activities" else "",
            "names": self.kind.names,
        }
        return Column(f"{key}:{self.kind.key}", title=title, definition=text, **(settings | more))


def figures_of(kind: GoalKind, elapsed: int, days: int) -> Iterator[Column]:
    """Return the columns of one kind of goal when `elapsed` of the `days` of its unit are over."""
    progress = _Progress(kind, elapsed, days)
    target = progress.column(
        "target",
        gettext_noop("Goal: %(what)s (%(unit)s)"),
        gettext_noop("Target for the whole %(unit)s."),
        value=progress.target,
        aggregates=progress.target_sum,
        higher_is_better=None,
    )
    done = progress.column(
        "done",
        gettext_noop("Done: %(what)s (%(unit)s)"),
        gettext_noop("Progress since the start of the %(unit)s."),
        value=progress.done,
    )
    yield from (target, done)
    yield progress.column(
        "achieved_rate",
        gettext_noop("Achieved: %(what)s (%(unit)s)"),
        gettext_noop("Progress ÷ goal."),
        value=progress.achieved,
        kind="rate",
        parts=(done, target),
    )
    yield progress.column(
        "pace",
        gettext_noop("Pace: %(what)s (%(unit)s)"),
        gettext_noop("Expected at the end of the %(unit)s, at the current pace."),
        value=progress.pace,
    )
    if progress.is_money:
        yield _needed(progress)


def _needed(progress: _Progress) -> Column:
    return progress.column(
        "needed",
        gettext_noop("Activities needed (%(unit)s)"),
        gettext_noop("Goal ÷ average deal size × activities per won lead."),
        value=progress.needed,
        kind="count",
        facts=ACTIVITIES.facts,
        where=ACTIVITIES.where,
        aggregates={**progress.target_sum, **ACTIVITIES.aggregates, **deals.WON_AMOUNT.aggregates},
        unit_override="activities",
        higher_is_better=None,
    )


# Titles of the measures, in the order of their columns, and names of the units of time.
WORDS = {
    "activities": gettext_noop("Activities"),
    "won_leads": gettext_noop("Won leads"),
    "won_amount": gettext_noop("Won amount"),
    "month": gettext_noop("month"),
    "quarter": gettext_noop("quarter"),
    "year": gettext_noop("year"),
}
