"""Write the custom field values that an import changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection

from leadlight.importing.custom_fields import definitions
from leadlight.importing.file_layout import File
from leadlight.importing.histories import Changes
from leadlight.importing.key_map import KeyMap, batches
from leadlight.importing.staging import Staged
from leadlight.sales.models.field_values import derived

ROWS_AT_ONCE = 2_000
COLUMNS = ("owner", "field", "text", "sort_text", "number")


class FieldValueWriter:
    """Writer of the custom field values of one file, in two steps like `FileWriter`.

    The fields themselves must be written first.
    """

    def __init__(self, file: File, changes: Changes, key_map: KeyMap, fields: Changes) -> None:
        model: Any = file.values
        self.model = model
        self.changes = changes
        self.key_map = key_map
        self.fields = definitions([*fields.created, *(new for _id, new, _old in fields.updated)])
        columns: list[Any] = [model._meta.get_field(name) for name in COLUMNS]
        self.staged = Staged(f"values_{file.name}", model, columns)

    def prepare(self, ids: list[int]) -> None:
        """Stage the new and changed values; `ids` are the ids of the new rows, in file order."""
        self.staged.fill(batches(self._values(ids), ROWS_AT_ONCE))

    def write(self) -> None:
        for number, row, old in self.changes.updated:
            gone = [self._id(key) for key in old.cells.keys() - row.cells.keys()]
            if gone:
                self.model.objects.filter(owner=number, field__in=gone).delete()
        self.staged.replace(("owner_id", "field_id"), COLUMNS[2:])

    def drop_staged(self) -> None:
        self.staged.drop()

    def _values(self, ids: list[int]) -> Iterator[list[Any]]:
        for number, row in zip(ids, self.changes.created, strict=True):
            yield from self._of(number, row.cells)
        for number, row, old in self.changes.updated:
            new = {key: text for key, text in row.cells.items() if old.cells.get(key) != text}
            yield from self._of(number, new)

    def _of(self, owner: int, cells: dict[str, str]) -> Iterator[list[Any]]:
        for key, text in cells.items():
            more = derived(self.fields[key], text)
            values = (owner, self._id(key), text, more["sort_text"], more["number"])
            yield [
                column.get_db_prep_save(value, connection)
                for column, value in zip(self.staged.columns, values, strict=True)
            ]

    def _id(self, key: str) -> int:
        number = self.key_map.of("fields", key)
        if number is None:
            raise KeyError(key)
        return self.key_map.id_of("fields", number)
