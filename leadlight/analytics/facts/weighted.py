"""Open leads weighted by probability: the one that was set, and the measured win rate."""

from __future__ import annotations

from fractions import Fraction

import ibis
from ibis.expr.types import Table, Value

from leadlight.analytics.facts.historical import win_rates
from leadlight.analytics.query.bound_values import bound_table
from leadlight.analytics.query.report_query import ReportQuery

# Minimum number of closed leads that had reached a step to use its win rate.
FEWEST_CLOSED = 30


def measured_rates(query: ReportQuery) -> dict[int, Fraction]:
    """Return the win rate of the leads recently closed that had reached a step, by step.

    Steps with too few of these leads are left out.
    """
    return win_rates(query.prefetched_rows("wins_by_step"), FEWEST_CLOSED)


def set_probabilities(query: ReportQuery) -> dict[int, int]:
    """Return the per cent that the company set, by step; steps without one are left out."""
    return {
        step: per_cent
        for step, _name, _pipeline, per_cent in query.prefetched_rows("steps")
        if per_cent is not None
    }


def _rates(query: ReportQuery) -> list[tuple[int, int, int]]:
    """Return the fraction of the measured win rate, else of the set probability, by step."""
    rates = {step: Fraction(each, 100) for step, each in set_probabilities(query).items()}
    rates |= measured_rates(query)
    return [(step, rate.numerator, rate.denominator) for step, rate in rates.items()]


SET = bound_table(
    "set_probabilities",
    {"set_step_id": "int64", "set": "int16"},
    lambda query: set_probabilities(query).items(),
)
RATES = bound_table(
    "win_rates", {"rate_step_id": "int64", "won": "int64", "closed": "int64"}, _rates
)


def weighed(leads: Table) -> Table:
    """Return the leads with `weight` and three weighted amounts.

    The amounts are weighted by `weight` (the lead's probability, else the step's), by the set
    probability of the step, and by its measured rate. Each lead's amount is rounded half up to the
    cent, so that a sum equals that of the drill-down. `weight` is null if neither the lead nor its
    step has a probability.
    """
    leads = leads.left_join(SET, leads.step_id == SET.set_step_id)
    leads = leads.left_join(RATES, leads.step_id == RATES.rate_step_id)
    scales = leads.mutate(
        cents=(leads.amount * 100).cast("int64"),
        per_cent=leads.probability.fill_null(leads.set),
    )
    return scales.mutate(
        weight=_money(scales.per_cent),
        weighted_amount=_part(scales.cents, scales.per_cent, ibis.literal(100)),
        set_amount=_part(scales.cents, scales.set, ibis.literal(100)),
        measured_amount=_part(scales.cents, scales.won, scales.closed),
    ).drop(
        *("step_id", "probability", "cents", "set", "per_cent", "won", "closed"),
        *("set_step_id", "rate_step_id"),
    )


def _part(cents: Value, numerator: Value, denominator: Value) -> Value:
    """Return an amount times a fraction, rounded half up, in integers that stay below 2 ** 53."""
    quotient = cents // denominator
    remainder = cents - quotient * denominator
    return _money(
        quotient * numerator + (2 * remainder * numerator + denominator) // (2 * denominator)
    )


def _money(cents: Value) -> Value:
    return (cents / 100).cast("decimal(14, 2)")
