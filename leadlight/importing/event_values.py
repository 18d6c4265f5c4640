"""The values of lead events: read by their kind, and put as the database keeps them.

A key becomes the number of its row, which is its id or, while it is not written, negative.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from leadlight.importing.cells import Amount, Cell, Choice, Day, Flag, Whole, Wrong
from leadlight.importing.checking import unknown
from leadlight.importing.key_map import KEY_KINDS, Numbers
from leadlight.importing.problems import WRONG, Ledger
from leadlight.importing.reading import Table
from leadlight.sales.models import Lead
from leadlight.sales.models.history import FIELDS, Kind

CELLS: dict[str, Cell] = {
    Kind.STATUS: Choice(tuple(Lead.Status.values)),
    Kind.AMOUNT: Amount(),
    Kind.PROBABILITY: Whole(0, 100),
    Kind.ESTIMATED_CLOSING: Day(),
    Kind.DELETED: Flag(empty=True),
}
NEVER_EMPTY = {Kind.PIPELINE, Kind.STEP, Kind.STATUS}


def settle_values(tables: Mapping[str, Table], numbers: Numbers, ledger: Ledger) -> None:
    table = tables["lead_events"]
    for index, row in enumerate(table.rows):
        if row.kind is WRONG or row.value is WRONG:
            continue
        try:
            value = _value(row.kind, row.value, tables, numbers)
        except Wrong as wrong:
            ledger.problem(table.name, row.line, "value", row.value, str(wrong))
            value = WRONG
        if value is not row.value:
            table.rows[index] = row._replace(value=value)


def _value(kind: str, text: str, tables: Mapping[str, Table], numbers: Numbers) -> object:
    if not text and kind in NEVER_EMPTY:
        raise Wrong(_("A value is needed here."))
    if kind == Kind.CREATED:
        if text:
            raise Wrong(_("An event of the kind “created” has no value."))
        return text
    if kind in KEY_KINDS:
        return _number(KEY_KINDS[kind], text, tables, numbers) if text else text
    cell = CELLS[kind]
    return FIELDS[kind].write(cell.read(text) if text else cell.empty)


def _number(file: str, key: str, tables: Mapping[str, Table], numbers: Numbers) -> object:
    number = numbers.of(file, key)
    if number is not None:
        return str(number)
    if tables[file].is_whole:
        raise Wrong(unknown(file))
    return WRONG
