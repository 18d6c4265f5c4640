"""Past steps of leads that were created without a history of steps.

An imported file of leads has the current step of a lead, but not its earlier steps. The log then
has the current step from the creation on, and `Lead.has_history` is False. This module replaces
that by the actual steps. The last one is the current step, so that the row of the lead stays as it
is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F
from django.utils import timezone

from leadlight.accounts.models import User
from leadlight.sales import derived_columns
from leadlight.sales.models import Action, Lead, LeadEvent, Step
from leadlight.sales.models.event_log import Kind
from leadlight.sales.models.lead_changes import event_of

MOVES = (Kind.PIPELINE, Kind.STEP)


@dataclass(frozen=True)
class PastStep:
    """Step that a lead entered at an instant; `by` is the user who moved it, None if unknown."""

    at: datetime
    step: Step
    by: User | None


def write_all(steps: Mapping[Lead, Sequence[PastStep]]) -> None:
    """Write the steps of leads, given in order of time; the caller holds the locks of the leads.

    The first step of each lead is its step at the creation, and the last one is its current step.
    """
    now, events = timezone.now(), list[LeadEvent]()
    for lead, entered in steps.items():
        lead.version += 1
        _set_opening(lead, entered[0].step)
        before = entered[0].step
        for one in entered[1:]:
            events += _events(lead, before, one, now)
            before = one.step
    LeadEvent.objects.bulk_create(events)
    ids = [lead.pk for lead in steps]
    _save(ids, has_history=True)


def undo(lead: Lead, action: Action, opening: Step) -> bool:
    """Remove the steps that an action wrote, with `opening` as the first step again.

    Returns False, and changes nothing, if the lead was moved by something else since.
    """
    moves = lead.events.filter(kind__in=MOVES)
    others = moves.exclude(action=action).exclude(old_value="")
    if others.filter(action__undone_at__isnull=True).exists():
        return False
    moves.filter(action=action).delete()
    _set_opening(lead, opening)
    _save([lead.pk], has_history=False)
    return True


def _events(lead: Lead, before: Step, entered: PastStep, now: datetime) -> Iterable[LeadEvent]:
    values = {
        Kind.PIPELINE: (before.pipeline_id, entered.step.pipeline_id),
        Kind.STEP: (before.pk, entered.step.pk),
    }
    for kind, (old, new) in values.items():
        if old != new:
            yield event_of(lead, kind, str(old), str(new), entered.by, entered.at, now)


def _set_opening(lead: Lead, step: Step) -> None:
    """Set the step and its pipeline in the events of the creation of a lead."""
    opening = lead.events.filter(old_value="")
    for kind, value in ((Kind.STEP, step.pk), (Kind.PIPELINE, step.pipeline_id)):
        opening.filter(kind=kind).exclude(value=str(value)).update(value=str(value))


def _save(ids: Collection[int], *, has_history: bool) -> None:
    rows = Lead.objects.filter(pk__in=ids)
    rows.update(has_history=has_history, version=F("version") + 1, updated_at=timezone.now())
    derived_columns.refresh(ids)
