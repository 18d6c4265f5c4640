"""Permissions on shortcuts, and a user's actions on them: pin, open by default, open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import F, FilteredRelation, Max, Q, QuerySet
from django.utils import timezone

from leadlight.accounts.models import Team, User
from leadlight.busy import unless_busy
from leadlight.sales.models import Default, Opening, Pin, Shortcut

Sharing = Shortcut.Sharing
Verb = Callable[[User, Shortcut], None]


def visible(user: User) -> QuerySet[Any]:
    """Return the shortcuts that a user sees: their own, and those shared with everyone or with one
    of their teams; for admins, every shared one.

    Each is annotated for this user with `place` (position among the user's pins), `is_default` (an
    id or None) and `last_opened_at`.
    """
    shared = Q(sharing=Sharing.EVERYONE)
    if user.is_admin:
        shared |= Q(sharing=Sharing.TEAM)
    else:
        shared |= Q(team__in=user.memberships.values("team"))
    return (
        Shortcut.objects.filter(Q(owner=user) | shared)
        .annotate(
            own_pin=FilteredRelation("pins", condition=Q(pins__user=user)),
            own_default=FilteredRelation("defaults", condition=Q(defaults__user=user)),
            own_opening=FilteredRelation("openings", condition=Q(openings__user=user)),
        )
        .annotate(
            place=F("own_pin__place"),
            is_default=F("own_default__pk"),
            last_opened_at=F("own_opening__last_opened_at"),
        )
    )


def in_menu(user: User) -> QuerySet[Any]:
    """Return the shortcuts that a user's menu needs: the pinned ones in order, and the defaults."""
    shown = Q(place__isnull=False) | Q(is_default__isnull=False)
    return visible(user).filter(shown).order_by("place", "pk")


def may_change(user: User, shortcut: Shortcut) -> bool:
    """Return whether a user may rename, share and delete a shortcut visible to them."""
    return shortcut.owner_id == user.pk or user.is_admin


def teams_to_share_with(user: User) -> QuerySet[Team]:
    """Return the teams of which the user is a member or manager; every team for admins."""
    if user.is_admin:
        return Team.objects.all()
    return Team.objects.filter(memberships__user=user)


def may_share_with_everyone(user: User) -> bool:
    return user.role in (User.Role.MANAGER, User.Role.ADMIN)


def is_name_taken(owner: User, name: str, *, but: Shortcut | None = None) -> bool:
    """Return whether another shortcut of this user has the name, ignoring case."""
    others = Shortcut.objects.filter(owner=owner).exclude(pk=but.pk if but else 0)
    return name.casefold() in (other.casefold() for other in others.values_list("name", flat=True))


def pin(user: User, shortcut: Shortcut) -> None:
    """Pin a shortcut at the end of the user's menu; no effect if it is already pinned."""
    last = Pin.objects.filter(user=user).aggregate(last=Max("place"))["last"] or 0
    Pin.objects.get_or_create(user=user, shortcut=shortcut, defaults={"place": last + 1})


def unpin(user: User, shortcut: Shortcut) -> None:
    Pin.objects.filter(user=user, shortcut=shortcut).delete()


@transaction.atomic
def move_up(user: User, shortcut: Shortcut) -> None:
    """Swap a pin with the one above it among the user's visible pins; no effect on the first."""
    seen = visible(user).values("pk")
    order = list(Pin.objects.filter(user=user, shortcut__in=seen).order_by("place", "pk"))
    places = [pin.place for pin in order]
    index = next((i for i, one in enumerate(order) if one.shortcut_id == shortcut.pk), 0)
    if index:
        order[index - 1 : index + 1] = [order[index], order[index - 1]]
        for one, place in zip(order, places, strict=True):
            Pin.objects.filter(pk=one.pk).update(place=place)


def make_default(user: User, shortcut: Shortcut) -> None:
    """Make the user's menu open the report with this shortcut."""
    Default.objects.update_or_create(
        user=user, report=shortcut.report, defaults={"shortcut": shortcut}
    )


def unmake_default(user: User, shortcut: Shortcut) -> None:
    Default.objects.filter(user=user, shortcut=shortcut).delete()


def note_opening(user: User, shortcut: Shortcut) -> None:
    """Record that a user opened a shortcut now, and keep the instant of the previous opening.

    If another writer has locked the database, the opening is not recorded.
    """
    now = timezone.now()
    with unless_busy():
        Opening.objects.update_or_create(
            user=user,
            shortcut=shortcut,
            create_defaults={"last_opened_at": now},
            defaults={"last_opened_at": now, "opened_before_at": F("last_opened_at")},
        )


def opened_again(user: User, report: str) -> QuerySet[Any]:
    """Return the shortcuts of a report that a user opened at least twice.

    Each is annotated with `opened_before_at`, the instant of the second-to-last opening.
    """
    # Most users have none, and this query is much cheaper than the one for visible shortcuts.
    openings = Opening.objects.filter(user=user, opened_before_at__isnull=False)
    if not openings.filter(shortcut__report=report).exists():
        return Shortcut.objects.none()
    before = F("own_opening__opened_before_at")
    found = visible(user).filter(report=report).annotate(opened_before_at=before)
    return found.filter(opened_before_at__isnull=False)
