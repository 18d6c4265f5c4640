"""Jobs of imports: check of a file, and its writing in batches.

The check stores each row of the file as an item of the job, with the planned effect of the row.
Batches plan the pending rows again and write them. Each batch is a transaction that holds the lock
of the job, so that another process can continue after one that was killed. `sales.bulk_undo` undoes
imports like other bulk jobs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from leadlight.accounts import audit
from leadlight.accounts.models.audit_entries import Kind as Audited
from leadlight.sales.many_rows import insert_all, update_all
from leadlight.sales.models import Action, BulkItem, BulkJob, TableImport
from leadlight.sales.models.actions import continuing
from leadlight.sales.models.bulk import IMPORT
from leadlight.sales.models.event_log import Channel, through
from leadlight.sales.refusals import Refused
from leadlight.sales.search.writing import indexing_together
from leadlight.table_import.activity_rows import ActivityRows
from leadlight.table_import.client_rows import ClientRows
from leadlight.table_import.files import note_columns, refuse_import, table_of
from leadlight.table_import.lead_rows import LeadRows
from leadlight.table_import.planning import (
    ColumnMapping,
    Plan,
    Planner,
    SourceRow,
    without_repeated_keys,
)
from leadlight.table_import.prospect_columns import add_new_columns
from leadlight.table_import.prospect_rows import ProspectRows
from leadlight.table_import.step_rows import StepRows
from leadlight.tables import Unreadable

AT_ONCE = 200  # rows that are checked, or written, in the request
CHECKED_AT_ONCE = 500
BATCH = 400  # rows of a transaction, during which other writers wait on SQLite

State = BulkItem.State
# Columns of an item that a batch writes.
WRITTEN = (
    *("state", "reason", "is_new", "lead", "client"),
    *("client_before", "client_after", "activity", "prospect", "before"),
)
PLANNERS: dict[str, Callable[..., Planner]] = {
    TableImport.Kind.LEADS: LeadRows,
    TableImport.Kind.CLIENTS: ClientRows,
    TableImport.Kind.ACTIVITIES: ActivityRows,
    TableImport.Kind.STEPS: StepRows,
    TableImport.Kind.PROSPECTS: ProspectRows,
}


def begin_check(given: TableImport) -> None:
    """Begin to check a file with its mapping, and check it at once if it is small.

    The results of an earlier check are deleted. Raises `Refused` if the import was started.
    """
    table = table_of(given)
    note_columns(given, table)
    with transaction.atomic():
        if given.job is None:
            action = Action.objects.create(user=given.user)
            given.job = BulkJob.objects.create(
                action=action, verb=IMPORT, language="", state=BulkJob.State.CHECKED, total=0
            )
        job = _locked(given.job.pk)
        if job.state not in (BulkJob.State.CHECKING, BulkJob.State.CHECKED):
            raise Refused(_("This import was already started."))
        job.items.all().delete()
        job.state, job.total, job.counts = BulkJob.State.CHECKING, 0, None
        job.language = get_language() or "en"
        job.save(update_fields=["state", "total", "counts", "language"])
        given.job, given.failure = job, ""
        given.save()
    if table.found.row_count <= AT_ONCE:
        check(job.pk)


def forget_check(given: TableImport) -> None:
    """Delete the results of a check, because the file is read with other choices now.

    Raises `Refused` if the import was started.
    """
    if given.job is None:
        return
    with transaction.atomic():
        job = _locked(given.job.pk)
        if job.state not in (BulkJob.State.CHECKING, BulkJob.State.CHECKED):
            raise Refused(_("This import was already started."))
        job.items.all().delete()
        job.state, job.total = BulkJob.State.CHECKED, 0
        job.save(update_fields=["state", "total"])


def check(job_id: int, *, is_stopped: Callable[[], bool] = lambda: False) -> bool:
    """Check the rest of a file; return False if it was stopped, or another process checks it."""
    job = BulkJob.objects.select_related("table_import__user").get(pk=job_id)
    given: TableImport = job.table_import
    with override(job.language):
        try:
            return _check_rows(job, given, is_stopped)
        except (Refused, Unreadable) as error:
            given.failure = str(error)
            given.save(update_fields=["failure"])
            return _set_state(job_id, BulkJob.State.CHECKING, BulkJob.State.CHECKED)


def _check_rows(job: BulkJob, given: TableImport, is_stopped: Callable[[], bool]) -> bool:
    planner = _planner(given)
    seen: dict[str, int] = {}
    written = _written_before(given)
    done = 0
    every = (SourceRow(row.number, row.cells, row.problem) for row in table_of(given).rows())
    for rows in planner.batches(every, CHECKED_AT_ONCE):
        if is_stopped():
            return False
        plans = _plans(planner, rows)
        without_repeated_keys(plans, seen)
        done += len(rows)
        if done <= job.total:  # checked by a process that was stopped
            continue
        with transaction.atomic():
            here = _locked(job.pk)
            if here.state != BulkJob.State.CHECKING or here.total != done - len(rows):
                return False
            items = map(_item, [here.pk] * len(rows), rows, plans, [written] * len(rows))
            insert_all(BulkItem, items)
            here.total = done
            here.save(update_fields=["total"])
    return _set_state(job.pk, BulkJob.State.CHECKING, BulkJob.State.CHECKED)


def start(given: TableImport) -> None:
    """Start to write the rows of a checked import, and write them at once if they are few."""
    with transaction.atomic():
        if given.job is None:
            raise Refused(_("Check the file first."))
        job = _locked(given.job.pk)
        if job.state != BulkJob.State.CHECKED:
            raise Refused(_("This import was already started."))
        if not job.items.filter(state=State.PENDING).exists():
            raise Refused(_("There is nothing to import."))
        refuse_import(given.user, given.kind, given.prospecting_list)
        added = add_new_columns(given)
        job.state, job.arguments = BulkJob.State.RUNNING, {"columns": added} if added else {}
        job.save(update_fields=["state", "arguments"])
        Action.objects.filter(pk=job.action_id).update(at=timezone.now())
        audit.record(Audited.IMPORT, "table", by=given.user, subject=given.name, new=given.kind)
        given.job = job
    if job.total <= AT_ONCE:
        while run_batch(job.pk):
            pass


def run_batch(job_id: int) -> bool:
    """Write the next batch of an import, and return whether more is left.

    Returns False for a job that another process works on.
    """
    with transaction.atomic():
        jobs = BulkJob.objects.select_for_update(skip_locked=True, of=("self",))
        jobs = jobs.select_related("action__user", "table_import")
        job = jobs.filter(pk=job_id, verb=IMPORT, state=BulkJob.State.RUNNING).first()
        if job is None:
            return False
        with override(job.language), through(Channel.IMPORT), continuing(job.action):
            return _write_batch(job)


def run_unfinished(*, is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Check and write all imports that were begun; return their number."""
    states = (BulkJob.State.CHECKING, BulkJob.State.RUNNING)
    jobs = BulkJob.objects.filter(verb=IMPORT, state__in=states).order_by("pk")
    pending = dict(jobs.values_list("pk", "state"))
    for pk, state in pending.items():
        if state == BulkJob.State.CHECKING:
            check(pk, is_stopped=is_stopped)
        else:
            while not is_stopped() and run_batch(pk):
                pass
    return len(pending)


