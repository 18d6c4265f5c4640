"""Open leads weighted by the probability set by the company, and by the measured win rate."""

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
    """Return, by step, the win rate of the recently closed leads that had reached the step.

    Steps with fewer than `FEWEST_CLOSED` such leads are left out.
    """
    return win_rates(query.prefetched_rows("wins_by_step"), FEWEST_CLOSED)


def set_probabilities(query: ReportQuery) -> dict[int, int]:
    """Return, by step, the set probability in per cent; steps without one are left out."""
    return {
        step: per_cent
        for step, _name, _pipeline, per_cent in query.prefetched_rows("steps")
        if per_cent is not None
    }


def adoptable_probabilities(query: ReportQuery) -> dict[int, int]:
    """Return the measured win rate of each step as the probability to adopt, in per cent."""
    return {step: whole_per_cent(rate) for step, rate in measured_rates(query).items()}


def whole_per_cent(rate: Fraction) -> int:
    """Round a rate to whole per cent, halves up."""
    return (200 * rate.numerator + rate.denominator) // (2 * rate.denominator)


def _rates(query: ReportQuery) -> list[tuple[int, int, int]]:
    """Return step, numerator and denominator of each measured win rate, or else set probability."""
    rates = {step: Fraction(each, 100) for step, each in set_probabilities(query).items()}
    rates |= measured_rates(query)
    return [(step, rate.numerator, rate.denominator) for step, rate in rates.items()]


SET_PROBABILITIES = bound_table(
    "set_probabilities",
    {"set_step_id": "int64", "set": "int16"},
    lambda query: set_probabilities(query).items(),
)
RATES = bound_table(
    "win_rates", {"rate_step_id": "int64", "won": "int64", "closed": "int64"}, _rates
)

ADOPTABLE = bound_table(
    "adoptable_probabilities",
    {"adopting_step_id": "int64", "adoptable": "int16"},
    lambda query: adoptable_probabilities(query).items(),
)


def with_adoptable_amounts(leads: Table, steps: Table) -> Table:
    """Return the leads with two weighted amounts: by set and by adoptable probabilities.

    `weighted_amount` is that of `with_weighted_amounts`; `weighted_if_adopted` is what it would be
    if the company adopted the measured win rates of the steps. In both, the lead's own probability
    comes first.
    """
    steps = steps.select(its_step_id="step_id", set=steps.step_probability)
    leads = leads.left_join(steps, leads.step_id == steps.its_step_id)
    leads = leads.left_join(ADOPTABLE, leads.step_id == ADOPTABLE.adopting_step_id)
    cents = (leads.amount * 100).cast("int64")
    by_set = leads.probability.fill_null(leads.set)
    by_measured = leads.probability.fill_null(leads.adoptable.fill_null(leads.set))
    hundred = ibis.literal(100)
    return leads.mutate(
        weighted_amount=_part(cents, by_set, hundred),
        weighted_if_adopted=_part(cents, by_measured, hundred),
    ).drop("probability", "its_step_id", "set", "adopting_step_id", "adoptable")


def with_weighted_amounts(leads: Table) -> Table:
    """Return the leads with `weight` and three weighted amounts.

    The amounts are weighted by `weight` (the lead's probability, else the step's; 0 to 1), by the
    set probability of the step, and by its measured win rate (else its set probability). Each
    lead's amount is rounded half up to the cent, so that a sum equals that of the drill-down.
    `weight` is null if neither the lead nor its step has a probability.
    """
    leads = leads.left_join(SET_PROBABILITIES, leads.step_id == SET_PROBABILITIES.set_step_id)
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
