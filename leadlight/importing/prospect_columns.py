"""Columns of prospecting lists that prospects.csv uses and prospect_columns.csv does not have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from leadlight.importing.key_map import KeyMap
from leadlight.importing.problems import WRONG, Ledger
from leadlight.importing.reading import Table
from leadlight.sales.contact_lines import plain_label
from leadlight.sales.models import ProspectColumn
from leadlight.sales.models.prospecting import CELL_HEADER, LONGEST_HEADER
from leadlight.sales.prospecting.notions import SUBJECTS, notion_of, own_fields

COLUMNS = "prospect_columns"


def add_columns(tables: Mapping[str, Table], key_map: KeyMap) -> None:
    """Add the missing columns to each list: one for each header that its rows use.

    The new columns come after the others, in the order of the file.
    """
    table, prospects = tables[COLUMNS], tables["prospects"]
    used: dict[str, dict[str, None]] = defaultdict(dict)
    for row in prospects.rows:
        if row.prospecting_list is not WRONG:
            used[row.prospecting_list] |= {
                header: None for header, text in row.cells.items() if text
            }
    order = {header: place for place, header in enumerate(prospects.extra_headers)}
    fields = _field_keys(tables["fields"])
    positions = _last_positions(table)
    for listed, headers in used.items():
        for header in sorted(headers, key=lambda each: order.get(each, len(order))):
            key = (listed, header)
            if key_map.of(COLUMNS, key) is not None:
                continue
            positions[listed] += 1
            field = fields.get(plain_label(header), "")
            table.rows.append(
                table.file.row(
                    line=0,
                    prospecting_list=listed,
                    header=header,
                    position=positions[listed],
                    notion="" if field else notion_of(header),
                    field=field,
                    is_hidden=False,
                )
            )
            key_map.add(COLUMNS, key)


def check_columns(tables: Mapping[str, Table], ledger: Ledger) -> None:
    """Report headers that are too long, and columns for a field of clients."""
    for header in tables["prospects"].extra_headers:
        if len(header) > LONGEST_HEADER:
            sentence = _("A column name can have at most %(most)d characters.")
            name = tables["prospects"].name
            ledger.problem(
                name, 1, CELL_HEADER + header[:40], "", sentence % {"most": LONGEST_HEADER}
            )
    subjects = {field.key: field.subject for field in own_fields()}
    subjects |= {row.field: row.subject for row in tables["fields"].rows}
    for row in tables[COLUMNS].rows:
        if row.field and subjects.get(row.field, SUBJECTS[0]) not in (*SUBJECTS, WRONG):
            sentence = _("Choose a field of leads or of prospects.")
            ledger.problem(tables[COLUMNS].name, row.line, "field", row.field, sentence)


def _field_keys(table: Table) -> dict[str, str]:
    """Return plain name → key of the fields of leads and prospects; prospects take precedence."""
    stored = {field.key: (field.subject, field.name) for field in own_fields()}
    rows: list[Any] = [row for row in table.rows if WRONG not in (row.subject, row.name)]
    for row in rows:
        stored.pop(row.field, None)
        if row.subject in SUBJECTS and row.is_archived is False:
            stored[row.field] = (row.subject, row.name)
    return {
        plain_label(name): key
        for subject in reversed(SUBJECTS)
        for key, (belongs, name) in stored.items()
        if belongs == subject
    }


def _last_positions(table: Table) -> dict[str, int]:
    """Return key of list → largest position of its columns, in the database or the file."""
    lists = ProspectColumn.objects.order_by().values_list("prospecting_list__key")
    last = defaultdict(int, dict(lists.annotate(Max("position"))))
    for row in table.rows:
        if WRONG not in (row.prospecting_list, row.position):
            last[row.prospecting_list] = max(last[row.prospecting_list], row.position or 0)
    return last
