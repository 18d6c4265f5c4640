"""Plan of the changes of an import, computed before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from leadlight.accounts.models import Organization
from leadlight.importing.company_folder import COMPANY, FILES
from leadlight.importing.existing_rows import stored_rows
from leadlight.importing.file_layout import File
from leadlight.importing.histories import Changes
from leadlight.importing.key_map import KeyMap, batches
from leadlight.importing.problems import Problem
from leadlight.importing.reading import Table

Plan = dict[str, Changes]


@dataclass(frozen=True)
class Counts:
    """Row counts of one file.

    `removed` counts synthesized events that new events replace, and events that are deleted and
    created again to keep their order.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0

    @property
    def rows(self) -> int:
        return self.created + self.updated + self.unchanged


@dataclass(frozen=True)
class Summary:
    """Row counts of an import, dry run or export, by file.

    The counts of lead_events include synthesized events. An export counts all rows as `created`.
    """

    files: dict[str, Counts]
    warnings: list[Problem] = field(default_factory=list)
    warning_count: int = 0

    @property
    def has_changes(self) -> bool:
        return any(each.created or each.updated or each.removed for each in self.files.values())


def planned(tables: Mapping[str, Table], events: Changes, key_map: KeyMap) -> Plan:
    plan = {file.name: _planned(tables[file.name], key_map) for file in FILES}
    plan["lead_events"] = events
    return plan


def _planned(table: Table, key_map: KeyMap) -> Changes:
    file = table.file
    changes = Changes()
    if file.name == "lead_events":
        return changes
    here = {}
    for row in table.rows:
        number = key_map.of(file.name, file.key_of(row)) or 0
        if number > 0:
            here[number] = row
        else:
            changes.created.append(row)
    for batch in batches(here):
        for number, stored in stored_rows(file, batch):
            if _stored_values(file, here[number]) == _stored_values(file, stored):
                changes.unchanged += 1
            else:
                changes.updated.append((number, here[number], stored))
    return changes


def _stored_values(file: File, row: Any) -> list[Any]:
    """Return the stored values of a row; empty cells of extra columns are left out."""
    values = [getattr(row, each.name) for each in file.fields if not each.is_derived]
    return [
        {header: text for header, text in value.items() if text}
        if isinstance(value, dict)
        else value
        for value in values
    ]


def company_counts(organization: Organization) -> Counts:
    here = Organization.objects.first()
    if here is None:
        return Counts(created=1)
    names = [each.attname for each in Organization._meta.concrete_fields]
    is_same = all(getattr(here, name) == getattr(organization, name) for name in names)
    return Counts(unchanged=1) if is_same else Counts(updated=1)


def counts(plan: Plan, company: Counts) -> dict[str, Counts]:
    return {COMPANY: company} | {
        f"{name}.csv": Counts(
            len(changes.created), len(changes.updated), changes.unchanged, len(changes.removed)
        )
        for name, changes in plan.items()
        if changes != Changes()
    }
