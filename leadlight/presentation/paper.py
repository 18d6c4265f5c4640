"""Report on paper: the texts and the layout that its printed page and its PDF share.

Both consist of the same blocks, in this order: head (company, title, question, filters, instant,
address), cards, charts, table with its legend, notes, and definitions of the figures.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from itertools import zip_longest

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leadlight.analytics.export.sheets import GOAL_CELLS, meaning, result_sheet
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.query.phrases import gettext_noop
from leadlight.presentation import formats, labels
from leadlight.presentation.comparisons import BEFORE, DIFFERENCE
from leadlight.presentation.files import Export
from leadlight.presentation.goals import GoalLine, GoalTable
from leadlight.presentation.headings import adding_up
from leadlight.presentation.layout import layout_of
from leadlight.presentation.tables import Heading, Table, TableRow

# A4 without its margins, in points.
PORTRAIT, LANDSCAPE = 510.0, 757.0
POINTS_OF_A_PIXEL = 0.75
GAP = 16  # pixels between charts
# Mean width of a letter, of a bold letter, and of the space around a text, in type sizes.
LETTER, BOLD_LETTER, BESIDE = 0.52, 0.56, 0.62
SMALL = 0.85  # type size of the text beside a figure, relative to that of the figure
NARROWEST_NAME, WIDEST_NAME = 7.0, 34.0  # in type sizes, in bold letters
WIDEST_TEXT = 20.0  # in letters
LONGEST_WORD = 14  # letters; longer words are hyphenated
SAMPLE = 15  # rows by which the layout is chosen


CHANGE_SENTENCES = {
    DIFFERENCE: gettext_noop("Beside a figure: its difference from the compared period."),
    BEFORE: gettext_noop("Beside a figure: its value in the compared period."),
}
PACE = [key for key, _kind in GOAL_CELLS].index("pace")


# Cells


@dataclass(frozen=True)
class PaperCell:
    """A cell as text, with the CSS classes of its looks, and its sparkline if it has one."""

    text: str
    looks: str = ""
    svg: str = ""

    def width(self, size: float) -> float:
        small = SMALL if {"aside", "change"} & set(self.looks.split()) else 1.0
        letters = 8.0 if self.svg else len(self.text)
        return (letters * LETTER * small + BESIDE) * size if letters else 0.0


CELL = re.compile(r'<td(?: class="([^"]*)")?[^>]*>(.*?)</td>', re.DOTALL)
HIDDEN = re.compile(r'<span class="visually-hidden">.*?</span>', re.DOTALL)
SVG = re.compile(r"<svg.*?</svg>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")


def text_of(html: str) -> str:
    """Return the visible text of a cell. Works only for HTML made by this package."""
    shown = HIDDEN.sub("", html) if "visually-hidden" in html else html
    return unescape(TAG.sub("", shown)).strip()


def paper_cells(html: str) -> list[PaperCell]:
    """Return the cells of a row of the page's table."""
    cells = []
    for looks, content in CELL.findall(html):
        trend = SVG.search(content) if 'class="trend"' in content else None
        cells.append(PaperCell(text_of(content), looks, trend[0] if trend else ""))
    return cells


@dataclass(frozen=True)
class PaperColumn:
    """A heading with the cells below it, one to three for each row; the total is among the rows.

    With `breaks`, its cells are texts that may be wrapped.
    """

    title: str
    unit: str
    further: str
    group: str
    rows: tuple[tuple[PaperCell, ...], ...]
    breaks: bool = False

    @property
    def span(self) -> int:
        return len(self.rows[0]) if self.rows else 1

    def widths(self, size: float) -> list[float]:
        """Return the natural widths of its cells in points; the first fits the heading."""
        words = f"{self.title} {self.unit} {self.further}".split()
        longest = max((min(len(word), LONGEST_WORD) for word in words), default=0)
        heading = (longest * BOLD_LETTER + BESIDE) * size
        widths = [
            max((cell.width(size) for cell in cells), default=0.0)
            for cells in zip(*self.rows, strict=True)
        ] or [0.0]
        if self.breaks:
            widths = [min(width, WIDEST_TEXT * LETTER * size) for width in widths]
        return [widths[0] + max(0.0, heading - sum(widths)), *widths[1:]]

    def width(self, size: float) -> float:
        return sum(self.widths(size))


