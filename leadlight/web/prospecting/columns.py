"""Columns of a table that becomes a list, with the fields that they are matched to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _

from leadlight.sales.models import CustomField, ProspectColumn
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX
from leadlight.sales.prospecting.notions import MATCHED, NOTHING, Target
from leadlight.sales.refusals import Refused
from leadlight.tables import TableFile, matching

VALUES_SHOWN = 3
LONGEST_SHOWN = 60
Notion = ProspectColumn.Notion


@dataclass(frozen=True)
class Choice:
    key: str
    title: str


@dataclass(frozen=True)
class MatchedColumn:
    """Column with its first values; `target` is the key of its field, "" for none."""

    position: int
    header: str
    values: tuple[str, ...]
    target: str
    reason: str = ""

    @property
    def control(self) -> str:
        return control(self.position)


def control(position: int) -> str:
    """Return the name of the form control for the field of a column."""
    return f"target-{position}"


def choices(fields: Sequence[CustomField]) -> list[Choice]:
    """Return the fields that a column can become, those of the company last."""
    notions = [Choice(notion.value, str(notion.label)) for notion in Notion]
    return notions + [Choice(CUSTOM_FIELD_PREFIX + field.key, str(field)) for field in fields]


def matched_columns(
    table: TableFile, fields: Sequence[CustomField], sent: Mapping[str, str]
) -> list[MatchedColumn]:
    """Return the columns with the fields chosen in the form `sent`, or matched by their content.

    `sent` must be empty if the form was shown for the table read in another format.
    """
    sample = [row.cells for row in table.sample if not row.problem]
    matches = matching.match_columns(table.headers, sample, _targets(fields))
    known = {choice.key for choice in choices(fields)}
    columns = []
    for match in matches:
        values = [row[match.position] for row in sample if row[match.position].strip()]
        shown = tuple(value[:LONGEST_SHOWN] for value in islice(values, VALUES_SHOWN))
        chosen = sent.get(control(match.position))
        if chosen is None:
            columns.append(
                MatchedColumn(
                    match.position, match.header, shown, _notion(match.target), match.reason
                )
            )
        else:
            target = chosen if chosen in known else ""
            columns.append(MatchedColumn(match.position, match.header, shown, target))
    return columns


def targets_of(columns: Sequence[MatchedColumn], fields: Sequence[CustomField]) -> list[Target]:
    """Return the meaning of each column. Raises `Refused` if two columns are one field."""
    by_key = {CUSTOM_FIELD_PREFIX + field.key: field for field in fields}
    taken: dict[str, str] = {}
    targets = []
    for column in columns:
        field = by_key.get(column.target)
        if field is not None and column.target in taken:
            raise Refused(
                _("The columns “%(one)s” and “%(other)s” cannot be the same field.")
                % {"one": taken[column.target], "other": column.header}
            )
        taken[column.target] = column.header
        if field is not None:
            targets.append(Target(field=field))
        else:
            targets.append(Target(notion=column.target) if column.target else NOTHING)
    return targets


def _targets(fields: Sequence[CustomField]) -> list[matching.Target]:
    own = [
        matching.Target(CUSTOM_FIELD_PREFIX + field.key, (field.name,), field.kind)
        for field in fields
    ]
    return [*MATCHED.values(), *own]


def _notion(key: str) -> str:
    """Return the key of a notion as columns of lists store it."""
    return key if key.startswith(CUSTOM_FIELD_PREFIX) else key.replace("_", " ")
