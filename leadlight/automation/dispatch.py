"""Dispatch of pending changes to webhooks, notifications and rules.

One process does it at a time, so that the deliveries of a lead are in the order of its changes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db import connection, transaction
from django.db.models import Q

from leadlight.automation import payloads, rules
from leadlight.automation.deliveries import send
from leadlight.automation.events import (
    ACTIVITY_LOGGED,
    CLIENT_CREATED,
    PROSPECT_CREATED,
    names_of,
)
from leadlight.automation.models import PendingChange, Webhook
from leadlight.automation.notifications import notify
from leadlight.automation.payloads import Body
from leadlight.busy import is_busy
from leadlight.sales.models import Activity, Client, Lead, Prospect, ProspectColumn
from leadlight.sales.models.event_log import Channel, LeadEvent

logger = logging.getLogger(__name__)

Source = PendingChange.Source
CHANGES_AT_ONCE = 200  # rows of a transaction, during which other writers wait on SQLite
LOCK = 0x1EAD11  # number of the advisory lock on PostgreSQL


@dataclass(frozen=True)
class Message:
    """Message about one change: its names, the key of its subject, and its body."""

    events: list[str]
    about: str
    body: Body
    is_import: bool = False


def dispatch(*, is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Dispatch all pending changes; return their number.

    A batch is one transaction: a process that is killed leaves whole batches, and loses no change.
    """
    dispatched = 0
    while PendingChange.objects.exists():
        try:
            number = _dispatch_some(CHANGES_AT_ONCE)
        except Exception as error:
            if is_busy(error):
                raise
            logger.exception("A batch of changes cannot be dispatched: each is tried alone.")
            number = _dispatch_one_by_one(CHANGES_AT_ONCE)
        dispatched += number
        if number == 0 or is_stopped():
            break
    return dispatched


def _dispatch_some(most: int) -> int:
    """Dispatch the oldest pending changes; return their number, 0 if another process does it."""
    with transaction.atomic():
        if not _is_alone():
            return 0
        pending = list(PendingChange.objects.order_by("pk")[:most])
        hooks = list(Webhook.objects.filter(is_active=True).order_by("pk"))
        pending += _rest_of_last_change(pending)
        changes = _changes_of_leads(pending)
        notify(event for change in changes for event in change)
        rules.trigger(changes)
        if hooks:
            for message in _messages(pending, changes):
                _deliver(message, hooks)
        PendingChange.objects.filter(pk__in=[change.pk for change in pending]).delete()
    return len(pending)


def _dispatch_one_by_one(most: int) -> int:
    """Dispatch the oldest pending changes one by one, so that one that fails holds up no other.

    A change that fails is logged and left out.
    """
    pks = list(PendingChange.objects.order_by("pk").values_list("pk", flat=True)[:most])
    for pk in pks:
        try:
            _dispatch_some(1)
        except Exception as error:
            if is_busy(error):
                raise
            logger.exception("Pending change %d cannot be dispatched.", pk)
            PendingChange.objects.filter(pk=pk).delete()
    return len(pks)


def _is_alone() -> bool:
    """Lock out other processes until the end of the transaction; return whether that succeeded.

    On SQLite a transaction excludes all others that write.
    """
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def _rest_of_last_change(pending: Sequence[PendingChange]) -> list[PendingChange]:
    """Return the later pending events of the same change of a lead as the last event."""
    ids = [change.row_id for change in pending if change.source == Source.EVENT]
    last = LeadEvent.objects.filter(pk__in=ids).order_by("-pk").first()
    if last is None:
        return []
    same = LeadEvent.objects.filter(lead=last.lead_id, version=last.version, pk__gt=last.pk)
    later = Q(source=Source.EVENT, row_id__in=list(same.values_list("pk", flat=True)))
    return list(PendingChange.objects.filter(later, pk__gt=pending[-1].pk).order_by("pk"))


