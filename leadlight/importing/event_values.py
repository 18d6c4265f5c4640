"""Parse the values of lead events by their kind and convert them to the form of the database.

A key becomes the number of its row: its id, or a negative number if the row is not saved yet.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from leadlight.importing.cells import Cell, Choice, Flag, LinkText, TaskState, Text, Wrong
from leadlight.importing.checking import unknown
from leadlight.importing.company_folder import FILE
from leadlight.importing.custom_fields import definitions, past_value, unknown_field
from leadlight.importing.key_map import KEY_KINDS, KeyMap, keys_in
from leadlight.importing.problems import WRONG, Ledger
from leadlight.importing.reading import Table
from leadlight.sales.models import CustomField, Relation
from leadlight.sales.models.comments import PINNED, UNPINNED
from leadlight.sales.models.event_log import FIELDS, Kind

LEAD_CELLS = {column.name: column.cell for column in FILE["leads"].columns}
# Values have the same format as in their column of leads.csv.
CELLS: dict[str, Cell] = {
    kind: LEAD_CELLS[field.column] for kind, field in FIELDS.items() if field.column
} | {
    Kind.DELETED: Flag(empty=True),
    Kind.COMMENT: Text(),
    Kind.PIN: Flag(empty=False),
    Kind.FILE: Text(),
    Kind.RELATED: Choice(tuple(Relation.values)),
    Kind.TASK: TaskState(),
    Kind.FOLLOWS: LinkText(),
}


def settle_values(tables: Mapping[str, Table], key_map: KeyMap, ledger: Ledger) -> None:
    """Replace the values of events by those that the database stores, or by `WRONG`.

    If the file has no column `old_value`, these values come from the database, in its form.
    """
    table = tables["lead_events"]
    fields = definitions(tables["fields"].rows)
    names = [name for name in ("value", "old_value") if name not in table.absent]
    for index, row in enumerate(table.rows):
        if row.kind is WRONG:
            continue
        if row.kind == Kind.FIELD and not _is_of_a_lead(fields.get(row.about)):
            if row.about is not WRONG and tables["fields"].is_whole:
                ledger.problem(table.name, row.line, "about", row.about, unknown_field())
            table.rows[index] = row._replace(about=WRONG)
            continue
        settled: dict[str, object] = {}
        for name in names:
            text = getattr(row, name)
            if text is WRONG or (name == "old_value" and not text):
                continue
            try:
                if row.kind == Kind.FIELD:
                    settled[name] = past_value(fields[row.about], text)
                else:
                    settled[name] = _value(row.kind, text, tables, key_map)
            except Wrong as wrong:
                ledger.problem(table.name, row.line, name, text, str(wrong))
                settled[name] = WRONG
        table.rows[index] = row._replace(**settled)


def _is_of_a_lead(field: CustomField | None) -> bool:
    return field is not None and field.subject == CustomField.Subject.LEAD


def _value(kind: str, text: str, tables: Mapping[str, Table], key_map: KeyMap) -> object:
    if not text and kind in FIELDS and FIELDS[kind].is_required:
        raise Wrong(_("Enter a value."))
    if kind == Kind.CREATED:
        if text:
            raise Wrong(_("An event of kind “created” cannot have a value."))
        return text
    if kind in KEY_KINDS:
        return _ids_of_keys(kind, text, tables, key_map)
    cell = CELLS[kind]
    value = cell.read(text) if text else cell.empty
    if kind == Kind.PIN:
        return PINNED if value else UNPINNED
    return FIELDS[kind].write(value) if kind in FIELDS else value


def _ids_of_keys(kind: str, text: str, tables: Mapping[str, Table], key_map: KeyMap) -> object:
    """Return the row numbers for the keys in a value, in the format of the ids in the database.

    For an unknown key, raise `Wrong`, or return `WRONG` if its file was not read to the end.
    """
    file = KEY_KINDS[kind]
    numbers = [key_map.of(file, key) for key in keys_in(kind, text)]
    if None not in numbers:
        return " ".join(map(str, sorted(numbers)))  # type: ignore[type-var]
    if tables[file].is_whole:
        raise Wrong(unknown(file))
    return WRONG
