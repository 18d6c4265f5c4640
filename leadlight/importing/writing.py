"""A plan written to the database, inside the transaction of whoever calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection, models
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.accounts.sessions import end_sessions
from leadlight.importing.cells import Reference
from leadlight.importing.company_folder import FILE, FILES, Column, File
from leadlight.importing.histories import Changes
from leadlight.importing.numbers import KEY_KINDS, Numbers, batches
from leadlight.importing.planning import Plan
from leadlight.importing.problems import Progress
from leadlight.sales.models import Goal, Lead, PastProbability

# Rows made ready at once.
ROWS_AT_ONCE = 2_000
REFERRED_TO = {column.cell.file for file in FILES for column in file.references}  # type: ignore[attr-defined]


def write(plan: Plan, numbers: Numbers, progress: Progress) -> None:
    _make_way(plan)
    _keep_probabilities(plan)
    for file in FILES:
        FileWriter(file, plan[file.name], numbers, progress).write()
    closed = [id_ for id_, new, old in plan["users"].updated if old.is_active and not new.is_active]
    end_sessions(closed)


def _make_way(plan: Plan) -> None:
    """Give up what only one row can have, so that two rows can exchange it."""
    moved = [id_ for id_, new, old in plan["users"].updated if new.email != old.email]
    for batch in batches(moved):
        User.objects.filter(pk__in=batch).update(email=Concat(F("key"), Value("@")))
    moved = [id_ for id_, new, old in plan["leads"].updated if new.prospect != old.prospect]
    for batch in batches(moved):
        Lead.objects.filter(pk__in=batch).update(prospect=None)
    # A goal that changes more than its target is written anew: nothing refers to it.
    moved = [
        id_
        for id_, new, old in plan["goals"].updated
        if new._replace(line=old.line, target=old.target) != old
    ]
    for batch in batches(moved):
        Goal.objects.filter(pk__in=batch).delete()


def _keep_probabilities(plan: Plan) -> None:
    """What was set for the steps until now, where the folder says otherwise."""
    now = timezone.now()
    PastProbability.objects.bulk_create(
        PastProbability(step_id=id_, probability=old.probability, replaced_at=now)
        for id_, new, old in plan["steps"].updated
        if new.probability != old.probability
    )


class FileWriter:
    def __init__(self, file: File, changes: Changes, numbers: Numbers, progress: Progress) -> None:
        self.file = file
        self.changes = changes
        self.numbers = numbers
        self.progress = progress
        self.model: Any = file.model
        self.fields = [
            each for each in file.fields if not each.is_derived and each not in file.lists
        ]
        # What a folder does not tell of a row: what every new one has.
        self.others = {each.attname: each.get_default() for each in _columns(file.model)}
        if file.model is User:
            self.others["password"] = make_password(None)
        self.done = 0

    def write(self) -> None:
        for batch in batches(self.changes.removed):
            self.model._default_manager.filter(pk__in=batch).delete()
        self._update()
        ids = self._create()
        self.numbers.settle(self.file.name, ids)
        for column in self.file.lists:
            self._link(column, ids)

    def _report(self, rows: int) -> None:
        self.done += rows
        total = len(self.changes.updated) + len(self.changes.created)
        self.progress(_("Writing %(file)s") % {"file": self.file.name}, self.done, total)

    def _update(self) -> None:
        keys = self.file.key or ("key",)
        attributes = [each.attribute for each in self.fields if each.attribute not in keys]
        for batch in batches(self.changes.updated, ROWS_AT_ONCE):
            self.model._default_manager.bulk_create(
                self._instances(row for _id, row, _old in batch),
                update_conflicts=True,
                unique_fields=keys,
                update_fields=attributes,
            )
            self._report(len(batch))

    def _create(self) -> list[int]:
        """Insert the new rows, in their order; their ids where other rows name them."""
        insert = _insertion(self.model)
        ids: list[int] = []
        for batch in batches(self.changes.created, ROWS_AT_ONCE):
            with connection.cursor() as cursor:
                cursor.executemany(insert, [self._prepared(row) for row in batch])
            if self.file.name in REFERRED_TO:
                ids += self._ids([self.file.key_of(row) for row in batch])
            self._report(len(batch))
        return ids

    def _prepared(self, row: Any) -> list[Any]:
        values = self._values(row)
        return [
            each.get_db_prep_save(
                values[each.attname] if each.attname in values else self.others[each.attname],
                connection,
            )
            for each in _columns(self.model)
        ]

    def _ids(self, keys: list[str]) -> list[int]:
        ids: dict[str, int] = {}
        for batch in batches(keys):
            rows = self.model._default_manager.filter(key__in=batch)
            ids.update(rows.values_list("key", "pk"))
        return [ids[key] for key in keys]

    def _instances(self, rows: Iterable[Any]) -> list[models.Model]:
        return [self.model(**self._values(row)) for row in rows]

    def _values(self, row: Any) -> dict[str, Any]:
        values = {}
        for column in self.fields:
            value = getattr(row, column.name)
            if isinstance(column.cell, Reference):
                value = self._id(column.cell.file, value) if value else None
            if column.name == "cells":  # pairs: PostgreSQL keeps no order of an object
                value = [[header, text] for header, text in value.items()]
            values[column.stored_attribute] = value
        if self.file is FILE["lead_events"] and row.kind in KEY_KINDS and row.value:
            values["value"] = str(self.numbers.id_of(KEY_KINDS[row.kind], int(row.value)))
        return values

    def _id(self, file: str, key: str) -> int:
        number = self.numbers.of(file, key)
        if number is None:
            raise KeyError(key)
        return self.numbers.id_of(file, number)

    def _link(self, column: Column, ids: Sequence[int]) -> None:
        """Write what rows list: everything of new ones, of others what has come and gone."""
        many: Any = self.model._meta.get_field(column.attribute)
        through = many.remote_field.through
        own, other = many.m2m_field_name() + "_id", many.m2m_reverse_field_name() + "_id"
        come = [
            {own: number, other: self._id(column.cell.file, key)}  # type: ignore[attr-defined]
            for number, row in zip(ids, self.changes.created, strict=True)
            for key in getattr(row, column.name)
        ]
        for number, row, old in self.changes.updated:
            keys, old_keys = set(getattr(row, column.name)), set(getattr(old, column.name))
            target = column.cell.file  # type: ignore[attr-defined]
            come += [{own: number, other: self._id(target, key)} for key in sorted(keys - old_keys)]
            if old_keys - keys:
                gone = [self._id(target, key) for key in old_keys - keys]
                through.objects.filter(**{own: number, f"{other}__in": gone}).delete()
        for batch in batches(come, ROWS_AT_ONCE):
            through.objects.bulk_create(through(**each) for each in batch)


def _columns(model: type[models.Model]) -> list[models.Field]:
    return [each for each in model._meta.concrete_fields if not each.primary_key]


def _insertion(model: type[models.Model]) -> str:
    """Plain SQL: a model instance for each row would take three times as long."""
    quote = connection.ops.quote_name
    columns = [quote(str(each.column)) for each in _columns(model)]
    values = ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(columns)}) VALUES ({values})"
