"""Writes docs/reports/: one page a report, made of its docstring and its columns.

`python tools/reports.py write` writes them, `check` says which are not what the code says.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from leadlight.analytics.filters import SWITCHES
from leadlight.analytics.measures import Column
from leadlight.analytics.parameters import Clock
from leadlight.analytics.periods import Calendar
from leadlight.analytics.report import Report
from leadlight.analytics.reports import CATALOGUE

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reports"


def page(report: Report) -> str:
    """The page of a report, in Markdown."""
    columns = dict.fromkeys([*_every_column(report), *report.noted])
    lines = [
        f"# {report.title}",
        "",
        report.text.strip(),
        "",
        f"Command line and address: `{report.key}`. Rows: "
        + ", ".join(f"`{name}`" for name in report.groupings)
        + ". Switches: "
        + ", ".join(f"`{name}` ({', '.join(SWITCHES[name])})" for name in report.switches)
        + ".",
        "",
        "| figure | key | unit | what it says |",
        "|---|---|---|---|",
        *(f"| {c.title} | `{c.key}` | {c.unit} | {c.definition} |" for c in columns),
        "",
    ]
    return "\n".join(lines)


def _every_column(report: Report) -> list[Column]:
    """The report's columns with its switches off, then those that a switch exchanges."""
    clock = Clock(datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo("UTC"), Calendar(), date(2026, 1, 1))
    queries = [{}, *({name: [SWITCHES[name][-1]]} for name in report.switches)]
    return [
        column
        for query in queries
        for column in report.columns(report.blank(report.read(query, clock)))
    ]


def pages() -> dict[Path, str]:
    """Every page under its path."""
    return {FOLDER / f"{key}.md": page(report) for key, report in CATALOGUE.items()}


def main(what: str) -> int:
    """0 when all is well; `check` is 1 when a page is not what the code says."""
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
        print(f"{path.name} is not what the code says: run `make docs`.", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
