"""Bodies of the messages to webhooks: what happened, to which lead, client or prospect.

A body is JSON with plain values: instants in ISO 8601 with UTC, amounts as text, rows by their key
and name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.urls import reverse

from leadlight.accounts.models import User
from leadlight.accounts.organization import organization
from leadlight.accounts.origin import absolute
from leadlight.sales.models import Activity, Client, Lead, Prospect
from leadlight.sales.models.event_log import FIELDS, Field, Kind, LeadEvent
from leadlight.sales.models.field_values import field_texts
from leadlight.sales.models.plain_values import plain_decimal, plain_instant

Body = dict[str, Any]

# Relations that the body of a lead reads.
LEAD_RELATIONS = ("pipeline", "step", "owner", "team", "client", "created_by", "reminder_activity")


class Names:
    """Key and name of the rows that events refer to by id, read in one query for each model."""

    def __init__(self, events: Iterable[LeadEvent]) -> None:
        ids: dict[type[models.Model], set[int]] = {}
        for event in events:
            field = FIELDS.get(event.kind)
            if field is not None and field.model is not None:
                for text in (event.old_value, event.value):
                    ids.setdefault(field.model, set()).update(int(one) for one in text.split())
        self._rows = {
            model: {row.pk: _named(row) for row in model._default_manager.filter(pk__in=pks)}
            for model, pks in ids.items()
        }

    def value(self, kind: str, text: str) -> Any:
        """Return the value of an event of a kind as plain JSON; None for no value."""
        field = FIELDS.get(kind)
        if field is None or field.model is None:
            return _plain(field, text)
        rows = [self._rows[field.model].get(int(one)) for one in text.split()]
        return rows if field.is_many else next(iter(rows), None)


def of_lead(lead: Lead) -> Body:
    """Return the body of a lead with `LEAD_RELATIONS`, tags and field values."""
    return {
        "key": lead.key,
        "url": absolute(reverse("lead", args=[lead.key])),
        "version": lead.version,
        "title": lead.title,
        "description": lead.description,
        "status": lead.status,
        "pipeline": _named(lead.pipeline),
        "step": _named(lead.step),
        "owner": _named(lead.owner),
        "team": _named(lead.team),
        "client": _named(lead.client),
        "amount": plain_decimal(lead.amount) or None,
        "currency": organization().currency,
        "probability": lead.probability,
        "estimated_closing_on": lead.estimated_closing_on and str(lead.estimated_closing_on),
        "source": lead.source,
        "tags": [_named(tag) for tag in lead.tags.all()],
        "fields": field_texts(lead),
        "contacts": [
            {"kind": point.kind, "value": point.value, "name": point.name}
            for point in lead.contact_points.all()
        ],
        "reminder": {
            "at": plain_instant(lead.reminder_at),
            "is_all_day": lead.reminder_is_all_day,
            "minutes": lead.reminder_minutes,
            "activity": _named(lead.reminder_activity),
            "note": lead.reminder_note,
        }
        if lead.reminder_at
        else None,
        "created_at": plain_instant(lead.created_at),
        "created_by": _named(lead.created_by),
        "updated_at": plain_instant(lead.updated_at),
        "closed_at": plain_instant(lead.closed_at) or None,
        "is_starred": lead.is_starred,
        "is_deleted": lead.is_deleted,
    }


def of_change(events: list[LeadEvent], names: Names) -> Body:
    """Return what one change of a lead did, without the lead."""
    first = events[0]
    return {
        "occurred_at": plain_instant(first.occurred_at),
        "recorded_at": plain_instant(first.recorded_at),
        "channel": first.channel,
        "actor": _named(first.actor),
        "changes": [
            {
                "kind": event.kind,
                "about": event.about,
                "old": names.value(event.kind, event.old_value),
                "new": names.value(event.kind, event.value),
            }
            for event in events
            if event.kind != Kind.CREATED
        ],
    }


def of_activity(activity: Activity) -> Body:
    return {
        "key": activity.key,
        "type": _named(activity.activity_type),
        "outcome": _named(activity.outcome),
        "user": _named(activity.user),
        "occurred_at": plain_instant(activity.occurred_at),
        "recorded_at": plain_instant(activity.recorded_at),
        "content": activity.content,
    }


def of_client(client: Client) -> Body:
    return {
        "key": client.key,
        "url": absolute(reverse("client", args=[client.key])),
        "name": client.name,
        "description": client.description,
        "is_active": client.is_active,
        "fields": field_texts(client),
        "created_at": plain_instant(client.created_at) or None,
        "created_by": _named(client.created_by),
    }


def of_prospect(prospect: Prospect, headers: Mapping[str, str]) -> Body:
    """Return the body of a prospect; `headers` maps the keys of its cells to column headers."""
    return {
        "key": prospect.key,
        "url": absolute(reverse("prospect", args=[prospect.key])),
        "list": _named(prospect.prospecting_list),
        "user": _named(prospect.user),
        "cells": {headers[key]: text for key, text in prospect.cells.items() if key in headers},
        "created_at": plain_instant(prospect.created_at),
    }


def _named(row: Any) -> Body | None:
    """Return the key and the name of a row, and the email of a person; None for no row."""
    if row is None:
        return None
    name = row.full_name if isinstance(row, User) else str(row)
    named = {"key": row.key, "name": name}
    return named | {"email": row.email} if isinstance(row, User) else named


def _plain(field: Field | None, text: str) -> Any:
    value = field.read(text) if field is not None and text else text
    return value if isinstance(value, bool | int) else text or None
