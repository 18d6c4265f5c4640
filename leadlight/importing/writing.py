"""Write a plan to the database in two steps: `prepare` without a lock, `write` in a transaction.

`prepare` stages the rows in temporary tables; `write` copies them with one statement per table, so
that the write lock is held briefly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import connection, models
from django.db.models import F, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.accounts.sessions import end_sessions
from leadlight.importing.cells import Reference
from leadlight.importing.company_folder import FILE, FILES
from leadlight.importing.field_value_writing import FieldValueWriter
from leadlight.importing.file_layout import Column, File
from leadlight.importing.key_map import KEY_KINDS, KeyMap, batches
from leadlight.importing.planning import Plan
from leadlight.importing.problems import Progress
from leadlight.importing.search_writing import SearchWriter
from leadlight.importing.staging import Staged
from leadlight.importing.task_events import log_changes
from leadlight.sales import derived_columns
from leadlight.sales.many_rows import reserved_ids
from leadlight.sales.models import (
    CustomField,
    Goal,
    Lead,
    LeadEvent,
    PastName,
    PastPosition,
    PastProbability,
    RefusedAddress,
)
from leadlight.sales.models.comments import derive_mentions
from leadlight.sales.models.event_log import Kind
from leadlight.sales.models.fields import rename_headers
from leadlight.sales.models.prospecting import CELL
from leadlight.sales.prospecting import lists, states

# Rows staged per batch.
ROWS_AT_ONCE = 2_000


class PlanWriter:
    def __init__(self, plan: Plan, key_map: KeyMap, country: str, progress: Progress) -> None:
        self.plan = plan
        self.key_map = key_map
        self.files = [FileWriter(file, plan, key_map, progress) for file in FILES]
        self.search = SearchWriter(plan, key_map, country, progress)

    def prepare(self) -> None:
        for file in self.files:
            file.prepare()
        self.search.prepare()

    def write(self) -> None:
        """Write the staged rows within the caller's transaction."""
        _release_unique_values(self.plan)
        _record_replaced_values(self.plan)
        renamed = {
            old.name: new.name
            for _id, new, old in self.plan["fields"].updated
            if new.subject == CustomField.Subject.PROSPECT and new.name != old.name
        }
        if renamed:
            rename_headers(renamed)
        for file in self.files:
            file.write()
        changed = [*_changed_prospects(self.plan, self.key_map)]
        states.refresh(changed)
        lists.renew(changed)
        self.search.write()
        _increment_versions(self.plan, self.key_map)
        log_changes(self.plan)
        _derive_mentions(self.plan)
        derived_columns.refresh(_changed_leads(self.plan, self.key_map))
        users = self.plan["users"].updated
        end_sessions([id_ for id_, new, old in users if old.is_active and not new.is_active])

    def drop_staged(self) -> None:
        for file in self.files:
            file.drop_staged()
        self.search.drop_staged()


def _release_unique_values(plan: Plan) -> None:
    """Free the values of unique columns that change, so that two rows can swap their values."""
    moved = [id_ for id_, new, old in plan["users"].updated if new.email != old.email]
    for batch in batches(moved):
        User.objects.filter(pk__in=batch).update(email=Concat(F("key"), Value("@")))
        # allauth keeps addresses of its own, and would go on sending links to them.
        EmailAddress.objects.filter(user__in=batch).delete()
    moved = [id_ for id_, new, old in plan["leads"].updated if new.prospect != old.prospect]
    for batch in batches(moved):
        Lead.objects.filter(pk__in=batch).update(prospect=None)
    moved = [id_ for id_, new, old in plan["fields"].updated if new.name != old.name]
    # A name cannot contain control characters.
    aside = Concat(Value("\x01"), Cast("pk", models.CharField()))
    for batch in batches(moved):
        CustomField.objects.filter(pk__in=batch).update(name=aside)
    moved = [
        id_ for id_, new, old in plan["refused_addresses"].updated if new.address != old.address
    ]
    for batch in batches(moved):
        RefusedAddress.objects.filter(pk__in=batch).update(address=F("key"))
    # A goal that changes more than its target is deleted and inserted: no row refers to goals.
    moved = [
        id_
        for id_, new, old in plan["goals"].updated
        if new._replace(line=old.line, target=old.target) != old
    ]
    for batch in batches(moved):
        Goal.objects.filter(pk__in=batch).delete()


