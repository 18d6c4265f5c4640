"""Expected step history of leads in the star, computed in plain Python.

This module shares no code with the expressions that compute the step history for the star.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from leadlight.replication.expected_rows import RecordedEvent, Row, local_day, plain
from leadlight.sales.models import PastPosition, Step
from leadlight.sales.models.event_log import Kind


@dataclass(frozen=True)
class PipelineStep:
    """A step with its pipeline; `further` holds the ids of the pipeline's later steps.

    It is None if the step was not yet added.
    """

    step_id: int
    pipeline_id: int
    further: frozenset[int] | None


# Stay in a step: number, step, entry, exit, next step
Stay = tuple[int, PipelineStep, RecordedEvent, RecordedEvent | None, PipelineStep | None]
StaysAtMoment = tuple[datetime, list[Stay]]  # instant of recording, stays recorded by then


Steps = dict[int, PipelineStep]  # by id


class StepOrders:
    """Orders of the steps of all pipelines, at any instant."""

    def __init__(self) -> None:
        self._steps = list(Step.objects.all())
        self._past: dict[int, list[PastPosition]] = defaultdict(list)
        for past in PastPosition.objects.order_by("replaced_at", "pk"):
            self._past[past.step_id].append(past)
        self.at = cache(self._at)

    def changes(self, step_ids: Iterable[int]) -> set[datetime]:
        """Return the instants at which the order of the pipelines of these steps changed."""
        wanted = set(step_ids)
        pipelines = {step.pipeline_id for step in self._steps if step.pk in wanted}
        return {
            past.replaced_at
            for step in self._steps
            if step.pipeline_id in pipelines
            for past in self._past.get(step.pk, ())
        }

    def _at(self, instant: datetime) -> Steps:
        """Return every step, by id, with the steps that were after it at an instant."""
        placed = {step.pk: self._position(step, instant) for step in self._steps}
        return {
            step.pk: PipelineStep(step.pk, step.pipeline_id, self._further(step, placed))
            for step in self._steps
        }

    def _position(self, step: Step, instant: datetime) -> int | None:
        later = [past for past in self._past.get(step.pk, ()) if past.replaced_at > instant]
        return later[0].position if later else step.position

    def _further(self, step: Step, placed: dict[int, int | None]) -> frozenset[int] | None:
        here = placed[step.pk]
        if here is None:
            return None
        return frozenset(
            other.pk
            for other in self._steps
            if other.pipeline_id == step.pipeline_id
            and (there := placed[other.pk]) is not None
            and (there, other.pk) > (here, step.pk)
        )


def step_history(
    lead_id: int,
    events: Sequence[RecordedEvent],
    orders: StepOrders,
    zone: ZoneInfo,
) -> dict[str, list[Row]]:
    """Return the rows of one lead in the tables of the step history: table → rows.

    `events` are the lead's events in order of occurrence.
    """
    stays_by_moment = stays_at_moments(events, orders)
    return {
        "lead_moves": moves(lead_id, events, zone),
        "lead_stays": merge_moments(stays_by_moment, lambda _, then: stays(lead_id, then, zone)),
        "lead_steps": merge_moments(
            stays_by_moment, lambda at, then: steps(lead_id, then, orders.at(at), zone)
        ),
    }


def moves(lead_id: int, events: Sequence[RecordedEvent], zone: ZoneInfo) -> list[Row]:
    """Return the rows of `lead_moves` of one lead, from its events in order of occurrence."""
    return [
        (
            lead_id,
            event.event_id,
            *_when(event, zone),
            plain(event.recorded_at),
            int(event.value),
        )
        for event in events
        if event.kind == Kind.STEP
    ]


def _when(event: RecordedEvent | None, zone: ZoneInfo) -> Row:
    return (plain(event.occurred_at), local_day(event.occurred_at, zone)) if event else (None, None)


def stays_of(events: Sequence[RecordedEvent], steps: Steps) -> list[Stay]:
    """Return the stays of one lead in order."""
    entries: list[tuple[RecordedEvent | None, PipelineStep | None]] = []
    for event in events:
        if event.kind == Kind.STEP:
            step = steps[int(event.value)]
            if not entries or entries[-1][1] != step:
                entries.append((event, step))
    return [
        (number, step, event, *after)
        for number, ((event, step), after) in enumerate(pairwise([*entries, (None, None)]))
        if event and step
    ]


def stays_at_moments(events: Sequence[RecordedEvent], orders: StepOrders) -> list[StaysAtMoment]:
    """Return the stays of one lead as of each instant at which they or the steps' order changed."""
    moves = [event for event in events if event.kind == Kind.STEP]
    changes = orders.changes(int(event.value) for event in moves)
    moments = sorted({event.recorded_at for event in moves} | changes)
    return [
        (
            moment,
            stays_of([event for event in moves if event.recorded_at <= moment], orders.at(moment)),
        )
        for moment in moments
    ]


def merge_moments(
    stays_at_moments: Sequence[StaysAtMoment],
    rows: Callable[[datetime, Sequence[Stay]], Iterable[Row]],
) -> list[Row]:
    """Return the rows computed from stays, each with the interval of its validity."""
    since: dict[Row, datetime] = {}
    over: list[Row] = []
    for moment, stays in stays_at_moments:
        now = set(rows(moment, stays))
        over += [(*row, plain(since.pop(row)), plain(moment)) for row in since.keys() - now]
        since |= dict.fromkeys(now - since.keys(), moment)
    return over + [(*row, plain(start), None) for row, start in since.items()]


def stays(lead_id: int, lead_stays: Sequence[Stay], zone: ZoneInfo) -> Iterator[Row]:
    """Yield the rows of `lead_stays` of one lead, without the recorded interval."""
    for number, step, entry, exit_, next_step in lead_stays:
        yield (
            lead_id,
            step.pipeline_id,
            step.step_id,
            number,
            *_when(entry, zone),
            *_when(exit_, zone),
            next_step and next_step.step_id,
            next_step and next_step.pipeline_id,
        )


def steps(
    lead_id: int, lead_stays: Sequence[Stay], all_steps: Steps, zone: ZoneInfo
) -> Iterator[Row]:
    """Yield the rows of `lead_steps` of one lead, without the recorded interval."""
    for step in all_steps.values():
        if step.further is None:
            continue
        onward = [stay for stay in lead_stays if stay[1].step_id in {step.step_id, *step.further}]
        if not onward:
            continue
        visits = [stay for stay in onward if stay[1] == step]
        later = [stay for stay in onward if visits and stay[0] > visits[0][0]]
        yield (
            lead_id,
            step.pipeline_id,
            step.step_id,
            *_when(onward[0][2], zone),
            _is_further(onward, step),
            *_when(visits[0][2] if visits else None, zone),
            _is_further(later, step) if visits else None,
            _exit(visits[-1]) if visits else None,
        )


def _is_further(stays: Sequence[Stay], step: PipelineStep) -> bool:
    return any(stay[1].step_id in (step.further or ()) for stay in stays)


def _exit(last: Stay) -> str:
    _number, step, _entry, _exit, next_step = last
    if next_step is None:
        return "here"
    return "back" if next_step.pipeline_id == step.pipeline_id else "away"
