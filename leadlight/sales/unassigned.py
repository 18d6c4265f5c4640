"""Basket of leads without an owner."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.sales.models import Lead
from leadlight.sales.models.event_log import Kind
from leadlight.sales.models.lead_changes import locked
from leadlight.sales.refusals import Refused

# For how long those who saw a lead in the basket are told who took it.
TOLD_FOR = timedelta(hours=1)


def was_just_taken(lead: Lead) -> bool:
    """Return whether a lead had no owner until a short time ago."""
    last = lead.events.filter(kind=Kind.OWNER).order_by("-pk").first()
    if lead.owner_id is None or last is None or last.old_value:
        return False
    was_created_so = lead.events.filter(kind=Kind.CREATED, recorded_at=last.recorded_at).exists()
    return not was_created_so and last.recorded_at > timezone.now() - TOLD_FOR


def take(lead: Lead, *, by: User) -> None:
    """Assign a lead without an owner to the user; `Refused` if somebody took it before."""
    with locked(lead):
        if lead.owner is not None:
            raise Refused(
                _("“%(lead)s” was taken by %(user)s.") % {"lead": lead, "user": lead.owner}
            )
        lead.assign_to(by, by=by)
