"""Generator of docs/reports/: one page per report, from its docstring and columns.

`python tools/reports.py write` writes the pages, `check` names those that are out of date.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.query.periods import Calendar
from leadlight.analytics.query.phrases import Phrase
from leadlight.analytics.query.query_params import Clock
from leadlight.analytics.query.switches import SWITCHES
from leadlight.analytics.reports import CATALOGUE
from leadlight.analytics.reports.contract import Report

HEADINGS = ("| figure | key | unit | definition |", "|---|---|---|---|")
# Columns that depend on the data of a company, and so cannot be listed.
OWN_COLUMNS = {
    "activities.goals": "For each kind of goal that is set, further columns have its target, the "
    "progress, the share and the pace; for an amount, also the activities needed.",
    "team.months": "The other columns are the months of the period.",
    "pipeline.moves": "The other columns are the steps of the pipeline.",
    "pipeline.people": "For each step of the pipeline, further columns have the leads that entered "
    "it, and the share of them that advanced.",
}
FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reports"


def page(report: Report) -> str:
    """Return the page of a report and its views, in Markdown."""
    return "\n".join(line for table in report.all_views for line in _lines(table))


def _lines(table: Report) -> list[str]:
    columns = {(c.key, c.definition): c for c in [*_every_column(table), *table.warnings]}.values()
    view = f" --view {table.view}" if table.view else ""
    own_columns = OWN_COLUMNS.get(f"{table.key}.{table.view}")
    switches = [f"`{name}` ({', '.join(SWITCHES[name])})" for name in table.switches]
    described = [
        f"| {_text(c.title_phrase)} | `{c.key}` | {c.unit} | {_text(c.definition_phrase)} |"
        for c in columns
        if c.period is None
    ]
    return [
        f"{'##' if table.view else '#'} {table.title}",
        "",
        "\n\n".join(table.help_text),
        "",
        f"Command line: `{table.key}{view}`. Rows: "
        + ", ".join(f"`{name}`" for name in table.groupings)
        + "."
        + (f" Switches: {', '.join(switches)}." if switches else ""),
        "",
        *(HEADINGS if described else ()),
        *described,
        *(("",) if described else ()),
        *((own_columns, "") if own_columns else ()),
    ]


def _text(phrase: Phrase) -> str:
    """Return a phrase for a cell of a table."""
    return str(phrase).replace("|", "\\|")


def _every_column(report: Report) -> list[Column]:
    """Return the report's columns by default, then those with each switch changed."""
    clock = Clock(datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo("UTC"), Calendar(), date(2026, 1, 1))
    queries = [{}, *({name: [SWITCHES[name][-1]]} for name in report.switches)]
    return [
        column
        for params in queries
        for column in report.columns(report.empty_query(report.read(params, clock)))
    ]


def pages() -> dict[Path, str]:
    """Return every page by path."""
    return {FOLDER / f"{key}.md": page(report) for key, report in CATALOGUE.items()}


def main(what: str) -> int:
    """Return the exit status: 1 if `check` finds a page that is out of date, else 0."""
    stale = {
        path: text
        for path, text in pages().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    }
    if what == "write":
        FOLDER.mkdir(parents=True, exist_ok=True)
        for path, text in stale.items():
            path.write_text(text, encoding="utf-8")
        return 0
    for path in stale:
        print(f"{path.name} is out of date: run `make docs`.", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
