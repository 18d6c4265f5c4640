"""Naive oracle of the activities report, counting one activity at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.analytics import naive_days as days
from tests.analytics.agreeing import Expected, ExpectedRow
from tests.analytics.naive_facts import Event, events_of, is_credited
from tests.analytics.naive_leads import asked, keys_of
from tests.analytics.naive_prospects import Seen, first_team, is_recorded, prospects_seen
from tests.analytics.naive_rows import lines
from tests.analytics.world import Activity, Lead, World, colleagues_of, may_see, state

Has = Callable[[Any], bool]


@dataclass(frozen=True)
class Done:
    """An activity, the visible lead that it belongs to, and the credited user and team.

    `on_lead` is the lead the activity was done on; `lead` is that lead, or the lead that its
    prospect was converted to.
    """

    activity: Activity
    day: date
    lead: Lead | None
    on_lead: Lead | None
    prospect: Seen | None
    user_id: int | None = None
    team_id: int | None = None


def main(world: World, filters: Any, scope: Any) -> Expected:
    done = [one for one in credited(world, filters, scope) if one.day in filters.period]
    won = wins(world, filters, scope)
    won = [event for event in won if event.day in filters.period]
    on_wins = list(_on_wins(world, filters, scope, won))
    grouping = filters.group_by or "user"
    rows = [
        _line(
            world,
            grouping,
            key,
            [one for one in done if has(one)],
            won if grouping in ("activity_type", "outcome") else [e for e in won if has(e)],
            [one for one in on_wins if has(one)],
        )
        for key, has in _rows(world, grouping, filters, scope, done, won, on_wins)
    ]
    return Expected(rows, _line(world, grouping, None, done, won, on_wins))


# Activities


def credited(world: World, filters: Any, scope: Any) -> list[Done]:
    """Return the recorded activities within scope and filters, of any day."""
    found = (_credited(world, filters, one) for one in _asked(world, filters, scope))
    return [one for one in found if is_credited(world, filters, one)]


def _asked(world: World, filters: Any, scope: Any) -> Iterator[Done]:
    leads = {lead.id: lead for lead, _then in asked(world, filters, scope)}
    colleagues = colleagues_of(world, scope)
    on = filters.switch("activities_on")
    for one in _placed(world, filters, scope):
        activity = one.activity
        seen = one.lead or one.prospect or activity.user_id in colleagues
        if not (scope.sees_all or seen):
            continue
        if on == "leads" and activity.lead_id is None:
            continue
        if on == "prospects" and activity.prospect_id is None:
            continue
        if _is_of(world, filters, one, leads):
            yield one


def _placed(world: World, filters: Any, scope: Any) -> Iterator[Done]:
    """Yield every recorded activity, with its lead and prospect if the reader may see them."""
    prospects = {seen.row.id: seen for seen in prospects_seen(world, filters, scope)}
    leads = {
        lead.id: lead for lead in world.leads if state(lead, filters.as_of) and may_see(scope, lead)
    }
    for activity in world.activities:
        if is_recorded(activity.recorded_at, filters):
            on_lead = leads.get(activity.lead_id) if activity.lead_id else None
            prospect = prospects.get(activity.prospect_id) if activity.prospect_id else None
            lead = on_lead if activity.lead_id else prospect and prospect.lead
            yield Done(activity, world.day(activity.occurred_at), lead, on_lead, prospect)


def _is_of(world: World, filters: Any, one: Done, leads: dict[int, Lead]) -> bool:
    """Return whether the activity matches the filters on leads.

    An activity without a lead matches only filters on source and prospecting list, by its prospect.
    """
    chosen = [name for name, _ in filters.chosen if name not in ("user", "team")]
    if not chosen or (one.lead and one.lead.id in leads):
        return True
    if one.lead or not one.prospect or set(chosen) - {"source", "prospecting_list"}:
        return False
    its_list = one.prospect.its_list
    held = {"source": its_list.source or "none", "prospecting_list": its_list.key}
    return all(held[name] in filters.keys(name) for name in chosen)


def _credited(world: World, filters: Any, one: Done) -> Done:
    """Return the activity with its credited user and team.

    By the event credit, the user who did the activity; otherwise the owner or creator of the lead,
    else the user of the prospect, else (on neither lead nor prospect) the user who did it.
    """
    credit = filters.switch("credit")
    activity, then = one.activity, one.lead and state(one.lead, filters.as_of)
    if credit == "event":
        team = first_team(world, activity.user_id)
        its_teams = {row.team_id for row in world.memberships if row.user_id == activity.user_id}
        if then and then.team_id in its_teams:
            team = then.team_id
        return _to(one, activity.user_id, team)
    if then and one.lead:
        if credit == "owner":
            return _to(one, then.owner_id, then.team_id)
        return _to(one, one.lead.creator_id, then.team_at_creation_id)
    if one.prospect:
        whose = one.prospect.user_id
    else:
        whose = activity.user_id if not (activity.lead_id or activity.prospect_id) else None
    return _to(one, whose, first_team(world, whose))


def _to(one: Done, user_id: int | None, team_id: int | None) -> Done:
    return Done(one.activity, one.day, one.lead, one.on_lead, one.prospect, user_id, team_id)


# Won leads


def wins(world: World, filters: Any, scope: Any) -> list[Event]:
    won = [
        events_of(world, filters, lead, then)[-1]
        for lead, then in asked(world, filters, scope)
        if then.status == "won"
    ]
    return [event for event in won if is_credited(world, filters, event)]


def _on_wins(world: World, filters: Any, scope: Any, won: list[Event]) -> Iterator[Done]:
    """Yield all activities on these won leads up to their closing, credited like the wins."""
    for one in _asked(world, filters, scope):
        for event in won:
            assert event.then.closed_at
            is_its = one.lead is not None and one.lead.id == event.lead.id
            if is_its and one.activity.occurred_at <= event.then.closed_at:
                one = Done(one.activity, event.day, one.lead, one.on_lead, one.prospect)
                yield _to(one, event.user_id, event.team_id)


# Figures


def _rows(
    world: World,
    grouping: str,
    filters: Any,
    scope: Any,
    done: list[Done],
    won: list[Event],
    on_wins: list[Done],
) -> Iterator[tuple[str | None, Has]]:
    if grouping == "bucket":
        first, last = filters.period.first, filters.period.last
        unit = days.unit_of(first, last, filters)
        for bucket in days.buckets(first, last, unit, filters.calendar):
            yield bucket.key, lambda fact, its=set(bucket.days): fact.day in its
        return
    facts: list[Any] = [*done, *on_wins]
    facts += [] if grouping in ("activity_type", "outcome") else won
    for key, _name, has in lines(world, grouping, filters, scope, facts, []):
        yield key, has


def _line(
    world: World,
    grouping: str,
    key: str | None,
    done: list[Done],
    won: list[Event],
    on_wins: list[Done],
) -> ExpectedRow:
    reached = {outcome.id for outcome in world.outcomes if outcome.is_reached}
    groups = {
        "activities": done,
        "reached_activities": [one for one in done if one.activity.outcome_id in reached],
        "without_outcome": [one for one in done if one.activity.outcome_id is None],
        "with_outcome": [one for one in done if one.activity.outcome_id is not None],
    }
    groups["not_reached_activities"] = [
        one for one in groups["with_outcome"] if one.activity.outcome_id not in reached
    ]
    if grouping not in ("activity_type", "outcome"):
        for kind in world.activity_types:
            groups[f"activities:{kind.key}"] = _of_type(done, kind.id)
    if grouping != "outcome":
        for outcome in world.outcomes:
            groups[f"outcome:{outcome.key}"] = [
                one for one in done if one.activity.outcome_id == outcome.id
            ]
    leads = sorted({one.on_lead.key for one in done if one.on_lead})
    prospects = sorted({one.prospect.row.key for one in done if one.prospect})
    cells: dict[str, Any] = {name: len(those) for name, those in groups.items()}
    cells |= {
        "reach_rate": (cells["reached_activities"], cells["with_outcome"]),
        "leads_touched": len(leads),
        "prospects_touched": len(prospects),
        "effort_per_win": (len(done), len(won)),
        "activities_on_wins": (len(on_wins), len(won)),
    }
    behind = {name: [str(one.activity.id) for one in those] for name, those in groups.items()}
    behind |= {"leads_touched": leads, "prospects_touched": prospects}
    behind["activities_on_wins"] = [str(one.activity.id) for one in on_wins]
    if grouping not in ("activity_type", "outcome"):
        cells["won_leads"], behind["won_leads"] = len(won), keys_of(won)
        for kind in world.activity_types:
            cells[f"effort_per_win:{kind.key}"] = (cells[f"activities:{kind.key}"], len(won))
            cells[f"activities_on_wins:{kind.key}"] = (len(_of_type(on_wins, kind.id)), len(won))
    return ExpectedRow(key, cells, behind)


def _of_type(done: list[Done], type_id: int) -> list[Done]:
    return [one for one in done if one.activity.activity_type_id == type_id]
