"""Chart of a report: specification, title, text alternative and legend."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.reports.contract import Result
from leadlight.presentation import formats, labels
from leadlight.presentation.charts import vega
from leadlight.presentation.charts.data import Datum
from leadlight.presentation.charts.palette import BEFORE, Ink, ink_of, pale, patterns

ESCAPED = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&"}
# Marks of the legend as SVG of 14 × 12 pixels.
SHAPES = {
    "box": '<rect x="0.5" y="0.5" width="11" height="11" rx="2" fill="{fill}" stroke="{line}"/>',
    "line": '<path d="M0 6h14" stroke="{line}" stroke-width="2"/>',
    "dashed": '<path d="M0 6h14" stroke="{line}" stroke-width="2" stroke-dasharray="5 3"/>',
    "behind": '<rect x="0.5" y="0.5" width="13" height="11" fill="{pale}"/>',
    "tick": '<rect x="5" width="3" height="12" fill="{line}"/>',
    "point": '<circle cx="6" cy="6" r="4.5" fill="{line}"/>',
    "ring": '<circle cx="6" cy="6" r="4.5" fill="none" stroke="{line}" stroke-width="1.5"/>',
    "whisker": '<path d="M7 1v10M4 1h6M4 11h6" stroke="{line}" stroke-width="1.5" fill="none"/>',
    "span": '<path d="M0 6h14" stroke="{line}" stroke-width="3" opacity="0.45"/>',
    "band": '<rect width="14" height="12" fill="{line}" opacity="0.25"/>',
    "hatched": '<rect x="0.5" y="0.5" width="11" height="11" rx="2" fill="none" '
    'stroke="var(--line-strong)"/><path d="M1 7L7 1M1 11L11 1M5 11L11 5" '
    'stroke="var(--line-strong)" stroke-width="1.5"/>',
}


@dataclass(frozen=True)
class Key:
    """Entry of a legend: a mark and its text."""

    shape: str
    ink: Ink
    text: str

    @property
    def mark(self) -> SafeString:
        """The mark as SVG elements."""
        shape = SHAPES[self.shape].format(
            fill=self.ink.fill, line=self.ink.line, pale=pale(self.ink.name)
        )
        return mark_safe(shape)  # noqa: S308


@dataclass(frozen=True)
class Chart:
    """One chart: Vega specification with data, title, finding in words, and legend."""

    name: str
    title: str
    finding: str
    description: str
    keys: tuple[Key, ...]
    vega: Datum

    @property
    def element_id(self) -> str:
        return f"chart-{self.name}"

    @property
    def text(self) -> SafeString:
        """Vega specification as JSON with HTML characters escaped."""
        return mark_safe(json.dumps(self.vega, ensure_ascii=False).translate(ESCAPED))  # noqa: S308


@dataclass(frozen=True)
class Charts:
    """Charts of a report, with the number of rows drawn and of rows with figures."""

    charts: tuple[Chart, ...] = ()
    drawn: int = 0
    rows: int = 0
    patterns: SafeString = field(default_factory=patterns, repr=False)


def chart_of(
    name: str,
    title: str,
    result: Result,
    keys: Iterable[Key],
    specification: Datum,
    values: dict[str, list[Datum]],
    *,
    finding: str = "",
) -> Chart:
    """Return a chart with its text alternative: title, period, finding.

    The finding is a sentence on what the chart shows.
    """
    period = formats.span(result.period.first, result.period.last)
    parts = (f"{title}, {period}.", finding, _("The table has the same figures."))
    description = " ".join(filter(None, parts))
    compiled = vega.compiled(specification, values) | {"description": description}
    return Chart(name, title, finding, description, tuple(keys), compiled)


def joined(columns: Iterable[Column]) -> str:
    """Return the titles of columns as a list in words."""
    first, *others = [labels.say(column.title_phrase) for column in columns]
    return formats.listed([first, *map(lowered, others)])


def lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def keys_of(columns: Sequence[Column], shape: str = "box") -> list[Key]:
    """Return a legend entry for each column, in its ink."""
    return [
        Key(shape, ink_of(column.key, place), labels.say(column.title_phrase))
        for place, column in enumerate(columns)
    ]


def key_of_before(result: Result, shape: str) -> list[Key]:
    """Return the legend entry of the compared period; empty if nothing is compared."""
    if not result.compared:
        return []
    period = result.compared.period
    return [Key(shape, BEFORE, formats.span(period.first, period.last))]


def key_of_unfinished(values: Iterable[Datum]) -> list[Key]:
    """Return the legend entry of hatched marks; empty if no mark is hatched."""
    if any(str(value.get("fill", "")).startswith("url(") for value in values):
        return [Key("hatched", BEFORE, _("Unfinished"))]
    return []
