"""Rows that the cells of a file name: people, teams, steps, tags, and statuses.

Names are compared without case and accents. An ambiguous name is refused.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Generic, TypeVar

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import override

from leadlight.accounts import audit
from leadlight.accounts.models import Team, User
from leadlight.accounts.models.audit_entries import Kind as AuditKind
from leadlight.sales import access
from leadlight.sales.models import Client, Lead, Pipeline, Step, Tag
from leadlight.sales.models.client_names import sort_name
from leadlight.sales.models.leads import first_team
from leadlight.sales.models.listed_rows import LONGEST_ROW_NAME
from leadlight.sales.models.valid_values import valid_line
from leadlight.sales.refusals import Refused

Found = TypeVar("Found", bound=models.Model)
LANGUAGES = ("en", "fr")
# Names of statuses in files of other programs, besides those that pages show.
STATUS_WORDS = {
    Lead.Status.TODO: "todo|open|ouvert|ouverte",
    Lead.Status.STANDBY: "stand-by|veille",
    Lead.Status.WON: "gagne|gagnee|closed won|signe",
    Lead.Status.LOST: "perdu|perdue|closed lost",
    Lead.Status.CANCELLED: "canceled|annule|annulee",
}
# Cached, because the cells of a column repeat few names.
_sort_name = lru_cache(10_000)(sort_name)
LIST_SEPARATORS = re.compile(r"[;,\n]")


class Names(Generic[Found]):
    """Rows of the database by name."""

    def __init__(self, rows: Iterable[tuple[str, Found]]) -> None:
        self._rows: dict[str, dict[Any, Found]] = defaultdict(dict)
        for name, row in rows:
            self.add(name, row)

    def add(self, name: str, row: Found) -> None:
        self._rows[_sort_name(name)][row.pk] = row

    def all(self, name: str) -> list[Found]:
        return list(self._rows.get(_sort_name(name), {}).values())

    def one(self, name: str) -> Found:
        """Return the row with a name. Raises `Refused` if there is none, or more than one."""
        found = self.all(name)
        if not found:
            raise Refused(_("“%(name)s” does not exist.") % {"name": name[:100]})
        if len(found) > 1:
            raise Refused(
                _("“%(name)s” is ambiguous: there are %(number)d with this name.")
                % {"number": len(found), "name": name}
            )
        return found[0]


@dataclass(frozen=True)
class NewClient:
    """Client that a row will create; no client has the id 0."""

    name: str
    pk: int = 0


@dataclass
class Lookups:
    """Rows of the database that cells can name, such as users and steps; read once for a batch."""

    user: User
    people: Names[User] = field(init=False)
    teams: Names[Team] = field(init=False)
    pipelines: Names[Pipeline] = field(init=False)
    steps: Names[Step] = field(init=False)
    tags: Names[Tag] = field(init=False)
    statuses: Mapping[str, str] = field(init=False)
    _people: dict[int, User | None] = field(init=False, default_factory=dict)
    _first_teams: dict[int, Team | None] = field(init=False, default_factory=dict)
    _first_steps: dict[int | None, Step] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        people = list(access.visible_users(self.user))
        self.people = Names(
            (name, person) for person in people for name in (person.email, str(person))
        )
        teams = Team.objects.all() if self.user.is_admin else access.assignable_teams(self.user)
        self.teams = Names((team.name, team) for team in teams)
        self.pipelines = Names((one.name, one) for one in Pipeline.objects.all())
        steps = Step.objects.select_related("pipeline")
        self.steps = Names((step.name, step) for step in steps)
        self.tags = Names((tag.name, tag) for tag in Tag.objects.all())
        self.statuses = _statuses()

    def person(self, pk: int) -> User | None:
        """Return the active user with an id, None if there is none; used for a default owner."""
        if pk not in self._people:
            self._people[pk] = User.objects.filter(pk=pk, is_active=True).first()
        return self._people[pk]

    def first_team(self, person: User) -> Team | None:
        if person.pk not in self._first_teams:
            self._first_teams[person.pk] = first_team(person)
        return self._first_teams[person.pk]

    def first_step(self, pipeline_id: int | None) -> Step:
        """Return the first step of a pipeline, or of the default pipeline for None."""
        if pipeline_id not in self._first_steps:
            found = Pipeline.objects.filter(pk=pipeline_id or 0).first() or Pipeline.default()
            self._first_steps[pipeline_id] = found.first_step
        return self._first_steps[pipeline_id]

    def status(self, text: str) -> str:
        """Return the status with a code or a label in one of the languages."""
        status = self.statuses.get(sort_name(text))
        if status is None:
            raise Refused(_("“%(name)s” is not a status.") % {"name": text[:100]})
        return status

    def step(self, text: str, pipelines: Iterable[int | None]) -> Step:
        """Return the step with a name in the first of these pipelines that has one.

        If none of them has one, it is the only step with this name; otherwise raises `Refused`.
        """
        found = self.steps.all(text)
        for pipeline in pipelines:
            here = [step for step in found if step.pipeline_id == pipeline]
            if len(here) == 1:
                return here[0]
        return self.steps.one(text)

    def tag_ids(self, text: str, unknown: list[str] | None = None) -> frozenset[int]:
        """Return the tags of a list separated by commas, semicolons or lines.

        The name of a tag can contain a separator. Names of no tag are added to `unknown`; without
        that list, they are refused.
        """
        parts = [part.strip() for part in LIST_SEPARATORS.split(text)]
        found, start = set[int](), 0
        while start < len(parts):
            if not parts[start]:
                start += 1
                continue
            ends = range(len(parts), start, -1)
            names = ((", ".join(parts[start:end]), end) for end in ends)
            named = next(((one, end) for one, end in names if self.tags.all(one)), None)
            name, start = named or (parts[start], start + 1)
            if unknown is not None and not self.tags.all(name):
                unknown.append(valid_line(name, LONGEST_ROW_NAME))
            else:
                found.add(self.tags.one(name).pk)
        return frozenset(found)

    def create_tag(self, name: str) -> Tag:
        """Return the tag with a name; create it without a category if it does not exist."""
        if not self.tags.all(name):
            tag = Tag.define(name)
            audit.record(AuditKind.SETTINGS, "tag", by=self.user, subject=tag, new=tag)
            self.tags.add(name, tag)
        return self.tags.one(name)


def clients_named(user: User, names: Iterable[str]) -> Names[Client]:
    """Return the visible clients with these names; inactive ones only if none is active."""
    wanted = {sort_name(name) for name in names}
    clients = list(access.visible_clients(user).filter(sort_name__in=wanted).order_by("pk"))
    active = {client.sort_name for client in clients if client.is_active}
    return Names((one.name, one) for one in clients if one.is_active or one.sort_name not in active)


def _statuses() -> dict[str, str]:
    found = {}
    for status in Lead.Status:
        found[status.value] = status.value
        found |= dict.fromkeys(STATUS_WORDS[status].split("|"), status.value)
        for language in LANGUAGES:
            with override(language):
                found[sort_name(str(status.label))] = status.value
    return found
