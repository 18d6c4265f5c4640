"""Conflicts between the changes of two people to the same field of a lead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from leadlight.sales.models import Lead
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX, FIELDS
from leadlight.sales.refusals import Refused


@dataclass(frozen=True)
class Conflict:
    """Field that changed since a form was shown.

    `name` is the kind of event of the field, or `CUSTOM_FIELD_PREFIX` + the key of a custom field.
    `before` is the value that the form showed and `theirs` the current one, as texts of the event
    log.
    """

    name: str
    before: str
    theirs: str


class Conflicting(Refused):
    """Change refused because of `conflicts`; the form can be sent again with the current values."""

    def __init__(self, conflicts: list[Conflict]) -> None:
        super().__init__(_("Someone else changed this in the meantime."))
        self.conflicts = conflicts


def current_texts(lead: Lead, names: list[str]) -> dict[str, str]:
    """Return the current values of fields as texts of the event log."""
    own = lead.field_texts if any(map(_is_custom, names)) else {}
    return {
        name: own.get(name.removeprefix(CUSTOM_FIELD_PREFIX), "")
        if _is_custom(name)
        else FIELDS[name].write(getattr(lead, FIELDS[name].attribute))
        for name in names
    }


def refuse_conflicts(lead: Lead, before: Mapping[str, str]) -> None:
    """Raise `Conflicting` if the value of a field is not the one that the form showed.

    The caller holds the lock of the lead, and changes only these fields. Line ends count as equal,
    because browsers send each as CR LF.
    """
    theirs = current_texts(lead, list(before))
    conflicts = [
        Conflict(name, text, theirs[name])
        for name, text in before.items()
        if _lines(theirs[name]) != _lines(text)
    ]
    if conflicts:
        raise Conflicting(conflicts)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _is_custom(name: str) -> bool:
    return name.startswith(CUSTOM_FIELD_PREFIX)
