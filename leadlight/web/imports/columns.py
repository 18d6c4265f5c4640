"""Columns of a file, as the page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.forms import BoundField
from django.utils.translation import gettext as _

from leadlight.sales.models import TableImport
from leadlight.table_import import mappings
from leadlight.table_import.targets import targets_of
from leadlight.tables import AMBIGUOUS, TableFile
from leadlight.web.imports.forms import MappingForm

SAMPLES, LONGEST_SAMPLE = 3, 60


@dataclass(frozen=True)
class ColumnRow:
    """Column with its first values, and a hint if its target or format is ambiguous."""

    field: BoundField
    samples: list[str]
    hint: str


def rows_of(given: TableImport, table: TableFile, form: MappingForm) -> list[ColumnRow]:
    """Return the columns of a file, in its order."""
    titles = {key: str(target.title) for key, target in targets_of(given).items()}
    matches = mappings.matches(given, table)
    found = []
    for column, match in zip(table.columns, matches, strict=True):
        cells = (row.cells[column.position].strip() for row in table.sample)
        samples = [cell for cell in cells if cell][:SAMPLES]
        hints = []
        if match.is_ambiguous:
            names = ", ".join(titles[key] for key in match.candidates if key in titles)
            hints.append(match.reason or _("May be: %(names)s") % {"names": names})
        if column.day_order == AMBIGUOUS:
            hints.append(_("Say above whether the day or the month comes first."))
        if column.decimal_mark == AMBIGUOUS:
            hints.append(_("Say above what the decimal mark is."))
        found.append(
            ColumnRow(
                form[f"column-{column.position}"],
                [cell[:LONGEST_SAMPLE] for cell in samples],
                " ".join(hints),
            )
        )
    return found


def options_of(form: MappingForm) -> list[Any]:
    """Return the fields of the form that belong to no column."""
    return [field for field in form if not field.name.startswith("column-")]
