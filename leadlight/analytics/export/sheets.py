"""Sheets: a result or a drill-down as a table of typed cells, written to CSV and XLSX."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from leadlight.analytics.export.native_charts import COMPARED_KEY, SheetChart, sheet_charts
from leadlight.analytics.insight.drilldown import Drilldown
from leadlight.analytics.metrics.columns import Column, Rate
from leadlight.analytics.query.grouping import without_label
from leadlight.analytics.query.phrases import Phrase, gettext_noop
from leadlight.analytics.reports.contract import Result, Row, Value
from leadlight.analytics.reports.goals import GoalProgress, progress_of

Translate = Callable[[Phrase], str]
About = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Heading:
    """A column of a sheet; `key` is for programs, `title` for people.

    `kind`: text, status, count, money, share (from 0 to 1), part (of a fraction), days, day,
    instant (with a time zone), or flag.
    """

    key: str
    title: str
    kind: str


@dataclass(frozen=True)
class Sheet:
    """A table with headings, rows and totals; `about` and `definitions` are pairs (label, text).

    The rows in `further` are below the totals.
    """

    title: str
    headings: tuple[Heading, ...]
    rows: Iterable[tuple[Any, ...]]
    totals: tuple[Any, ...] | None = None
    further: tuple[tuple[Any, ...], ...] = ()
    about: About = ()
    definitions: About = ()
    charts: tuple[SheetChart, ...] = ()


def label_of(row: Row, grouping: str, translate: Translate = str) -> str:
    """Return the label of a row; a bucket is labelled with its key."""
    if row.further:
        return translate(Phrase(row.further.title))
    return translate(Phrase(without_label(grouping))) if row.label is None else row.label


def result_sheet(
    result: Result,
    translate: Translate = str,
    about: About = (),
    labelled: Callable[[Row, str], str] | None = None,
    total_sentences: Mapping[str, str] | None = None,
) -> Sheet:
    """Return a result as a sheet.

    A fraction is followed by its parts and an estimate by the ends of its interval; an interval has
    two columns. Figures of the compared period come last. `labelled(row, grouping)` returns the
    label of a row; `total_sentences` are notes on the totals, by column key. A report of goals has
    a row for each goal.
    """
    if result.report.is_of_goals:
        return _goals_sheet(result, translate, about, labelled)
    before = result.compared
    is_time = result.grouping == "bucket"
    marks = (Heading("unfinished", translate(Phrase(UNFINISHED)), "text"),) if is_time else ()
    earlier = _headings(result.columns, translate, compared=True) if before else ()

    def cells(row: Row, then: Row | None) -> tuple[Any, ...]:
        return (
            row.key,
            labelled(row, result.grouping)
            if labelled
            else label_of(row, result.grouping, translate),
            *_cells(result.columns, row.cells),
            *((row.is_unfinished,) if is_time else ()),
            *(_cells(result.columns, then.cells if then else {}) if before else ()),
        )

    return Sheet(
        title=translate(Phrase(result.report.title)),
        headings=(
            Heading("key", translate(Phrase(KEY)), "text"),
            Heading("label", translate(Phrase(ROW)), "text"),
            *_headings(result.columns, translate),
            *marks,
            *earlier,
        ),
        rows=(cells(*pair) for pair in with_compared(result) if not pair[0].further),
        further=tuple(cells(*pair) for pair in with_compared(result) if pair[0].further),
        totals=(
            None,
            translate(result.total_title),
            *_cells(result.columns, result.totals),
            *(None for _mark in marks),
            *(_cells(result.columns, before.totals) if before else ()),
        ),
        about=about,
        charts=sheet_charts(result, translate),
        definitions=tuple(
            (
                translate(column.title_phrase),
                "\n".join(
                    text
                    for text in (
                        meaning(result, column, translate),
                        (total_sentences or {}).get(column.key),
                    )
                    if text
                ),
            )
            for column in result.columns
        ),
    )


def _goals_sheet(
    result: Result,
    translate: Translate,
    about: About,
    labelled: Callable[[Row, str], str] | None,
) -> Sheet:
    """Return the goals as a sheet: with titles if `labelled` is given, else with keys."""
    every = progress_of(result)
    columns = {name: column for one in every for name, column in one.columns.items()}

    def cells(one: GoalProgress) -> tuple[Any, ...]:
        what = one.columns["target"].names["what"]
        window = Phrase("%(window)s", {"window": one.window})
        share = one.value("achieved_rate")
        return (
            one.row.key,
            labelled(one.row, result.grouping)
            if labelled
            else label_of(one.row, result.grouping, translate),
            (translate(what) if isinstance(what, Phrase) else what) if labelled else one.key,
            translate(window) if labelled else one.window.key,
            one.elapsed.value,
            one.value("target"),
            one.value("done"),
            share.value if isinstance(share, Rate) else None,
            one.value("pace"),
            one.value("needed"),
        )

    return Sheet(
        title=translate(Phrase(result.report.title)),
        headings=(
            Heading("key", translate(Phrase(KEY)), "text"),
            Heading("label", translate(Phrase(ROW)), "text"),
            *(Heading(key, translate(Phrase(GOALS[key])), kind) for key, kind in GOAL_CELLS),
        ),
        rows=map(cells, every),
        about=about,
        definitions=tuple(
            (translate(Phrase(GOALS[name])), meaning(result, columns[name], translate))
            for name, _kind in GOAL_CELLS
            if name in columns
        ),
    )


# Headings of the tables of goals, and the kinds of their cells in files.
GOALS = {
    "goal": gettext_noop("Measure"),
    "period": gettext_noop("Period"),
    "elapsed_rate": gettext_noop("Time elapsed"),
    "target": gettext_noop("Target"),
    "done": gettext_noop("Done"),
    "achieved_rate": gettext_noop("Achieved"),
    "pace": gettext_noop("At this pace"),
    "needed": gettext_noop("Activities needed"),
}
GOAL_CELLS = (
    ("goal", "text"),
    ("period", "text"),
    ("elapsed_rate", "share"),
    ("target", "part"),
    ("done", "part"),
    ("achieved_rate", "share"),
    ("pace", "part"),
    ("needed", "count"),
)


def meaning(result: Result, column: Column, translate: Translate) -> str:
    """Return the definition of a figure and its date rules."""
    days = result.report.date_rules_of(column, result.filters)
    return translated((column.definition_phrase, *days), translate)


def translated(phrases: Iterable[Phrase], translate: Translate = str) -> str:
    """Return the translated sentences in one text."""
    return " ".join(translate(phrase) for phrase in phrases)


def drilldown_sheet(
    drilldown: Drilldown,
    translate: Translate = str,
    about: About = (),
    status_of: Callable[[str], str] = str,
) -> Sheet:
    """Return the rows behind a figure as a sheet; `status_of` returns the label of a status."""
    title = translate(drilldown.column.title_phrase)
    days = drilldown.report.date_rules_of(drilldown.column, drilldown.filters)
    definition = translated((drilldown.column.definition_phrase, *days), translate)
    return Sheet(
        title=title,
        headings=tuple(
            Heading(field.key, translate(Phrase(field.title)), field.kind)
            for field in drilldown.spec.fields
        ),
        rows=(
            tuple(
                status_of(value) if key == "status" and value else value
                for key, value in row.items()
            )
            for row in drilldown.rows
        ),
        about=about,
        definitions=((title, definition),),
    )


def with_compared(result: Result) -> Iterator[tuple[Row, Row | None]]:
    """Yield each row with its counterpart in the compared period, or None.

    Time buckets are matched by position in the period, other rows by key.
    """
    before = result.compared.rows if result.compared else ()
    place_of = _place_of(result.rows)
    earlier_place_of = _place_of(before)
    earlier = {earlier_place_of(row): row for row in before}
    yield from ((row, earlier.get(place_of(row))) for row in result.rows)


def _place_of(rows: tuple[Row, ...]) -> Callable[[Row], Any]:
    first = min((row.bucket.number for row in rows if row.bucket), default=0)
    return lambda row: row.bucket.number - first if row.bucket else row.key


def _headings(
    columns: tuple[Column, ...], translate: Translate, *, compared: bool = False
) -> tuple[Heading, ...]:
    def heading(column: Column, part: str, kind: str) -> Heading:
        title = translate(Phrase(PART_TITLES[part], {"title": translate(column.title_phrase)}))
        if compared:
            title = translate(Phrase(COMPARED, {"title": title}))
        key = f"{COMPARED_KEY}{column.key}{part}" if compared else f"{column.key}{part}"
        return Heading(key, title, kind)

    return tuple(
        heading(column, part.suffix, part.kind or column.kind)
        for column in columns
        for part in PARTS.get(column.kind, WHOLE)
    )


def _cells(columns: tuple[Column, ...], figures: Mapping[str, Value]) -> tuple[Any, ...]:
    values = ((column, figures.get(column.key)) for column in columns)
    return tuple(
        None if value is None else part.of(value)
        for column, value in values
        for part in PARTS.get(column.kind, WHOLE)
    )


@dataclass(frozen=True)
class Part:
    """One of the cells of a figure: suffix of the key, kind of the values, and the value.

    If `kind` is "", it is that of the column.
    """

    suffix: str
    kind: str
    of: Callable[[Any], Any]


def _fraction(kind: str) -> tuple[Part, ...]:
    return (
        Part("", kind, lambda rate: rate.value),
        Part("_numerator", "part", lambda rate: rate.numerator),
        Part("_denominator", "part", lambda rate: rate.denominator),
    )


def _ends(kind: str) -> tuple[Part, ...]:
    return (
        Part("_low", kind, lambda span: span.low),
        Part("_high", kind, lambda span: span.high),
    )


# Cells of figures that have more than one, by kind of column.
PARTS: Mapping[str, tuple[Part, ...]] = {
    "rate": _fraction("share"),
    "ratio": _fraction("days"),
    "multiple": _fraction("days"),
    "estimate": (Part("", "share", lambda estimate: estimate.share), *_ends("share")),
    "interval": _ends("share"),
    "ranks": _ends("count"),
    "range": _ends("money"),
}
WHOLE = (Part("", "", lambda value: value),)
KEY = gettext_noop("Key")
ROW = gettext_noop("Row")
TOTAL = gettext_noop("Total")
UNFINISHED = gettext_noop("Unfinished")
COMPARED = gettext_noop("%(title)s (compared period)")
PART_TITLES = {
    "": "%(title)s",
    "_numerator": gettext_noop("%(title)s: numerator"),
    "_denominator": gettext_noop("%(title)s: denominator"),
    "_low": gettext_noop("%(title)s: lower limit"),
    "_high": gettext_noop("%(title)s: upper limit"),
}
