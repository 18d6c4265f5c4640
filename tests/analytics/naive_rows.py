"""Rows of the oracle: their keys, membership of facts, and cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from statistics import mean, median, quantiles
from typing import Any, NamedTuple

from tests.analytics.naive_facts import Event, Stay, choice_in
from tests.analytics.world import State, World


@dataclass
class NaiveRow:
    key: str | None
    label: str | None
    cells: dict[str, Any]
    leads: dict[str, list[str]]
    is_unfinished: bool = False
    trend: tuple[int, ...] = ()


class Choice(NamedTuple):
    """A choice of a field as a row."""

    id: str
    key: str
    name: str


Has = Callable[[Any], bool]
# The possible rows (None: one for each value), and the row ids in which a fact counts.
Kind = tuple[Any, Callable[[Any], list[Any]]]


def lines(
    world: World,
    grouping: str,
    filters: Any,
    scope: Any,
    events: Sequence[Any],
    stays: Sequence[Any],
    kinds: Mapping[str, Kind] | None = None,
) -> list[tuple[str | None, str | None, Has]]:
    """Return key, name and membership test of every row, by name; the row without key is last.

    A report whose facts are not those of leads has `kinds` of its own.
    """
    rows, ids = (kinds or {}).get(grouping) or _kind(world, grouping)
    present = {row_id for fact in [*events, *stays] for row_id in ids(fact)}
    if rows is None:
        named = [(source, source, source) for source in present if source is not None]
    else:
        named = [
            (row.name, row.key, row.id)
            for row in rows
            if row.id in present or _shown_empty(world, grouping, filters, scope, row)
        ]
    if not grouping.startswith("field:"):  # choices are in the order of their field
        named.sort(key=lambda line: (line[0].casefold(), line[1]))
    lines = [
        (key, name, lambda fact, row_id=row_id: row_id in ids(fact)) for name, key, row_id in named
    ]
    if None in present:
        lines.append((None, None, lambda fact: None in ids(fact)))
    return lines


def _kind(world: World, grouping: str) -> Kind:
    if grouping.startswith("category:"):
        category = next(row for row in world.categories if f"category:{row.key}" == grouping)
        tags = [tag for tag in world.tags if tag.category_id == category.id]
        its = {tag.id for tag in tags}
        return tags, lambda fact: [id for id in fact.lead.tag_ids if id in its] or [None]
    if grouping.startswith("field:"):
        field = next(row for row in world.fields if f"field:{row.key}" == grouping)
        choices = [Choice(choice, choice, choice) for choice in field.choices]
        return choices, lambda fact: [choice_in(fact.lead, field.id)]
    return {
        "user": (world.users, lambda fact: [fact.user_id]),
        "team": (world.teams, lambda fact: [fact.team_id]),
        "activity_type": (world.activity_types, lambda fact: [fact.activity.activity_type_id]),
        "outcome": (world.outcomes, lambda fact: [fact.activity.outcome_id]),
        "pipeline": (world.pipelines, lambda fact: [fact.then.pipeline_id]),
        "source": (None, lambda fact: [fact.lead.source]),
        "prospecting_list": (
            world.prospecting_lists,
            lambda fact: [fact.lead.prospecting_list_id],
        ),
    }[grouping]


def _shown_empty(world: World, grouping: str, filters: Any, scope: Any, row: Any) -> bool:
    """Return whether the row is shown without facts.

    These are active users, teams, pipelines, types, tags and choices.
    """
    if grouping.startswith("category:"):
        return True
    if grouping in ("prospecting_list", "outcome"):
        return False
    if grouping == "step":
        its_pipeline = next(one.key for one in world.pipelines if one.id == row.pipeline_id)
        return not filters.keys("pipeline") or its_pipeline in filters.keys("pipeline")
    if filters.keys(grouping) and row.key not in filters.keys(grouping):
        return False
    if grouping == "team":
        return scope.sees_all or row.id in scope.team_ids
    if grouping == "user":
        its_teams = {member.team_id for member in world.memberships if member.user_id == row.id}
        team_keys = {team.key for team in world.teams if team.id in its_teams}
        seen = scope.sees_all or row.id == scope.user_id or bool(its_teams & scope.team_ids)
        chosen = not filters.keys("team") or bool(team_keys & set(filters.keys("team")))
        return row.is_active and seen and chosen
    return True


# Figures


def row_of(
    key: str | None,
    label: str | None,
    events: list[Event],
    stays: list[Stay],
    without_cancelled: bool,
    days: Callable[[State], Fraction],
    is_unfinished: bool = False,
) -> NaiveRow:
    of = {
        fact: [event for event in events if event.fact == fact]
        for fact in ("created", "won", "lost", "cancelled")
    }
    won, lost = of["won"], of["lost"]
    closed = won + lost + ([] if without_cancelled else of["cancelled"])
    took = sorted(days(event.then) for event in won)
    quarters = quantiles(took, n=4, method="inclusive") if len(took) > 1 else took * 3
    cells = {f"{fact}_leads": len(those) for fact, those in of.items()} | {
        "won_amount": _sum(won),
        "lost_amount": _sum(lost),
        "win_rate": (len(won), len(closed)),
        "mean_deal": _to_cents(Fraction(_sum(won)) / len(won)) if won else None,
        "median_days_to_win": median(took) if took else None,
        "p25_days_to_win": quarters[0] if took else None,
        "p75_days_to_win": quarters[2] if took else None,
        "mean_days_to_win": mean(took) if took else None,
        "open_leads": len(stays),
        "open_amount": _sum(stays),
    }
    behind = dict.fromkeys(cells, won) | {f"{fact}_leads": those for fact, those in of.items()}
    behind |= {"lost_amount": lost, "win_rate": closed, "open_leads": stays, "open_amount": stays}
    leads = {column: sorted(fact.lead.key for fact in facts) for column, facts in behind.items()}
    return NaiveRow(key, label, cells, leads, is_unfinished)


def _sum(facts: list[Event] | list[Stay]) -> Decimal:
    return sum((fact.then.amount or Decimal(0) for fact in facts), Decimal(0))


def _to_cents(amount: Fraction) -> Decimal:
    """Round to the cent, half a cent to the even cent."""
    return Decimal(round(amount * 100)) / 100


def noted_in(events: list[Event]) -> dict[str, int]:
    closed = [event for event in events if event.fact != "created"]
    won = [event for event in closed if event.fact == "won"]
    counts = {
        "won_without_amount": sum(event.then.amount is None for event in won),
        "closed_before_creation": sum(
            event.then.closed_at < event.then.created_at for event in closed
        ),
    }
    return {code: count for code, count in counts.items() if count}
