"""PDF of a report on A4 pages, typeset by Typst from `report.typ`.

The PDF has the blocks of the printed page, in the same order; see `presentation.paper`. User input
reaches Typst only as data in a JSON file, never as markup.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst
from django.utils.translation import gettext as _

from leadlight.analytics.query.phrases import BadFilter, gettext_noop
from leadlight.presentation import formats
from leadlight.presentation.cards import Card, cards
from leadlight.presentation.charts.chart import Chart
from leadlight.presentation.charts.drawings import Canvas, Drawing, colours, render
from leadlight.presentation.charts.report_charts import charts_of
from leadlight.presentation.files import Export, drawn_sentence
from leadlight.presentation.goals import goal_table
from leadlight.presentation.paper import POINTS_OF_A_PIXEL, PageLayout, Paper
from leadlight.presentation.pdf.tables import printed
from leadlight.presentation.tables import default_sort, table

TEMPLATE = Path(__file__).parent / "report.typ"
MOST_ROWS = 5000
# Maximum height of a chart in points, so that it fits on a page.
TALLEST_UPRIGHT, TALLEST_WIDE = 560.0, 420.0


def report_pdf(export: Export) -> bytes:
    """Return the report as PDF. Raises BadFilter for more than `MOST_ROWS` rows."""
    result = export.result
    if len(result.rows) > MOST_ROWS:
        raise BadFilter(
            gettext_noop(
                "A PDF can have at most %(most)s rows, but this table has %(rows)s. "
                "Export XLSX or CSV instead."
            ),
            rows=len(result.rows),
            most=MOST_ROWS,
        )
    paper = paper_of(export)
    shown = charts_of(result)
    width = paper.page_layout.chart_width(len(shown.charts))
    drawings = [_drawing(chart, width) for chart in shown.charts]
    data = _words(paper) | {
        "table": printed(paper),
        "drawn": drawn_sentence(shown),
        "side_by_side": paper.page_layout.charts_side_by_side(len(shown.charts)),
        "pictures": [
            {
                "file": f"{place}.pdf",
                "alt": chart.description,
                "width": _width(drawing, paper.page_layout),
            }
            for place, (chart, drawing) in enumerate(zip(shown.charts, drawings, strict=True))
        ],
    }
    files = {f"{place}.pdf": drawing.as_pdf() for place, drawing in enumerate(drawings)}
    return _typeset(data, files)


def paper_of(export: Export) -> Paper:
    """Return the report on paper, with all rows of its table."""
    result = export.result
    return Paper(
        export,
        table(
            result,
            default_sort(result),
            by=lambda dimension, keys: (),  # paper has no links
            chosen=export.columns,
            change_form=export.change_form,
            is_whole=True,
        ),
        goal_table(result) if result.report.is_of_goals else None,
    )


def _words(paper: Paper) -> dict[str, Any]:
    """Return the texts and cards for the template."""
    export = paper.export
    return {
        "language": formats.language(),
        "colours": {name: colours()[name] for name in ("won-text", "lost-text", "heat")},
        "company": paper.company,
        "title": export.title,
        "past": paper.past,
        "question": paper.question,
        "sentences": export.sentences,
        "as_of": export.as_of,
        "address": export.address,
        "cards": [] if paper.goals else [_card(card) for card in cards(export.result)],
        "goals": paper.goals_sentence,
        "reading": paper.reading,
        "notes": export.notes,
        "explanation": paper.explanation,
        "definitions": [
            {
                "title": one.title,
                "text": one.text,
                "total": export.total_sentences.get(one.key, ""),
            }
            for one in paper.definitions
        ],
        "adding_up": paper.adding_up,
        "labels": {
            "explanation": _("How it is counted"),
            "definitions": _("Definitions"),
            "part": _("Columns, part %(number)s of %(parts)s"),
        },
    }


def _card(card: Card) -> dict[str, Any]:
    before = _("from %(value)s") % {"value": card.before} if card.before else ""
    return {
        "title": card.title,
        "value": card.value,
        "is_few": card.is_few,
        "fraction": card.fraction,
        "change": f"{card.change.arrow} {card.change.text}".strip() if card.change else "",
        "sense": card.change.sense if card.change else "",
        "before": before,
    }


def _drawing(chart: Chart, width: float) -> Drawing:
    """Return one chart with its title and legend, as wide as on the printed page."""
    canvas = Canvas(width)
    canvas.write(chart.title, 13, is_bold=True)
    if chart.finding:
        canvas.write(chart.finding, 11, "muted")
    canvas.explain(chart.keys)
    canvas.leave(4)
    canvas.show(render(chart.vega, canvas.inner))
    return canvas.drawing()


def _width(drawing: Drawing, page_layout: PageLayout) -> float:
    """Return the width of a chart in points, limited by the height of the page."""
    most = TALLEST_WIDE if page_layout.is_wide else TALLEST_UPRIGHT
    return min(drawing.width * POINTS_OF_A_PIXEL, most * drawing.width / drawing.height)


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Return Typst's embedded fonts, with system fonts for characters that they lack."""
    return typst.Fonts()


def _typeset(data: dict[str, Any], files: dict[str, bytes]) -> bytes:
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "report.json").write_text(json.dumps(data))
        for path, content in files.items():
            (folder / path).write_bytes(content)
        (folder / TEMPLATE.name).write_bytes(TEMPLATE.read_bytes())
        pdf = folder / "report.pdf"
        typst.compile(folder / TEMPLATE.name, output=pdf, root=folder, font_paths=_fonts())
        return pdf.read_bytes()
