"""Mappings of columns to targets: found by header and content, or saved from an earlier file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.sales.models import ImportMapping, TableImport
from leadlight.sales.models.table_imports import LONGEST_MAPPING_NAME
from leadlight.sales.models.valid_values import valid_line
from leadlight.sales.refusals import Refused
from leadlight.table_import import prospect_columns
from leadlight.table_import.targets import targets_of
from leadlight.tables import TableFile, matching


def match(given: TableImport, table: TableFile) -> None:
    """Map the columns of a new import as in the last saved mapping, else by header and content."""
    found = matches(given, table)
    kept = kept_for(given, table.headers)
    if kept is not None:
        apply(given, kept)
    else:
        given.mapping = {str(one.position): one.target for one in found if one.target}
        given.key_target = "key" if "key" in given.mapping.values() else ""


def matches(given: TableImport, table: TableFile) -> list[matching.Match]:
    """Return the match of each column by its header and content."""
    targets = list(targets_of(given).values())
    rows = [row.cells for row in table.sample]
    if given.kind == TableImport.Kind.PROSPECTS:
        return prospect_columns.match_columns(table.headers, rows, targets)
    matched = [target.matched for target in targets]
    return _with_leads(matching.match_columns(table.headers, rows, matched))


def _with_leads(found: list[matching.Match]) -> list[matching.Match]:
    """Match a column “Lead” to the titles of leads if another column has the keys, else to keys.

    Leadlight's CSV exports have the keys under this header, its other exports the titles.
    """
    taken = {match.target for match in found}
    target = "lead_title" if "lead" in taken else "lead"
    return [
        replace(match, target=target, by=matching.BY_HEADER, candidates=(), reason="")
        if not match.target and set(match.candidates) == {"lead", "lead_title"}
        else match
        for match in found
    ]


def kept_for(given: TableImport, headers: list[str]) -> ImportMapping | None:
    """Return the mapping that was saved last for a file of the same kind with the same headers."""
    kept = ImportMapping.objects.filter(
        kind=given.kind, prospecting_list=given.prospecting_list_id
    ).order_by("-saved_at")
    return next((one for one in kept if one.headers == headers), None)


def apply(given: TableImport, kept: ImportMapping) -> None:
    """Map the columns of an import by their headers as in a saved mapping."""
    known = targets_of(given)
    given.mapping = prospect_columns.remapped(given, kept.mapping, known)
    mapped = given.mapping.values()
    given.key_target = kept.key_target if kept.key_target in mapped else ""
    given.options = dict(kept.options)


def keep(given: TableImport, name: str, user: User) -> ImportMapping:
    """Save the mapping of an import under a name; it replaces one with the same name."""
    valid = valid_line(name, LONGEST_MAPPING_NAME)
    headers = [column["header"] for column in given.columns]
    values: dict[str, Any] = {
        "user": user,
        "prospecting_list": given.prospecting_list,
        "saved_at": timezone.now(),
        "headers": headers,
        "mapping": {headers[int(place)]: target for place, target in given.mapping.items()},
        "key_target": given.key_target,
        "options": given.options,
        "reading": given.reading,
    }
    kept = ImportMapping.objects.filter(kind=given.kind, name__iexact=valid).first()
    kept = kept or ImportMapping(kind=given.kind, name=valid)
    for attribute, value in values.items():
        setattr(kept, attribute, value)
    kept.save()
    return kept


def set_mapping(
    given: TableImport, mapping: Mapping[str, str], key_target: str, options: Mapping[str, Any]
) -> None:
    """Set the target of each column, the key of existing rows, and the options. Raises `Refused`.

    `mapping` is column number → target; `key_target` is "" if all rows are new.
    """
    known = targets_of(given)
    chosen = {place: target for place, target in mapping.items() if target}
    for target in chosen.values():
        if target not in known:
            raise Refused(_("A column is mapped to a field that does not exist any more."))
        if list(chosen.values()).count(target) > 1:
            raise Refused(
                _("Two columns are mapped to “%(target)s”. Choose one.")
                % {"target": known[target].title}
            )
    if not chosen:
        raise Refused(_("Choose the field of at least one column."))
    if key_target and (key_target not in chosen.values() or not known[key_target].is_key):
        raise Refused(_("Map a column to the key first."))
    given.mapping, given.key_target, given.options = chosen, key_target, dict(options)
