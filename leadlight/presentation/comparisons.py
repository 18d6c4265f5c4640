"""Change of a figure from the compared period: text, direction, and better or worse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

from leadlight.analytics.metrics.columns import Column, Rate, Span
from leadlight.analytics.reports.contract import Result, Row, Value
from leadlight.analytics.stats.differences import Sample, Verdict, verdict
from leadlight.analytics.stats.survival import Estimate
from leadlight.presentation import formats

UP, DOWN = "▲", "▼"
SMALLEST_SHOWN = 0.0005  # smaller changes round to zero
# Forms of a change: percentage, the default; difference; value of the compared period.
PERCENT, DIFFERENCE, BEFORE = "percent", "difference", "before"
CHANGE_FORMS = (PERCENT, DIFFERENCE, BEFORE)
FACTOR_FROM = 9  # relative change from which a factor is shown instead of per cent
NOT_COMPARED = ("interval", "ranks", "range", "share", "estimate")


class Basis(NamedTuple):
    """Samples of the current and the compared figure, and the number of days of each."""

    now: Sample
    before: Sample
    days: int
    other_days: int

    @property
    def verdict(self) -> Verdict:
        return verdict(*self)


@dataclass(frozen=True)
class Change:
    """Change of a figure as text.

    `sense` is "better", "worse" or empty; only a statistically significant change has a `sense`.
    `text_alternative` says in words what arrow and colour show. `could_be_chance` is True if a
    test does not find the change significant or has too few cases, however large the change is.
    """

    arrow: str
    text: str
    sense: str
    text_alternative: str
    could_be_chance: bool = False


class ColumnComparison:
    """Comparison of the values of one column; translates its words once for all rows.

    Changes are percentages or, with `is_difference`, differences in the unit of the column.
    """

    def __init__(self, column: Column, *, is_difference: bool = False) -> None:
        self.column = column
        self.is_difference = is_difference
        self.is_rate = column.kind == "rate"
        self.applies = column.kind not in NOT_COMPARED
        self.signs = formats.signs()
        self.points = _("%(points)s pts")
        self.from_zero = _("from 0")
        self.from_value = _("from %(value)s")
        self.unchanged = Change("=", "", "", _("unchanged"))
        self.uncertain = {
            Verdict.CHANCE: _("could be chance"),
            Verdict.FEW: _("too few cases to judge"),
        }
        self.more, self.less = ("", _("more")), ("", _("less"))
        better, worse = ("better", _("better")), ("worse", _("worse"))
        is_reversed = column.higher_is_better is False
        self.senses = (worse, better) if is_reversed else (better, worse)
        if column.higher_is_better is None:
            self.senses = self.more, self.less

    def between(self, now: Value, before: Value, basis: Basis | None = None) -> Change | None:
        """Return the change; None if either value is missing or they have no meaningful difference.

        Without a basis no test applies, and the change is neither better nor worse.
        """
        changed = self._of(now, before)
        if changed is None or changed is self.unchanged or basis is None:
            return changed
        found = basis.verdict
        if found in self.uncertain:
            text_alternative = self.uncertain[found]
            return Change(
                f"≈{changed.arrow}", changed.text, "", text_alternative, could_be_chance=True
            )
        is_up = changed.arrow == UP
        if is_up != (found is Verdict.MORE):  # sum and daily mean moved in opposite directions
            return changed
        return Change(changed.arrow, changed.text, *self.senses[0 if is_up else 1])

    def _of(self, now: Value, before: Value) -> Change | None:
        if not self.applies:
            return None
        if not self.is_rate:
            now, before = _plain(now), _plain(before)
        if now is None or before is None:
            return None
        if self.is_difference and not isinstance(now, Rate | Span | Estimate):
            return self._difference(float(now), float(before))  # type: ignore[arg-type]
        by = relative_change(now, before)
        if by is None:
            return None if isinstance(now, Rate | Span | Estimate) else self._since_zero(float(now))
        if abs(by) < SMALLEST_SHOWN:
            return self.unchanged
        if not isinstance(now, Rate) and now * before < 0:  # type: ignore[operator]
            value = self.signs.number(before)  # type: ignore[arg-type]
            return self._changed(by, self.from_value % {"value": value})
        return self._changed(by, self._size(abs(by)))

    def _difference(self, now: float, before: float) -> Change:
        """Return the difference, with as many decimals as the figures have in tables."""
        match self.column.kind:
            case "money":
                decimals = formats.cents_at_a_glance(now, before)
            case "ratio" | "multiple":
                decimals = formats.decimals_of_ratios(now, before)
            case "days":
                decimals = 1
            case _:
                decimals = 0
        text = self.signs.number(abs(now - before), decimals)
        return self._changed(now - before, text) if text.strip("0.,") else self.unchanged

    def _since_zero(self, now: float) -> Change:
        """Return the change from 0, which has no relative size."""
        return self._changed(now, self.from_zero) if now else self.unchanged

    def _size(self, by: float) -> str:
        if self.is_rate:
            return self.points % {"points": self.signs.number(by * 100, 1)}
        if by >= FACTOR_FROM:
            return f"× {self.signs.number(by + 1)}"
        return self.signs.share(by, 0 if by >= 0.1 else 1)

    def _changed(self, by: float, text: str) -> Change:
        return Change(UP, text, *self.more) if by > 0 else Change(DOWN, text, *self.less)


def basis_of(
    result: Result, key: str, row: Row | None = None, then: Row | None = None
) -> Basis | None:
    """Return the basis of the change of a row or, without rows, of the total.

    None if no test applies.
    """
    compared = result.compared
    if compared is None or (row is None) != (then is None):
        return None
    now = (row.samples if row else result.total_samples).get(key)
    before = (then.samples if then else compared.total_samples).get(key)
    if now is None or before is None:
        return None
    return Basis(now, before, days_of(result, row), days_of(compared, then))


def days_of(result: Result, row: Row | None = None) -> int:
    """Return the number of days of a row: of its bucket within the period, or of the period.

    Future days do not count, so the number can be 0.
    """
    first, last = result.period.first, min(result.period.last, result.filters.today)
    if row is not None and row.bucket is not None:
        first, last = max(row.bucket.first, first), min(row.bucket.last, last)
    return max(0, (last - first).days + 1)


def _plain(value: Value) -> Value:
    """Return the number of a ratio, such as 10.2 calls for each sale; other values unchanged."""
    return value.value if isinstance(value, Rate) else value


def relative_change(now: Value, before: Value) -> float | None:
    """Return the change of a figure as a fraction of its earlier size; for rates, the difference.

    None if a value is missing, is a span or an estimate, or if `before` is the number 0.
    """
    if isinstance(now, Rate) and isinstance(before, Rate):
        known = now.value is not None and before.value is not None
        return now.value - before.value if known else None  # type: ignore[operator]
    not_numbers = (Rate, Span, Estimate)
    if now is None or before is None:
        return None
    if isinstance(now, not_numbers) or isinstance(before, not_numbers):
        return None
    return float(now - before) / abs(float(before)) if before else None  # type: ignore[operator]
