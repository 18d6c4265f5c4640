"""Expected step history of leads in the star, computed in plain Python.

Shares no code with the expressions that compute it for the star.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from leadlight.replication.expected_rows import Row, Told, local_day, plain
from leadlight.sales.models import Step
from leadlight.sales.models.event_log import Kind


@dataclass(frozen=True)
class Place:
    """A step with its pipeline; `further` holds the ids of the pipeline's later steps."""

    step_id: int
    pipeline_id: int
    further: frozenset[int]


Stay = tuple[int, Place, Told, Told | None, Place | None]  # number, step, entry, exit, next step
Known = tuple[datetime, list[Stay]]  # instant of recording, stays recorded by then


def places() -> dict[int, Place]:
    """Return every step by its id."""
    steps = list(Step.objects.order_by("pipeline_id", "position", "pk"))
    return {
        step.pk: Place(
            step.pk,
            step.pipeline_id,
            frozenset(o.pk for o in steps[n + 1 :] if o.pipeline_id == step.pipeline_id),
        )
        for n, step in enumerate(steps)
    }


def ways(
    lead_id: int, facts: Sequence[Told], every: dict[int, Place], zone: ZoneInfo
) -> dict[str, list[Row]]:
    """Return the rows of one lead in the tables of the step history: table → rows.

    `facts` are the lead's events in order of occurrence.
    """
    told = known(facts, every)
    return {
        "lead_moves": moves(lead_id, facts, zone),
        "lead_stays": lasting(told, lambda then: stays(lead_id, then, zone)),
        "lead_steps": lasting(told, lambda then: steps(lead_id, then, every, zone)),
    }


def moves(lead_id: int, facts: Sequence[Told], zone: ZoneInfo) -> list[Row]:
    """Return the rows of `lead_moves` of one lead, from its events in order of occurrence."""
    return [
        (
            lead_id,
            fact.event_id,
            *_when(fact, zone),
            plain(fact.recorded_at),
            int(fact.value),
        )
        for fact in facts
        if fact.kind == Kind.STEP
    ]


def _when(fact: Told | None, zone: ZoneInfo) -> Row:
    return (plain(fact.occurred_at), local_day(fact.occurred_at, zone)) if fact else (None, None)


def followed(facts: Sequence[Told], steps: dict[int, Place]) -> list[Stay]:
    """Return the stays of one lead in order."""
    came: list[tuple[Told | None, Place | None]] = []
    for fact in facts:
        if fact.kind == Kind.STEP:
            place = steps[int(fact.value)]
            if not came or came[-1][1] != place:
                came.append((fact, place))
    return [
        (number, place, fact, *after)
        for number, ((fact, place), after) in enumerate(pairwise([*came, (None, None)]))
        if fact and place
    ]


def known(facts: Sequence[Told], steps: dict[int, Place]) -> list[Known]:
    """Return the stays of one lead as of each instant at which a move was recorded."""
    moments = sorted({fact.recorded_at for fact in facts if fact.kind == Kind.STEP})
    return [
        (moment, followed([fact for fact in facts if fact.recorded_at <= moment], steps))
        for moment in moments
    ]


def lasting(known: Sequence[Known], rows: Callable[[Sequence[Stay]], Iterable[Row]]) -> list[Row]:
    """Return the rows computed from stays, each with the interval in which it was recorded."""
    since: dict[Row, datetime] = {}
    over: list[Row] = []
    for moment, stays in known:
        now = set(rows(stays))
        over += [(*row, plain(since.pop(row)), plain(moment)) for row in since.keys() - now]
        since |= dict.fromkeys(now - since.keys(), moment)
    return over + [(*row, plain(start), None) for row, start in since.items()]


def stays(lead_id: int, followed: Sequence[Stay], zone: ZoneInfo) -> Iterator[Row]:
    """Yield the rows of `lead_stays` of one lead, without the recorded interval."""
    for number, place, came, left, other in followed:
        yield (
            lead_id,
            place.pipeline_id,
            place.step_id,
            number,
            *_when(came, zone),
            *_when(left, zone),
            other and other.step_id,
            other and other.pipeline_id,
        )


def steps(
    lead_id: int, followed: Sequence[Stay], every: dict[int, Place], zone: ZoneInfo
) -> Iterator[Row]:
    """Yield the rows of `lead_steps` of one lead, without the recorded interval."""
    for place in every.values():
        onward = [stay for stay in followed if stay[1].step_id in {place.step_id, *place.further}]
        if not onward:
            continue
        visits = [stay for stay in onward if stay[1] == place]
        later = [stay for stay in onward if visits and stay[0] > visits[0][0]]
        yield (
            lead_id,
            place.pipeline_id,
            place.step_id,
            *_when(onward[0][2], zone),
            _is_further(onward, place),
            *_when(visits[0][2] if visits else None, zone),
            _is_further(later, place) if visits else None,
            _went(visits[-1]) if visits else None,
        )


def _is_further(stays: Sequence[Stay], place: Place) -> bool:
    return any(stay[1].step_id in place.further for stay in stays)


def _went(last: Stay) -> str:
    _number, place, _came, _left, other = last
    if other is None:
        return "here"
    return "back" if other.pipeline_id == place.pipeline_id else "away"
