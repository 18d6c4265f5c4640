"""How a figure differs from the compared period's, in words and a sense."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from leadlight.analytics.measures import Column, Rate
from leadlight.analytics.report import Value
from leadlight.analytics.run import change
from leadlight.web import formats

INVISIBLE = 0.0005  # less than what is written of a change
MANIFOLD = 9  # from ten times on, per cent are hard to read


@dataclass(frozen=True)
class Change:
    """`sense` is better, worse or neither; `word` says it for those who do not see colours."""

    arrow: str
    text: str
    sense: str
    word: str


class Changes:
    """The changes of one column. Its words are looked up once, not for every row."""

    def __init__(self, column: Column) -> None:
        self.is_rate = column.kind == "rate"
        self.signs = formats.signs()
        self.points = _("%(points)s pts")
        self.from_nothing = _("from 0")
        self.unchanged = Change("=", "", "", _("unchanged"))
        better, worse = ("better", _("better")), ("worse", _("worse"))
        if column.longer_is_better is None:
            better, worse = ("", _("more")), ("", _("less"))
        is_reversed = column.longer_is_better is False
        self.up, self.down = (worse, better) if is_reversed else (better, worse)

    def of(self, now: Value, before: Value) -> Change | None:
        """None where one of the two has no value."""
        if not self.is_rate:
            now, before = _plain(now), _plain(before)
        if now is None or before is None:
            return None
        by = change(now, before)
        if by is None:
            return None if isinstance(now, Rate) else self._since_nothing(float(now))
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


def _plain(value: Value) -> Value:
    """A ratio, such as 10.2 calls for each sale, changes like any other number."""
    return value.value if isinstance(value, Rate) else value