def _changes_of_leads(pending: Iterable[PendingChange]) -> list[list[LeadEvent]]:
    """Return the events that were written together, for each change, in the order of changes."""
    ids = [change.row_id for change in pending if change.source == Source.EVENT]
    events = list(LeadEvent.objects.filter(pk__in=ids).select_related("actor", "lead"))
    events.sort(key=lambda event: (event.lead_id, event.version, event.pk))
    changes = [
        list(group) for _key, group in groupby(events, lambda event: (event.lead_id, event.version))
    ]
    return sorted(changes, key=lambda change: change[0].pk)


def _messages(
    pending: Iterable[PendingChange], changes: Iterable[list[LeadEvent]]
) -> Iterator[Message]:
    """Yield the messages about pending changes, those of a lead in the order of its changes."""
    ids: dict[str, list[int]] = {source: [] for source in Source.values}
    for one in pending:
        ids[one.source].append(one.row_id)
    yield from _of_clients(ids[Source.CLIENT])
    yield from _of_prospects(ids[Source.PROSPECT])
    yield from _of_leads(list(changes))
    yield from _of_activities(ids[Source.ACTIVITY])


def _of_leads(changes: Sequence[list[LeadEvent]]) -> Iterator[Message]:
    names = payloads.Names(event for change in changes for event in change)
    leads = _leads({change[0].lead_id for change in changes})
    for change in changes:
        lead = leads[change[0].lead_id]
        body = payloads.of_change(change, names) | {"lead": payloads.of_lead(lead)}
        is_import = change[0].channel == Channel.IMPORT
        yield Message(names_of(change), lead.key, body, is_import)


def _of_activities(ids: Iterable[int]) -> Iterator[Message]:
    relations = ("activity_type", "outcome", "user", "prospect__prospecting_list")
    activities = Activity.objects.filter(pk__in=ids).select_related(*relations).order_by("pk")
    leads = _leads({activity.lead_id for activity in activities if activity.lead_id})
    for activity in activities:
        body: Body = {"activity": payloads.of_activity(activity)}
        about = ""
        if activity.lead_id:
            about = leads[activity.lead_id].key
            body["lead"] = payloads.of_lead(leads[activity.lead_id])
        elif activity.prospect:
            about = activity.prospect.key
            headers = _headers([activity.prospect])
            body["prospect"] = payloads.of_prospect(activity.prospect, headers)
        yield Message([ACTIVITY_LOGGED], about, body)


def _of_clients(ids: Iterable[int]) -> Iterator[Message]:
    clients = Client.objects.filter(pk__in=ids).select_related("created_by").order_by("pk")
    for client in clients:
        yield Message([CLIENT_CREATED], client.key, {"client": payloads.of_client(client)})


def _of_prospects(ids: Iterable[int]) -> Iterator[Message]:
    relations = ("prospecting_list", "user")
    rows = Prospect.objects.filter(pk__in=ids).select_related(*relations).order_by("pk")
    headers = _headers(rows)
    for row in rows:
        yield Message([PROSPECT_CREATED], row.key, {"prospect": payloads.of_prospect(row, headers)})


def _leads(ids: Iterable[int]) -> dict[int, Lead]:
    rows = Lead.objects.filter(pk__in=ids).select_related(*payloads.LEAD_RELATIONS)
    found = rows.prefetch_related("tags", "contact_points", "field_values__field")
    return {lead.pk: lead for lead in found}


def _headers(rows: Iterable[Prospect]) -> dict[str, str]:
    columns = ProspectColumn.objects.filter(
        prospecting_list__in={row.prospecting_list_id for row in rows}
    )
    return {column.cell_key: column.header for column in columns}


def _deliver(message: Message, hooks: Iterable[Webhook]) -> None:
    for hook in hooks:
        events = [name for name in message.events if name in hook.events]
        if events and (hook.includes_imports or not message.is_import):
            send(hook, events, message.about, message.body)
