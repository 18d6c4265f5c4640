"""Outcomes of closed leads: the condition, title and direction of each, and the win rate.

Reports count the outcomes of different leads: those closed in a period, those created in it, those
that came from a prospect. They share these declarations and add their own definitions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from leadlight.analytics.metrics.columns import Column, Predicate, count, rate
from leadlight.analytics.metrics.predicates import (
    is_any,
    is_cancelled,
    is_decided,
    is_lost,
    is_unsuccessful,
    is_won,
)
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.phrases import gettext_noop
from leadlight.analytics.star.schema import CLOSED_STATUSES


@dataclass(frozen=True)
class Outcome:
    """An outcome of closed leads, or a set of outcomes.

    `where` selects the closed leads with the outcome. `higher_is_better` is None if a higher count
    is neither better nor worse.
    """

    key: str
    statuses: tuple[str, ...]
    title: str
    where: Predicate
    higher_is_better: bool | None


WON = Outcome("won", ("won",), gettext_noop("Won"), is_won, True)
LOST = Outcome("lost", ("lost",), gettext_noop("Lost"), is_lost, False)
CANCELLED = Outcome("cancelled", ("cancelled",), gettext_noop("Cancelled"), is_cancelled, False)
CLOSED = Outcome("closed", CLOSED_STATUSES, gettext_noop("Closed"), is_any, None)
DECIDED = Outcome("decided", ("won", "lost"), gettext_noop("Won or lost"), is_decided, None)
UNSUCCESSFUL = Outcome(
    "lost",
    ("lost", "cancelled"),
    gettext_noop("Lost or cancelled"),
    is_unsuccessful,
    False,
)


def leads_with(outcome: Outcome, facts: str, definition: str, **more: Any) -> Column:
    """Return the column that counts the facts with an outcome, `won_leads` for example."""
    return count(
        f"{outcome.key}_leads",
        facts,
        outcome.where,
        outcome.title,
        definition,
        **({"higher_is_better": outcome.higher_is_better} | more),
    )


WIN_RATE = gettext_noop("Win rate")
OF_CLOSED = gettext_noop("Won leads ÷ closed leads. A cancelled lead counts as not won.")
OF_DECIDED = gettext_noop("Won leads ÷ leads won or lost. Cancelled leads are left out.")
LEFT_OUT = gettext_noop("Cancelled leads, left out: %(count)s.")


@dataclass(frozen=True)
class WinRate:
    """The win rate under both settings of the switch “leave cancelled out”.

    `of_closed` divides by all closed leads, `of_decided` by those won or lost.
    """

    of_closed: Column
    of_decided: Column

    def chosen(self, filters: Filters) -> Column:
        return self.of_decided if filters.leaves_cancelled_out else self.of_closed


def win_rate(
    won: Column,
    closed: Column,
    decided: Column,
    *,
    key: str = "win_rate",
    title: str = WIN_RATE,
    definitions: tuple[str, str] = (OF_CLOSED, OF_DECIDED),
    exclusions: tuple[Column, ...] = (),
) -> WinRate:
    """Return both win rates of these counts; only the rate of decided leads has `exclusions`."""
    return WinRate(
        rate(key, won, closed, title, definitions[0]),
        rate(key, won, decided, title, definitions[1], exclusions=exclusions),
    )
