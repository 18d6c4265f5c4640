"""Rows of a prospecting list that an import creates and changes, and their undo."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from leadlight.sales.models import (
    Action,
    Activity,
    BulkItem,
    BulkJob,
    Lead,
    Prospect,
    ProspectChange,
    ProspectColumn,
    ProspectingList,
)
from leadlight.sales.models.actions import continuing
from leadlight.sales.prospecting.editing import Editing, Subject, editing, from_plain, plain
from leadlight.sales.prospecting.lists import PreparedRows, write
from leadlight.sales.search.writing import words_of_new_prospects

State = BulkItem.State


def create_all(edit: Editing, rows: Iterable[Mapping[str, Any]]) -> list[Prospect]:
    """Add rows with valid values to a list, in few statements."""
    made = [Prospect(prospecting_list=edit.list, **values) for values in rows]
    for row in made:
        row.state = agreed_state(row)
    write(edit, PreparedRows(made, words_of_new_prospects(made)))
    return made


def change(
    edit: Editing, row: Prospect, texts: Mapping[ProspectColumn, str], values: Mapping[str, Any]
) -> None:
    """Set cells and attributes of a row."""
    for column, text in texts.items():
        edit.set_cell(row, column, text)
    for name, value in values.items():
        edit.set_row(row, name, value)
    if {"call_back_on", "is_declined"} & values.keys():
        edit.set_row(row, "state", agreed_state(row))


def agreed_state(row: Prospect) -> str:
    """Return the state of a row by its columns alone, as if it had no activities."""
    if row.converted_at is not None:
        return Prospect.State.CONVERTED
    if row.is_declined:
        return Prospect.State.DECLINED
    return Prospect.State.CALL_BACK if row.call_back_on else Prospect.State.TO_QUALIFY


def undo(job: BulkJob, items: Sequence[BulkItem]) -> None:
    """Remove the rows that an import created, and restore those that it changed.

    Rows that somebody has worked on or changed since stay; their items get the state KEPT.
    """
    if not items or job.undone is None:
        return
    ids = [item.prospect_id for item in items]
    for prospecting_list in ProspectingList.objects.filter(prospects__in=ids).distinct():
        with continuing(job.undone), editing(prospecting_list) as edit:
            rows = edit.rows(pk for pk in ids if pk is not None)
            of_list = [item for item in items if item.prospect_id in rows]
            _remove(edit, job, [item for item in of_list if item.is_new])
            _restore_all(edit, job, [item for item in of_list if not item.is_new])
    for item in items:
        if item.state == State.DONE:  # its row was deleted meanwhile
            item.state = State.UNDONE


def remove_new_columns(job: BulkJob) -> None:
    """Delete the columns that an import added to its list and that have no text any more."""
    columns = ProspectColumn.objects.filter(pk__in=job.arguments.get("columns", ()))
    for column in columns.select_related("prospecting_list"):
        with editing(column.prospecting_list) as edit:
            if not edit.list.prospects.filter(cells__has_key=column.cell_key).exists():
                column.delete()
                edit.has_new_layout = True


def _remove(edit: Editing, job: BulkJob, items: Sequence[BulkItem]) -> None:
    ids = [pk for item in items if (pk := item.prospect_id) is not None]
    worked = _worked_on(edit, ids, job.action)
    rows = edit.rows(ids)
    for item in items:
        if item.prospect_id in worked:
            _keep(item, rows[item.prospect_id])
        else:
            item.state = State.UNDONE
    free = [pk for pk in ids if pk not in worked]
    job.items.filter(prospect__in=free).update(prospect=None)
    Prospect.objects.filter(pk__in=free).delete()
    edit.has_new_layout = edit.has_new_layout or bool(free)


def _worked_on(edit: Editing, ids: Collection[int], action: Action) -> set[int]:
    """Return the ids of rows with an activity, a lead, or a change by another action not undone."""
    changes = ProspectChange.objects.filter(
        prospecting_list=edit.list,
        subject__in=(Subject.ROW, Subject.CELL),
        changed_id__in=ids,
        action__undone_at__isnull=True,
    ).exclude(action=action)
    return {
        *changes.values_list("changed_id", flat=True),
        *Activity.objects.filter(prospect__in=ids).values_list("prospect_id", flat=True),
        *Lead.objects.filter(prospect__in=ids).values_list("prospect_id", flat=True),
    }


def _restore_all(edit: Editing, job: BulkJob, items: Sequence[BulkItem]) -> None:
    columns = {column.cell_key: column for column in edit.list.columns.all()}
    ids = [pk for item in items if (pk := item.prospect_id) is not None]
    changes: dict[int, list[ProspectChange]] = defaultdict(list)
    for one in job.action.prospect_changes.filter(changed_id__in=ids, prospecting_list=edit.list):
        if one.subject in (Subject.ROW, Subject.CELL):
            changes[one.changed_id].append(one)
    rows = edit.rows(ids)
    for item in items:
        row = rows[item.prospect_id or 0]
        of_row = changes[row.pk]
        if not all(_holds(row, columns, one) for one in of_row):
            _keep(item, row)
            continue
        for one in of_row:
            if one.subject == Subject.CELL:
                edit.set_cell(row, columns[one.attribute], one.old or "")
            else:
                edit.set_row(row, one.attribute, from_plain(Prospect, one.attribute, one.old))
        item.state = State.UNDONE
        done = ProspectChange.objects.filter(pk__in=[one.pk for one in of_row])
        done.update(action=job.undone)


def _holds(row: Prospect, columns: Container[str], change: ProspectChange) -> bool:
    """Return whether a row still has the value that a change gave it."""
    if change.subject == Subject.CELL:
        here = row.cells.get(change.attribute, "")
        return change.attribute in columns and here == change.new
    return plain(getattr(row, change.attribute)) == change.new


def _keep(item: BulkItem, row: Prospect) -> None:
    item.state = State.KEPT
    item.reason = _("“%(row)s” has changed since.") % {"row": row}
