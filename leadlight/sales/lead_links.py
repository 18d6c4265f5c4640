"""Links between leads: an upsell or a renewal follows the lead that was closed before it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.sales.models import Lead
from leadlight.sales.models.event_log import Kind
from leadlight.sales.models.lead_changes import locked, log_event
from leadlight.sales.refusals import Refused


def follow(lead: Lead, followed: Lead, link: str, *, by: User | None) -> None:
    """Link a lead to the one that it follows; a link that it had is replaced."""
    if followed.pk == lead.pk:
        raise Refused(_("A lead cannot follow itself."))
    _set(lead, followed, Lead.Link(link), by)


def unfollow(lead: Lead, *, by: User | None) -> None:
    """Remove the link of a lead to the one that it follows."""
    _set(lead, None, "", by)


def restore_link(lead: Lead, text: str, *, by: User | None) -> None:
    """Set an earlier link as it is logged, to undo a change."""
    link, _colon, key = text.partition(":")
    _set(lead, Lead.objects.get(key=key) if key else None, link, by)


def link_text(lead: Lead) -> str:
    """Return the link of a lead as it is logged, "" for none."""
    return f"{lead.follows_as}:{lead.follows.key}" if lead.follows else ""


def _set(lead: Lead, followed: Lead | None, link: str, by: User | None) -> None:
    with locked(lead):
        before = link_text(lead)
        lead.follows, lead.follows_as = followed, link
        after = link_text(lead)
        if after != before:
            lead.save(update_fields=["follows", "follows_as"])
            log_event(lead, Kind.FOLLOWS, after, by, old_value=before)
