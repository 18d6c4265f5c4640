"""Columns of the forecast: open leads by probability, and the gap to the goal."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from ibis.expr.types import BooleanValue, Table, Value

from leadlight.analytics.metrics import deals
from leadlight.analytics.metrics.amount_goals import GOAL_SUM, goal_column, goal_of
from leadlight.analytics.metrics.columns import (
    CENT,
    Column,
    Rate,
    Span,
    count,
    money,
)
from leadlight.analytics.metrics.evidence import Sums
from leadlight.analytics.metrics.predicates import is_any
from leadlight.analytics.query.phrases import gettext_noop
from leadlight.analytics.stats.sums import SumMoments, prediction_interval

# Columns


def has_no_probability(leads: Table) -> BooleanValue:
    return leads.weight.isnull()


def has_no_amount(leads: Table) -> BooleanValue:
    return leads.amount.isnull()


OPEN_LEADS = count(
    "open_leads",
    "open",
    is_any,
    gettext_noop("Open"),
    gettext_noop("Open leads, each on its expected close date."),
    higher_is_better=None,
    evidence=None,
)
OPEN_AMOUNT = money(
    "open_amount",
    "open",
    is_any,
    gettext_noop("Open amount"),
    gettext_noop("Total amount of the open leads, as if all of them were won."),
    higher_is_better=None,
    evidence=None,
)
WEIGHTED_AMOUNT = money(
    "weighted_amount",
    "open",
    is_any,
    gettext_noop("Weighted amount"),
    gettext_noop(
        "Each open amount × the probability of the lead, or of its step if the lead has none."
    ),
    amount="weighted_amount",
    higher_is_better=None,
    evidence=None,
)


def _variance(leads: Table) -> Value:
    """Return the variance of the amount won, if leads are won independently."""
    weight, amount = leads.weight.cast("float64"), leads.amount.cast("float64")
    return (weight * (1 - weight) * amount * amount).sum()


def _sure(leads: Table) -> Value:
    """Return the smallest possible amount won: that of the leads with a probability of 100 %."""
    return leads.amount.sum(where=leads.weight >= 1)


def _possible(leads: Table) -> Value:
    """Return the largest possible amount won: that of the leads with a probability above 0."""
    return leads.amount.sum(where=leads.weight > 0)


def _likely_range(sums: Sums, totals: Sums) -> Span | None:
    """Return the won amount + the 80 % interval of the open leads; None without open leads."""
    if not OPEN_LEADS.value(sums, totals):
        return None
    won = deals.WON_AMOUNT.value(sums, totals)
    moments = SumMoments(
        float(WEIGHTED_AMOUNT.value(sums, totals)),
        sums.get("open_variance") or 0.0,
        float(sums.get("open_sure") or 0),
        float(sums.get("open_possible") or 0),
    )
    return Span(*(won + Decimal(end).quantize(CENT) for end in prediction_interval(moments)))


LIKELY_RANGE = Column(
    "likely_range",
    "range",
    gettext_noop("Likely range (80%)"),
    gettext_noop(
        "In 8 cases out of 10, the won amount plus what the open leads bring is in "
        "this range. Each lead is assumed to be won with its own probability, or "
        "that of its step, independently of the others."
    ),
    OPEN_LEADS.facts,
    OPEN_LEADS.where,
    {
        **deals.WON_AMOUNT.aggregates,
        **OPEN_LEADS.aggregates,
        **WEIGHTED_AMOUNT.aggregates,
        "open_variance": ("open", _variance),
        "open_sure": ("open", _sure),
        "open_possible": ("open", _possible),
    },
    _likely_range,
    higher_is_better=None,
)
SET_AMOUNT = money(
    "set_amount",
    "open",
    is_any,
    gettext_noop("Weighted by step probability"),
    gettext_noop(
        "Each open amount × the probability set for its step, even if the lead has its own."
    ),
    amount="set_amount",
    higher_is_better=None,
    evidence=None,
)
MEASURED_AMOUNT = money(
    "measured_amount",
    "open",
    is_any,
    gettext_noop("Weighted by measured win rate"),
    gettext_noop(
        "Each open amount × the measured win rate of its step: the share won "
        "among the leads that had reached the step and were closed in the last "
        "365 days."
    ),
    amount="measured_amount",
    higher_is_better=None,
    evidence=None,
)
WITHOUT_PROBABILITY = count(
    "without_probability",
    "open",
    has_no_probability,
    gettext_noop("Without probability"),
    gettext_noop("Open leads without a probability, neither their own nor that of their step."),
    note=gettext_noop("Open leads without any probability, weighted as 0: %(count)s."),
)
OPEN_WITHOUT_AMOUNT = count(
    "open_without_amount",
    "open",
    has_no_amount,
    gettext_noop("Open without amount"),
    gettext_noop("Open leads without an amount. Their amount counts as 0."),
    note=gettext_noop("Open leads without an amount, counted as 0: %(count)s."),
)

# Goals


def _gap(sums: Sums, totals: Sums) -> Decimal | None:
    goal = goal_of(sums, totals)
    if goal is None:
        return None
    return max(goal - deals.WON_AMOUNT.value(sums, totals), Decimal("0.00"))


def _coverage(sums: Sums, totals: Sums) -> Rate:
    return Rate(OPEN_AMOUNT.value(sums, totals), _gap(sums, totals) or Decimal(0))


def goal_columns(goal_owner: str) -> tuple[Column, ...]:
    """Return three columns: goal of the period, gap to the goal, coverage of the gap.

    The coverage is open amount ÷ gap. `goal_owner` is "user" or "team".
    """
    goal = goal_column(goal_owner)
    gap = replace(
        goal,
        key="gap",
        title=gettext_noop("Gap"),
        definition=gettext_noop("Goal − won amount, never below 0."),
        aggregates={**GOAL_SUM, **deals.WON_AMOUNT.aggregates},
        value=_gap,
        higher_is_better=False,
    )
    coverage = Column(
        "coverage",
        "multiple",
        gettext_noop("Coverage"),
        gettext_noop("Open amount ÷ gap: how many times the open leads cover the gap."),
        OPEN_AMOUNT.facts,
        OPEN_AMOUNT.where,
        {**gap.aggregates, **OPEN_AMOUNT.aggregates},
        _coverage,
        parts=(OPEN_AMOUNT, gap),
        exclusions=OPEN_AMOUNT.exclusions,
    )
    return goal, gap, coverage
