"""Meanings of the columns of a prospecting list, and their recognition by header."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from leadlight.sales.contact_lines import plain_label
from leadlight.sales.models import CustomField, ProspectColumn
from leadlight.tables import matching
from leadlight.tables.header_words import header_words
from leadlight.tables.notions import NOTION

Notion = ProspectColumn.Notion
SUBJECTS = (CustomField.Subject.PROSPECT, CustomField.Subject.LEAD)
# Headers that name the title of a lead in other tables, but a person's job in a prospecting list.
POSITIONS = frozenset(("title", "titre"))
WORK = re.compile(r"\s*\([^()]*\)\s*$")  # “(work)” in “Phone (work)”


def _listed(notion: Notion) -> matching.Target:
    found = NOTION[notion.value.replace(" ", "_")]
    return replace(found, labels=tuple(one for one in found.labels if one not in POSITIONS))


# Notion → headers and kind of values of the columns that are matched to it.
MATCHED = {notion.value: _listed(notion) for notion in Notion}
NOTION_OF = {
    header_words(label).joined: notion
    for notion, target in MATCHED.items()
    for label in target.labels
}


@dataclass(frozen=True)
class Target:
    """Meaning of a column: a notion, a custom field, or neither."""

    notion: str = ""
    field: CustomField | None = None


NOTHING = Target()


def own_fields() -> list[CustomField]:
    """Return the custom fields that a column can be matched with, those of prospects first."""
    fields = CustomField.objects.filter(subject__in=SUBJECTS, is_archived=False)
    return sorted(fields, key=lambda field: SUBJECTS.index(CustomField.Subject(field.subject)))


def target_of(header: str, fields: Iterable[CustomField]) -> Target:
    """Return the meaning of a header; a custom field with this name comes before a notion."""
    plain = plain_label(header)
    for field in fields:
        if plain and plain_label(field.name) == plain:
            return Target(field=field)
    return Target(notion=notion_of(header))


def notion_of(header: str) -> str:
    """Return the notion that a header names, "" for none."""
    return NOTION_OF.get(header_words(WORK.sub("", header)).joined, "")
