"""Import and export of a company folder, on the command line."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from leadlight import importing
from leadlight.accounts import audit
from leadlight.accounts.models.audit_entries import Kind
from leadlight.accounts.readers import SYSTEM
from leadlight.cli import table_files
from leadlight.cli.console import Stop, aside, line, migrate, out, progress, refuse_empty_instance
from leadlight.cli.text_tables import TableOptions, TextColumn
from leadlight.cli.text_tables import show as show_table
from leadlight.presentation import formats

COUNTED = {
    "created": gettext_noop("Created"),
    "updated": gettext_noop("Updated"),
    "unchanged": gettext_noop("Unchanged"),
    "removed": gettext_noop("Removed"),
}


def import_(folder: Path, *, mapping: str = "", dry_run: bool = False) -> None:
    """Import a company folder completely or not at all, or rows from a file.

    Parameters
    ----------
    folder
        The folder with company.toml and the CSV files; with a mapping, a CSV file or a workbook.
    mapping
        Name under which the columns of such a file were kept on the page *Imports*. The import is
        made as the person who kept them.
    dry_run
        Only print what would be done, and every problem found.
    """
    migrate()
    if mapping:
        table_files.import_table(folder, mapping, dry_run=dry_run)
        return
    import_with_progress(folder, dry_run=dry_run)
    if not dry_run:
        audit.record(Kind.IMPORT, "company", by=SYSTEM, subject=folder)


def import_with_progress(folder: Path, *, dry_run: bool = False) -> None:
    """Import with progress and a summary. Raises Stop with all problems of the folder."""
    try:
        with progress() as step:
            summary = importing.import_folder(folder, dry_run=dry_run, progress=step)
    except importing.Problems as problems:
        raise Stop(str(problems), code=1) from problems
    for warning in summary.warnings:
        aside.print(str(warning), markup=False)
    if summary.warning_count > len(summary.warnings):
        aside.print(
            _("… %(count)d warnings in total.") % {"count": summary.warning_count}, markup=False
        )
    _print_counts(summary)
    if dry_run:
        out.print(_("Nothing was written."))


def export(folder: Path) -> None:
    """Export the whole company as plain files into a new or empty folder."""
    refuse_empty_instance()
    try:
        with progress() as step:
            summary = importing.export_folder(folder, progress=step)
    except importing.Problems as problems:
        raise Stop(str(problems), code=1) from problems
    for warning in summary.warnings:
        aside.print(str(warning), markup=False)
    audit.record(Kind.EXPORT, "company", by=SYSTEM, subject=folder)
    for name, counts in summary.files.items():
        line(name, counts.rows)


def _print_counts(summary: importing.Summary) -> None:
    files = summary.files
    show_table(
        _("Rows of each file"),
        TextColumn("file", _("File"), tuple(files), is_figure=False),
        [
            TextColumn(
                kind,
                _(title),
                tuple(formats.number(getattr(counts, kind)) for counts in files.values()),
            )
            for kind, title in COUNTED.items()
        ],
        TableOptions(),
    )
