"""Cards of the board: what a lead shows of itself in a column."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leadlight.accounts.keys import new_key
from leadlight.accounts.models import User
from leadlight.presentation import formats
from leadlight.sales import access
from leadlight.sales.models import Lead


class Due(TextChoices):
    """When a lead is to be worked on again, by the local day of its reminder."""

    LATE = "late"
    TODAY = "today"
    LATER = "later"
    NONE = "none"


@dataclass(frozen=True)
class Card:
    """Lead on the board, with its texts in the language of the page.

    `action` is the key of the next change of the lead, "" if the user may not change it; a request
    that is sent twice acts once. `before` is the step of the lead as the log writes it.
    """

    lead: Lead
    address: str
    amount: str
    initials: str
    due: Due
    due_text: str
    in_step: str
    expected: str
    action: str
    before: str


def cards_of(user: User, ids: Collection[int], now: datetime) -> dict[int, Card]:
    """Return the cards of leads that the user may see, by id of the lead, in three queries."""
    related = Lead.objects.select_related("client", "owner").defer("description")
    editable = access.editable_leads(user).filter(pk__in=ids).values_list("pk", flat=True)
    may_edit = set(ids if user.is_admin else editable)
    return {
        lead.pk: card_of(lead, now, is_editable=lead.pk in may_edit)
        for lead in related.filter(pk__in=ids)
    }


def card_of(lead: Lead, now: datetime, *, is_editable: bool) -> Card:
    due, due_text = due_of(lead, now)
    days = max(0, (now - lead.step_since).days)
    return Card(
        lead=lead,
        address=reverse("lead", args=[lead.key]),
        amount="" if lead.amount is None else formats.money(lead.amount, 0),
        initials=_initials(lead.owner),
        due=due,
        due_text=due_text,
        in_step=ngettext("%(count)s day in step", "%(count)s days in step", days)
        % {"count": formats.number(days)},
        expected=_expected(lead),
        action=new_key() if is_editable else "",
        before=str(lead.step_id),
    )


def due_of(lead: Lead, now: datetime) -> tuple[Due, str]:
    """Return when a lead is due, and the words for it."""
    if lead.is_closed:
        return Due.NONE, str(lead.get_status_display())
    if lead.reminder_at is None:
        return Due.NONE, _("No reminder")
    zone = formats.company().zone
    local, today = lead.reminder_at.astimezone(zone), now.astimezone(zone).date()
    if local.date() == today:
        if lead.reminder_is_all_day:
            return Due.TODAY, _("Today")
        return Due.TODAY, _("Today at %(time)s") % {"time": f"{local:%H:%M}"}
    texts = {"day": formats.day(local.date())}
    if local.date() < today:
        return Due.LATE, _("Late: %(day)s") % texts
    return Due.LATER, _("Later: %(day)s") % texts


def _expected(lead: Lead) -> str:
    day = lead.estimated_closing_on
    return "" if day is None else _("Closing on %(day)s") % {"day": formats.day(day)}


def _initials(owner: User | None) -> str:
    if owner is None:
        return ""
    names = (owner.first_name, owner.last_name) if owner.last_name else (owner.full_name,)
    return "".join(name[:1] for name in names).upper()