def columns_of(table: Table, most: int | None = None) -> list[PaperColumn]:
    """Return the columns of the page's table, with at most `most` rows above the totals."""
    shown = [(group.title, heading) for group in table.shown_groups for heading in group.shown]
    lines: Iterable[str] = (line.cells for line in (*table.lines[:most], *table.further))
    rows = [paper_cells(row) for row in (*lines, table.totals)]
    rows.insert(len(rows) - 1 - len(table.further), rows.pop())
    columns, place = [], 0
    if table.trend:
        columns.append(PaperColumn(_("Trend"), "", "", "", tuple((row[0],) for row in rows)))
        place = 1
    for group, heading in shown:
        end = place + heading.span
        cells = tuple(tuple(row[place:end]) for row in rows)
        columns.append(_column(heading, group, cells))
        place = end
    return columns


def _column(heading: Heading, group: str, rows: tuple[tuple[PaperCell, ...], ...]) -> PaperColumn:
    further = heading.further if heading.has_further else ""
    return PaperColumn(heading.title, heading.unit, further, group, rows)


def columns_of_goals(goals: GoalTable) -> list[PaperColumn]:
    """Return the columns of the table of goals; the first two are words."""
    columns = zip_longest(goals.headings, *map(_texts, goals.lines))
    return [
        PaperColumn(heading, "", "", "", tuple((PaperCell(text),) for text in texts), place < 2)
        for place, (heading, *texts) in enumerate(columns)
    ]


def _texts(line: GoalLine) -> list[str]:
    """Return the texts of a goal, with the state of its pace."""
    texts = list(line.texts)
    if line.is_on_pace is not None:
        texts[PACE] += f" {_('on pace') if line.is_on_pace else _('behind')}"
    return texts


# Layout


@dataclass(frozen=True)
class PageLayout:
    """Orientation of the pages, and size of the table's type in points."""

    is_wide: bool
    size: float

    @property
    def room(self) -> float:
        return LANDSCAPE if self.is_wide else PORTRAIT

    def charts_side_by_side(self, charts: int) -> int:
        """Return the number of charts in a row.

        On wide pages it is up to 3; on others 1, or 2 if there are 3 or more charts.
        """
        return max(1, min(charts, 3)) if self.is_wide else 2 if charts > 2 else 1

    def chart_width(self, charts: int) -> int:
        """Return the width of one of several charts in CSS pixels."""
        number = self.charts_side_by_side(charts)
        return (round(self.room / POINTS_OF_A_PIXEL) - GAP * (number - 1)) // number

    @property
    def css_class(self) -> str:
        return f"{'landscape' if self.is_wide else 'portrait'} type-{self.size:.0f}"

    def name_width(self, names: Sequence[str]) -> float:
        longest = max(map(len, names), default=0) * LETTER + BESIDE
        return min(max(longest, NARROWEST_NAME), WIDEST_NAME * BOLD_LETTER) * self.size


# In order of preference.
PAGE_LAYOUTS = (
    PageLayout(False, 8),
    PageLayout(False, 7),
    PageLayout(True, 8),
    PageLayout(True, 7),
    PageLayout(True, 6),
)


def page_layout_for(names: Sequence[str], columns: Sequence[PaperColumn]) -> PageLayout:
    """Return the first layout on whose pages the table fits; if none does, the last."""
    return next(
        (
            page_layout
            for page_layout in PAGE_LAYOUTS
            if page_layout.name_width(names) + sum(one.width(page_layout.size) for one in columns)
            <= page_layout.room
        ),
        PAGE_LAYOUTS[-1],
    )


def names_of(lines: Iterable[TableRow]) -> list[str]:
    return [text_of(line.name) for line in lines]


# Texts


@dataclass(frozen=True)
class Definition:
    """Meaning of a figure."""

    title: str
    text: str
    key: str = ""


