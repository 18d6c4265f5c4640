"""PDF of a report on A4 pages, typeset by Typst from `report.typ`.

User input reaches Typst only as data in a JSON file, never as markup.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst
from django.utils.translation import gettext as _

from leadlight.analytics.export.sheets import meaning
from leadlight.analytics.query.phrases import BadFilter, gettext_noop
from leadlight.presentation import formats, labels
from leadlight.presentation.cards import Card, cards
from leadlight.presentation.charts.drawings import Drawing, drawing_of
from leadlight.presentation.charts.report_charts import charts_of
from leadlight.presentation.files import Export, drawn_sentence
from leadlight.presentation.pdf.tables import LANDSCAPE, PORTRAIT, explained, printed, printed_goals
from leadlight.presentation.tables import adding_up, total_title

TEMPLATE = Path(__file__).parent / "report.typ"
MOST_ROWS = 5000
# Maximum height of a chart in points, so that it fits on a page.
TALLEST = {PORTRAIT: 560.0, LANDSCAPE: 270.0}


def report_pdf(export: Export) -> bytes:
    """Return the report as PDF. Raises BadFilter for more than `MOST_ROWS` rows."""
    result = export.result
    if len(result.rows) > MOST_ROWS:
        raise BadFilter(
            gettext_noop(
                "These are %(rows)s rows: a PDF takes %(most)s at most. XLSX and CSV have them all."
            ),
            rows=len(result.rows),
            most=MOST_ROWS,
        )
    shown = charts_of(result)
    drawings = [drawing_of(chart) for chart in shown.charts]
    table = printed_goals(result) if result.report.is_of_goals else printed(result)
    page = LANDSCAPE if table["is_wide"] else PORTRAIT
    data = _words(export) | {
        "table": table,
        "explained": explained(result),
        "drawn": drawn_sentence(shown),
        "pictures": [
            {"file": f"{place}.pdf", "alt": chart.description, "width": _width(drawing, page)}
            for place, (chart, drawing) in enumerate(zip(shown.charts, drawings, strict=True))
        ],
    }
    files = {f"{place}.pdf": drawing.as_pdf() for place, drawing in enumerate(drawings)}
    return _set(data, files)


def _words(export: Export) -> dict[str, Any]:
    """Return the texts of the template, with the cards."""
    result = export.result
    return {
        "language": formats.language(),
        "company": formats.company().name,
        "title": export.title,
        "question": _(result.report.summary),
        "sentences": export.sentences,
        "as_of": export.as_of,
        "past": export.as_of_warning,
        "cards": [] if result.report.is_of_goals else [_card(card) for card in cards(result)],
        "notes": export.notes,
        "explanation": [
            " ".join(_(text.strip()).split()) for text in result.report.text.split("\n\n")[1:]
        ],
        "definitions": [
            {
                "title": labels.say(column.title_phrase),
                "text": meaning(result, column, labels.say),
                "adding_up": adding_up(result.report, column),
                "told": export.total_sentences.get(column.key, ""),
            }
            for column in result.columns
        ],
        "address": export.address,
        "labels": {
            "total": total_title(export.result),
            "notes": _("Notes"),
            "explanation": _("What counts"),
            "definitions": _("What the figures mean"),
            "address": _("The address that makes this again"),
            "part": _("Columns, part %(number)s of %(parts)s"),
        },
    }


def _card(card: Card) -> dict[str, Any]:
    change = f"{card.change.arrow} {card.change.text}".strip() if card.change else ""
    before = _("before: %(value)s") % {"value": card.before} if card.before else ""
    return {
        "title": card.title,
        "value": card.value,
        "below": [text for text in (card.fraction, change, before) if text],
    }


def _width(drawing: Drawing, page: float) -> float:
    """Return the width of a chart in points, limited by the page's width and height."""
    return min(page, TALLEST[page] * drawing.width / drawing.height)


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Return Typst's embedded fonts, with system fonts for characters that they lack."""
    return typst.Fonts()


def _set(data: dict[str, Any], files: dict[str, bytes]) -> bytes:
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "report.json").write_text(json.dumps(data))
        for path, content in files.items():
            (folder / path).write_bytes(content)
        (folder / TEMPLATE.name).write_bytes(TEMPLATE.read_bytes())
        pdf = folder / "report.pdf"
        typst.compile(folder / TEMPLATE.name, output=pdf, root=folder, font_paths=_fonts())
        return pdf.read_bytes()
