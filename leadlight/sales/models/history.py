"""The history of leads: every fact with the day it is about and the instant it was recorded.

A lead's row is the state that its history ends in. `replay` is the one definition of how; the
verbs of `Lead` write both, the import checks the one against the other, `leadlight check` too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.keys import Keyed
from leadlight.accounts.models import User


class Kind(models.TextChoices):
    CREATED = "created", _("Created")
    PIPELINE = "pipeline", _("Pipeline")
    STEP = "step", _("Step")
    STATUS = "status", _("Status")
    OWNER = "owner", _("Owner")
    TEAM = "team", _("Team")
    AMOUNT = "amount", _("Amount")
    PROBABILITY = "probability", _("Probability")
    ESTIMATED_CLOSING = "estimated_closing", _("Expected day")
    DELETED = "deleted", _("Deleted")


class LeadEvent(Keyed):
    """One fact of one lead. `value` is the new value as text, empty for none.

    Values of `pipeline`, `step`, `owner` and `team` are primary keys. Order of happening is
    (`occurred_at`, `pk`); two facts of one instant are told apart by the order of writing.
    """

    lead = models.ForeignKey("sales.Lead", models.CASCADE, related_name="events", db_index=False)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    value = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["lead", "occurred_at", "id"], name="story")]

    def __str__(self) -> str:
        return f"{self.occurred_at:%Y-%m-%d %H:%M} {self.kind} {self.value}"


def plain_decimal(amount: Decimal | None) -> str:
    """1000 → "1000", 10.5 → "10.50", None → "": an amount as history and files write it."""
    if amount is None:
        return ""
    return f"{amount:.2f}".removesuffix(".00")


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _optional(read: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda text: read(text) if text else None


@dataclass(frozen=True)
class Field:
    """How one kind of fact stands on the lead's row, and as text in its history."""

    attribute: str
    write: Callable[[Any], str]
    read: Callable[[str], Any]


FIELDS: dict[str, Field] = {
    Kind.PIPELINE: Field("pipeline_id", _text, _optional(int)),
    Kind.STEP: Field("step_id", _text, _optional(int)),
    Kind.STATUS: Field("status", _text, str),
    Kind.OWNER: Field("owner_id", _text, _optional(int)),
    Kind.TEAM: Field("team_id", _text, _optional(int)),
    Kind.AMOUNT: Field("amount", plain_decimal, _optional(Decimal)),
    Kind.PROBABILITY: Field("probability", _text, _optional(int)),
    Kind.ESTIMATED_CLOSING: Field("estimated_closing_on", _text, _optional(date.fromisoformat)),
    Kind.DELETED: Field("is_deleted", _flag, lambda text: text != "false"),
}

CLOSED = ("won", "lost", "cancelled")
OPEN = ("todo", "standby")


@dataclass(frozen=True)
class Fact:
    """What `replay` needs of an event."""

    occurred_at: datetime
    kind: str
    value: str


def replay(facts: Iterable[Fact | LeadEvent]) -> dict[str, Any]:
    """The state that facts, given in order of happening, lead to: lead attribute → value.

    Holds only what a fact was about; `closed_at` follows the last status.
    """
    state: dict[str, Any] = {}
    for fact in facts:
        if fact.kind == Kind.CREATED:
            state["created_at"] = fact.occurred_at
            continue
        field = FIELDS[fact.kind]
        state[field.attribute] = field.read(fact.value)
        if fact.kind == Kind.STATUS:
            state["closed_at"] = fact.occurred_at if fact.value in CLOSED else None
    return state