@dataclass(frozen=True)
class Paper:
    """Texts of a report on paper, besides its figures, and the layout of its table."""

    export: Export
    table: Table
    goals: GoalTable | None = None

    @property
    def company(self) -> str:
        return formats.company().name

    @property
    def past(self) -> str:
        """Warning of a report as of the past; empty if it is current."""
        if not self.export.as_of_warning:
            return ""
        instant = {"instant": formats.instant(self.export.result.as_of)}
        return f"{_('Past figures, as of %(instant)s') % instant}. {self.export.as_of_warning}"

    @property
    def question(self) -> str:
        return _(self.export.result.report.summary)

    @property
    def explanation(self) -> list[str]:
        """Paragraphs of the report's help text, after its question."""
        _question, *paragraphs = self.export.result.report.help_text
        return [" ".join(_(text).split()) for text in paragraphs]

    @property
    def definitions(self) -> list[Definition]:
        """Definitions of all figures on the paper, including those in small print."""
        result = self.export.result
        if self.goals:
            definitions = result_sheet(result, labels.say).definitions
            return [Definition(title, text) for title, text in definitions]
        return [
            Definition(
                labels.say(column.title_phrase),
                meaning(result, column, labels.say),
                column.key,
            )
            for column in self.columns
        ]

    @cached_property
    def columns(self) -> list[Column]:
        """Columns of the table, with those in small print."""
        result = self.export.result
        shown = [one for one in layout_of(result, self.export.columns) if one.is_shown]
        if result.compared:  # beside changes there is no room for small print
            return [one.column for one in shown]
        return [column for one in shown for column in (one.column, *one.further)]

    @property
    def adding_up(self) -> list[str]:
        """Sentences on how totals are computed, each with the figures that it is about."""
        if self.goals:
            return []
        about: dict[str, list[str]] = {}
        for column in self.columns:
            sentence = adding_up(self.export.result.report, column)
            about.setdefault(sentence, []).append(labels.say(column.title_phrase))
        if len(about) == 1:
            return list(about)
        return [
            labels.titled(formats.listed(titles), sentence) for sentence, titles in about.items()
        ]

    @property
    def reading(self) -> list[str]:
        """Legend of the table: sentences on how its rows and cells look."""
        return [] if self.goals else list(_reading(self.table))

    @property
    def goals_sentence(self) -> str:
        """Number of goals that are reached and on pace; empty for other reports."""
        if not self.goals or not self.goals.lines:
            return ""
        numbers = {
            "number": formats.number(self.goals.goals),
            "reached": formats.number(self.goals.reached),
            "on_pace": formats.number(self.goals.on_pace),
        }
        text = ngettext(
            "%(number)s goal: %(reached)s reached, %(on_pace)s on pace.",
            "%(number)s goals: %(reached)s reached, %(on_pace)s on pace.",
            self.goals.goals,
        )
        return text % numbers

    @cached_property
    def page_layout(self) -> PageLayout:
        """Layout, chosen by the first rows, the totals and the rows below them."""
        if self.goals:
            names = [line.holder for line in self.goals.lines[:SAMPLE]]
            return page_layout_for(names, columns_of_goals(self.goals))
        lines = (*self.table.lines[:SAMPLE], *self.table.further)
        return page_layout_for(names_of(lines), columns_of(self.table, SAMPLE))


def _reading(table: Table) -> Iterator[str]:
    if table.change_form in CHANGE_SENTENCES:
        yield _(CHANGE_SENTENCES[table.change_form])
    if table.heat:
        yield table.heat
    if table.has_unfinished:
        yield _("Hatched: not finished, or only partly in the period.")
    if table.has_future_rows:
        yield _("Grey rows: the period has not started.")
    if table.has_few:
        yield _("Grey rates: fewer than 10 cases, too few to judge.")
    if table.has_chance:
        yield _("≈: the change could be due to chance, or there are fewer than 10 cases.")
    if table.is_rounded:
        yield _("Amounts are rounded to whole units; CSV and XLSX have the cents.")
