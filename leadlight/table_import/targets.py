"""Targets of an import: the fields, by kind of rows, that a column of a file can fill."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy

from leadlight.sales.models import CustomField, ProspectColumn, TableImport
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX
from leadlight.sales.models.field_texts import FieldKind
from leadlight.sales.models.prospecting import CELL_HEADER
from leadlight.sales.prospecting.notions import MATCHED
from leadlight.table_import.lookups import LANGUAGES
from leadlight.tables import matching
from leadlight.tables.notions import NOTION

Kind = TableImport.Kind


@dataclass(frozen=True)
class Target:
    """Field that a column can be mapped to.

    `words` are other names of it in headers, in English and French. `kind` is the kind of its
    values (`tables.matching`). Existing rows can be found by a target with `is_key`. A target with
    `is_by_header_only` is matched by header, never by the content of a column. `code` is its header
    in CSV files for programs, `key` by default.
    """

    key: str
    title: Any
    words: tuple[str, ...] = ()
    kind: str = matching.TEXT
    is_key: bool = False
    is_by_header_only: bool = False
    code: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Headers of the target in files that Leadlight writes."""
        names = [self.code or self.key]
        for language in LANGUAGES:
            with override(language):
                names.append(str(self.title))
        return tuple(dict.fromkeys(names))

    @property
    def matched(self) -> matching.Target:
        """The target in the form that `tables.matching` takes."""
        labels = tuple(dict.fromkeys((*self.names, *self.words)))
        return matching.Target(
            self.key, labels, self.kind, is_by_header_only=self.is_by_header_only
        )


def _of_notion(
    key: str, title: Any, notion: str = "", *others: str, is_key: bool = False
) -> Target:
    """Return a target with the headers and the kind of a notion, `key` by default."""
    found = NOTION[notion or key]
    words = (*found.labels, *(label for other in others for label in NOTION[other].labels))
    by_header = found.is_by_header_only
    return Target(key, title, words, found.kind, is_key=is_key, is_by_header_only=by_header)


KEY = _of_notion("key", _("Key"), "external_id", is_key=True)
DESCRIPTION = _of_notion("description", _("Description"), "description", "note")
STATUS = _of_notion("status", _("Status"))
PIPELINE = _of_notion("pipeline", _("Pipeline"))
STEP = _of_notion("step", _("Step"))

