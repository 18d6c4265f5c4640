"""Export the database to a company folder.

Equal data gives equal bytes: a folder that is exported, imported into an empty instance and
exported again is the same. Rows are therefore in an order that the import preserves: prospects by
list, leads by creation, activities by occurrence, lead events by lead and then by occurrence,
holidays by day, past probabilities by replacement, all others by insertion. Ties are in order of
insertion, too. Files without rows are omitted. The extra columns of prospects are in the order in
which the lists have them, the custom fields of leads and clients by position. Columns without any
value are omitted.

The events of a lead are omitted if all of them were synthesized from its row, because an import
synthesizes them again.
"""

from __future__ import annotations

import re
import secrets
import shutil
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils.translation import gettext as _

from leadlight.accounts.models import Organization
from leadlight.importing.attached_files import export_contents
from leadlight.importing.cells import LIST_SEPARATOR, format_value
from leadlight.importing.company_folder import COMPANY, FILE, FILES
from leadlight.importing.company_toml import write_company
from leadlight.importing.event_merge import is_synthesized
from leadlight.importing.existing_rows import stored_events, stored_rows
from leadlight.importing.file_layout import File
from leadlight.importing.key_map import KEY_KINDS, batches
from leadlight.importing.planning import Counts, Summary
from leadlight.importing.problems import Problem, Problems, Progress, silent
from leadlight.sales.models import CustomField, ProspectColumn
from leadlight.sales.models.event_log import Channel, Kind

Keys = dict[str, dict[str, str]]  # kind of event → id as text → key
# Cells that RFC 4180 requires to be quoted, and those with a lone carriage return.
TO_QUOTE = re.compile(r'[",\r\n]')


def export_folder(folder: Path, *, progress: Progress = silent) -> Summary:
    """Export the company to a new or empty folder, which appears only once it is complete.

    Raises `Problems` if the folder is not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Problems(
            [Problem(str(folder), 0, "", "", _("This folder is not empty. Choose an empty one."))]
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = folder.parent / f".{folder.name}.{secrets.token_hex(4)}"
    aside.mkdir()
    try:
        with _snapshot():
            summary = _Export(aside, progress).write()
        if folder.exists():
            folder.rmdir()
        aside.rename(folder)
    except BaseException:
        shutil.rmtree(aside)
        raise
    return summary


@contextmanager
def _snapshot() -> Iterator[None]:
    """Read from one snapshot of the database, without blocking writers."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        # Not `atomic`: its transactions lock out writers.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


class _Export:
    def __init__(self, folder: Path, progress: Progress) -> None:
        self.folder = folder
        self.progress = progress
        self.zone: ZoneInfo = Organization.current().zone

    def write(self) -> Summary:
        write_company(self.folder)
        files = {COMPANY: Counts(created=1)}
        for file in FILES:
            rows = self._write(file)
            if rows:
                files[f"{file.name}.csv"] = Counts(created=rows)
        missing = export_contents(self.folder, self.progress)
        return Summary(files, missing, len(missing))

    def _write(self, file: File) -> int:
        path = self.folder / f"{file.name}.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            rows = self._fill(file, stream)
        if not rows:
            path.unlink()
        return rows

    def _fill(self, file: File, stream: IO[str]) -> int:
        extra = _extra_headers(file)
        stream.write(_line([*file.header, *(file.prefix + header for header in extra)]))
        count = 0
        for row in self._rows(file):
            values = [getattr(row, name) for name in file.header]
            if getattr(row, "recorded_at", None) == getattr(row, "occurred_at", row):
                values[file.header.index("recorded_at")] = None
            if getattr(row, "channel", None) == Channel.IMPORT:
                values[file.header.index("channel")] = None
            cells = [format_value(value, self.zone) for value in values]
            stream.write(_line(cells + [row.cells.get(header, "") for header in extra]))
            count += 1
        return count

    def _rows(self, file: File) -> Iterator[Any]:
        label = _("Writing %(file)s") % {"file": f"{file.name}.csv"}
        source = FILE["leads"] if file.name == "lead_events" else file
        ids = _ids(source)
        keys = _keys_of_values()
        done = 0
        for batch in batches(ids):
            self.progress(label, done, len(ids))
            if source is file:
                yield from (row for _id, row in stored_rows(file, batch))
            else:
                yield from _events(batch, keys)
            done += len(batch)
        self.progress(label, done, len(ids))


def _ids(file: File) -> array[int]:
    """Return the ids of a file's rows in export order: eight bytes per row in memory."""
    rows = file.model._default_manager.order_by(*file.order).values_list("pk", flat=True)
    return array("q", rows.iterator())


def _line(cells: Iterable[str]) -> str:
    return ",".join(_quoted(cell) if TO_QUOTE.search(cell) else cell for cell in cells) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _extra_headers(file: File) -> list[str]:
    """Return the names of the extra columns that have any value, in export order."""
    if not file.prefix:
        return []
    if file.values:
        used = file.values._default_manager.values_list("field_id", flat=True)
        fields = CustomField.objects.filter(pk__in=used)
        return list(fields.order_by("position", "pk").values_list("key", flat=True))
    filled = {header for _id, row in stored_rows(file, _ids(file)) for header in row.cells}
    columns = ProspectColumn.objects.order_by("prospecting_list", "position", "pk")
    headers = dict.fromkeys(columns.values_list("header", flat=True))
    return [header for header in headers if header in filled]


def _events(leads: list[int], keys: Keys) -> Iterator[Any]:
    events_of = stored_events(leads)
    for _id, lead in stored_rows(FILE["leads"], leads):
        events = [event for _id, event in events_of.get(lead.lead, [])]
        if all(is_synthesized(lead.lead, event.lead_event) for event in events):
            continue
        seen = set()
        for event in events:
            about = (event.kind, event.about or event.lead_event * (event.kind == Kind.COMMENT))
            # The import restores the old value from the previous event of the kind.
            old_value = "" if about in seen else _with_keys(event.kind, event.old_value, keys)
            seen.add(about)
            yield event._replace(
                value=_with_keys(event.kind, event.value, keys), old_value=old_value
            )


def _with_keys(kind: str, text: str, keys: Keys) -> str:
    """Replace the ids in the value of an event by the keys of their rows."""
    if kind not in keys:
        return text
    return LIST_SEPARATOR.join(sorted(keys[kind][number] for number in text.split()))


def _keys_of_values() -> Keys:
    """Return kind → id as text → key for the kinds of event whose values are ids."""
    return {
        kind: {
            str(number): key
            for number, key in FILE[name].model._default_manager.values_list("pk", "key")
        }
        for kind, name in KEY_KINDS.items()
    }
