"""Whose leads a reader may see. Applied before anything else, to every question."""

from __future__ import annotations

from dataclasses import dataclass

from ibis.expr.types import BooleanValue, Table

from leadlight.analytics.phrases import Phrase, gettext_noop


@dataclass(frozen=True)
class Scope:
    """All leads, or those that a user owns today and those of the teams he manages.

    The right is today's, whatever past day the report is about: who lost sight of a lead does not
    regain it through the past.
    """

    sees_all: bool
    user_id: int | None = None
    team_ids: frozenset[int] = frozenset()

    @property
    def _own_ids(self) -> tuple[int, ...]:
        """None for a reader who is no user: compared with null he would own what nobody does."""
        return () if self.user_id is None else (self.user_id,)

    def narrow(self, leads: Table) -> Table:
        """The leads this reader may see."""
        if self.sees_all:
            return leads
        return leads.filter(self._allows(leads))

    def _allows(self, leads: Table) -> BooleanValue:
        own = leads.access_user_id.isin(self._own_ids).fill_null(False)
        if not self.team_ids:
            return own
        return own | leads.access_team_id.isin(sorted(self.team_ids)).fill_null(False)

    @property
    def phrase(self) -> Phrase:
        """Whose leads these are, told to the reader."""
        if self.sees_all:
            return Phrase(gettext_noop("All leads of the company."))
        if self.team_ids:
            return Phrase(
                gettext_noop("Only the leads that you own, and those of the teams you manage.")
            )
        return Phrase(gettext_noop("Only the leads that you own."))

    def colleagues(self, users: Table, memberships: Table) -> Table:
        """The users whose figures this reader may see: himself and whom he manages, or all."""
        if self.sees_all:
            return users
        own = users.user_id.isin(self._own_ids)
        if not self.team_ids:
            return users.filter(own)
        managed = memberships.filter(memberships.team_id.isin(sorted(self.team_ids)))
        return users.filter(own | users.user_id.isin(managed.user_id))


EVERYTHING = Scope(sees_all=True)
