"""Confidence intervals and tests of changes in plain words, with the name of the method."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leadlight.analytics.insight.intervals import ConfidenceInterval, rate_interval
from leadlight.analytics.metrics.columns import Column, Rate
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.phrases import gettext_noop
from leadlight.analytics.reports.contract import Report, Value
from leadlight.analytics.reports.leads.curves import HOW
from leadlight.analytics.stats.differences import (
    Count,
    Mean,
    Proportion,
    Quantile,
    Sample,
    Total,
)
from leadlight.analytics.stats.proportions import MIN_CASES
from leadlight.analytics.stats.survival import Estimate
from leadlight.presentation import formats


@dataclass(frozen=True)
class Uncertainty:
    """Uncertainty of a figure: `words` for everyone, `method` for statisticians."""

    words: str
    method: str


def rate_uncertainty(rate: Rate) -> Uncertainty | None:
    """Return the uncertainty of a proportion; None without cases."""
    return uncertainty_of(rate_interval(rate))


def uncertainty_of(interval: ConfidenceInterval | None) -> Uncertainty | None:
    """Return the uncertainty of a proportion or median; None without an interval."""
    if interval is None:
        return None
    return _of_median(interval) if interval.successes is None else _of_rate(interval)


def estimate_uncertainty(value: Value) -> Uncertainty | None:
    """Return the uncertainty of a survival estimate; None for other figures and without a band."""
    if not isinstance(value, Estimate) or value.low is None or value.high is None:
        return None
    words = _("Chance alone could move the share between %(low)s and %(high)s.")
    ends = _ends(formats.percent(value.low), formats.percent(value.high))
    return Uncertainty(words % ends, _(HOW))


TESTS: dict[type[Sample], str] = {
    Count: gettext_noop(
        "Exact test of two Poisson counts, given their sum (Przyborowski and Wilenski 1940), with "
        "the lengths of both periods."
    ),
    Proportion: gettext_noop(
        "Newcombe's interval of the difference of two rates (1998), with continuity correction."
    ),
    Total: gettext_noop(
        "Compound Poisson sums: the difference of the amounts, by day, is compared with the square "
        "root of the sum of their squares."
    ),
    Mean: gettext_noop(
        "The difference of the means is compared with its standard error, from the values of both "
        "periods (Pitman 1937)."
    ),
    Quantile: gettext_noop(
        "Confidence intervals of both medians by order statistics (Conover 1999), "
        "combined into the interval of their difference (Zou and Donner 2008)."
    ),
}


def change_test(report: Report, column: Column, filters: Filters) -> Uncertainty | None:
    """Return the test of a column's changes in words; None if nothing is compared."""
    if filters.compare is None:
        return None
    if column.evidence is None or not report.tests_changes(filters):
        return Uncertainty(_("No test applies to this figure. Its changes are never coloured."), "")
    return Uncertainty(
        _(
            "A change is coloured only if chance alone would cause it less than once "
            "in 20 times, and if each period has at least 10 cases."
        ),
        _(TESTS[column.evidence.kind]),
    )


def _of_rate(interval: ConfidenceInterval) -> Uncertainty:
    ends = (interval.low or 0.0, interval.high or 0.0)
    values = {
        "part": formats.number(interval.successes),
        "whole": formats.number(interval.cases),
        **_ends(*(formats.percent(end, 0) for end in ends)),
    }
    few = _(
        "%(part)s of %(whole)s: too few cases to judge. Chance alone could move "
        "the rate between %(low)s and %(high)s."
    )
    enough = _(
        "With %(part)s of %(whole)s, chance alone could move the rate between %(low)s and %(high)s."
    )
    method = _("Wilson score interval at 95%%, from %(low)s to %(high)s.")
    return Uncertainty(
        (few if interval.cases < MIN_CASES else enough) % values,
        method % _ends(*(formats.percent(end, 1) for end in ends)),
    )


def _of_median(interval: ConfidenceInterval) -> Uncertainty:
    values = {"cases": formats.number(interval.cases)}
    if interval.ranks is None:
        return Uncertainty(
            ngettext(
                "%(cases)s duration: too few to judge.",
                "%(cases)s durations: too few to judge.",
                interval.cases,
            )
            % values,
            _("With fewer than 6 values, a median has no confidence interval."),
        )
    values |= _ends(formats.days(interval.low), formats.days(interval.high))
    few = _(
        "%(cases)s durations: too few to judge. Chance alone could move the "
        "median between %(low)s and %(high)s."
    )
    enough = _(
        "With %(cases)s durations, chance alone could move the median between %(low)s and %(high)s."
    )
    method = _(
        "Order statistics: the interval from the value number %(low)s to number "
        "%(high)s contains the true median at least 95 times in 100, whatever "
        "the distribution."
    )
    return Uncertainty(
        (few if interval.cases < MIN_CASES else enough) % values,
        method % _ends(*map(formats.number, interval.ranks)),
    )


def _ends(low: str, high: str) -> dict[str, str]:
    return {"low": low, "high": high}
