"""Verbs on the columns of a prospecting list."""

from __future__ import annotations

from django.utils.translation import gettext as _

from leadlight.sales.models import ProspectColumn, ProspectingList
from leadlight.sales.models.prospecting import LONGEST_HEADER
from leadlight.sales.models.valid_values import valid_line
from leadlight.sales.prospecting import lists
from leadlight.sales.prospecting.editing import Subject, editing
from leadlight.sales.prospecting.notions import NOTHING, Target, own_fields, target_of
from leadlight.sales.refusals import Refused

MOST_CELLS_DELETED = 5_000


def add_column(prospecting_list: ProspectingList, header: str) -> ProspectColumn:
    """Add a column after the others; its meaning is recognised from its header."""
    valid = valid_line(header, LONGEST_HEADER)
    with editing(prospecting_list) as edit:
        _must_be_free(prospecting_list, valid)
        (column,) = lists.add_columns(prospecting_list, [valid])
        edit.created(Subject.COLUMN, column)
    return column


def rename_column(column: ProspectColumn, header: str) -> None:
    """Rename a column. One without a meaning gets the meaning of its new header, if any."""
    valid = valid_line(header, LONGEST_HEADER)
    with editing(column.prospecting_list) as edit:
        if valid == column.header:
            return
        _must_be_free(column.prospecting_list, valid)
        edit.set_column(column, "header", valid)
        if not column.notion and column.field_id is None:
            target = target_of(valid, own_fields())
            edit.set_column(column, "notion", target.notion)
            edit.set_column(column, "field_id", target.field and target.field.pk)


def match_column(column: ProspectColumn, target: Target = NOTHING) -> None:
    """Set the meaning of a column. Its texts stay, even those that are invalid for the meaning."""
    with editing(column.prospecting_list) as edit:
        edit.set_column(column, "notion", target.notion)
        edit.set_column(column, "field_id", target.field and target.field.pk)


def move_column(column: ProspectColumn, by: int) -> None:
    """Move a column by a number of shown columns; -1 is one place to the left."""
    with editing(column.prospecting_list) as edit:
        columns = list(column.prospecting_list.columns.all())
        shown = [one for one in columns if not one.is_hidden or one.pk == column.pk]
        place = next(index for index, one in enumerate(shown) if one.pk == column.pk)
        target = shown[min(max(place + by, 0), len(shown) - 1)]
        moved = columns.pop(next(i for i, one in enumerate(columns) if one.pk == column.pk))
        if target.pk != moved.pk:
            index = next(i for i, one in enumerate(columns) if one.pk == target.pk)
            columns.insert(index + (by > 0), moved)
            for position, one in enumerate(columns, start=1):
                edit.set_column(one, "position", position)


def hide_column(column: ProspectColumn, *, is_hidden: bool = True) -> None:
    """Hide a column, or show it again. Raises `Refused` for the last column that is shown."""
    with editing(column.prospecting_list) as edit:
        others = column.prospecting_list.columns.exclude(pk=column.pk)
        if is_hidden and not others.filter(is_hidden=False).exists():
            raise Refused(_("A list needs at least one column that is shown."))
        edit.set_column(column, "is_hidden", is_hidden)


def delete_column(column: ProspectColumn) -> None:
    """Delete a column with its texts.

    Raises `Refused` for the last column, and for more than `MOST_CELLS_DELETED` texts.
    """
    with editing(column.prospecting_list) as edit:
        if not column.prospecting_list.columns.exclude(pk=column.pk).exists():
            raise Refused(_("A list needs at least one column that is shown."))
        filled = edit.list.prospects.filter(cells__has_key=column.cell_key)
        ids = list(filled.values_list("pk", flat=True)[: MOST_CELLS_DELETED + 1])
        if len(ids) > MOST_CELLS_DELETED:
            raise Refused(
                _("A column with more than %(most)d texts cannot be deleted. Hide it instead.")
                % {"most": MOST_CELLS_DELETED}
            )
        for row in list(edit.rows(ids).values()):
            edit.set_cell(row, column, "")
        edit.delete(Subject.COLUMN, column)


def _must_be_free(prospecting_list: ProspectingList, header: str) -> None:
    if prospecting_list.columns.filter(header=header).exists():
        raise Refused(_("A column with this name already exists. Choose another name."))