def _increment_versions(plan: Plan, key_map: KeyMap) -> None:
    """Increment the version of existing leads that change, and set it on their new events."""
    events = plan["lead_events"]
    changed = {id_ for id_, _new, _old in plan["leads"].updated}
    named = {row.lead for row in (*events.created, *(new for _id, new, _old in events.updated))}
    numbered = (key_map.of("leads", key) or 0 for key in named)
    now = timezone.now()
    for batch in batches(sorted(changed | {number for number in numbered if number > 0})):
        Lead.objects.filter(pk__in=batch).update(version=F("version") + 1, updated_at=now)
    keys = (row.lead_event for row in events.created if (key_map.of("leads", row.lead) or 0) > 0)
    version = Lead.objects.filter(pk=OuterRef("lead_id")).values("version")
    for batch in batches(keys):
        LeadEvent.objects.filter(key__in=batch).update(version=Subquery(version))


def _derive_mentions(plan: Plan) -> None:
    """Write the mentions of the comments that the import creates or edits."""
    events = plan["lead_events"]
    rows = [*events.created, *(new for _id, new, _old in events.updated)]
    comments = [
        row.lead_event
        for row in rows
        if row.kind == Kind.COMMENT and (row.about or "@" in row.value)
    ]
    for batch in batches(comments):
        derive_mentions(list(batch))


def _changed_leads(plan: Plan, key_map: KeyMap) -> Iterator[int]:
    """Yield the ids of leads that are new or changed, or have such events or activities."""
    for name in ("leads", "lead_events", "activities"):
        changes = plan[name]
        rows = [*changes.created, *(new for _id, new, _old in changes.updated)]
        rows += [old for _id, _new, old in changes.updated]
        for key in {row.lead for row in rows if row.lead}:
            number = key_map.of("leads", key)
            if number is not None:
                yield key_map.id_of("leads", number)


def _changed_prospects(plan: Plan, key_map: KeyMap) -> Iterator[int]:
    """Yield the ids of prospects that are new or changed, or have such activities."""
    for name in ("prospects", "activities"):
        changes = plan[name]
        rows = [*changes.created, *(new for _id, new, _old in changes.updated)]
        rows += [old for _id, _new, old in changes.updated]
        for key in {row.prospect for row in rows if row.prospect}:
            number = key_map.of("prospects", key)
            if number is not None:
                yield key_map.id_of("prospects", number)


def _record_replaced_values(plan: Plan) -> None:
    """Record the previous values of steps, and names of pipelines, that the import changes."""
    now = timezone.now()
    PastName.objects.bulk_create(
        PastName(**{f"{row}_id": id_}, name=old.name, replaced_at=now)
        for row in ("step", "pipeline")
        for id_, new, old in plan[f"{row}s"].updated
        if new.name != old.name
    )
    PastPosition.objects.bulk_create(
        PastPosition(step_id=id_, position=old.position, replaced_at=now)
        for id_, new, old in plan["steps"].updated
        if new.position != old.position
    )
    PastProbability.objects.bulk_create(
        PastProbability(step_id=id_, probability=old.probability, replaced_at=now)
        for id_, new, old in plan["steps"].updated
        if new.probability != old.probability
    )


