"""Undo of the changes of prospecting lists that belong to an action."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db import connection, models
from django.utils.translation import gettext as _

from leadlight.sales.models import (
    Action,
    Activity,
    BulkItem,
    Lead,
    Prospect,
    ProspectChange,
    ProspectColumn,
    ProspectingList,
)
from leadlight.sales.models.search_words import ProspectWords
from leadlight.sales.prospecting import states
from leadlight.sales.prospecting.editing import TAGS, Editing, Subject, editing, from_plain, plain
from leadlight.sales.refusals import Refused

MODELS: dict[str, type[models.Model]] = {
    Subject.LIST: ProspectingList,
    Subject.COLUMN: ProspectColumn,
    Subject.ROW: Prospect,
    Subject.CELL: Prospect,
}


def undo_prospect_changes(action: Action) -> None:
    """Restore the values that an action changed in prospecting lists, newest change first.

    Raises `Refused` if one of them was changed again since. Activities of the action are already
    deleted, and its leads are in the bin; the rows of these leads can be converted again.
    """
    changes = list(action.prospect_changes.select_related("prospecting_list").order_by("-pk"))
    by_list = sorted(changes, key=attrgetter("prospecting_list_id"))
    for _list, group in groupby(by_list, key=attrgetter("prospecting_list_id")):
        of_list = list(group)
        creation = [one for one in of_list if one.subject == Subject.LIST and not one.attribute]
        if creation:
            _delete_list(creation[0])
        else:
            _undo_in_list(of_list[0].prospecting_list, of_list)


def _undo_in_list(prospecting_list: ProspectingList, changes: Sequence[ProspectChange]) -> None:
    with editing(prospecting_list) as edit:
        rows = edit.rows(
            {one.changed_id for one in changes if one.subject in (Subject.ROW, Subject.CELL)}
        )
        columns = {column.pk: column for column in prospecting_list.columns.all()}
        for change in changes:
            match change.subject:
                case _ if not change.attribute:
                    _undo_existence(edit, change, {Subject.ROW: rows, Subject.COLUMN: columns})
                case Subject.CELL:
                    row, column = rows.get(change.changed_id), _column(columns, change.attribute)
                    if row is None or column is None:
                        raise _changed_since()
                    _must_be(row.cells.get(change.attribute, ""), change.new)
                    edit.set_cell(row, column, change.old or "")
                case Subject.ROW:
                    row = rows.get(change.changed_id)
                    if change.attribute == "converted_at":
                        Lead.objects.filter(prospect=row).update(prospect=None)
                    _set(row, change, edit.set_row)
                case Subject.COLUMN:
                    _set(columns.get(change.changed_id), change, edit.set_column)
                case Subject.LIST if change.attribute == TAGS:
                    _must_be(sorted(edit.list.tags.values_list("pk", flat=True)), change.new)
                    edit.set_tags(change.old or [])
                case Subject.LIST:
                    _set(
                        edit.list,
                        change,
                        lambda _list, attribute, value: edit.set_list(attribute, value),
                    )
    states.refresh(rows)


def _set(changed: Any, change: ProspectChange, setter: Any) -> None:
    if changed is None:
        raise _changed_since()
    _must_be(plain(getattr(changed, change.attribute)), change.new)
    setter(changed, change.attribute, from_plain(type(changed), change.attribute, change.old))


def _undo_existence(
    edit: Editing, change: ProspectChange, present: dict[str, dict[int, Any]]
) -> None:
    """Restore what the action deleted, or delete what it created."""
    model = MODELS[change.subject]
    if change.new is None:
        values = {
            name: from_plain(model, name, value) for name, value in (change.old or {}).items()
        }
        restored = model._default_manager.create(**values)
        present[change.subject][restored.pk] = restored
        edit.created(change.subject, restored)
        if isinstance(restored, Prospect):
            edit.touch(restored)
        return
    created = present[change.subject].get(change.changed_id)
    if created is None:
        raise _changed_since()
    if isinstance(created, Prospect):
        _must_be_unworked(Prospect.objects.filter(pk=created.pk))
    elif edit.list.prospects.filter(cells__has_key=created.cell_key).exists():
        raise _changed_since()
    edit.delete(change.subject, created)


def _delete_list(creation: ProspectChange) -> None:
    """Delete a list that the action created, unless it was changed or worked on since."""
    with editing(creation.prospecting_list) as edit:
        _must_be(edit.list.version, (creation.new or {}).get("version"))
        _must_be_unworked(edit.list.prospects.all())
        if edit.list.costs.exists():
            raise _changed_since()
        _delete_rows(edit.list)
        ProspectingList.objects.filter(pk=edit.list.pk).delete()


def _delete_rows(prospecting_list: ProspectingList) -> None:
    """Delete the rows of a list. The caller has checked that nobody has worked on them.

    This takes one statement for each table. Django would read all rows first, which takes ten
    seconds for 100,000 rows.
    """
    rows = prospecting_list.prospects.all()
    BulkItem.objects.filter(prospect__in=rows).delete()
    ProspectWords.objects.filter(row__in=rows).delete()
    with connection.cursor() as cursor:
        table = Prospect._meta.db_table
        statement = f"DELETE FROM {table} WHERE prospecting_list_id = %s"
        cursor.execute(statement, [prospecting_list.pk])


def _must_be_unworked(rows: models.QuerySet[Prospect]) -> None:
    worked = Activity.objects.filter(prospect__in=rows).exists()
    if worked or Lead.objects.filter(prospect__in=rows).exists():
        raise _changed_since()


def _column(columns: dict[int, ProspectColumn], cell_key: str) -> ProspectColumn | None:
    return next((one for one in columns.values() if one.cell_key == cell_key), None)


def _must_be(here: Any, expected: Any) -> None:
    if here != expected:
        raise _changed_since()


def _changed_since() -> Refused:
    return Refused(_("This change cannot be undone, because there has been another one since."))
