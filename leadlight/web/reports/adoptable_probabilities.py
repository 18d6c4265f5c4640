"""Step probabilities that an admin can adopt: the measured one, or the one set before.

Shown next to the forecast's view of steps, and computed from its result.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from leadlight.accounts.models import User
from leadlight.analytics.facts.weighted import FEWEST_CLOSED
from leadlight.analytics.metrics.columns import Rate
from leadlight.analytics.reports.contract import Result
from leadlight.analytics.reports.forecast import step_probabilities as forecast_steps
from leadlight.presentation import formats
from leadlight.sales.models import PastProbability, Step


@dataclass(frozen=True)
class StepLine:
    """A step with its current probability `set` and the ones to adopt, in per cent.

    `measured` is None with too few leads; `before` is the probability that was replaced last.
    """

    key: str
    name: str
    set: int | None
    measured: int | None
    before: PastProbability | None

    @property
    def is_measured(self) -> bool:
        return self.set == self.measured

    @property
    def replaced_by(self) -> str:
        user = self.before and self.before.replaced_by
        return str(user) if user else formats.NONE


def step_lines(user: User, result: Result) -> tuple[StepLine, ...]:
    """Return a line for each step; empty for users who are not admins, and for past instants."""
    if result.report is not forecast_steps.REPORT or not user.is_admin or result.filters.as_of:
        return ()
    return tuple(_lines(result))


def _lines(result: Result) -> Iterator[StepLine]:
    steps = Step.objects.in_bulk([str(row.key) for row in result.rows], field_name="key")
    past = PastProbability.objects.filter(step__in=steps.values()).select_related("replaced_by")
    last = {before.step_id: before for before in past}
    for row in result.rows:
        if step := steps.get(str(row.key)):
            measured = whole_per_cent(cast(Rate, row.cells["measured_rate"]))
            yield StepLine(step.key, step.name, step.probability, measured, last.get(step.pk))


def whole_per_cent(rate: Rate) -> int | None:
    """Round a rate to whole per cent, halves up; None with fewer than `FEWEST_CLOSED` leads."""
    won, closed = int(rate.numerator), int(rate.denominator)
    return (200 * won + closed) // (2 * closed) if closed >= FEWEST_CLOSED else None
