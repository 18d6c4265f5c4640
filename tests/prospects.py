"""Rows of prospecting lists for tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadlight.sales.models import Prospect, ProspectingList
from leadlight.sales.prospecting import states
from leadlight.sales.prospecting.lists import add_columns


def add_prospect(
    prospecting_list: ProspectingList, texts: Mapping[str, str], **values: Any
) -> Prospect:
    """Create a row with texts by header, with the columns that the list lacks."""
    row = Prospect(prospecting_list=prospecting_list, **values)
    set_texts(row, texts)
    return row


def set_texts(row: Prospect, texts: Mapping[str, str]) -> None:
    """Replace the texts of a row, by header."""
    present = set(row.prospecting_list.columns.values_list("header", flat=True))
    add_columns(row.prospecting_list, [header for header in texts if header not in present])
    columns = {column.header: column.cell_key for column in row.prospecting_list.columns.all()}
    row.cells = {columns[header]: text for header, text in texts.items() if text}
    row.save()
    states.refresh([row.pk])
