"""Extended view of the list of leads: contacts, and the last activity or comment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, OuterRef, Subquery

from leadlight.sales.models import Activity, ContactPoint, Lead, LeadEvent
from leadlight.sales.models.event_log import Kind

# Maximum number of contact points that a row shows.
MOST_CONTACTS = 3


@dataclass(frozen=True)
class Last:
    """Last activity or comment of a lead; `activity` is "" for a comment."""

    at: datetime
    user: Any
    activity: str
    text: str


@dataclass(frozen=True)
class Details:
    """Contact points of the first person of a lead, and its last activity or comment."""

    name: str
    contacts: tuple[ContactPoint, ...]
    last: Last | None


def details_of(leads: Sequence[Lead]) -> dict[int, Details]:
    """Return the details of leads by id."""
    ids = [lead.pk for lead in leads]
    points = defaultdict(list)
    for point in ContactPoint.objects.filter(lead__in=ids):
        points[point.lead_id].append(point)
    last: dict[int, Last] = {}
    for pk, one in (*_activities(ids), *_comments(ids)):
        if pk not in last or one.at > last[pk].at:
            last[pk] = one
    return {pk: _details(points[pk], last.get(pk)) for pk in ids}


def _details(points: list[ContactPoint], last: Last | None) -> Details:
    first = [one for one in points if one.block == points[0].block][:MOST_CONTACTS]
    return Details(first[0].name if first else "", tuple(first), last)


def _activities(ids: list[int]) -> Iterable[tuple[int, Last]]:
    newest = Activity.objects.filter(lead=OuterRef("lead")).order_by("-occurred_at", "-pk")
    rows = Activity.objects.filter(lead__in=ids, pk=Subquery(newest.values("pk")[:1]))
    for row in rows.select_related("activity_type", "outcome", "user"):
        title = f"{row.activity_type} · {row.outcome}" if row.outcome else str(row.activity_type)
        yield row.lead_id or 0, Last(row.occurred_at, row.user, title, row.content)


def _comments(ids: list[int]) -> Iterable[tuple[int, Last]]:
    """Yield the last comment of each lead with its current text; removed ones are left out."""
    comments = LeadEvent.objects.filter(lead__in=ids, kind=Kind.COMMENT, about="")
    newest = dict(comments.order_by().values_list("lead").annotate(last=Max("pk")))
    events = list(LeadEvent.objects.filter(pk__in=newest.values()).select_related("actor"))
    keys = [event.key for event in events]
    edits = LeadEvent.objects.filter(lead__in=ids, kind=Kind.COMMENT, about__in=keys)
    texts = dict(edits.order_by("pk").values_list("about", "value")) if keys else {}
    for event in events:
        text = texts.get(event.key, event.value)
        if text:
            yield event.lead_id, Last(event.occurred_at, event.actor, "", text)
