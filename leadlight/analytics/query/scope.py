"""Scope: the leads that a reader may see. It is applied to every query, before the filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ibis.expr.types import BooleanValue, Column, Table

from leadlight.analytics.query.bound_values import bound
from leadlight.analytics.query.phrases import Phrase, gettext_noop


@dataclass(frozen=True)
class Scope:
    """All leads, or those that a user owns today and those of some teams today.

    The teams are those that the user manages, or with `is_of_members` those that they belong to.
    Access depends on today's owner and team even when the report is about a past day: a user who
    lost access to a lead does not get it back in reports about the past.
    """

    sees_all: bool
    user_id: int | None = None
    team_ids: frozenset[int] = frozenset()
    is_of_members: bool = False

    @property
    def shape(self) -> Scope:
        """Scope without ids, the same for all readers of one kind."""
        return Scope(self.sees_all, self.user_id and 1, frozenset({1} if self.team_ids else ()))

    def narrow(self, leads: Table) -> Table:
        """Return the leads that the reader may see."""
        if self.sees_all:
            return leads
        return leads.filter(self._allows(leads))

    def _allows(self, leads: Table) -> BooleanValue:
        own = self._is_own(leads.access_user_id)
        return own | self.has_team(leads.access_team_id) if self.team_ids else own

    def _is_own(self, user_id: Column) -> BooleanValue:
        """Return whether the reader is this user; False for null.

        A reader without a user id does not own the unassigned leads.
        """
        return READER.contains(user_id).fill_null(False)

    def has_team(self, team_id: Column) -> BooleanValue:
        """Return whether this is one of the teams whose leads the reader sees."""
        return READERS_TEAMS.contains(team_id).fill_null(False)

    @property
    def phrase(self) -> Phrase:
        """Sentence that describes the scope to the reader."""
        if self.sees_all:
            return Phrase(gettext_noop("All leads of the company."))
        if self.team_ids and self.is_of_members:
            return Phrase(gettext_noop("Only your leads and those of your teams."))
        if self.team_ids:
            return Phrase(gettext_noop("Only your leads and those of the teams you manage."))
        return Phrase(gettext_noop("Only your leads."))

    def colleagues(self, users: Table, memberships: Table) -> Table:
        """Return the users whose figures the reader may see.

        These are all users, or the reader and the members of the teams whose leads they see.
        """
        if self.sees_all:
            return users
        own = self._is_own(users.user_id)
        if not self.team_ids:
            return users.filter(own)
        members = memberships.filter(self.has_team(memberships.team_id))
        return users.filter(own | users.user_id.isin(members.user_id))


ALL_LEADS = Scope(sees_all=True)


def _own_ids(query: Any) -> list[int]:
    user_id = query.scope.user_id
    return [] if user_id is None else [user_id]


READER = bound("reader", "array<int64>", _own_ids)
READERS_TEAMS = bound("readers_teams", "array<int64>", lambda query: sorted(query.scope.team_ids))
