"""Comparison of tasks and links between leads with the events that log them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import F, Max

from leadlight.sales.lead_links import link_text
from leadlight.sales.models import FollowUp, Lead, LeadEvent, Task
from leadlight.sales.models.event_log import Kind

BATCH = 900  # below the limit of variables per statement of every supported database


def differences() -> Iterator[str]:
    """Yield a sentence for each task and each link that differs from its last event.

    Rows without an event, which an import made, are not compared.
    """
    yield from _task_differences()
    yield from _link_differences()
    elsewhere = FollowUp.objects.filter(tasks__isnull=False).exclude(tasks__lead=F("lead"))
    for follow_up in elsewhere.distinct():
        yield f"Follow-up {follow_up.pk} ({follow_up}): its tasks are on another lead."


def _task_differences() -> Iterator[str]:
    for ids in _batches(
        Task.objects.order_by("lead", "pk").values_list("pk", flat=True).iterator()
    ):
        tasks = Task.objects.filter(pk__in=ids)
        # By lead, because events have no index by task.
        events = LeadEvent.objects.filter(kind=Kind.TASK, lead__in=tasks.values("lead"))
        last = _last_values(events, "about")
        for task in tasks.select_related("owner", "done_by", "follow_up").order_by("pk"):
            right = last.get(task.key, task.state)
            if task.state != right:
                yield f"Task {task.pk} ({task}): {task.state} instead of {right or 'no task'}."


def _link_differences() -> Iterator[str]:
    events = LeadEvent.objects.filter(kind=Kind.FOLLOWS)
    linked = set(Lead.objects.filter(follows__isnull=False).values_list("pk", flat=True))
    linked |= set(events.values_list("lead", flat=True))
    for ids in _batches(iter(sorted(linked))):
        last = _last_values(events.filter(lead__in=ids), "lead_id")
        for lead in Lead.objects.filter(pk__in=ids).select_related("follows").order_by("pk"):
            right = last.get(lead.pk, link_text(lead))
            if link_text(lead) != right:
                yield f"Lead {lead.pk} ({lead}): follows {link_text(lead)} instead of {right}."


def _last_values(events: Any, name: str) -> dict[Any, str]:
    """Return the value of the last event of each task or lead, by `name`."""
    last = events.order_by().values(name).annotate(last=Max("pk")).values("last")
    return dict(LeadEvent.objects.filter(pk__in=last).values_list(name, "value"))


def _batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
