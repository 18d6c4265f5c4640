"""Cells of a sheet: validation, and changes of many cells at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.sales import access
from leadlight.sales.models import ProspectColumn, ProspectingList
from leadlight.sales.models.field_texts import CANONICAL, FieldKind, canonical
from leadlight.sales.models.valid_values import valid_text
from leadlight.sales.prospecting.editing import editing
from leadlight.sales.prospecting.lists import LONGEST_CELL
from leadlight.sales.refusals import Refused
from leadlight.sales.search.writing import batches

MOST_CELLS = 20_000  # of one change
Notion = ProspectColumn.Notion
KIND_OF = {
    Notion.EMAIL: FieldKind.EMAIL,
    Notion.PHONE: FieldKind.PHONE,
    Notion.MOBILE: FieldKind.PHONE,
    Notion.FAX: FieldKind.PHONE,
}


@dataclass(frozen=True)
class CellChange:
    """New text of a cell; `before` is the text that the user saw, None to overwrite any text."""

    row: int
    column: int
    text: str
    before: str | None = None


@dataclass(frozen=True)
class RefusedCell:
    """Cell that was not changed: `reason` is a sentence for the user, `text` the current text."""

    row: int
    column: int
    reason: str
    text: str


@dataclass
class Outcome:
    """Result of a change: the version of the list, the saved cells and the refused ones."""

    version: int = 0
    saved: list[CellChange] = field(default_factory=list)
    refused: list[RefusedCell] = field(default_factory=list)


def set_cells(
    prospecting_list: ProspectingList, cells: Sequence[CellChange], user: User
) -> Outcome:
    """Set cells of a list, in one transaction; each cell is saved or refused by itself.

    A cell is refused if its text is not valid for its column, if its row may not be changed by the
    user or no longer exists, or if somebody else has changed its text meanwhile. Raises `Refused`
    for more than `MOST_CELLS` cells.
    """
    if len(cells) > MOST_CELLS:
        raise Refused(_("Change at most %(most)d cells at once.") % {"most": MOST_CELLS})
    outcome = Outcome()
    with editing(prospecting_list) as edit:
        columns = {column.pk: column for column in prospecting_list.columns.select_related("field")}
        ids = {cell.row for cell in cells}
        rows = edit.rows(ids)
        editable = _editable(prospecting_list, ids, user)
        for cell in cells:
            row, column = rows.get(cell.row), columns.get(cell.column)
            if row is None or column is None:
                reason = _("This row or column no longer exists.")
                outcome.refused.append(RefusedCell(cell.row, cell.column, reason, ""))
                continue
            here = row.cells.get(column.cell_key, "")
            try:
                text = valid_cell(column, cell.text)
                if row.pk not in editable:
                    raise Refused(_("You cannot change this row."))
                if cell.before is not None and here not in (cell.before, text):
                    raise Refused(_("Somebody else has changed this cell meanwhile."))
            except Refused as refusal:
                outcome.refused.append(RefusedCell(row.pk, column.pk, str(refusal), here))
                continue
            edit.set_cell(row, column, text)
            outcome.saved.append(CellChange(row.pk, column.pk, text))
    outcome.version = prospecting_list.version
    return outcome


def valid_cell(column: ProspectColumn, text: str) -> str:
    """Return the text as it is stored; raise `Refused` if it is not valid for its column."""
    valid = valid_text(text, LONGEST_CELL)
    if not valid:
        return ""
    if column.field is not None:
        return canonical(column.field, valid)
    kind = KIND_OF.get(Notion(column.notion)) if column.notion else None
    return CANONICAL[kind](valid) if kind else valid


def _editable(prospecting_list: ProspectingList, ids: set[int], user: User) -> set[int]:
    if access.editable_prospecting_lists(user).filter(pk=prospecting_list.pk).exists():
        return ids
    rows = access.editable_prospects(user).filter(prospecting_list=prospecting_list)
    return {
        pk for some in batches(ids) for pk in rows.filter(pk__in=some).values_list("pk", flat=True)
    }
