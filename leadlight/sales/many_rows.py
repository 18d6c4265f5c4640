"""Inserts and updates of many rows by one statement that the driver executes for each row.

Django would compile each row into the statement, which takes several times as long as its execution
by the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from django.db import connection, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

# Fields whose values the drivers of both databases take as they are.
AS_THEY_ARE = (
    *(models.CharField, models.TextField, models.BooleanField, models.IntegerField),
    *(models.AutoField, models.ForeignKey),
)


def insert_all(model: type[models.Model], rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows, given as column attribute → valid value, without returning their ids.

    Missing columns have their defaults.
    """
    listed = list(rows)
    fields = [one for one in model._meta.concrete_fields if not one.primary_key]
    given = {name for row in listed for name in row}
    defaults = [one for one in fields if one.attname not in given]
    made = [{one.attname: one.get_default() for one in defaults} | dict(row) for row in listed]
    if made:
        names = [one.attname for one in fields]
        _insert(model, fields, _prepared(fields, ([row[name] for name in names] for row in made)))


def insert_with_ids(rows: Sequence[models.Model]) -> None:
    """Insert rows of one model and set their ids, in the caller's transaction.

    On SQLite, the transaction must hold the write lock, so that no other writer takes the ids.
    """
    if not rows:
        return
    for row, pk in zip(rows, reserved_ids(type(rows[0]), len(rows)), strict=True):
        row.pk = pk
    fields = rows[0]._meta.concrete_fields
    _insert(type(rows[0]), fields, _prepared(fields, _values(rows, fields)))
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def update_all(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Save some fields of rows of one model."""
    if not rows:
        return
    meta: Any = rows[0]._meta
    quote = connection.ops.quote_name
    fields = [meta.get_field(name) for name in names]
    columns = ", ".join(f"{quote(one.column)} = %s" for one in fields)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {quote(meta.db_table)} SET {columns} WHERE {quote(meta.pk.column)} = %s",
            _prepared([*fields, meta.pk], _values(rows, [*fields, meta.pk])),
        )


def reserved_ids(model: type[models.Model], count: int) -> list[int]:
    """Return ids for new rows, in ascending order.

    PostgreSQL reserves the ids. On SQLite, they are free only until another writer inserts a row.
    """
    if not count:
        return []
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [table, count],
            )
            return sorted(number for (number,) in cursor.fetchall())
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        found = cursor.fetchone()
    last = found[0] if found else 0
    return list(range(last + 1, last + 1 + count))


def _insert(model: type[models.Model], fields: Sequence[Any], values: list[list[Any]]) -> None:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(one.column) for one in fields)
    marks = ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({marks})", values
        )


def _values(rows: Iterable[models.Model], fields: Sequence[Any]) -> Iterator[list[Any]]:
    names = [one.attname for one in fields]
    return ([getattr(row, name) for name in names] for row in rows)


def _prepared(fields: Sequence[Any], rows: Iterable[list[Any]]) -> list[list[Any]]:
    """Return the values in the form that the database driver accepts."""
    here = connections[connection.alias]
    converted = [
        (place, _conversion(one, here))
        for place, one in enumerate(fields)
        if not isinstance(one, AS_THEY_ARE)
    ]
    prepared = list(rows)
    for row in prepared:
        for place, convert in converted:
            row[place] = convert(row[place])
    return prepared


def _conversion(field: Any, here: BaseDatabaseWrapper) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        return field.get_db_prep_save(value, here)

    # Cached, because many rows have the same instant.
    return cache(convert) if isinstance(field, models.DateTimeField) else convert
