"""Perspective of the overview: the figures of the reader, of their teams or of everyone.

The parameter `of` of the address selects it. Readers can select only what they may see.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leadlight.accounts.models import User
from leadlight.analytics.query import query_params
from leadlight.analytics.query.lead_filter import ME
from leadlight.analytics.query.query_params import QueryParams
from leadlight.presentation import formats
from leadlight.presentation.goal_progress import Params
from leadlight.sales import access
from leadlight.sales.models import Lead

OF = "of"
MINE, TEAM, ALL = "me", "team", "all"


@dataclass(frozen=True)
class Tab:
    title: str
    address: str
    is_here: bool


@dataclass(frozen=True)
class Perspective:
    """Selection of the figures on the page; `narrowing` are the report parameters that make it.

    `teams` names the teams of the perspective `team`. `tabs` are the perspectives to choose from,
    empty if there is no choice.
    """

    key: str
    narrowing: Params
    teams: str = ""
    tabs: tuple[Tab, ...] = ()

    @property
    def is_mine(self) -> bool:
        return self.key == MINE

    @property
    def is_all(self) -> bool:
        return self.key == ALL


def perspective(user: User, params: QueryParams) -> Perspective:
    """Return the perspective of the address, or the default one of the user's role.

    Managers start with their teams, admins with the company, sellers with themselves. Raises
    BadFilter for a perspective that the user may not see.
    """
    query_params.refuse_unknown_names(params, (OF,))
    teams = list(access.filterable_teams(user)) if user.role == User.Role.MANAGER else []
    allowed = [
        MINE,
        *([TEAM] if teams else []),
        *([ALL] if access.lead_scope(user).sees_all else []),
    ]
    first = MINE if user.role == User.Role.USER else TEAM if teams else allowed[-1]
    chosen = query_params.one_of(params, OF, allowed) or first
    narrowing: dict[str, Params] = {
        MINE: {"user": [ME]},
        TEAM: {"team": [team.key for team in teams]},
        ALL: {},
    }
    names = formats.listed([str(team) for team in teams]) if chosen == TEAM else ""
    tabs = _tabs(user, allowed, chosen, first, len(teams))
    return Perspective(chosen, narrowing[chosen], names, tabs)


def _tabs(user: User, allowed: list[str], chosen: str, first: str, teams: int) -> tuple[Tab, ...]:
    """Return the tabs; “Me” only if the user owns leads, or if it is the chosen or default tab."""
    if MINE not in (chosen, first) and not Lead.objects.filter(owner=user).exists():
        allowed = [key for key in allowed if key != MINE]
    if len(allowed) == 1:
        return ()
    titles = {MINE: _("Me"), TEAM: ngettext("My team", "My teams", teams), ALL: _("Company")}
    path = reverse("overview")
    return tuple(
        Tab(titles[key], path if key == first else f"{path}?{OF}={key}", key == chosen)
        for key in allowed
    )
