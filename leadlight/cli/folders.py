"""Import and export of a company folder, on the command line."""

from __future__ import annotations

from pathlib import Path

from rich.box import SIMPLE
from rich.table import Column, Table

from leadlight import importing
from leadlight.cli.console import Stop, aside, line, migrate, out, progress

COUNTED = ("created", "updated", "unchanged", "removed")


def import_(folder: Path, *, dry_run: bool = False) -> None:
    """Import a company folder into this instance, completely or not at all.

    Parameters
    ----------
    folder
        The folder with company.toml and the CSV files.
    dry_run
        Only print what would be done, and every problem found.
    """
    migrate()
    bring_in(folder, dry_run=dry_run)


def bring_in(folder: Path, *, dry_run: bool = False) -> None:
    """Import with progress and a summary. Raises Stop with all problems of the folder."""
    try:
        with progress() as step:
            summary = importing.import_folder(folder, dry_run=dry_run, progress=step)
    except importing.Problems as problems:
        raise Stop(str(problems), code=1) from problems
    for warning in summary.warnings:
        aside.print(str(warning), markup=False)
    if summary.warning_count > len(summary.warnings):
        aside.print(f"… {summary.warning_count} warnings in all.")
    _print_counts(summary)
    if dry_run:
        out.print("Nothing was written.")


def export(folder: Path) -> None:
    """Export the whole company as plain files into a new or empty folder."""
    try:
        with progress() as step:
            summary = importing.export_folder(folder, progress=step)
    except importing.Problems as problems:
        raise Stop(str(problems), code=1) from problems
    for name, counts in summary.files.items():
        line(name, counts.rows)


def _print_counts(summary: importing.Summary) -> None:
    table = Table("file", *(Column(name, justify="right") for name in COUNTED), box=SIMPLE)
    for name, counts in summary.files.items():
        table.add_row(name, *(str(getattr(counts, kind)) for kind in COUNTED))
    out.print(table)
