"""Columns of goals for the won amount: the goal of the period, and the won amount ÷ goal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from ibis.expr.types import Table, Value

from leadlight.analytics.metrics import deals
from leadlight.analytics.metrics.columns import Column, Rate
from leadlight.analytics.metrics.evidence import Aggregate, Sums
from leadlight.analytics.query.phrases import gettext_noop


def goal_of(sums: Sums, totals: Sums) -> Decimal | None:
    """Return the goal of a row as an amount with two decimals; None if there is none."""
    cents = sums.get("goal_cents")
    return Decimal(int(cents)).scaleb(-2) if cents else None


def _cents(goals: Table) -> Value:
    return goals.cents.sum()


GOAL_SUM: Mapping[str, tuple[str, Aggregate]] = {"goal_cents": ("goals", _cents)}
GOAL_OF = {
    "user": gettext_noop(
        "Sum of the users' goals for won amounts, each spread evenly over its days."
    ),
    "team": gettext_noop(
        "Sum of the teams' goals for won amounts, each spread evenly over its days."
    ),
}


def goal_column(goal_owner: str) -> Column:
    """Return the column of the goal of the period; `goal_owner` is "user" or "team"."""
    return Column(
        "goal",
        "money",
        gettext_noop("Goal"),
        GOAL_OF[goal_owner],
        deals.WON_AMOUNT.facts,
        deals.WON_AMOUNT.where,
        GOAL_SUM,
        goal_of,
        higher_is_better=None,
    )


def reached_column(goal: Column) -> Column:
    """Return the column of won amount ÷ goal."""
    return replace(
        goal,
        key="goal_reached_rate",
        kind="rate",
        title=gettext_noop("Goal reached"),
        definition=gettext_noop("Won amount ÷ goal of the period."),
        aggregates={**GOAL_SUM, **deals.WON_AMOUNT.aggregates},
        value=_reached,
        higher_is_better=True,
        parts=(deals.WON_AMOUNT, goal),
    )


def _reached(sums: Sums, totals: Sums) -> Rate:
    return Rate(deals.WON_AMOUNT.value(sums, totals), goal_of(sums, totals) or Decimal(0))