LEADS = (
    KEY,
    _of_notion("title", _("Title")),
    _of_notion("client", _("Client"), "company"),
    DESCRIPTION,
    _of_notion("amount", _("Amount")),
    _of_notion("probability", _("Probability")),
    STATUS,
    PIPELINE,
    STEP,
    _of_notion("owner", _("Owner")),
    _of_notion("team", _("Team")),
    _of_notion("created", _("Created on"), "created_on"),
    _of_notion("closed", _("Closed on"), "closed_on"),
    _of_notion("expected", _("Expected close date"), "expected_on"),
    _of_notion("reminder", _("Reminder"), "remind_on"),
    _of_notion("tags", _("Tags")),
    _of_notion("source", _("Source")),
    _of_notion("name", pgettext_lazy("of a person", "Name")),
    _of_notion("first_name", _("First name")),
    _of_notion("last_name", _("Last name")),
    _of_notion("email", _("Email"), is_key=True),
    _of_notion("phone", _("Phone"), is_key=True),
    _of_notion("mobile", _("Mobile")),
    _of_notion("web", _("Website")),
    _of_notion("address", pgettext_lazy("postal", "Address")),
)
CLIENTS = (
    KEY,
    _of_notion("name", pgettext_lazy("of a client", "Name"), "company", is_key=True),
    DESCRIPTION,
    Target("is_active", _("Active"), ("actif",), matching.YES_NO),
)
# Columns by which a row of another kind names its lead, as `lead_keys.NAMING` reads them.
NAMES_OF_LEADS = (
    Target("lead", _("Key of the lead"), ("lead key", "lead id", "id du lead", "réf opportunité")),
    Target("lead_title", _("Title of the lead"), ("lead", "deal", "opportunité", "affaire")),
    Target(
        "email",
        _("Email of the lead"),
        ("email", "e-mail", "courriel"),
        matching.EMAIL,
        is_by_header_only=True,
    ),
    Target(
        "phone",
        _("Phone of the lead"),
        ("phone", "telephone", "téléphone"),
        matching.PHONE,
        is_by_header_only=True,
    ),
)
MOMENT = (
    Target(
        "occurred_at", _("Date and time"), ("date", "day", "when", "jour", "le"), matching.INSTANT
    ),
    Target("time", _("Time of day"), ("time", "hour", "heure")),
)
PERSON = (
    Target("user", _("User"), ("person", "who", "seller", "by", "personne", "vendeur", "par")),
    Target("user_email", _("Email of the user"), ("user email", "e-mail du vendeur")),
)
ACTIVITIES = (
    KEY,
    *NAMES_OF_LEADS,
    Target("prospect", _("Key of the prospect")),
    *MOMENT,
    Target("activity_type", _("Activity type"), ("activity", "activité")),
    # French exports name this column “Type”; both columns accept the name of an activity type.
    Target("kind", _("Kind"), ("type",)),
    Target("outcome", _("Result"), ("outcome", "résultat")),
    *PERSON,
    Target("minutes", _("Duration (minutes)"), ("duration", "minutes", "durée"), matching.NUMBER),
    Target("content", _("Note"), ("notes", "comment", "content", "commentaire", "compte rendu")),
)
STEPS = (
    *NAMES_OF_LEADS,
    PIPELINE,
    replace(STEP, words=(*STEP.words, "to stage", "après")),
    *MOMENT,
    STATUS,
    *PERSON,
)
PROSPECTS = (
    KEY,
    Target("prospecting_list", _("Prospecting list")),
    _of_notion("user", _("User"), "owner"),
    Target("created_at", _("Created"), ("created on", "créé le"), matching.INSTANT),
    Target("state", _("State"), ("état",)),
    Target("call_back_on", _("Call back on"), ("rappeler le",), matching.DAY),
)
# Columns of exported prospects that an import does not read.
NOT_IMPORTED = (
    Target("source", _("Source")),
    Target("converted_at", _("Converted")),
    Target("lead", _("Key of the lead")),
    Target("lead_title", _("Lead")),
)
NEW_COLUMN = "new:"  # prefix of targets that add a column to a list; the column number follows
TARGETS: dict[str, tuple[Target, ...]] = {
    Kind.LEADS: LEADS,
    Kind.CLIENTS: CLIENTS,
    Kind.ACTIVITIES: ACTIVITIES,
    Kind.STEPS: STEPS,
    Kind.PROSPECTS: PROSPECTS,
}
# Kinds of rows that have values in custom fields.
SUBJECTS = {Kind.LEADS: CustomField.Subject.LEAD, Kind.CLIENTS: CustomField.Subject.CLIENT}
# Kind of a custom field → kind of the values of its target.
FIELD_KINDS = {
    FieldKind.NUMBER: matching.NUMBER,
    FieldKind.AMOUNT: matching.AMOUNT,
    FieldKind.DAY: matching.DAY,
    FieldKind.EMAIL: matching.EMAIL,
    FieldKind.PHONE: matching.PHONE,
    FieldKind.LINK: matching.LINK,
    FieldKind.ADDRESS: matching.ADDRESS,
    FieldKind.CHOICE: matching.CHOICE,
}


def targets_of(given: TableImport) -> dict[str, Target]:
    """Return the targets of an import by key.

    They include the custom fields that are not archived; for prospects the columns of their list,
    and a new column of the list for each column of the file.
    """
    kind = given.kind
    found = {target.key: target for target in TARGETS[kind]}
    if kind == Kind.PROSPECTS:
        return found | _columns_of(given)
    is_own = kind in SUBJECTS
    for field in fields_of(kind) if is_own else _keys_of_leads():
        key = CUSTOM_FIELD_PREFIX + field.key
        values = FIELD_KINDS.get(FieldKind(field.kind), matching.TEXT)
        found[key] = Target(key, field.name, (), values, is_key=field.is_key and is_own)
    return found


def fields_of(kind: str) -> QuerySet[CustomField]:
    """Return the custom fields that rows of a kind can have values in."""
    return CustomField.objects.filter(subject=SUBJECTS[Kind(kind)], is_archived=False)


def _keys_of_leads() -> QuerySet[CustomField]:
    """Return the custom fields by which a row of another kind can name its lead."""
    return fields_of(Kind.LEADS).filter(is_key=True)


def _columns_of(given: TableImport) -> dict[str, Target]:
    """Return the columns of the list of an import, and the new ones that the file can add."""
    found = {}
    columns = ProspectColumn.objects.filter(prospecting_list=given.prospecting_list_id)
    for column in columns.select_related("field"):
        kind, words = matching.TEXT, tuple[str, ...]()
        if column.field is not None:
            kind = FIELD_KINDS.get(FieldKind(column.field.kind), kind)
            words = (column.field.name,)
        elif column.notion:
            notion = MATCHED[column.notion]
            kind, words = notion.kind, notion.labels
        found[column.cell_key] = Target(
            column.cell_key,
            column.header,
            words,
            kind,
            is_key=kind in (matching.EMAIL, matching.PHONE),
            code=f"{CELL_HEADER}{column.header}",
        )
    for position, each in enumerate(given.columns):
        key = f"{NEW_COLUMN}{position}"
        found[key] = Target(key, each["header"])
    return found
