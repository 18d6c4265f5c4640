"""Export of whole tables to files, on the command line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from django.utils.translation import gettext as _

from leadlight.accounts import audit
from leadlight.accounts.models.audit_entries import Kind
from leadlight.accounts.readers import SYSTEM
from leadlight.analytics.export.parquet import write_parquet
from leadlight.analytics.export.results import csv_of
from leadlight.analytics.export.sheets import Sheet
from leadlight.analytics.export.workbook import write_workbook
from leadlight.analytics.query.phrases import BadFilter
from leadlight.cli.console import Step, Stop, line, progress, refuse_empty_instance
from leadlight.presentation import labels
from leadlight.presentation.dataset_query import DataQuery
from leadlight.presentation.datasets import DATASETS, rows_of

ENDINGS = (".csv", ".xlsx", ".parquet")
BETWEEN_REPORTS = 5_000


def table(
    table: str,
    file: Path,
    *,
    from_: Annotated[str | None, Parameter("--from")] = None,
    to: str | None = None,
    period: str | None = None,
    day: str | None = None,
    user: list[str] | None = None,
    team: list[str] | None = None,
    pipeline: list[str] | None = None,
    tag: list[str] | None = None,
    status: list[str] | None = None,
    columns: list[str] | None = None,
) -> None:
    """Write a whole table to a new file, for reporting in other programs.

    Parameters
    ----------
    table
        leads, activities, prospects, clients or events (the history of leads).
    file
        Name of the file; its ending is .csv, .xlsx or .parquet.
    from_
        First day of the period, for example 2026-01-31; without a period, all rows are written.
    to
        Last day of the period, included; today by default.
    period
        Instead of days: this_month, last_quarter, last_30_days, ….
    day
        Day of the rows that the period selects by, for example closed for leads.
    user
        Only rows about leads of this user (key in the company folder); may be repeated.
    team
        Only rows about leads of this team; may be repeated.
    pipeline
        Only rows about leads in this pipeline; may be repeated.
    tag
        Only rows about leads with this tag; may be repeated.
    status
        Only rows about leads with this status; may be repeated.
    columns
        Keys of the columns to write, all by default.
    """
    refuse_empty_instance()
    given: dict[str, list[str] | None] = {
        "table": [table],
        "from": [from_] if from_ else None,
        "to": [to] if to else None,
        "period": [period] if period else None,
        "day": [day] if day else None,
        "user": user,
        "team": team,
        "pipeline": pipeline,
        "tag": tag,
        "status": status,
        "columns": columns,
    }
    if file.suffix not in ENDINGS:
        raise Stop(_("The file name must end with .csv, .xlsx or .parquet."))
    if table not in DATASETS:
        raise Stop(
            _("There is no table “%(table)s”. The tables are: %(tables)s.")
            % {"table": table, "tables": ", ".join(DATASETS)}
        )
    if file.exists():
        raise Stop(_("%(file)s already exists. Choose another name.") % {"file": file})
    if not file.parent.is_dir():
        raise Stop(_("The folder %(folder)s does not exist.") % {"folder": file.parent})
    try:
        query = DataQuery.from_params({name: list(v) for name, v in given.items() if v}, SYSTEM)
    except BadFilter as bad:
        raise Stop(labels.say(bad.phrase)) from bad
    _refuse_unknown_columns(columns or [], query)
    found = query.found(SYSTEM)
    total = found.order_by().count()
    sheet = Sheet(
        title=str(query.dataset.title),
        headings=tuple(column.heading for column in query.columns),
        rows=rows_of(found, query.columns),
    )
    with progress() as step:
        _write(replace(sheet, rows=_counted(sheet.rows, total, step)), file)
    filters = " ".join(f"{name}={value}" for name, value in query.pairs)
    audit.record(Kind.EXPORT, "table", by=SYSTEM, subject=file, new=filters)


def _refuse_unknown_columns(given: list[str], query: DataQuery) -> None:
    known = [column.key for column in query.every]
    for key in given:
        if key not in known:
            raise Stop(
                _("There is no column “%(column)s”. The columns are: %(columns)s.")
                % {"column": key, "columns": ", ".join(known)}
            )


def _counted(rows: Iterable[tuple[Any, ...]], total: int, step: Step) -> Iterator[tuple[Any, ...]]:
    """Yield the rows; report progress every `BETWEEN_REPORTS` rows, and print the number last."""
    number = 0
    for number, row in enumerate(rows, start=1):
        yield row
        if number % BETWEEN_REPORTS == 0:
            step(_("Writing rows"), number, total)
    line(_("Rows"), number)


def _write(sheet: Sheet, file: Path) -> None:
    """Write a sheet to a file by its ending; a file that could not be written whole is removed."""
    try:
        if file.suffix == ".parquet":
            write_parquet(sheet, file)
        elif file.suffix == ".xlsx":
            with file.open("xb") as binary:
                write_workbook(sheet, binary, labels.say)
        else:
            with file.open("x", encoding="utf-8", newline="") as text:
                text.writelines(csv_of(sheet))
    except BaseException as error:
        file.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise Stop(
                _("The file cannot be written: %(reason)s.") % {"reason": error.strerror or error}
            ) from error
        raise
