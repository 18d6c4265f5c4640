"""Validation of custom fields in a folder: their definitions, and the values of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leadlight.importing.cells import Wrong
from leadlight.importing.problems import WRONG, Ledger
from leadlight.importing.reading import Table
from leadlight.sales.models import CustomField
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX
from leadlight.sales.models.field_texts import FieldKind, canonical, canonical_past
from leadlight.sales.models.field_values import VALUES
from leadlight.sales.models.fields import twice_named
from leadlight.sales.refusals import Refused

FILES_OF_VALUES = {CustomField.Subject.CLIENT: "clients", CustomField.Subject.LEAD: "leads"}
# Filter parameters append these suffixes to the key of a field.
ENDS_OF_RANGES = (".from", ".to")


def unknown_field() -> str:
    return _("This field is neither in fields.csv nor in the database for this kind of row.")


def definitions(rows: Iterable[Any]) -> dict[str, CustomField]:
    """Return key → definition of every field, as the database will have it after the import."""
    fields = {field.key: field for field in CustomField.objects.all()}
    for row in rows:
        if WRONG not in row:
            subject, kind, choices = row.subject, row.kind, list(row.choices)
            new = CustomField(key=row.field, subject=subject, kind=kind, choices=choices)
            new.name, new.position, new.is_archived = row.name, row.position, row.is_archived
            fields[row.field] = new
    return fields


def past_value(field: CustomField, text: str) -> str:
    """Return the canonical form of a value in an event of the field, or raise `Wrong`."""
    return _read(canonical_past, field, text)


def check_fields(tables: Mapping[str, Table], ledger: Ledger) -> None:
    """Check definitions against each other and the database; make the values of rows canonical."""
    _keys_fit_filters(tables["fields"], ledger)
    _check_subject_and_kind(tables["fields"], ledger)
    _names_are_unique(tables["fields"], ledger)
    _cells_can_be_renamed(tables["fields"], ledger)
    _check_choices_in_use(tables, ledger)
    fields = definitions(tables["fields"].rows)
    for subject, name in FILES_OF_VALUES.items():
        known = {key: field for key, field in fields.items() if field.subject == subject}
        _check_values(tables[name], known, tables["fields"].is_whole, ledger)


def _read(check: Callable[[CustomField, str], str], field: CustomField, text: str) -> str:
    try:
        return check(field, text)
    except Refused as refusal:
        raise Wrong(str(refusal)) from refusal


def _keys_fit_filters(table: Table, ledger: Ledger) -> None:
    for row in table.rows:
        if row.field is not WRONG and row.field.endswith(ENDS_OF_RANGES):
            sentence = _(
                "The key of a field cannot end in .from or .to, which are reserved for filters."
            )
            ledger.problem(table.name, row.line, "field", row.field, sentence)


def _check_subject_and_kind(table: Table, ledger: Ledger) -> None:
    stored = {field.key: field for field in CustomField.objects.all()}
    for row in table.rows:
        for column in ("subject", "kind"):
            in_file = getattr(row, column)
            if (
                row.field in stored
                and in_file is not WRONG
                and in_file != getattr(stored[row.field], column)
            ):
                sentence = _(
                    "In the database, this is “%(value)s”. The kind of row that a field "
                    "belongs to, and its type, cannot change."
                )
                named = {"value": getattr(stored[row.field], column)}
                ledger.problem(table.name, row.line, column, in_file, sentence % named)


def _names_are_unique(table: Table, ledger: Ledger) -> None:
    in_file = {row.field for row in table.rows}
    others = CustomField.objects.exclude(key__in=in_file).values_list("subject", "name", "key")
    stored = {(subject, name.casefold()): key for subject, name, key in others}
    line_of: dict[tuple[str, str], int] = {}
    for row in table.rows:
        if WRONG in (row.subject, row.name):
            continue
        named = (row.subject, row.name.casefold())
        if named in stored:
            sentence = _("The field “%(field)s” already has this name. Choose another.") % {
                "field": stored[named]
            }
            ledger.problem(table.name, row.line, "name", row.name, sentence)
        line = line_of.setdefault(named, row.line)
        if line != row.line:
            sentence = _("Line %(line)d already has this name.") % {"line": line}
            ledger.problem(table.name, row.line, "name", row.name, sentence)


def renamed_headers(rows: Iterable[Any]) -> dict[str, str]:
    """Return old header → new header of the prospect columns that fields.csv renames."""
    fields = CustomField.objects.filter(subject=CustomField.Subject.PROSPECT)
    stored = dict(fields.values_list("key", "name"))
    return {
        stored[row.field]: row.name
        for row in rows
        if row.field in stored and row.name not in (WRONG, stored[row.field])
    }


def _cells_can_be_renamed(table: Table, ledger: Ledger) -> None:
    twice = twice_named(renamed_headers(table.rows))
    if twice:
        line = next((row.line for row in table.rows if row.name == twice), 0)
        sentence = _("Prospects already have a column “%(name)s”. Choose another name.") % {
            "name": twice
        }
        ledger.problem(table.name, line, "name", twice, sentence)


def _check_choices_in_use(tables: Mapping[str, Table], ledger: Ledger) -> None:
    """Report removed choices that rows of the database would still have after the import."""
    stored = {field.key: field for field in CustomField.objects.filter(kind=FieldKind.CHOICE)}
    for row in tables["fields"].rows:
        if row.field not in stored or WRONG in row or row.subject not in VALUES:
            continue
        for choice in set(stored[row.field].choices) - set(row.choices):
            count = len(_keys_with_choice(stored[row.field], choice) - _keys_in_folder(tables, row))
            if count:
                sentence = ngettext(
                    "“%(choice)s” cannot be removed: %(count)d row of the database uses it.",
                    "“%(choice)s” cannot be removed: %(count)d rows of the database use it.",
                    count,
                ) % {"choice": choice, "count": count}
                value = ";".join(row.choices)
                ledger.problem(tables["fields"].name, row.line, "choices", value, sentence)


def _keys_with_choice(field: CustomField, choice: str) -> set[str]:
    """Return the keys of the rows of the database that have a choice."""
    values = VALUES[field.subject]._default_manager.filter(field=field, text=choice)
    return set(values.values_list("owner__key", flat=True))


def _keys_in_folder(tables: Mapping[str, Table], field: Any) -> set[str]:
    """Return the keys of the rows whose value of a field is in the folder."""
    table = tables[FILES_OF_VALUES[field.subject]]
    is_in_file = field.field in table.extra_headers
    return set(map(table.file.key_of, table.rows)) if is_in_file else set()


def _check_values(
    table: Table, fields: Mapping[str, CustomField], is_whole: bool, ledger: Ledger
) -> None:
    unknown = [key for key in table.extra_headers if key not in fields]
    for key in unknown if is_whole else ():
        ledger.problem(table.name, 1, CUSTOM_FIELD_PREFIX + key, "", unknown_field())
    in_file = [key for key in table.extra_headers if key in fields]
    for index, row in enumerate(table.rows) if in_file else ():
        cells = {key: text for key, text in row.cells.items() if text}
        for key in cells.keys() & in_file:
            try:
                cells[key] = _read(canonical, fields[key], cells[key])
            except Wrong as wrong:
                ledger.problem(
                    table.name, row.line, CUSTOM_FIELD_PREFIX + key, cells[key], str(wrong)
                )
        table.rows[index] = row._replace(cells={key: text for key, text in cells.items() if text})
