"""Map from the keys of rows to row numbers.

The number of a row is its id in the database, or a negative number if only the folder has the row.
All references can therefore be checked before any row is written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from leadlight.importing.cells import LIST_SEPARATOR, Reference
from leadlight.importing.company_folder import FILE, FILES
from leadlight.importing.file_layout import FILE_OF, File
from leadlight.importing.problems import WRONG
from leadlight.importing.reading import Table
from leadlight.sales.models.event_log import FIELDS

# Below the limit of variables per statement of every supported database.
BATCH = 900
# Kind of lead event → file of the rows that its value refers to, by one key or several.
KEY_KINDS: dict[str, str] = {
    kind: FILE_OF[field.model] for kind, field in FIELDS.items() if field.model is not None
}
# Small files whose keys are all loaded, because events of the database may refer to any of them.
SMALL = ("pipelines", "steps", "users", "teams", "tags", "fields", "activity_types")
Item = TypeVar("Item")


def batches(items: Iterable[Item], size: int = BATCH) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


class KeyMap:
    def __init__(self, tables: Mapping[str, Table], renamed: Mapping[str, str]) -> None:
        """Number the rows; `renamed` maps old to new headers of stored columns of prospects."""
        keys_by_file = _keys_by_file(tables)
        self._by_file: dict[str, dict[Any, int]] = {}
        self._ids: dict[str, list[int]] = {}
        for file in FILES:
            numbers = _stored_ids(file, keys_by_file[file.name])
            if file.name == "prospect_columns":
                numbers |= _renamed_columns(numbers, renamed)
            new = 0
            for row in tables[file.name].rows:
                key = file.key_of(row)
                if key not in numbers:
                    new += 1
                    numbers[key] = -new
            self._by_file[file.name] = numbers

    def of(self, file: str, key: Any) -> int | None:
        """Return the number of the row with a key; None if there is no such row."""
        return self._by_file[file].get(key)

    def add(self, file: str, key: Any) -> None:
        """Number a row that is added at the end of the rows of its file."""
        numbers = self._by_file[file]
        numbers[key] = min([0, *numbers.values()]) - 1

    def load(self, file: File, rows: Sequence[Any]) -> None:
        """Load the keys that these rows of the database refer to; the folder may lack such rows."""
        for target, keys in _referred_to(file, rows).items():
            missing = keys - self._by_file[target].keys() - {"", WRONG}
            self._by_file[target] |= _stored_ids(FILE[target], missing)

    def key_of(self, file: str, number: int) -> str:
        for key, each in self._by_file[file].items():
            if each == number:
                return str(key)
        return str(FILE[file].model._default_manager.values_list("key", flat=True).get(pk=number))

    def assign_ids(self, file: str, ids: list[int]) -> None:
        """Set the ids of the new rows of a file, in file order."""
        self._ids[file] = ids

    def id_of(self, file: str, number: int) -> int:
        return number if number > 0 else self._ids[file][-number - 1]


def _keys_by_file(tables: Mapping[str, Table]) -> dict[str, set[Any]]:
    keys_by_file: dict[str, set[Any]] = {file.name: set() for file in FILES}
    for table in tables.values():
        keys_by_file[table.file.name].update(map(table.file.key_of, table.rows))
        for target, keys in _referred_to(table.file, table.rows).items():
            keys_by_file[target] |= keys
    for keys in keys_by_file.values():
        keys -= {"", WRONG}
    return keys_by_file


def _referred_to(file: File, rows: Sequence[Any]) -> dict[str, set[Any]]:
    """Return file → keys of its rows that the given rows refer to."""
    named: dict[str, set[Any]] = defaultdict(set)
    for column in file.references:
        values = (getattr(row, column.name) for row in rows)
        keys = named[column.cell.file]  # type: ignore[attr-defined]
        if isinstance(column.cell, Reference):
            keys.update(values)
        else:
            keys.update(key for value in values if value is not WRONG for key in value)
    if file.name == "lead_events":
        for row in rows:
            if row.kind in KEY_KINDS:
                for text in (row.value, row.old_value):
                    named[KEY_KINDS[row.kind]].update(keys_in(row.kind, text))
    return named


def keys_in(kind: str, text: Any) -> list[str]:
    """Return the keys in an event value; `kind` must be one of `KEY_KINDS`."""
    if text is WRONG or not text:
        return []
    return str(text).split(LIST_SEPARATOR) if FIELDS[kind].is_many else [text]


def _stored_ids(file: File, keys: set[Any]) -> dict[Any, int]:
    if file.key:
        return _stored_pairs(file)
    if file.name in SMALL:
        return dict(file.model._default_manager.values_list("key", "pk"))
    stored: dict[Any, int] = {}
    for batch in batches(keys):
        stored.update(file.model._default_manager.filter(key__in=batch).values_list("key", "pk"))
    return stored


def _stored_pairs(file: File) -> dict[Any, int]:
    columns = [column.path for column in file.columns if column.name in file.key]
    rows = file.model._default_manager.values_list(*columns, "pk").iterator()
    return {tuple(key): number for *key, number in rows}


def _renamed_columns(numbers: Mapping[Any, int], renamed: Mapping[str, str]) -> dict[Any, int]:
    return {
        (listed, renamed[header]): number
        for (listed, header), number in numbers.items()
        if header in renamed
    }
