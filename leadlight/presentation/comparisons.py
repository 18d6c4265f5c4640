"""How a figure differs from the compared period's, in words and a sense."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

from leadlight.analytics.metrics.columns import Column, Rate, Span
from leadlight.analytics.reports.contract import Result, Row, Value
from leadlight.analytics.stats.proportions import counts_could_be_equal, rates_could_be_equal
from leadlight.analytics.stats.survival import Estimate
from leadlight.presentation import formats

INVISIBLE = 0.0005  # less than what is written of a change
MANIFOLD = 9  # from ten times on, per cent are hard to read
WORKED_OUT = ("interval", "ranks", "share", "estimate")
EQUAL_DAYS = (1, 1)

Days = tuple[int, int]


@dataclass(frozen=True)
class Change:
    """`sense` is better, worse or neither; `word` says it for those who do not see colours.

    One that `could_be_chance` is neither, however large: so few cases differ so much by themselves.
    """

    arrow: str
    text: str
    sense: str
    word: str
    could_be_chance: bool = False


class ColumnComparison:
    """The changes of one column. Its words are looked up once, not for every row."""

    def __init__(self, column: Column) -> None:
        self.column = column
        self.is_rate = column.kind == "rate"
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
        """None where one of the two has no value, or no plain difference.

        `days` are those of now and of before, which the counts are of.
        """
        changed = self._of(now, before)
        if changed is None or changed is self.unchanged:
            return changed
        if not could_be_chance(self.column, now, before, days):
            return changed
        return Change(f"≈{changed.arrow}", changed.text, "", self.chance, could_be_chance=True)

    def _of(self, now: Value, before: Value) -> Change | None:
        if self.column.kind in WORKED_OUT:
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
        """A change has no size where there was nothing before."""
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
    """Whether a rate of cases, or a count of what happened, differs by no more than chance.

    Amounts, durations, ratios and what stands on a day follow no such law: they never do.
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
    """The days that a row is of: its bucket's as far as they are in the period, or all of them."""
    period = result.period
    if row is None or row.bucket is None:
        return period.days
    first, last = max(row.bucket.first, period.first), min(row.bucket.last, period.last)
    return (last - first).days + 1


def _plain(value: Value) -> Value:
    """A ratio, such as 10.2 calls for each sale, changes like any other number."""
    return value.value if isinstance(value, Rate) else value


def relative_change(now: Value, before: Value) -> float | None:
    """By which part of `before` a figure changed; for a rate, the difference of the two.

    None where there is nothing to compare.
    """
    if isinstance(now, Rate) and isinstance(before, Rate):
        known = now.value is not None and before.value is not None
        return now.value - before.value if known else None  # type: ignore[operator]
    parted = (Rate, Span, Estimate)
    if now is None or before is None or isinstance(now, parted) or isinstance(before, parted):
        return None
    return float(now - before) / float(before) if before else None  # type: ignore[operator]
