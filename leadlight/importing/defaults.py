"""Values of the columns that a file does not have.

Rows that exist in the database keep their values in these columns.
"""

from __future__ import annotations

from collections.abc import Mapping

from leadlight.importing.custom_fields import renamed_headers
from leadlight.importing.existing_rows import stored_rows
from leadlight.importing.key_map import KeyMap
from leadlight.importing.problems import WRONG
from leadlight.importing.prospect_columns import add_columns
from leadlight.importing.reading import Table
from leadlight.sales.models.client_names import sort_name


def complete(tables: Mapping[str, Table], key_map: KeyMap) -> None:
    renamed = renamed_headers(tables["fields"].rows)
    for table in tables.values():
        if table.rows and (table.absent or _lacks_columns(table)):
            _keep_absent(table, key_map, renamed)
    add_columns(tables, key_map)
    _sort_names(tables["clients"])


def _lacks_columns(table: Table) -> bool:
    """Return whether rows of the database may have extra columns that the file does not have."""
    if table.file.values is None:
        return bool(table.file.prefix)
    used = table.file.values._default_manager.values_list("field__key", flat=True).distinct()
    return not set(used) <= set(table.extra_headers)


def _sort_names(clients: Table) -> None:
    clients.rows = [
        row if row.name is WRONG else row._replace(sort_name=sort_name(row.name))
        for row in clients.rows
    ]


def _keep_absent(table: Table, key_map: KeyMap, renamed: Mapping[str, str]) -> None:
    file = table.file
    keys = (file.key_of(row) for row in table.rows)
    ids = [number for key in keys if (number := key_map.of(file.name, key)) and number > 0]
    stored = dict(stored_rows(file, ids))
    absent = table.absent.difference(file.key_columns)
    for index, row in enumerate(table.rows):
        here = stored.get(key_map.of(file.name, file.key_of(row)) or 0)
        if here is None:
            continue
        defaults = {name: getattr(here, name) for name in absent if getattr(row, name) is not WRONG}
        if file.prefix:
            extra = set(table.extra_headers)
            names = {} if file.values else renamed
            defaults["cells"] = row.cells | {
                names.get(header, header): text
                for header, text in here.cells.items()
                if extra.isdisjoint((header, names.get(header, header)))
            }
        table.rows[index] = row._replace(**defaults)
    key_map.load(file, table.rows)
