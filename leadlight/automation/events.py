"""Names of the events that a webhook can be told of, and the names that a change has.

The names are those of noCRM.io's webhooks, as far as the same thing happens here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from leadlight.sales.models import Lead
from leadlight.sales.models.event_log import Kind, LeadEvent

ANY_UPDATE = "lead.any_update"
LEAD_CREATED = "lead.creation"
ACTIVITY_LOGGED = "activity.created"
CLIENT_CREATED = "client_folder.created"
PROSPECT_CREATED = "prospect.created"
TEST = "test"
TEST_TITLE = pgettext_lazy("message to a webhook", "Test")

EVENTS = {
    LEAD_CREATED: _("Lead created"),
    ANY_UPDATE: _("Lead changed in any way"),
    "lead.content_has_changed": _("Title, description or fields of a lead changed"),
    "lead.assigned": _("Lead assigned"),
    "lead.unassigned": _("Lead unassigned"),
    "lead.step.changed": _("Step changed"),
    "lead.status.changed": _("Status changed"),
    **{f"lead.status.changed.to.{status}": _("Status changed to “%s”") for status in Lead.Status},
    "lead.commented": _("Comment added"),
    "lead.deleted": _("Lead moved to the bin"),
    "task.status.changed": _("Task added, done or changed"),
    ACTIVITY_LOGGED: _("Activity logged"),
    CLIENT_CREATED: _("Client created"),
    PROSPECT_CREATED: _("Prospect added"),
}

CONTENT = (Kind.TITLE, Kind.DESCRIPTION, Kind.FIELD)


def title_of(name: str) -> str:
    """Return the title of an event in the language of the reader."""
    title = str(EVENTS.get(name) or (TEST_TITLE if name == TEST else name))
    return title % Lead.Status(name.rpartition(".")[2]).label if "%s" in title else title


def names_of(events: Iterable[LeadEvent]) -> list[str]:
    """Return the names of one change of a lead, in the order of `EVENTS`.

    `events` are those that were written together. The creation of a lead has that name only: its
    first status and owner are no changes.
    """
    events = list(events)
    if any(event.kind == Kind.CREATED for event in events):
        return [LEAD_CREATED]
    found = {ANY_UPDATE, *(name for event in events for name in _names(event))}
    return [name for name in EVENTS if name in found]


def _names(event: LeadEvent) -> Iterator[str]:
    if event.kind in CONTENT:
        yield "lead.content_has_changed"
    elif event.kind == Kind.OWNER:
        yield "lead.assigned" if event.value else "lead.unassigned"
    elif event.kind in (Kind.STEP, Kind.PIPELINE):
        yield "lead.step.changed"
    elif event.kind == Kind.STATUS:
        yield "lead.status.changed"
        yield f"lead.status.changed.to.{event.value}"
    elif event.kind == Kind.COMMENT and not event.about:
        yield "lead.commented"
    elif event.kind == Kind.DELETED and event.value == "true":
        yield "lead.deleted"
    elif event.kind == Kind.TASK:
        yield "task.status.changed"
