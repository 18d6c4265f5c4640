"""Step probabilities that an admin can adopt: the measured one, or the one set before.

Shown next to the forecast's view of steps, and computed from its result. Beside each measured
probability is its effect on the weighted forecast of all open leads of the pipeline.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import cast
from urllib.parse import parse_qs

from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.analytics.facts import weighted
from leadlight.analytics.metrics.columns import Rate
from leadlight.analytics.query.lead_filter import EVERY_LEAD
from leadlight.analytics.reports.contract import Result
from leadlight.analytics.reports.forecast import step_probabilities as forecast_steps
from leadlight.presentation import formats, values
from leadlight.reporting.reader import report_reader
from leadlight.sales.models import PastProbability, Step


@dataclass(frozen=True)
class StepLine:
    """A step with its current probability `set` and the ones to adopt, in per cent.

    `measured` is None with too few leads; `before` is the probability that was replaced last.
    `effect` says how the forecast changes if the measured one is adopted.
    """

    key: str
    name: str
    set: int | None
    measured: int | None
    before: PastProbability | None
    effect: str

    @property
    def is_measured(self) -> bool:
        return self.set == self.measured

    @property
    def is_to_adopt(self) -> bool:
        return self.measured is not None and not self.is_measured

    @property
    def replaced_by(self) -> str:
        user = self.before and self.before.replaced_by
        return str(user) if user else formats.NONE


@dataclass(frozen=True)
class Adoptable:
    """Lines of the steps, and the effect of adopting all measured probabilities, or ""."""

    lines: tuple[StepLine, ...]
    effect: str = ""


def adoptable(user: User, result: Result) -> Adoptable:
    """Return a line for each step; empty for users who are not admins, and for past instants."""
    if result.report is not forecast_steps.REPORT or not user.is_admin or result.filters.as_of:
        return Adoptable(())
    whole = _whole_pipeline(user, result)
    lines = tuple(_lines(whole))
    now, then = (cast(Decimal, whole.totals[key]) for key in AMOUNTS)
    several = sum(line.is_to_adopt for line in lines) > 1
    return Adoptable(lines, effect(now, then) if several else "")


AMOUNTS = ("weighted_amount", "weighted_if_adopted")


def _whole_pipeline(user: User, result: Result) -> Result:
    """Return the result with no filter but the pipeline: a probability applies to all its leads."""
    filters = result.filters
    kept = EVERY_LEAD.with_keys("pipeline", filters.keys("pipeline"))
    if kept == filters.lead_filter:
        return result
    params = parse_qs(replace(filters, lead_filter=kept).to_query())
    return report_reader(user).run(result.report, params)


def _lines(result: Result) -> Iterator[StepLine]:
    steps = Step.objects.in_bulk([str(row.key) for row in result.rows], field_name="key")
    past = PastProbability.objects.filter(step__in=steps.values()).select_related("replaced_by")
    last = {before.step_id: before for before in past}
    total = cast(Decimal, result.totals["weighted_amount"])
    for row in result.rows:
        if step := steps.get(str(row.key)):
            measured = whole_per_cent(cast(Rate, row.cells["measured_rate"]))
            now, then = (cast(Decimal, row.cells[key]) for key in AMOUNTS)
            yield StepLine(
                step.key,
                step.name,
                step.probability,
                measured,
                last.get(step.pk),
                effect(total, total + then - now),
            )


def effect(now: Decimal, then: Decimal) -> str:
    """Return a sentence about the weighted forecast now and with other probabilities."""
    said = {"now": values.glance("money", now), "then": values.glance("money", then)}
    if then == now:
        return _("Weighted forecast of open leads: stays at %(now)s") % said
    sign = "+" if then > now else formats.MINUS
    said["by"] = sign + values.glance("money", abs(then - now))
    if not now:
        return _("Weighted forecast of open leads: %(now)s → %(then)s (%(by)s)") % said
    said["share"] = sign + formats.percent(float(abs(then - now) / now), 1)
    return _("Weighted forecast of open leads: %(now)s → %(then)s (%(by)s, %(share)s)") % said


def whole_per_cent(rate: Rate) -> int | None:
    """Round a rate to whole per cent, halves up; None with fewer than `FEWEST_CLOSED` leads."""
    won, closed = int(rate.numerator), int(rate.denominator)
    return (
        weighted.whole_per_cent(Fraction(won, closed)) if closed >= weighted.FEWEST_CLOSED else None
    )