class FileWriter:
    def __init__(self, file: File, plan: Plan, key_map: KeyMap, progress: Progress) -> None:
        self.file = file
        self.changes = changes = plan[file.name]
        self.key_map = key_map
        self.progress = progress
        self.model: Any = file.model
        self.fields = [each for each in file.plain if not each.is_derived]
        # Defaults of the columns that a folder does not have.
        self.others = {each.attname: each.get_default() for each in self._columns()}
        if file.model is User:
            self.others["password"] = make_password(None)
        self.created = Staged(f"created_{file.name}", self.model, self._columns())
        columns = [each for each in self._columns() if not each.primary_key]
        self.updated = Staged(f"updated_{file.name}", self.model, columns)
        self.links = [self._links(column) for column in file.lists]
        self.values: FieldValueWriter | None = None
        if file.values:
            self.values = FieldValueWriter(file, changes, key_map, plan["fields"])
        self.done = 0

    def prepare(self) -> None:
        """Assign ids to the new rows, and stage all rows."""
        changes, name = self.changes, self.file.name
        ids = reserved_ids(self.model, len(changes.created))
        self.key_map.assign_ids(name, ids)
        updated = ((number, row) for number, row, _old in changes.updated)
        self.updated.fill(self._reported(self._prepared(self.updated.columns, updated)))
        created = zip(ids, changes.created, strict=True)
        self.created.fill(self._reported(self._prepared(self.created.columns, created)))
        for column, staged in zip(self.file.lists, self.links, strict=True):
            staged.fill([list(self._added_links(column, ids))])
        if self.values:
            self.values.prepare(ids)

    def write(self) -> None:
        self.progress(_("Writing %(file)s") % {"file": self.file.name}, 0, self._total)
        for batch in batches(self.changes.removed):
            self.model._default_manager.filter(pk__in=batch).delete()
        keys = [
            self._column_name(each) for each in self.fields if each.name in self.file.key_columns
        ]
        columns = [self._column_name(each) for each in self.fields]
        self.updated.replace(keys, [each for each in columns if each not in keys])
        self.created.insert()
        for column, staged in zip(self.file.lists, self.links, strict=True):
            self._unlink(column)
            staged.insert()
        if self.values:
            self.values.write()
        self.progress(_("Writing %(file)s") % {"file": self.file.name}, self._total, self._total)

    def drop_staged(self) -> None:
        for staged in (self.updated, self.created, *self.links):
            staged.drop()
        if self.values:
            self.values.drop_staged()

    def _column_name(self, column: Column) -> str:
        """Return the name of a column in the database."""
        return str(self.model._meta.get_field(column.attribute).column)

    @property
    def _total(self) -> int:
        return len(self.changes.updated) + len(self.changes.created)

    def _reported(self, rows: Iterable[list[Any]]) -> Iterator[list[list[Any]]]:
        """Yield the rows in batches, and report progress after each."""
        for batch in batches(rows, ROWS_AT_ONCE):
            yield batch
            self.done += len(batch)
            label = _("Preparing %(file)s") % {"file": self.file.name}
            self.progress(label, self.done, self._total)

    def _columns(self) -> list[models.Field]:
        return list(self.model._meta.concrete_fields)

    def _prepared(
        self, columns: list[models.Field], rows: Iterable[tuple[int, Any]]
    ) -> Iterator[list[Any]]:
        for number, row in rows:
            values = self.others | self._values(row) | {"id": number}
            yield [each.get_db_prep_save(values[each.attname], connection) for each in columns]

    def _values(self, row: Any) -> dict[str, Any]:
        values = {}
        for column in self.fields:
            value = getattr(row, column.name)
            if isinstance(column.cell, Reference):
                value = self._id(column.cell.file, value) if value else None
            if column.name == "cells":
                value = {
                    f"{CELL}{self._id('prospect_columns', (row.prospecting_list, header))}": text
                    for header, text in value.items()
                    if text
                }
            values[column.stored_attribute] = value
        if self.file is FILE["lead_events"] and row.kind in KEY_KINDS:
            for name in ("value", "old_value"):
                values[name] = self._ids(KEY_KINDS[row.kind], values[name])
        return values

    def _ids(self, file: str, text: str) -> str:
        ids = (self.key_map.id_of(file, int(number)) for number in text.split())
        return " ".join(map(str, sorted(ids)))

    def _id(self, file: str, key: Any) -> int:
        number = self.key_map.of(file, key)
        if number is None:
            raise KeyError(key)
        return self.key_map.id_of(file, number)

    # Many-to-many links: all links of new rows, added and removed links of updated rows

    def _links(self, column: Column) -> Staged:
        through, own, other = self._ends(column)
        columns = [through._meta.get_field(own), through._meta.get_field(other)]
        return Staged(f"linked_{self.file.name}_{column.name}", through, columns)

    def _ends(self, column: Column) -> tuple[Any, str, str]:
        """Return the through model and the names of its two foreign keys."""
        related: Any = self.model._meta.get_field(column.attribute)
        return (
            related.remote_field.through,
            related.m2m_field_name(),
            related.m2m_reverse_field_name(),
        )

    def _added_links(self, column: Column, ids: list[int]) -> Iterator[list[Any]]:
        target = column.cell.file  # type: ignore[attr-defined]
        for number, row in zip(ids, self.changes.created, strict=True):
            for key in getattr(row, column.name):
                yield [number, self._id(target, key)]
        for number, row, old in self.changes.updated:
            for key in sorted(set(getattr(row, column.name)) - set(getattr(old, column.name))):
                yield [number, self._id(target, key)]

    def _unlink(self, column: Column) -> None:
        through, own, other = self._ends(column)
        target = column.cell.file  # type: ignore[attr-defined]
        for number, row, old in self.changes.updated:
            keys = set(getattr(old, column.name)) - set(getattr(row, column.name))
            if keys:
                gone = [self._id(target, key) for key in keys]
                through.objects.filter(**{own: number, f"{other}__in": gone}).delete()
