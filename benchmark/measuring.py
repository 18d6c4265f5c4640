"""Measure one generated company, in a process and a data folder of its own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmark.timing import peak_memory_mb, stopwatch
from leadlight.cli.console import migrate, progress, set_up


def main(chosen: list[str], as_json: bool) -> None:
    """Run the chosen measurements, and print them as a table or JSON."""
    if chosen[0] == "readers":
        figures = dict(_readers(int(chosen[1]), int(chosen[2])))
    elif chosen[0] == "search":
        figures = {"leads": int(chosen[1]), **dict(_searches(int(chosen[1])))}
    elif chosen[0] == "sheet":
        figures = {"rows": int(chosen[1]), **dict(_sheets(int(chosen[1])))}
    elif chosen[0] == "imports":
        figures = {"rows": int(chosen[1]), **dict(_imports(int(chosen[1])))}
    elif chosen[0] in ("daily", "feed"):
        figures = {"leads": int(chosen[1]), **dict(_pages(chosen[0], int(chosen[1])))}
    else:
        figures = {"leads": int(chosen[0]), **dict(_measurements(int(chosen[0])))}
    if as_json:
        json.dump(figures, sys.stdout, indent=1)
    else:
        _print_table(figures)


def _measurements(leads: int) -> Iterator[tuple[str, Any]]:
    from benchmark import pages, rebuilding

    migrate()
    with stopwatch() as generated:
        rebuilding.fill(leads)
    yield "generating_s", round(generated(), 1)
    yield from rebuilding.measured()
    period = rebuilding.last_year()
    yield from pages.engine_figures(period)
    yield from pages.http_figures(period)
    yield from rebuilding.sizes()
    yield "peak_memory_measuring_mb", round(peak_memory_mb())


def _pages(part: str, leads: int) -> Iterator[tuple[str, Any]]:
    from benchmark import daily, feed, rebuilding

    migrate()
    rebuilding.fill(leads)
    yield from {"daily": daily, "feed": feed}[part].figures()


def _readers(seconds: int, servers: int) -> Iterator[tuple[str, Any]]:
    from benchmark import readers
    from leadlight.cli.serving import demo

    demo(if_empty=True)
    yield from readers.figures(seconds, servers)


def _searches(leads: int) -> Iterator[tuple[str, Any]]:
    from benchmark import searching

    migrate()
    yield from searching.figures(leads)


def _sheets(rows: int) -> Iterator[tuple[str, Any]]:
    from benchmark import rebuilding, sheets

    migrate()
    rebuilding.fill(100)
    yield from sheets.figures(rows)


def _imports(rows: int) -> Iterator[tuple[str, Any]]:
    from benchmark import imports, rebuilding

    migrate()
    rebuilding.fill(100)
    yield from imports.figures(rows)


def _print_table(figures: dict[str, Any]) -> None:
    title = f"{figures['leads']} leads" if "leads" in figures else None
    table = Table("measured", "value", title=title)
    for name, value in figures.items():
        shown = (
            ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        )
        table.add_row(name, str(shown))
    Console(soft_wrap=True).print(table)


if __name__ == "__main__":
    set_up()
    with progress():
        main(sys.argv[1:], "--json" in sys.argv)
