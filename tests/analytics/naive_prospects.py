"""Prospects for the oracle: those within scope, and the leads they were converted to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tests.analytics.world import (
    Lead,
    Prospect,
    ProspectingList,
    State,
    World,
    colleagues_of,
    may_see,
    state,
)


@dataclass(frozen=True)
class Seen:
    """A prospect as recorded; `lead` and `then` are None if it has no visible lead."""

    row: Prospect
    its_list: ProspectingList
    user_id: int | None
    converted_at: datetime | None
    lead: Lead | None
    then: State | None


def prospects_seen(world: World, filters: Any, scope: Any) -> Iterator[Seen]:
    """Yield the prospects within scope.

    These are prospects of colleagues or their lists, and prospects whose lead is visible. The cost
    of a list is None unless the list is a colleague's.
    """
    colleagues = colleagues_of(world, scope)
    for row in world.prospects:
        [its_list] = [one for one in world.prospecting_lists if one.id == row.prospecting_list_id]
        if not is_recorded(row.created_at, filters):
            continue
        lead, then = _became(world, filters, scope, row)
        own = scope.sees_all or row.user_id in colleagues or its_list.user_id in colleagues
        if own or lead:
            is_turned = row.converted_at and is_recorded(row.converted_at, filters)
            may_see_cost = scope.sees_all or its_list.user_id in colleagues
            yield Seen(
                row,
                its_list if may_see_cost else replace(its_list, cost=None),
                its_list.user_id if row.user_id is None else row.user_id,
                row.converted_at if is_turned else None,
                lead,
                then,
            )


def is_recorded(instant: datetime, filters: Any) -> bool:
    return filters.as_of is None or instant <= filters.as_of


def _became(
    world: World, filters: Any, scope: Any, row: Prospect
) -> tuple[Lead | None, State | None]:
    for lead in world.leads:
        if lead.prospect_id == row.id and may_see(scope, lead):
            then = state(lead, filters.as_of)
            if then:
                return lead, then
    return None, None


def first_team(world: World, user_id: int | None) -> int | None:
    """Return the team id of a user; of several teams, the lowest."""
    return min((row.team_id for row in world.memberships if row.user_id == user_id), default=None)