def has_pending(given: TableImport) -> bool:
    """Return whether a checked import has rows to write."""
    return given.job is not None and given.job.items.filter(state=State.PENDING).exists()


def discard(given: TableImport) -> None:
    """Delete an import that was not started, with the results of its check."""
    if given.job is not None and given.job.state in (
        BulkJob.State.CHECKING,
        BulkJob.State.CHECKED,
    ):
        action = given.job.action
        given.delete()
        action.delete()


def counts(given: TableImport) -> dict[str, int]:
    """Return the number of rows by state; the state of new rows has the suffix “-new”."""
    found: dict[str, int] = {}
    if given.job is not None:
        states = given.job.items.order_by().values_list("state", "is_new")
        for state, is_new, number in states.annotate(number=Count("pk")):
            found[f"{state}-new" if is_new else state] = number
    return found


def _write_batch(job: BulkJob) -> bool:
    items = _next_items(job)
    planner = _planner(job.table_import, locks=True)
    rows = [SourceRow(item.place, item.cells or []) for item in items]
    new = []
    with indexing_together(), planner.writing():
        for plan, item in zip(planner.plan(rows), items, strict=True):
            item.is_new, item.state, item.reason = plan.is_new, plan.state, plan.reason
            if plan.is_new:
                new.append((plan, item))
                item.state = State.DONE
            elif plan.state == State.PENDING:
                _change(planner, plan, item)
        planner.create(new)
    update_all(items, WRITTEN)
    if job.items.filter(state=State.PENDING).exists():
        return True
    job.state = BulkJob.State.DONE
    job.save(update_fields=["state"])
    return False


def _next_items(job: BulkJob) -> list[BulkItem]:
    """Return the items of the next batch; if the last one names a lead, with all of this lead."""
    pending = job.items.filter(state=State.PENDING).order_by("pk")
    items = list(pending[:BATCH])
    if items and items[-1].lead_id is not None:
        items += pending.filter(pk__gt=items[-1].pk, lead=items[-1].lead_id)
    return items


def _change(planner: Planner, plan: Plan, item: BulkItem) -> None:
    try:
        with transaction.atomic():
            planner.change(plan, item)
            item.state = State.DONE
    except Refused as refusal:
        item.state, item.reason, item.lead = State.REFUSED, str(refusal), None
        item.client = item.client_before = item.client_after = None


def _plans(planner: Planner, rows: list[SourceRow]) -> list[Plan]:
    plans = planner.plan(rows)
    for plan, row in zip(plans, rows, strict=True):
        plan.reason = row.problem or plan.reason
    return plans


def _item(job_id: int, row: SourceRow, plan: Plan, written: Mapping[int, int]) -> dict[str, Any]:
    """Return the columns of the item of a row that was checked."""
    state = plan.state
    is_written = written.get(row.number) == hash(tuple(row.cells))
    if is_written and plan.is_new and state == State.PENDING:
        state = State.SKIPPED
    return {
        "job_id": job_id,
        "place": row.number,
        "cells": row.cells,
        "state": state,
        "reason": plan.reason,
        "is_new": plan.is_new,
        "lead_id": plan.lead and plan.lead.pk,
    }


def _written_before(given: TableImport) -> dict[int, int]:
    """Return the rows of the same file that an earlier import created: number → hash of cells."""
    created = BulkItem.objects.filter(
        job__table_import__digest=given.digest,
        job__table_import__kind=given.kind,
        job__table_import__prospecting_list=given.prospecting_list_id,
        is_new=True,
        state__in=(State.DONE, State.KEPT),
    )
    rows = created.values_list("place", "cells").iterator()
    return {place: hash(tuple(cells or ())) for place, cells in rows}


def _planner(given: TableImport, *, locks: bool = False) -> Planner:
    return PLANNERS[given.kind](ColumnMapping.of(given), given.user, locks=locks)


def _locked(job_id: int) -> BulkJob:
    jobs = BulkJob.objects.select_for_update(of=("self",)).select_related("action")
    return jobs.get(pk=job_id)


def _set_state(job_id: int, old: str, new: str) -> bool:
    return bool(BulkJob.objects.filter(pk=job_id, state=old).update(state=new))
