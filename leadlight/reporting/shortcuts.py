"""Who sees and changes a shortcut, and what he does with it: pin, open by default, open."""

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
    """His own, those shared with everyone or with a team of his; admins see every shared one.

    Each has the reader's `place` among his pins, `is_default` (an id or None) and
    `last_opened_at`.
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
    """What a person's menu needs: the pinned ones in their order, and the defaults."""
    wanted = Q(place__isnull=False) | Q(is_default__isnull=False)
    return visible(user).filter(wanted).order_by("place", "pk")


def may_change(user: User, shortcut: Shortcut) -> bool:
    """Whether he may rename, share and delete one that he sees."""
    return shortcut.owner_id == user.pk or user.is_admin


def teams_to_share_with(user: User) -> QuerySet[Team]:
    """The teams he is in or manages; any team for admins."""
    if user.is_admin:
        return Team.objects.all()
    return Team.objects.filter(memberships__user=user)


def may_share_with_everyone(user: User) -> bool:
    return user.role in (User.Role.MANAGER, User.Role.ADMIN)


def is_name_taken(owner: User, name: str, *, but: Shortcut | None = None) -> bool:
    """Whether another shortcut of this person is called so, in capitals or not."""
    others = Shortcut.objects.filter(owner=owner).exclude(pk=but.pk if but else 0)
    return name.casefold() in (other.casefold() for other in others.values_list("name", flat=True))


def pin(user: User, shortcut: Shortcut) -> None:
    """At the end of his menu; one that is pinned stays where it is."""
    last = Pin.objects.filter(user=user).aggregate(last=Max("place"))["last"] or 0
    Pin.objects.get_or_create(user=user, shortcut=shortcut, defaults={"place": last + 1})


def unpin(user: User, shortcut: Shortcut) -> None:
    Pin.objects.filter(user=user, shortcut=shortcut).delete()


@transaction.atomic
def move_up(user: User, shortcut: Shortcut) -> None:
    """Before the pin above it, among those that he sees; the first one stays."""
    seen = visible(user).values("pk")
    order = list(Pin.objects.filter(user=user, shortcut__in=seen).order_by("place", "pk"))
    places = [pin.place for pin in order]
    index = next((i for i, one in enumerate(order) if one.shortcut_id == shortcut.pk), 0)
    if index:
        order[index - 1 : index + 1] = [order[index], order[index - 1]]
        for one, place in zip(order, places, strict=True):
            Pin.objects.filter(pk=one.pk).update(place=place)


def make_default(user: User, shortcut: Shortcut) -> None:
    """From now on, in his menu, the report opens so."""
    Default.objects.update_or_create(
        user=user, report=shortcut.report, defaults={"shortcut": shortcut}
    )


def unmake_default(user: User, shortcut: Shortcut) -> None:
    Default.objects.filter(user=user, shortcut=shortcut).delete()


def note_opening(user: User, shortcut: Shortcut) -> None:
    """Now is the last time; the one that was, is kept as the one before.

    Opening does not wait for another writer: it is noted the next time.
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
    """The shortcuts of a report that a person opened twice or more; each has `opened_before_at`."""
    before = F("own_opening__opened_before_at")
    found = visible(user).filter(report=report).annotate(opened_before_at=before)
    return found.filter(opened_before_at__isnull=False)
