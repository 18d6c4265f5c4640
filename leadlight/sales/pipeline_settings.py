"""Verbs of pipelines and their steps, for admins.

Rows that history refers to are not deleted: pipelines are archived and steps are closed. Reports as
of a past instant show the steps in the order of that instant. Reports show current names; histories
of leads show the names at the time of each event.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leadlight.accounts.models import User
from leadlight.sales import bulk
from leadlight.sales.bulk_verbs import CLOSE_STEP
from leadlight.sales.models import (
    BulkJob,
    Lead,
    LeadEvent,
    LeadForm,
    PastPosition,
    Pipeline,
    Step,
)
from leadlight.sales.models.actions import current_action
from leadlight.sales.models.event_log import OPEN, Kind
from leadlight.sales.models.valid_values import valid_line
from leadlight.sales.refusals import Refused

LONGEST_NAME = 200
MOST_STEPS = 50


def define(name: str, first_step: str, *, by: User) -> Pipeline:
    """Create a pipeline with one step. Raises `Refused` for a name in use."""
    with transaction.atomic():
        name = _unused_name(Pipeline.objects.select_for_update(), name)
        has_default = Pipeline.objects.filter(is_default=True).exists()
        pipeline = Pipeline.objects.create(
            name=name, is_default=not has_default, created_at=timezone.now()
        )
        add_step(pipeline, first_step, by=by)
    return pipeline


def rename(pipeline: Pipeline, name: str, *, by: User) -> None:
    """Rename a pipeline. Raises `Refused` for a name in use."""
    with transaction.atomic():
        others = Pipeline.objects.select_for_update().exclude(pk=pipeline.pk)
        _set_name(pipeline, _unused_name(others, name), by)


def make_default(pipeline: Pipeline) -> None:
    """Make a pipeline the default one: new leads begin there."""
    with _locked(pipeline):
        if pipeline.is_archived:
            raise Refused(_("“%(name)s” is archived. Restore it first.") % {"name": pipeline})
        Pipeline.objects.exclude(pk=pipeline.pk).update(is_default=False)
        pipeline.is_default = True
        pipeline.save(update_fields=["is_default"])


def archive(pipeline: Pipeline) -> None:
    """Archive a pipeline. Raises `Refused` if it is the default one or has open leads."""
    with _locked(pipeline):
        if pipeline.is_default:
            raise Refused(_("Make another pipeline the default one first."))
        open_leads = _open_leads(Lead.objects.filter(pipeline=pipeline)).count()
        if open_leads:
            sentence = ngettext(
                "“%(name)s” has %(count)s open lead. Move it or close it first.",
                "“%(name)s” has %(count)s open leads. Move or close them first.",
                open_leads,
            )
            raise Refused(sentence % {"name": pipeline, "count": open_leads})
        pipeline.is_archived = True
        pipeline.save(update_fields=["is_archived"])


def restore(pipeline: Pipeline) -> None:
    with _locked(pipeline):
        pipeline.is_archived = False
        pipeline.save(update_fields=["is_archived"])


def add_step(
    pipeline: Pipeline, name: str, *, by: User | None, probability: int | None = None
) -> Step:
    """Add a step after the others. Reports as of an earlier instant do not have it."""
    with _locked(pipeline):
        if pipeline.steps.count() >= MOST_STEPS:
            raise Refused(_("A pipeline has at most %(most)d steps.") % {"most": MOST_STEPS})
        name = _unused_name(pipeline.steps.filter(is_closed=False), name)
        last = pipeline.steps.aggregate(last=Max("position"))["last"]
        position = 1 if last is None else last + 1
        step = Step.objects.create(pipeline=pipeline, name=name, position=position)
        step.past_positions.create(position=None, replaced_at=timezone.now(), replaced_by=by)
        if probability is not None:
            step.set_probability(probability, by=by)
    return step


def change_step(step: Step, name: str, probability: int | None, *, by: User) -> None:
    """Rename a step and set its win probability in per cent."""
    with _locked(step.pipeline):
        others = step.pipeline.steps.filter(is_closed=False).exclude(pk=step.pk)
        _set_name(step, _unused_name(others, name), by)
        step.set_probability(probability, by=by)


def move_step(step: Step, places: int, *, by: User) -> None:
    """Move a step by a number of places among the steps of its pipeline; -1 is one place up."""
    with _locked(step.pipeline):
        steps = list(step.pipeline.steps.order_by("position", "pk"))
        here = steps.index(step)
        there = min(max(here + places, 0), len(steps) - 1)
        places_before = [one.position for one in steps]
        steps.insert(there, steps.pop(here))
        _place(steps, _distinct(places_before), by)


def restore_steps(restored: Sequence[tuple[Step, Mapping[str, Any]]], by: User) -> None:
    """Restore former names, positions and probabilities of steps of one pipeline."""
    with _locked(restored[0][0].pipeline):
        moved = [(step, old["position"]) for step, old in restored if "position" in old]
        _place([step for step, _position in moved], [position for _step, position in moved], by)
        for step, old in restored:
            name, chance = old.get("name", step.name), old.get("probability", step.probability)
            if "name" in old or "probability" in old:
                change_step(step, name, chance, by=by)


def close_step(step: Step, to: Step | None, *, by: User) -> BulkJob | None:
    """Close a step and move its open leads to another step, within an action.

    Returns the bulk job that moves the leads; None without open leads. Undoing it opens the step
    again. Raises `Refused` if there are open leads and `to` is not offered, and for the only step
    that is not closed.
    """
    action = current_action()
    if action is None:
        raise RuntimeError("the leads of a step are moved by an action")
    with _locked(step.pipeline):
        step.refresh_from_db()
        if step.is_closed:
            raise Refused(_("“%(step)s” is already closed.") % {"step": step})
        if not step.pipeline.steps.filter(is_closed=False).exclude(pk=step.pk).exists():
            raise Refused(_("A pipeline needs at least one step. Archive the pipeline instead."))
        _set_closed(step, True)
        leads = _open_leads(Lead.objects.filter(step=step)).order_by("pk")
        if not leads.exists():
            return None
        if to is None or not Step.offered().filter(pk=to.pk).exists():
            raise Refused(_("Choose the step that gets the open leads."))
        return bulk.start(action, CLOSE_STEP, {"step": to.pk, "closed": step.pk}, leads)


def reopen_step(step: Step) -> None:
    """Offer a closed step again. Leads that were moved stay where they are."""
    with _locked(step.pipeline):
        _unused_name(step.pipeline.steps.filter(is_closed=False).exclude(pk=step.pk), step.name)
        _set_closed(step, False)


def remove_step(step: Step) -> None:
    """Delete a step without history. Raises `Refused` if a lead or a form needs it."""
    with _locked(step.pipeline):
        if not step.pipeline.steps.filter(is_closed=False).exclude(pk=step.pk).exists():
            raise Refused(_("A pipeline needs at least one step. Archive the pipeline instead."))
        if has_history(step):
            raise Refused(
                _("Leads have been in “%(step)s” or passed it. Close it instead.") % {"step": step}
            )
        form = LeadForm.objects.filter(step=step).first()
        if form is not None:
            raise Refused(
                _("The leads of the form “%(form)s” begin in “%(step)s”. Change the form first.")
                % {"form": form, "step": step}
            )
        step.delete()


def has_history(step: Step) -> bool:
    """Return whether a lead of the pipeline was created or moved since the step was added."""
    added = step.past_positions.filter(position=None).aggregate(at=Max("replaced_at"))["at"]
    steps = [str(pk) for pk in step.pipeline.steps.values_list("pk", flat=True)]
    moves = LeadEvent.objects.filter(kind=Kind.STEP, value__in=steps)
    if added is not None:
        moves = moves.filter(recorded_at__gte=added)
    return moves.exists() or Lead.objects.filter(step=step).exists()


def open_leads_by_step(pipeline: Pipeline) -> Mapping[int, int]:
    """Return the number of open leads by id of the step."""
    leads = _open_leads(Lead.objects.filter(step__in=list(pipeline.steps.all())))
    return dict(leads.order_by().values_list("step").annotate(number=Count("pk")))


def _open_leads(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    return leads.filter(is_deleted=False, closed_at=None, status__in=OPEN)


def _set_name(row: Pipeline | Step, name: str, by: User) -> None:
    """Set a name, and store the former one for the histories of leads."""
    row.refresh_from_db(fields=["name"])
    if row.name != name:
        row.past_names.create(name=row.name, replaced_at=timezone.now(), replaced_by=by)
        row.name = name
        row.save(update_fields=["name"])


def _set_closed(step: Step, is_closed: bool) -> None:
    step.is_closed = is_closed
    step.save(update_fields=["is_closed"])


def _distinct(positions: Sequence[int]) -> Sequence[int]:
    """Return ascending positions without ties."""
    if len(set(positions)) == len(positions):
        return positions
    return range(1, len(positions) + 1)


def _place(steps: Sequence[Step], positions: Sequence[int], by: User) -> None:
    """Set the positions of steps, and store the former ones for reports as of earlier instants."""
    now = timezone.now()
    moved = [
        (step, position)
        for step, position in zip(steps, positions, strict=True)
        if step.position != position
    ]
    PastPosition.objects.bulk_create(
        PastPosition(step=step, position=step.position, replaced_at=now, replaced_by=by)
        for step, _position in moved
    )
    for step, position in moved:
        step.position = position
    Step.objects.bulk_update([step for step, _position in moved], ["position"])


def _unused_name(rows: QuerySet[Pipeline] | QuerySet[Step], name: str) -> str:
    valid = valid_line(name, LONGEST_NAME)
    if any(str(row).casefold() == valid.casefold() for row in rows):
        raise Refused(_("There is already “%(name)s”. Choose another name.") % {"name": valid})
    return valid


@contextmanager
def _locked(pipeline: Pipeline) -> Iterator[None]:
    with transaction.atomic():
        Pipeline.objects.select_for_update().get(pk=pipeline.pk)
        pipeline.refresh_from_db()
        yield
