"""Relations between two leads, as events of both: merged, copied, split, not duplicates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import pgettext_lazy

from leadlight.accounts.models import User
from leadlight.sales.models.event_log import Kind
from leadlight.sales.models.lead_changes import locked, log_event

if TYPE_CHECKING:
    from leadlight.sales.models.leads import Lead


class Relation(models.TextChoices):
    """Relation of a lead to another one; a lead has at most one to each other lead.

    It is the value of the last event of kind `related` whose `about` is the key of the other lead.
    """

    MERGED_INTO = "merged_into", pgettext_lazy("relation", "Merged into")
    MERGED_WITH = "merged_with", pgettext_lazy("relation", "Merged with")
    NOT_DUPLICATE = "not_duplicate", pgettext_lazy("relation", "Not a duplicate of")
    COPY_OF = "copy_of", pgettext_lazy("relation", "Copy of")
    COPIED_TO = "copied_to", pgettext_lazy("relation", "Copied to")
    SPLIT_FROM = "split_from", pgettext_lazy("relation", "Split from")
    SPLIT_INTO = "split_into", pgettext_lazy("relation", "Split into")


def relate(lead: Lead, other_key: str, relation: str, *, by: User | None) -> None:
    """Set the relation of a lead to another one; "" removes it."""
    with locked(lead):
        old = relations_of(lead).get(other_key, "")
        if old != relation:
            log_event(lead, Kind.RELATED, relation, by, old_value=old, about=other_key)


def relations_of(lead: Lead) -> dict[str, str]:
    """Return the keys of the related leads with their relations, the latest last."""
    events = lead.events.filter(kind=Kind.RELATED).order_by("occurred_at", "pk")
    found: dict[str, str] = {}
    for about, value in events.values_list("about", "value"):
        found.pop(about, None)
        found[about] = value
    return {key: relation for key, relation in found.items() if relation}
