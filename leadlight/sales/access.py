"""What a person may see: the rows, and the plain ids from which analytics makes a scope."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from leadlight.accounts.models import Organization, Team, User
from leadlight.accounts.organization import organization
from leadlight.accounts.readers import SYSTEM, Reader
from leadlight.sales.dimensions import DIMENSIONS
from leadlight.sales.models import Client, Lead, Prospect, ProspectingList


@dataclass(frozen=True)
class Sight:
    """Whose leads a person sees: everybody's, or those of a user and of the teams he manages."""

    sees_all: bool
    user_id: int
    team_ids: frozenset[int]


def sight_of(user: User) -> Sight:
    """Admins see all leads; others too where the organisation shares everything."""
    shared = organization().privacy == Organization.Privacy.SHARED
    teams = frozenset(user.managed_teams.values_list("pk", flat=True))
    return Sight(sees_all=user.is_admin or shared, user_id=user.pk, team_ids=teams)


def visible_leads(user: User) -> QuerySet[Lead]:
    """The leads this person may open, without the binned ones."""
    leads = Lead.objects.filter(is_deleted=False)
    sight = sight_of(user)
    if sight.sees_all:
        return leads
    return leads.filter(Q(owner_id=sight.user_id) | Q(team_id__in=sight.team_ids))


def editable_leads(user: User) -> QuerySet[Lead]:
    """The leads this person may change: all for admins, else their own, those of nobody that they
    may see, and those of the teams that they manage."""
    leads = visible_leads(user)
    if user.is_admin:
        return leads
    teams = sight_of(user).team_ids
    return leads.filter(Q(owner_id=user.pk) | Q(owner_id=None) | Q(team_id__in=teams))


def visible_users(user: User) -> QuerySet[User]:
    """The colleagues whose name and figures this person may see."""
    sight = sight_of(user)
    if sight.sees_all:
        return User.objects.all()
    return User.objects.filter(
        Q(pk=sight.user_id) | Q(memberships__team_id__in=sight.team_ids)
    ).distinct()


def filterable_teams(user: User) -> QuerySet[Team]:
    """The teams this person may choose in a filter: all for admins, else those he manages."""
    return Team.objects.all() if user.is_admin else user.managed_teams.all()


def visible_clients(user: User) -> QuerySet[Client]:
    """The clients of the leads this person may open; all where they see all leads."""
    if sight_of(user).sees_all:
        return Client.objects.all()
    return Client.objects.filter(pk__in=visible_leads(user).values("client_id"))


def visible_prospecting_lists(user: User) -> QuerySet[ProspectingList]:
    """The lists of visible colleagues, and those with a row that is a colleague's or became a lead
    this person may open: the same lists that reports on prospecting show."""
    if sight_of(user).sees_all:
        return ProspectingList.objects.all()
    colleagues = visible_users(user).values("pk")
    rows = Prospect.objects.filter(
        Q(user__in=colleagues) | Q(pk__in=visible_leads(user).values("prospect_id"))
    )
    return ProspectingList.objects.filter(
        Q(user__in=colleagues) | Q(pk__in=rows.values("prospecting_list_id"))
    )


def choices(reader: Reader, dimension: str) -> QuerySet[Any]:
    """The rows that this reader may choose in a filter.

    The dimension has a model. Pipelines, steps and tags are the company's own vocabulary, common
    to all.
    """
    model = DIMENSIONS[dimension].model
    if model is None:
        raise LookupError(f"{dimension} has no rows.")
    if reader is not SYSTEM and dimension in VISIBLE:
        return VISIBLE[dimension](reader)
    return model._default_manager.all()


def unknown_keys(reader: Reader, dimension: str, keys: Iterable[str]) -> list[str]:
    """Those of the keys that do not exist, or not for this reader, who is told the same of both."""
    wanted = list(keys)
    if DIMENSIONS[dimension].model is None or not wanted:
        return []
    known = set(choices(reader, dimension).filter(key__in=wanted).values_list("key", flat=True))
    return [key for key in wanted if key not in known]


VISIBLE: dict[str, Callable[[User], QuerySet[Any]]] = {
    "user": visible_users,
    "team": filterable_teams,
    "prospecting_list": visible_prospecting_lists,
    "client": visible_clients,
}
