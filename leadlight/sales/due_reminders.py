"""Return of standby leads whose reminder has come.

Queries treat such a lead as "to do" from the instant of its reminder on (`is_to_do`), so that
nothing depends on how often `return_due_leads` runs.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from leadlight.sales.models import Lead
from leadlight.sales.models.event_log import Channel, through

AT_ONCE = 500


def is_to_do(now: datetime) -> Q:
    """Return the condition of leads to do, or on standby with a reminder that has come."""
    return Q(status=Lead.Status.TODO) | Q(status=Lead.Status.STANDBY, reminder_at__lte=now)


def return_due_leads(now: datetime | None = None) -> int:
    """Set the status of standby leads whose reminder has come to "todo"; return their number.

    Each lead is a transaction of its own, so that no other writer waits for the whole run.
    """
    now = now or timezone.now()
    due = Lead.objects.filter(status=Lead.Status.STANDBY, reminder_at__lte=now)
    leads = list(due.order_by("reminder_at")[:AT_ONCE])
    with through(Channel.REMINDER):
        for lead in leads:
            lead.return_due(now=now)
    return len(leads)
