"""Rows of the database as the same named tuples as the rows of a folder.

Their line number is 0. The values of lead events keep the form of the database: ids, not keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from leadlight.importing.company_folder import FILE
from leadlight.importing.file_layout import Column, File
from leadlight.importing.key_map import batches
from leadlight.importing.reading import NO_CELLS
from leadlight.sales.models import Prospect, ProspectColumn
from leadlight.sales.models.prospecting import CELL


def stored_rows(file: File, ids: Iterable[int]) -> Iterator[tuple[int, Any]]:
    """Yield id and row of each given id, in the given order; ids that do not exist are skipped."""
    for batch in batches(ids):
        found = dict(_found(file, {"pk__in": batch}, ("pk",)))
        yield from ((each, found[each]) for each in batch if each in found)


def stored_events(leads: Sequence[int]) -> dict[str, list[tuple[int, Any]]]:
    """Return lead key → its events with their ids, in order of occurrence."""
    events_of: dict[str, list[tuple[int, Any]]] = defaultdict(list)
    for batch in batches(leads):
        order = ("occurred_at", "pk")
        for number, row in _found(FILE["lead_events"], {"lead__in": batch}, order):
            events_of[row.lead].append((number, row))
    return events_of


def _found(
    file: File, condition: dict[str, Any], order: tuple[str, ...]
) -> Iterator[tuple[int, Any]]:
    rows = file.model._default_manager.filter(**condition)
    headers = _headers(rows) if file.model is Prospect else {}
    lists = {column.name: _lists(file, column, condition) for column in file.lists}
    cells = _values(file, condition)
    names = [column.name for column in file.plain]
    empty = [column.cell.empty for column in file.plain]
    for number, *values in rows.order_by(*order).values_list("pk", *(c.path for c in file.plain)):
        values_of_row = {
            name: nothing if value is None else tuple(value) if isinstance(value, list) else value
            for name, value, nothing in zip(names, values, empty, strict=True)
        }
        if file.prefix:
            values_of_row["cells"] = (
                cells.get(number, NO_CELLS)
                if file.values
                else _by_header(values_of_row["cells"], headers)
            )
        values_of_row |= {name: tuple(sorted(keys[number])) for name, keys in lists.items()}
        yield number, file.row(0, **values_of_row)


def _headers(rows: QuerySet[Any]) -> dict[str, str]:
    """Return key of a cell → header of its column, for the lists of these prospects."""
    lists = rows.order_by().values("prospecting_list")
    columns = ProspectColumn.objects.filter(prospecting_list__in=lists)
    return {f"{CELL}{pk}": header for pk, header in columns.values_list("pk", "header")}


def _by_header(cells: Any, headers: dict[str, str]) -> dict[str, str]:
    return {header: cells[key] for key, header in headers.items() if key in cells}


def _values(file: File, condition: dict[str, Any]) -> dict[int, dict[str, str]]:
    """Return row id → its custom field values by field key."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    if file.values:
        rows = file.values._default_manager.filter(
            **{f"owner__{path}": value for path, value in condition.items()}
        )
        for number, key, text in rows.values_list("owner_id", "field__key", "text"):
            found[number][key] = text
    return found


def _lists(file: File, column: Column, condition: dict[str, Any]) -> dict[int, list[str]]:
    path = f"{column.attribute}__key"
    rows = file.model._default_manager.filter(**condition, **{f"{path}__isnull": False})
    keys: dict[int, list[str]] = defaultdict(list)
    for number, key in rows.values_list("pk", path):
        keys[number].append(key)
    return keys
