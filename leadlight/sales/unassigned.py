"""Assignment of leads without an owner to the users who take them."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.sales.models import Lead
from leadlight.sales.models.event_log import Kind
from leadlight.sales.models.lead_changes import locked
from leadlight.sales.refusals import Refused

# Time during which pages show other users that a lead was taken.
TOLD_FOR = timedelta(hours=1)


def was_just_taken(lead: Lead) -> bool:
    """Return whether a lead without an owner was assigned to a user less than `TOLD_FOR` ago."""
    last = lead.events.filter(kind=Kind.OWNER).order_by("-pk").first()
    if lead.owner_id is None or last is None or last.old_value:
        return False
    is_from_creation = lead.events.filter(kind=Kind.CREATED, recorded_at=last.recorded_at).exists()
    return not is_from_creation and last.recorded_at > timezone.now() - TOLD_FOR


def take(lead: Lead, *, by: User) -> None:
    """Assign a lead without an owner to the user. Raises `Refused` if it has an owner by now."""
    with locked(lead):
        if lead.owner is not None:
            raise Refused(
                _("“%(lead)s” was taken by %(user)s.") % {"lead": lead, "user": lead.owner}
            )
        lead.assign_to(by, by=by)
