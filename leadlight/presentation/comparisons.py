"""Change of a figure from the compared period: text, direction, and better or worse."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

from leadlight.analytics.metrics.columns import Column, Rate, Span
from leadlight.analytics.reports.contract import Result, Row, Value
from leadlight.analytics.stats.proportions import counts_could_be_equal, rates_could_be_equal
from leadlight.analytics.stats.survival import Estimate
from leadlight.presentation import formats

INVISIBLE = 0.0005  # smaller changes round to zero
MANIFOLD = 9  # relative change from which a factor is shown instead of per cent
WORKED_OUT = ("interval", "ranks", "share", "estimate")
EQUAL_DAYS = (1, 1)

Days = tuple[int, int]


@dataclass(frozen=True)
class Change:
    """Change of a figure as text.

    `sense` is "better", "worse" or empty; `word` is its text alternative. A change that is not
    statistically significant has `could_be_chance`, and an empty `sense` however large it is.
    """

    arrow: str
    text: str
    sense: str
    word: str
    could_be_chance: bool = False


class ColumnComparison:
    """Comparison of the values of one column; looks up words once for all rows."""

    def __init__(self, column: Column) -> None:
        self.column = column
        self.is_rate = column.kind == "rate"
        self.applies = column.kind not in WORKED_OUT
        self.signs = formats.signs()
        self.points = _("%(points)s pts")
        self.from_nothing = _("from 0")
        self.unchanged = Change("=", "", "", _("unchanged"))
        self.chance = _("could be chance")
        better, worse = ("better", _("better")), ("worse", _("worse"))
        if column.higher_is_better is None:
            better, worse = ("", _("more")), ("", _("less"))
        is_reversed = column.higher_is_better is False
        self.up, self.down = (worse, better) if is_reversed else (better, worse)

    def between(self, now: Value, before: Value, days: Days = EQUAL_DAYS) -> Change | None:
        """Return the change; None if either value is missing or they have no meaningful difference.

        `days` are the numbers of days in which the current and the compared value were counted.
        """
        changed = self._of(now, before)
        if changed is None or changed is self.unchanged:
            return changed
        if not could_be_chance(self.column, now, before, days):
            return changed
        return Change(f"≈{changed.arrow}", changed.text, "", self.chance, could_be_chance=True)

    def _of(self, now: Value, before: Value) -> Change | None:
        if not self.applies:
            return None
        if not self.is_rate:
            now, before = _plain(now), _plain(before)
        if now is None or before is None:
            return None
        by = relative_change(now, before)
        if by is None:
            return (
                None if isinstance(now, Rate | Span | Estimate) else self._since_nothing(float(now))
            )
        if abs(by) < INVISIBLE:
            return self.unchanged
        return self._changed(by, self._size(abs(by)))

    def _since_nothing(self, now: float) -> Change:
        """Return the change from 0, which has no relative size."""
        return self._changed(now, self.from_nothing) if now else self.unchanged

    def _size(self, by: float) -> str:
        if self.is_rate:
            return self.points % {"points": self.signs.number(by * 100, 1)}
        if by >= MANIFOLD:
            return f"× {self.signs.number(by + 1)}"
        return self.signs.share(by, 0 if by >= 0.1 else 1)

    def _changed(self, by: float, text: str) -> Change:
        if by > 0:
            return Change("▲", text, *self.up)
        return Change("▼", text, *self.down)


def could_be_chance(column: Column, now: Value, before: Value, days: Days) -> bool:
    """Return whether the difference of two proportions, or of two counts of events, is compatible
    with chance.

    Always False for amounts, durations, ratios and stocks, to which these tests do not apply.
    """
    if isinstance(now, Rate) and isinstance(before, Rate) and column.is_proportion:
        return _rates(
            int(now.numerator), int(now.denominator), int(before.numerator), int(before.denominator)
        )
    if column.kind == "count" and isinstance(now, int) and isinstance(before, int):
        return not column.is_stock and _counts(now, before, *days)
    return False


@lru_cache(maxsize=4096)
def _rates(won: int, cases: int, won_before: int, cases_before: int) -> bool:
    return rates_could_be_equal((won, cases), (won_before, cases_before))


_counts = lru_cache(maxsize=4096)(counts_could_be_equal)


def days_of(result: Result, row: Row | None = None) -> int:
    """Return the number of days of a row: of its bucket within the period, or of the period."""
    period = result.period
    if row is None or row.bucket is None:
        return period.days
    first, last = max(row.bucket.first, period.first), min(row.bucket.last, period.last)
    return (last - first).days + 1


def _plain(value: Value) -> Value:
    """Return the number of a ratio, such as 10.2 calls for each sale; other values unchanged."""
    return value.value if isinstance(value, Rate) else value


def relative_change(now: Value, before: Value) -> float | None:
    """Return the relative change of a figure; for rates, the difference of the two.

    None if a value is missing, has no difference, or `before` is 0.
    """
    if isinstance(now, Rate) and isinstance(before, Rate):
        known = now.value is not None and before.value is not None
        return now.value - before.value if known else None  # type: ignore[operator]
    parted = (Rate, Span, Estimate)
    if now is None or before is None or isinstance(now, parted) or isinstance(before, parted):
        return None
    return float(now - before) / float(before) if before else None  # type: ignore[operator]
