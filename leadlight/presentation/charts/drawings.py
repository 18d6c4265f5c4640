"""Charts of a report as SVG, PNG and PDF in light colours; for pages, as SVG in light or dark ones.

The files are self-contained: colours come from the stylesheets, the font from vl-convert, and links
and tooltips, which need a page, are removed.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from pathlib import Path
from textwrap import wrap
from typing import Any

import vl_convert

from leadlight.presentation.charts.chart import Chart, Key
from leadlight.presentation.charts.palette import patterns
from leadlight.presentation.charts.vega import CONFIG

WIDTH = 960
MARGIN = 24
SCALE = 2
FONT = "Liberation Sans"
FONT_OF_THE_PAGE = CONFIG["font"]
# Metric-compatible fonts, and space for wider labels on a machine that has none of the fonts.
FONTS_OF_EQUAL_WIDTH = f'"{FONT}", Arial, Helvetica, sans-serif'
PADDING = {"padding": {"left": 16, "right": 4, "top": 4, "bottom": 4}}
LETTER = 0.52  # mean width of a letter, relative to the font size
STYLES = Path(__file__).parents[2] / "web" / "static" / "leadlight"
FOR_PAGES = frozenset({"cursor", "href", "tip", "tooltip"})
SCHEMES = ("light", "dark")
# Characters that XML does not allow.
CONTROLS = {code: "\N{REPLACEMENT CHARACTER}" for code in range(32) if chr(code) not in "\t\n\r"}


@dataclass(frozen=True)
class Drawing:
    """SVG image and its size in CSS pixels."""

    svg: str
    width: float
    height: float

    def as_png(self) -> bytes:
        return vl_convert.svg_to_png(self.svg, scale=SCALE)

    def as_pdf(self) -> bytes:
        return vl_convert.svg_to_pdf(self.svg)


def drawing_of(chart: Chart) -> Drawing:
    """Return one chart with its title and legend."""
    canvas = Canvas(WIDTH)
    _put(canvas, chart)
    return canvas.drawing()


def poster(
    title: str, above: Iterable[str], charts: Iterable[Chart], below: Iterable[str]
) -> Drawing:
    """Return all charts of a report in one image, with texts `above` and `below` them."""
    canvas = Canvas(WIDTH, MARGIN)
    canvas.write(title, 20, is_bold=True)
    for text in above:
        canvas.write(text, 13, "muted")
    for chart in charts:
        canvas.leave(14)
        _put(canvas, chart)
    canvas.leave(10)
    for text in below:
        canvas.write(text, 11, "muted")
    return canvas.drawing()


def _put(canvas: Canvas, chart: Chart) -> None:
    canvas.write(chart.title, 15, is_bold=True)
    if chart.finding:
        canvas.write(chart.finding, 12, "muted")
    canvas.explain(chart.keys)
    canvas.leave(4)
    canvas.show(render(chart.vega, canvas.inner))


# Vega for files


def render(
    vega: dict[str, Any], width: float, *, scheme: str = "light", font: str = FONT
) -> Drawing:
    """Render a Vega specification to SVG, with a width in CSS pixels."""
    whole = _for_files(vega, scheme, font)
    whole["signals"] = [
        {"name": "width", "value": width} if signal["name"] == "width" else signal
        for signal in whole.get("signals", ())
    ]
    svg = vl_convert.vega_to_svg(whole, allowed_base_urls=[])
    opening, _sign, rest = svg.partition(">")
    size = {
        name: float(value) for name, value in re.findall(r' (width|height)="([\d.]+)"', opening)
    }
    return Drawing(f"{opening}>{_patterns(scheme)}{rest}", size["width"], size["height"])


def render_for_page(chart: Chart, width: float, scheme: str) -> str:
    """Render one chart to SVG for an `img` of the page, which has its own title and legend."""
    return render(chart.vega | PADDING, width, scheme=scheme, font=FONTS_OF_EQUAL_WIDTH).svg


def _for_files(node: Any, scheme: str, font: str) -> Any:
    """Return a Vega specification without links and tooltips, with literal colours and font."""
    if isinstance(node, dict):
        return {
            name: _for_files(one, scheme, font)
            for name, one in node.items()
            if name not in FOR_PAGES
        }
    if isinstance(node, list):
        return [_for_files(one, scheme, font) for one in node]
    if isinstance(node, str):
        return font if node == FONT_OF_THE_PAGE else coloured(node, scheme).translate(CONTROLS)
    return node


# Colours


@lru_cache
def colours(scheme: str = "light") -> dict[str, str]:
    """Return the colours of the stylesheets: variable → hexadecimal colour."""
    text = "".join((STYLES / name).read_text() for name in ("app.css", "reports.css"))
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", text)
    place = SCHEMES.index(scheme)
    return {name: values[place] for name, *values in found}


def coloured(text: str, scheme: str = "light") -> str:
    """Replace the CSS variables and `color-mix` functions of a text by literal colours."""
    literal = colours(scheme)
    text = re.sub(r"var\(--([\w-]+)\)", lambda found: literal.get(found[1], found[0]), text)
    return re.sub(r"color-mix\(in srgb, (#\w{6}) (\d+)%, (#\w{6})\)", _mixed, text)


def _mixed(found: re.Match[str]) -> str:
    part = int(found[2]) / 100
    pairs = zip(bytes.fromhex(found[1][1:]), bytes.fromhex(found[3][1:]), strict=True)
    return "#" + bytes(round(part * one + (1 - part) * other) for one, other in pairs).hex()


def _patterns(scheme: str) -> str:
    return coloured(f"<defs>{patterns()}</defs>", scheme)


# Canvas


@dataclass
class Canvas:
    """SVG document to which elements are appended from top to bottom."""

    width: float
    margin: float = 0
    height: float = field(init=False)
    parts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.height = self.margin

    @property
    def inner(self) -> float:
        return self.width - 2 * self.margin

    def leave(self, space: float) -> None:
        self.height += space

    def write(self, text: str, size: float, ink: str = "text", *, is_bold: bool = False) -> None:
        """Append a paragraph with line breaks."""
        for line in wrap(text, int(self.inner / (LETTER * size))):
            self.height += size * 1.35
            self._write_at(self.margin, self.height - size * 0.3, line, size, ink, is_bold=is_bold)

    def _write_at(
        self, x: float, y: float, text: str, size: float, ink: str, *, is_bold: bool = False
    ) -> None:
        weight = ' font-weight="bold"' if is_bold else ""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}"{weight} fill="var(--{ink})">'
            f"{escape(text.translate(CONTROLS))}</text>"
        )

    def explain(self, keys: Iterable[Key]) -> None:
        """Append a legend with line breaks."""
        x, size, is_first = self.margin, 12, True
        for key in keys:
            needed = 20 + LETTER * size * len(key.text)
            if is_first or x + needed > self.width - self.margin:
                self.height += 20
                x, is_first = self.margin, False
            place = f"translate({x:.1f} {self.height - 12:.1f})"
            self.parts.append(f'<g transform="{place}">{key.mark}</g>')
            self._write_at(x + 19, self.height - 2, key.text, size, "muted")
            x += needed + 18

    def show(self, picture: Drawing) -> None:
        """Append a drawing as an embedded document, so that ids of two drawings cannot clash."""
        encoded = b64encode(picture.svg.encode()).decode()
        self.parts.append(
            f'<image x="{self.margin}" y="{self.height}" width="{picture.width}" '
            f'height="{picture.height}" href="data:image/svg+xml;base64,{encoded}"/>'
        )
        self.height += picture.height

    def drawing(self) -> Drawing:
        height = self.height + self.margin
        return Drawing(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{height}" '
            f'viewBox="0 0 {self.width} {height}" font-family="{FONT}">'
            f'<rect width="100%" height="100%" fill="{colours()["surface"]}"/>'
            f"{coloured(''.join(self.parts))}</svg>",
            self.width,
            height,
        )
