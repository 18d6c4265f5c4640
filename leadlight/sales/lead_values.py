"""Values of a lead from a file: their differences from a lead, and the change of a lead to them.

`sales.lead_batches` creates leads from such values.

Values are a mapping from the name of a target: one of `PLAIN`, status, step, owner, team, created,
closed, reminder, tags (ids), contacts (`Contacts`), or `CUSTOM_FIELD_PREFIX` and the key of a
custom field (a `FieldText`). Targets that are not given keep their values. Tags and contacts are
added, never removed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.sales.contact_lines import contacts_in
from leadlight.sales.models import CustomField, Lead, Reminder
from leadlight.sales.models.event_log import CLOSED, CUSTOM_FIELD_PREFIX, FIELDS, Kind
from leadlight.sales.models.lead_changes import Changes, changing
from leadlight.sales.models.lead_row import LONGEST_SOURCE, LONGEST_TITLE
from leadlight.sales.models.valid_values import (
    valid_amount,
    valid_day,
    valid_past_instant,
    valid_probability,
    valid_text,
    valid_title,
)
from leadlight.sales.refusals import Refused

Values = Mapping[str, Any]

# Target → kind of its events, and the check of a value.
PLAIN: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "title": (Kind.TITLE, lambda text: valid_title(text, LONGEST_TITLE)),
    "description": (Kind.DESCRIPTION, valid_text),
    "client": (Kind.CLIENT, lambda client: client.pk),
    "amount": (Kind.AMOUNT, valid_amount),
    "probability": (Kind.PROBABILITY, valid_probability),
    "expected": (Kind.ESTIMATED_CLOSING, valid_day),
    "source": (Kind.SOURCE, lambda text: valid_text(text, LONGEST_SOURCE)),
}


@dataclass(frozen=True)
class FieldText:
    """Canonical text of a value of a custom field, whose definition the caller has locked."""

    field: CustomField
    text: str


@dataclass(frozen=True)
class Contacts:
    """Contacts of one person as lines of a description: the name, and a line for each contact.

    Phone numbers without a country code are read as numbers of `country`.
    """

    name_line: str
    lines: tuple[str, ...]
    country: str

    def missing_in(self, lead: Lead) -> Contacts | None:
        """Return the contacts that a lead does not have; None if it has them all."""
        points = {(point.kind, point.value) for point in lead.contact_points.all()}
        lines = tuple(
            line
            for line in self.lines
            if line not in lead.description and not self._is_in(line, points)
        )
        if not lines and (self.lines or self.name_line in lead.description):
            return None
        return replace(self, lines=lines)

    def _is_in(self, line: str, points: set[tuple[str, str]]) -> bool:
        """Return whether a line has contacts, all of them among `points`."""
        found = contacts_in(line, self.country)
        return bool(found) and all((one.kind, one.value) in points for one in found)

    def below(self, description: str) -> str:
        """Return a description with these lines below it."""
        block = "\n".join(line for line in (self.name_line, *self.lines) if line)
        return "\n\n".join(text for text in (description.strip(), block) if text)


@dataclass(frozen=True)
class Moment:
    """Instant in a file; with `is_day`, the file gives the day only, and `at` is its start."""

    at: datetime
    is_day: bool

    def is_at(self, instant: datetime | None, zone: ZoneInfo) -> bool:
        """Return whether an instant is this one, or with `is_day` on the same day in a zone."""
        if instant is None or not self.is_day:
            return instant == self.at
        return instant.astimezone(zone).date() == self.at.astimezone(zone).date()


def differences(lead: Lead, values: Values, zone: ZoneInfo) -> dict[str, Any]:
    """Return the values that differ from those of a lead; days are compared in a time zone."""
    texts = lead.field_texts
    found: dict[str, Any] = {}
    for target, value in values.items():
        if target in PLAIN:
            kind, check = PLAIN[target]
            is_same = getattr(lead, FIELDS[kind].attribute) == check(value)
        elif target.startswith(CUSTOM_FIELD_PREFIX):
            is_same = texts.get(value.field.key, "") == value.text
        elif target in ("created", "closed"):
            is_same = value.is_at(getattr(lead, f"{target}_at"), zone)
        elif target == "reminder":
            is_same = _is_reminder(lead, value, zone)
        elif target == "tags":
            is_same = value <= lead.tag_ids
        elif target == "contacts":
            value = value.missing_in(lead)
            is_same = value is None
        else:
            is_same = getattr(lead, target) == value
        if not is_same:
            found[target] = value
    return found


def change(lead: Lead, values: Values, *, by: User) -> None:
    """Change a lead to values that differ (`differences`); raises `Refused` if one is invalid.

    A lead in the bin is restored.
    """
    with transaction.atomic():
        with changing(lead, by) as changes:
            if lead.is_deleted:
                changes[Kind.DELETED] = False
            for target, (kind, check) in PLAIN.items():
                if target in values:
                    changes[kind] = check(values[target])
            if "contacts" in values:
                text = changes.get(Kind.DESCRIPTION, lead.description)
                changes[Kind.DESCRIPTION] = valid_text(values["contacts"].below(text))
            if "step" in values:
                changes[Kind.PIPELINE] = values["step"].pipeline_id
                changes[Kind.STEP] = values["step"].pk
            _add_tags_and_fields(lead, values, changes)
        if "owner" in values or "team" in values:
            lead.assign_to(values.get("owner", lead.owner), team=values.get("team"), by=by)
        if "created" in values:
            lead.correct_creation(values["created"].at, by=by)
        if "reminder" in values:
            lead.set_reminder(values["reminder"], by=by)
        closed = values.get("closed")
        if "status" in values:
            _set_status(lead, values["status"], by, closed and closed.at)
        elif closed:
            lead.correct_closing(closed.at, by=by)


def refuse_impossible(values: Values, lead: Lead | None, now: datetime, zone: ZoneInfo) -> None:
    """Raise `Refused` for values that contradict each other or the lead, as its verbs would."""
    status = values.get("status", lead.status if lead else Lead.Status.TODO)
    created, closed = values.get("created"), values.get("closed")
    for moment in (created, closed):
        valid_past_instant(moment and moment.at, now)
    if closed and status not in CLOSED:
        raise Refused(_("An open lead has no close date."))
    created_at = created.at if created else lead.created_at if lead else None
    if closed and created_at and closed.at < created_at:
        same = closed.at.astimezone(zone).date() == created_at.astimezone(zone).date()
        if not (same and closed.is_day):
            raise Refused(_("The lead would be closed before it was created."))
    has_reminder = "reminder" in values or (lead is not None and lead.reminder_at is not None)
    if status == Lead.Status.STANDBY and not has_reminder:
        raise Refused(_("A lead on standby needs a reminder."))
    if status in CLOSED and "reminder" in values:
        raise Refused(_("A closed lead has no reminder."))
    owner = values.get("owner")
    if owner and not owner.is_active and (lead is None or lead.owner_id != owner.pk):
        raise Refused(_("%(user)s is no longer active.") % {"user": owner})


def _add_tags_and_fields(lead: Lead, values: Values, changes: Changes) -> None:
    if values.get("tags"):
        changes[Kind.TAGS] = lead.tag_ids | values["tags"]
    for value in values.values():
        if isinstance(value, FieldText):
            changes.of_fields[value.field] = value.text


def _set_status(lead: Lead, status: str, by: User, at: datetime | None) -> None:
    if status in CLOSED:
        if at is not None and at < lead.created_at:  # the day of creation, without a time
            at = lead.created_at
        verbs = {"won": lead.win, "lost": lead.lose, "cancelled": lead.cancel}
        verbs[status](by=by, at=at)
        return
    if lead.is_closed:
        lead.reopen(by=by)
    if status == Lead.Status.STANDBY:
        lead.stand_by(by=by)
    elif lead.status == Lead.Status.STANDBY:
        with changing(lead, by) as changes:
            changes[Kind.STATUS] = status


def _is_reminder(lead: Lead, reminder: Reminder, zone: ZoneInfo) -> bool:
    return Moment(reminder.at, reminder.is_all_day).is_at(lead.reminder_at, zone)
