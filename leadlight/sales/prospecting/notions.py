"""Recognition of the columns of a prospecting list by their header."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from leadlight.sales.contact_lines import LABEL_OF, plain_label
from leadlight.sales.models import CustomField, ProspectColumn

Notion = ProspectColumn.Notion
SUBJECTS = (CustomField.Subject.PROSPECT, CustomField.Subject.LEAD)
# Labels that mean a phone number in a signature, but not as the header of a column.
NOT_A_HEADER = frozenset(
    (
        *("direct", "office", "work", "home", "bureau", "domicile", "standard"),
        *("port", "cell", "internet", "fixe"),
    )
)
FEWEST_LETTERS = 3
# “(work)” and “2” in “Phone (work)” and “Phone 2”.
ENDING = re.compile(r"\s*(?:\([^()]*\)|\d)$")
HEADERS = {
    Notion.COMPANY: "company|company name|organisation|organization|organisation name|societe"
    "|nom de la societe|entreprise|nom de l'entreprise|raison sociale|client|account|compte",
    Notion.TITLE: "lead|lead title|subject|opportunity|sujet|affaire|opportunite",
}
NOTION_OF: dict[str, str] = {
    label: notion
    for label, notion in LABEL_OF.items()
    if len(label) >= FEWEST_LETTERS and label not in NOT_A_HEADER
} | {header: notion.value for notion, text in HEADERS.items() for header in text.split("|")}


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
    return NOTION_OF.get(ENDING.sub("", plain_label(header)), "")
