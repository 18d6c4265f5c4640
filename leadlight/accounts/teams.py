"""Verbs of teams. Each one is in the audit log.

Access and reports follow the memberships at once. Teams are deactivated, not deleted: history
refers to them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.accounts.audit import record
from leadlight.accounts.lines import one_line
from leadlight.accounts.models import Membership, Organization, Team, User
from leadlight.accounts.models.audit_entries import Kind
from leadlight.accounts.readers import Reader
from leadlight.accounts.refusals import Refused

# Places of a person in a team. The audit log stores these words; pages translate them.
NONE, MEMBER, MANAGER = "", "member", "manager"


def create(name: str, *, by: Reader) -> Team:
    """Create a team. Raises `Refused` for a name in use."""
    with _names_locked():
        team = Team(name=_valid_name(name), created_at=timezone.now())
        team.save()
        record(Kind.TEAMS, "created", by=by, subject=team)
    return team


def rename(team: Team, name: str, *, by: Reader) -> bool:
    """Rename a team; return whether the name is a new one."""
    with _names_locked():
        team.refresh_from_db()
        old, new = team.name, _valid_name(name, team)
        if old == new:
            return False
        team.name = new
        team.save(update_fields=["name"])
        record(Kind.TEAMS, "name", by=by, subject=new, old=old, new=new)
    return True


def set_active(team: Team, is_active: bool, *, by: Reader) -> bool:
    """Deactivate or reactivate a team; return whether anything changed."""
    with _locked(team):
        if team.is_active == is_active:
            return False
        team.is_active = is_active
        team.save(update_fields=["is_active"])
        action = "reactivated" if is_active else "deactivated"
        record(Kind.TEAMS, action, by=by, subject=team)
    return True


def place_of(team: Team, user: User) -> str:
    """Return the place of a person in a team: NONE, MEMBER or MANAGER."""
    found = Membership.objects.filter(team=team, user=user).first()
    return NONE if found is None else MANAGER if found.is_manager else MEMBER


def set_place(team: Team, user: User, place: str, *, by: Reader) -> bool:
    """Make a person a member or a manager of a team, or take them out.

    Return whether the place is a new one.

    Raises `Refused` for a new member of an inactive team, and for a manager with the role User,
    which would give them no rights.
    """
    if place not in (NONE, MEMBER, MANAGER):
        raise ValueError(place)
    with _locked(team):
        old = place_of(team, user)
        if old == place:
            return False
        if old == NONE and not team.is_active:
            raise Refused(_("“%(team)s” is inactive. Reactivate it first.") % {"team": team})
        if place == MANAGER and user.role == User.Role.USER:
            sentence = _("%(person)s has the role User. Give them the role Manager first.")
            raise Refused(sentence % {"person": user})
        if place == NONE:
            Membership.objects.filter(team=team, user=user).delete()
        else:
            is_manager = {"is_manager": place == MANAGER}
            Membership.objects.update_or_create(team=team, user=user, defaults=is_manager)
        record(Kind.TEAMS, "member", by=by, subject=team, about=user, old=old, new=place)
    return True


@contextmanager
def _locked(team: Team) -> Iterator[None]:
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=team.pk)
        team.refresh_from_db()
        yield


@contextmanager
def _names_locked() -> Iterator[None]:
    """Lock the names of all teams, by a lock on the row of the organisation."""
    with transaction.atomic():
        Organization.objects.select_for_update().first()
        yield


def _valid_name(name: str, team: Team | None = None) -> str:
    valid = one_line(name)
    try:
        Team(name=valid).clean_fields(exclude=["key"])
    except ValidationError as wrong:
        raise Refused(" ".join(wrong.messages)) from wrong
    others = Team.objects.exclude(pk=team.pk) if team else Team.objects.all()
    if others.filter(name__iexact=valid).exists():
        raise Refused(_("There is already a team “%(name)s”.") % {"name": valid})
    return valid
