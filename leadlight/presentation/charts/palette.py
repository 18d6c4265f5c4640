"""Colours of the charts: a meaning has the same colour on every page and in every file.

An ink names a variable of `app.css` or `reports.css`, which hold the colours. Won and lost
differ in lightness and in their outline, so that they can be told apart without colour.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from leadlight.analytics.reports.meanings import MEANINGS, Meaning


@dataclass(frozen=True)
class Ink:
    """Colour of marks. An outlined ink has a paler fill: `part` per cent of its colour."""

    name: str
    is_outlined: bool = False
    part: int = 25

    @property
    def line(self) -> str:
        return f"var(--{self.name})"

    @property
    def fill(self) -> str:
        return pale(self.name, self.part) if self.is_outlined else self.line

    @property
    def hatched(self) -> str:
        """Reference to the SVG pattern for figures of unfinished periods."""
        return f"url(#hatch-{self.name})"


def pale(name: str, part: int = 25) -> str:
    return f"color-mix(in srgb, var(--{name}) {part}%, var(--surface))"


WON = Ink("won")
LOST = Ink("lost", is_outlined=True)
CANCELLED = Ink("cancelled")
OPEN = Ink("open", is_outlined=True)
WEIGHTED = Ink("open")
GOAL = Ink("text")
BEFORE = Ink("before")
SERIES = (Ink("series"), Ink("series", is_outlined=True), Ink("cancelled", is_outlined=True))

BY_MEANING: dict[Meaning, Ink] = {
    "won": WON,
    "lost": LOST,
    "cancelled": CANCELLED,
    "open": OPEN,
    "weighted": WEIGHTED,
    "goal": GOAL,
}
BY_COLUMN = {key: BY_MEANING[meaning] for key, meaning in MEANINGS.items()} | {
    "advanced": SERIES[0],
    "moved_back": SERIES[1],
    "left_pipeline": SERIES[2],
}
HATCHED = tuple(dict.fromkeys(ink.name for ink in (*BY_COLUMN.values(), *SERIES)))


def ink_of(key: str, place: int = 0) -> Ink:
    """Return the ink of a column by its meaning or, without one, by its place in the series."""
    return BY_COLUMN.get(key) or SERIES[place % len(SERIES)]


def patterns() -> SafeString:
    """Return the SVG patterns for unfinished periods, coloured by variables of the stylesheets."""
    found = (
        f'<pattern id="hatch-{name}" width="6" height="6" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="6" height="6" fill="{pale(name, 30)}"/>'
        f'<rect width="2" height="6" fill="var(--{name})"/></pattern>'
        for name in HATCHED
    )
    return mark_safe("".join(found))  # noqa: S308
