"""Custom fields in the list of leads: the texts of the chosen columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from leadlight.sales.models import CustomField, Lead
from leadlight.web.shell.field_columns import Cells, cells_of


@dataclass(frozen=True)
class Row:
    """Row of the list: a lead with its texts in the chosen columns."""

    lead: Lead
    cells: Cells


def rows_of(leads: Iterable[Lead], columns: Sequence[CustomField]) -> list[Row]:
    shown = list(leads)
    cells = cells_of((lead.pk for lead in shown), columns)
    return [Row(lead, cells[lead.pk]) for lead in shown]
