"""Prospecting lists made from long tables, most of whose rows are added in the background.

Recognising the phone numbers of 100,000 rows takes minutes. A list is created with the first rows;
a background thread adds the others in batches. Each batch is a transaction that also increases
`PendingRows.read`, so that another process can continue after one that was killed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import get_language, override

from leadlight.accounts.keys import new_key
from leadlight.accounts.models import User
from leadlight.sales.models import PendingRows, ProspectChange, ProspectColumn, ProspectingList
from leadlight.sales.prospecting.editing import Subject, editing
from leadlight.sales.prospecting.lists import ROWS_AT_ONCE, check_rows, make_list, prepare, write
from leadlight.sales.prospecting.notions import Target
from leadlight.sales.refusals import Refused
from leadlight.tables import Choices, TableFile, Unreadable, open_table, paste

FIRST_ROWS = 500
ABANDONED_AFTER_S = 3_600


def folder() -> Path:
    """Return the folder of the tables whose rows are being added."""
    return Path(settings.LEADLIGHT_DATA) / "pending-rows"


def read_table(path: Path, file_name: str, choices: Choices) -> TableFile:
    """Read a file, or pasted cells if it has no name. Raises `Unreadable`."""
    if file_name:
        return open_table(path, file_name, choices=choices)
    return paste(path.read_bytes().decode(), choices=choices)


def rows_of(table: TableFile) -> Iterator[list[str]]:
    """Yield the cells of the rows that can be used."""
    for row in table.rows():
        if not row.problem:
            yield [text.replace("\r\n", "\n") for text in row.cells]


def make_list_of_table(
    user: User,
    name: str,
    table: TableFile,
    path: Path,
    choices: Choices,
    *,
    targets: Sequence[Target | None] = (),
) -> ProspectingList:
    """Create a list from the rows of a table that was read from `path`.

    Of a table with more than `FIRST_ROWS` rows, the others are added in the background, after all
    of them were checked here. Raises `Refused` as `make_list`.
    """
    if table.found.row_count <= FIRST_ROWS:
        return make_list(user, name, table.headers, rows_of(table), targets=targets)
    check_rows(rows_of(table))
    with transaction.atomic():
        first = islice(rows_of(table), FIRST_ROWS)
        made = make_list(user, name, table.headers, first, targets=targets)
        PendingRows.objects.create(
            prospecting_list=made,
            file=_linked(path),
            file_name=table.name,
            reading=asdict(choices),
            columns=list(made.columns.order_by("pk").values_list("pk", flat=True)),
            language=get_language() or "en",
            total=table.found.row_count - table.found.problem_count,
            read=FIRST_ROWS,
        )
    return made


def stop(prospecting_list: ProspectingList) -> None:
    """Stop adding rows to a list, and forget those that were not added yet."""
    pending = PendingRows.objects.filter(prospecting_list=prospecting_list).first()
    if pending is not None:
        _forget(pending)


def add_all(*, is_stopped: Callable[[], bool] = lambda: False) -> None:
    """Add the rows of all pending tables, and remove files of lists that no longer exist."""
    for pending in PendingRows.objects.filter(failure="").order_by("pk"):
        if is_stopped():
            return
        _add(pending, is_stopped)
    _remove_abandoned()


def _add(pending: PendingRows, is_stopped: Callable[[], bool]) -> None:
    with override(pending.language):
        try:
            choices = Choices(**pending.reading)
            table = read_table(folder() / pending.file, pending.file_name, choices)
            rest = islice(rows_of(table), pending.read, None)
            while rows := list(islice(rest, ROWS_AT_ONCE)):
                if is_stopped() or not _add_batch(pending, rows):
                    return
        except (Refused, Unreadable, OSError) as error:
            PendingRows.objects.filter(pk=pending.pk).update(failure=str(error))
            return
    _forget(pending)


def _add_batch(pending: PendingRows, rows: Sequence[Sequence[str]]) -> bool:
    """Add rows, and return False if another process added them or the list is gone."""
    prospecting_list = pending.prospecting_list
    present = ProspectColumn.objects.in_bulk(pending.columns)
    keys = [present[pk].cell_key if pk in present else "" for pk in pending.columns]
    prepared = prepare(prospecting_list, keys, rows)
    with editing(prospecting_list) as edit:
        expected = PendingRows.objects.filter(pk=pending.pk, read=pending.read, failure="")
        if not expected.update(read=pending.read + len(rows)):
            return False
        creation = ProspectChange.objects.filter(
            prospecting_list=prospecting_list,
            subject=Subject.LIST,
            attribute="",
            new__version=edit.list.version,
        )
        write(edit, prepared)
        # The creation of the list can be undone while the list has the version in this row.
        creation.update(new={"version": edit.version})
    pending.read += len(rows)
    return True


def _forget(pending: PendingRows) -> None:
    pending.delete()
    (folder() / pending.file).unlink(missing_ok=True)


def _linked(path: Path) -> str:
    """Hard-link a file into the folder under a new name, and return the name."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    name = new_key()
    os.link(path, folder() / name)
    return name


def _remove_abandoned() -> None:
    """Remove files without rows to add, such as those of a list whose creation was undone."""
    if not folder().is_dir():
        return
    limit = time.time() - ABANDONED_AFTER_S
    needed = set(PendingRows.objects.values_list("file", flat=True))
    for path in folder().iterdir():
        if path.name not in needed and path.stat().st_ctime < limit:
            path.unlink(missing_ok=True)
