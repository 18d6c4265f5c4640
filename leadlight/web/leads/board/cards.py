"""Cards of the board: the texts and links of one lead each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from django.db.models import TextChoices
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leadlight.accounts.keys import new_key
from leadlight.accounts.models import User
from leadlight.presentation import formats
from leadlight.sales import access
from leadlight.sales.models import Lead

UNQUOTED = "!$&'()*+,;=/~:@"  # characters that `reverse` does not quote
# Columns that a card shows; a board has hundreds of cards.
SHOWN = (
    *("key", "title", "amount", "status", "step", "step_since", "is_starred"),
    *("reminder_at", "reminder_is_all_day", "estimated_closing_on"),
    *("client__name", "owner__first_name", "owner__last_name", "owner__email"),
)


class Due(TextChoices):
    """State of a lead's reminder, by its local day; `NONE` without one, and for closed leads."""

    LATE = "late"
    TODAY = "today"
    LATER = "later"
    NONE = "none"


@dataclass(frozen=True)
class Card:
    """Lead on the board, with its texts in the language of the page.

    `action` is the key of the action of the next change, so that a request sent twice changes the
    lead once; "" if the user may not change it. `before` is the id of the lead's step, as text.
    """

    id: int
    key: str
    title: str
    address: str
    client: str
    owner: str
    amount: str
    initials: str
    due: Due
    due_text: str
    in_step: str
    expected: str
    star_address: str
    star_label: str
    move: str
    move_address: str
    move_label: str
    action: str
    before: str
    is_starred: bool


def cards_of(user: User, ids: Collection[int], now: datetime) -> dict[int, Card]:
    """Return the cards of leads that the user may see, by id of the lead."""
    related = Lead.objects.select_related("client", "owner").only(*SHOWN)
    editable = access.editable_leads(user).filter(pk__in=ids).values_list("pk", flat=True)
    may_edit = set(ids if user.is_admin else editable)
    addresses = _Addresses()
    return {
        lead.pk: card_of(lead, now, addresses, is_editable=lead.pk in may_edit)
        for lead in related.filter(pk__in=ids)
    }


class _Addresses:
    """Addresses of leads and their changes; `reverse` takes too long for hundreds of cards."""

    def __init__(self) -> None:
        self._lead = reverse("lead", args=["key"]).removesuffix("key/")
        self._change = reverse("change_lead", args=["what", "key"]).removesuffix("what/key/")

    def lead(self, key: str) -> str:
        return f"{self._lead}{quote(key, safe=UNQUOTED)}/"

    def change(self, what: str, key: str) -> str:
        return f"{self._change}{what}/{quote(key, safe=UNQUOTED)}/"


def card_of(lead: Lead, now: datetime, addresses: _Addresses, *, is_editable: bool) -> Card:
    due, due_text = due_of(lead, now)
    days = max(0, (now - lead.step_since).days)
    return Card(
        id=lead.pk,
        key=lead.key,
        title=lead.title,
        client=lead.client.name if lead.client else "",
        owner=lead.owner.full_name if lead.owner else "",
        is_starred=lead.is_starred,
        address=addresses.lead(lead.key),
        amount="" if lead.amount is None else formats.money(lead.amount, 0),
        initials=_initials(lead.owner),
        due=due,
        due_text=due_text,
        in_step=ngettext("%(count)s day in step", "%(count)s days in step", days)
        % {"count": formats.number(days)},
        expected=_expected(lead),
        star_address=addresses.change("unstar" if lead.is_starred else "star", lead.key),
        move=_("Move to…"),
        move_address=addresses.change("step", lead.key),
        star_label=_("Star: %(lead)s") % {"lead": lead.title},
        move_label=_("Move to… %(lead)s") % {"lead": lead.title},
        action=new_key() if is_editable else "",
        before=str(lead.step_id),
    )


def due_of(lead: Lead, now: datetime) -> tuple[Due, str]:
    """Return the state of a lead's reminder and its text; for a closed lead, that of its status."""
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
