"""Basket of leads without an owner."""

from __future__ import annotations

from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.sales.models import Lead
from leadlight.sales.models.lead_changes import locked
from leadlight.sales.refusals import Refused


def take(lead: Lead, *, by: User) -> None:
    """Assign a lead without an owner to the user; `Refused` if somebody took it before."""
    with locked(lead):
        if lead.owner is not None:
            raise Refused(
                _("“%(lead)s” was taken by %(user)s.") % {"lead": lead, "user": lead.owner}
            )
        lead.assign_to(by, by=by)
