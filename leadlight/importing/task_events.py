"""Events of the tasks and links that an import changes.

If the last event of a task or a link differs from its row after the import, the import logs the
change. No event is added for a row that has none and that the import does not change.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import F
from django.utils import timezone

from leadlight.importing.key_map import batches
from leadlight.importing.planning import Plan
from leadlight.sales.lead_links import link_text
from leadlight.sales.models import Lead, LeadEvent, Task
from leadlight.sales.models.event_log import Channel, Kind
from leadlight.sales.models.plain_values import plain_instant
from leadlight.sales.models.tasks import TEXTS, state_text


def log_changes(plan: Plan) -> None:
    """Log the changes of the rows that the import has just written."""
    events = [*_task_events(plan), *_link_events(plan)]
    versions: dict[int, int] = {}
    for batch in batches(sorted({event.lead_id for event in events})):
        leads = Lead.objects.filter(pk__in=batch)
        leads.update(version=F("version") + 1)
        versions.update(leads.values_list("pk", "version"))
    for event in events:
        event.version = versions[event.lead_id]
    LeadEvent.objects.bulk_create(events)


def _task_events(plan: Plan) -> Iterator[LeadEvent]:
    before = {row.task: _state(old) for _id, row, old in plan["tasks"].updated}
    abouts = (row.about for row in _events_of(plan, Kind.TASK))
    keys = {*before, *(row.task for row in plan["tasks"].created), *abouts}
    for batch in batches(sorted(keys)):
        tasks = Task.objects.filter(key__in=batch)
        logged = LeadEvent.objects.filter(kind=Kind.TASK, lead__in=tasks.values("lead"))
        last = _last_values(logged, "about")
        for task in tasks.select_related("owner", "done_by", "follow_up").order_by("pk"):
            old = last.get(task.key, before.get(task.key, task.state))
            if old != task.state:
                yield _event(task.lead_id, Kind.TASK, old, task.state, task.key)


def _link_events(plan: Plan) -> Iterator[LeadEvent]:
    leads = plan["leads"]
    before = {
        row.lead: f"{old.follows_as}:{old.follows}" if old.follows else ""
        for _id, row, old in leads.updated
        if (row.follows, row.follows_as) != (old.follows, old.follows_as)
    }
    keys = {
        *before,
        *(row.lead for row in leads.created if row.follows),
        *(row.lead for row in _events_of(plan, Kind.FOLLOWS)),
    }
    for batch in batches(sorted(keys)):
        found = Lead.objects.filter(key__in=batch)
        logged = LeadEvent.objects.filter(kind=Kind.FOLLOWS, lead__in=found.values("pk"))
        last = _last_values(logged, "lead_id")
        for lead in found.select_related("follows").order_by("pk"):
            old = last.get(lead.pk, before.get(lead.key, link_text(lead)))
            if old != link_text(lead):
                yield _event(lead.pk, Kind.FOLLOWS, old, link_text(lead))


def _events_of(plan: Plan, kind: str) -> Iterator[Any]:
    changes = plan["lead_events"]
    rows = [*changes.created, *(new for _id, new, _old in changes.updated)]
    return (row for row in rows if row.kind == kind)


def _last_values(events: Any, name: str) -> dict[Any, str]:
    """Return the value of the last event of each task or lead, by `name`."""
    return dict(events.order_by("occurred_at", "pk").values_list(name, "value"))


def _state(row: Any) -> str:
    """Return the state of a task in a row of tasks.csv, as text."""
    if row.is_removed:
        return ""
    values = {name: getattr(row, name) for name in TEXTS}
    names = {"owner": row.user, "done_by": row.done_by, "follow_up": row.follow_up}
    days = {"due_on": row.due_on.isoformat(), "done_at": plain_instant(row.done_at)}
    return state_text(values | names | days)


def _event(lead: int, kind: str, old: str, value: str, about: str = "") -> LeadEvent:
    now = timezone.now()
    return LeadEvent(
        lead_id=lead,
        kind=kind,
        old_value=old,
        value=value,
        occurred_at=now,
        recorded_at=now,
        channel=Channel.IMPORT,
        about=about,
    )
