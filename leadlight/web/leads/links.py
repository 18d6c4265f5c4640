"""Leads before and after a lead: those that it follows, and its upsells and renewals."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from leadlight.accounts.models import User
from leadlight.sales import access
from leadlight.sales.models import Lead


@dataclass(frozen=True)
class LeadLinks:
    """Links of a lead; `followed` is the lead that it follows, None without a visible one."""

    followed: Lead | None
    followers: tuple[Lead, ...]

    def __bool__(self) -> bool:
        return self.followed is not None or bool(self.followers)


def links_of(user: User, lead: Lead) -> LeadLinks:
    """Return the links of a lead to leads that a user may see, the latest first."""
    related = Q(follows=lead) | Q(pk=lead.follows_id) if lead.follows_id else Q(follows=lead)
    found = list(access.visible_leads(user).filter(related).order_by("-created_at", "-pk"))
    followed = next((one for one in found if one.pk == lead.follows_id), None)
    return LeadLinks(followed, tuple(one for one in found if one.follows_id == lead.pk))
