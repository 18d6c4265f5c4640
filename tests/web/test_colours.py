"""Contrast of colors in both color schemes: WCAG 2.2, level AA."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from leadlight import web
from leadlight.analytics.export import chart_cells
from leadlight.presentation.charts import palette

REPORTS_CSS = (Path(web.__file__).parent / "static" / "leadlight" / "reports.css").read_text()
CSS = (Path(web.__file__).parent / "static" / "leadlight" / "app.css").read_text()
COLOURS = {
    name: (light, dark)
    for name, light, dark in re.findall(
        r"--([\w-]+): light-dark\(#(\w{6}), #(\w{6})\);", CSS + REPORTS_CSS
    )
}
GROUNDS = ["ground", "surface", "raised"]
STATUSES = ["won", "lost", "cancelled", "open", "warning"]
WRITING = [
    *((ink, ground) for ink in ["text", "muted", "accent", "accent-strong"] for ground in GROUNDS),
    *((ink, ground) for ink in ["text", "muted", "accent"] for ground in ["sunken", "accent-wash"]),
    *((f"{status}-text", f"{status}-wash") for status in STATUSES),
    *((f"{status}-text", ground) for status in STATUSES for ground in GROUNDS),
    *(("text", f"{status}-wash") for status in STATUSES),
    *(("muted", f"{status}-wash") for status in STATUSES),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
]
MARKS = [
    *((status, ground) for status in STATUSES[:4] for ground in GROUNDS),
    *(("line-strong", ground) for ground in GROUNDS),
    *(("accent", ground) for ground in GROUNDS),
]


def brightness(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    lighter, darker = sorted([brightness(one), brightness(other)], reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("pairs", "least"), [(WRITING, 4.5), (MARKS, 3)], ids=["writing", "marks and borders"]
)
def test_colors_have_enough_contrast_with_their_background(pairs, least, scheme):
    too_faint = {
        (ink, ground): round(contrast(COLOURS[ink][scheme], COLOURS[ground][scheme]), 2)
        for ink, ground in pairs
        if contrast(COLOURS[ink][scheme], COLOURS[ground][scheme]) < least
    }
    assert too_faint == {}


def test_charts_of_files_have_the_colours_of_the_pages():
    of_pages = {
        meaning: (f"#{COLOURS[ink.name][0].upper()}", ink.is_outlined)
        for meaning, ink in palette.BY_MEANING.items()
    }
    of_files = {
        meaning: (colour, meaning in chart_cells.OUTLINED)
        for meaning, colour in chart_cells.COLOURS.items()
    }
    assert of_files == of_pages
    others = [f"#{COLOURS[name][0].upper()}" for name in ("series", "before")]
    assert others == [chart_cells.SERIES, chart_cells.BEFORE]


def test_a_pale_fill_is_a_quarter_of_its_colour():
    assert chart_cells.pale("#000000") == "#BFBFBF"
    assert chart_cells.pale("#FFFFFF") == "#FFFFFF"
