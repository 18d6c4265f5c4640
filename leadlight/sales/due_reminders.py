"""Due reminders: standby leads whose reminder has come are to do again.

Queries treat such a lead as "to do" from the instant of its reminder on (`is_to_do`), so that
nothing depends on how often `return_due_leads` runs.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from leadlight.sales.models import Lead
from leadlight.sales.models.event_log import Channel, through
from leadlight.sales.refusals import Refused

logger = logging.getLogger(__name__)


def is_to_do(now: datetime) -> Q:
    """Return the condition of leads to do, or on standby with a reminder that has come."""
    return Q(status=Lead.Status.TODO) | Q(status=Lead.Status.STANDBY, reminder_at__lte=now)


def return_due_leads(
    now: datetime | None = None, *, is_stopped: Callable[[], bool] = lambda: False
) -> int:
    """Set the status of standby leads whose reminder has come to "todo"; return their number.

    Each lead is a transaction of its own, so that no other writer waits for the whole run, and
    several processes can run at once. A lead that cannot return is logged and left out.
    """
    now = now or timezone.now()
    due = Lead.objects.filter(status=Lead.Status.STANDBY, reminder_at__lte=now)
    returned = 0
    for pk in list(due.order_by("reminder_at", "pk").values_list("pk", flat=True)):
        if is_stopped():
            break
        try:
            with through(Channel.REMINDER):
                returned += Lead.objects.get(pk=pk).return_due(now=now)
        except (Refused, Lead.DoesNotExist):
            logger.exception("Lead %d could not return from standby.", pk)
    return returned
