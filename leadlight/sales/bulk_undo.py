"""Undo of bulk jobs, lead by lead.

Leads that were changed again since the job stay as they are, and are listed; all others get back
their earlier values. The events of an undone lead move to the action `job.undone`, so that after
each batch every lead is either changed or undone as a whole.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.accounts import audit
from leadlight.accounts.models import User
from leadlight.accounts.models.audit_entries import Kind as AuditKind
from leadlight.sales import (
    activity_batches,
    client_values,
    costs,
    derived_columns,
    past_steps,
)
from leadlight.sales.bulk import AT_ONCE, BATCH, State, give, locked_leads, row_of, save_items
from leadlight.sales.bulk_verbs import CLOSE_STEP, MERGE_TAGS, turn
from leadlight.sales.models import (
    Action,
    Activity,
    BulkItem,
    BulkJob,
    Lead,
    LeadEvent,
    Step,
    Tag,
)
from leadlight.sales.models.actions import continuing
from leadlight.sales.models.bulk import IMPORT
from leadlight.sales.models.lead_changes import bin_all
from leadlight.sales.prospecting import imported_rows
from leadlight.sales.refusals import Refused
from leadlight.sales.search.writing import indexing_together
from leadlight.sales.undo import ChangedSince, refuse_undo, undo_lead, worked_on


def begin_undo(action: Action, *, by: User) -> BulkJob:
    """Begin to undo a job, and undo it at once if it is small.

    Rows that the job has not reached stay as they are. Only the user who started a job can undo it.
    Raises `Refused` if it cannot be undone.
    """
    with transaction.atomic():
        held = Action.objects.select_for_update().get(pk=action.pk)
        job = BulkJob.objects.select_for_update(of=("self",)).get(action=held)
        refuse_undo(held, by)
        if job.state == BulkJob.State.UNDOING:
            raise Refused(_("This change is being undone."))
        if job.state in (BulkJob.State.CHECKING, BulkJob.State.CHECKED):
            raise Refused(_("This import was not started."))
        job.items.filter(state=State.PENDING).update(state=State.STOPPED)
        job.items.filter(state=State.KEPT).update(state=State.DONE, reason="")
        if job.undone is None:
            job.undone = Action.objects.create(user=by, at=held.at, undone_at=timezone.now())
        job.state = BulkJob.State.UNDOING
        job.save(update_fields=["state", "undone"])
        job.action = held
        if job.verb == CLOSE_STEP:
            _reopen_step(job, by)
        if job.verb == MERGE_TAGS:
            _reactivate_tag(job, by)
            costs.undo_changes(held, by, keeps_changed=True)
        if job.total <= AT_ONCE:
            while undo_batch(job):
                pass
    return job


def _reopen_step(job: BulkJob, by: User) -> None:
    for step in Step.objects.select_for_update().filter(pk=job.arguments["closed"], is_closed=True):
        step.is_closed = False
        step.save(update_fields=["is_closed"])
        audit.record(AuditKind.SETTINGS, "step", by=by, subject=step.pipeline, new=f"{step}")


def _reactivate_tag(job: BulkJob, by: User) -> None:
    for tag in Tag.objects.select_for_update().filter(pk=job.arguments["tag"], is_active=False):
        tag.set_active(True)
        audit.record(AuditKind.SETTINGS, "tag", by=by, subject=tag, new=tag)


def undo_batch(job: BulkJob) -> bool:
    """Undo the next batch of a job, and return whether more is left; the caller holds its lock."""
    items = list(job.items.filter(state=State.DONE).order_by("-pk")[:BATCH])
    _undo_activities([item for item in items if item.activity_id is not None])
    if job.verb == IMPORT:
        imported_rows.undo(job, [item for item in items if item.prospect_id is not None])
    leads = locked_leads(items)
    events: dict[int, list[LeadEvent]] = defaultdict(list)
    for event in job.action.events.filter(lead__in=leads).order_by("-pk"):
        events[event.lead_id].append(event)
    with indexing_together():
        created = [
            item
            for item in items
            if item.is_new and item.lead_id is not None and item.before is None
        ]
        _undo_creations(job, created, leads)
        for item in items:
            if item in created or item.state != State.DONE:
                continue
            try:
                with transaction.atomic():
                    if item.is_new and item.lead_id is not None:
                        _undo_past_steps(job, item, leads[item.lead_id])
                    elif item.lead_id is not None:
                        _undo_lead(job, leads[item.lead_id], events[item.lead_id])
                        _undo_client_of_lead(item)
                    elif item.client_after is not None:
                        _undo_client(item)
                    else:
                        _give_back(job, item)
            except ChangedSince:
                _keep(item, leads)
            except Refused as refusal:
                item.state, item.reason = State.KEPT, str(refusal)
            else:
                item.state = State.UNDONE
    derived_columns.refresh(leads)
    save_items(items)
    if job.items.filter(state=State.DONE).exists():
        return True
    _finish(job)
    return False


def _finish(job: BulkJob) -> None:
    if job.verb == IMPORT:
        imported_rows.remove_new_columns(job)
    job.state = BulkJob.State.UNDONE
    job.save(update_fields=["state"])
    if not job.items.filter(state=State.KEPT).exists():
        job.action.undone_at = timezone.now()
        job.action.save(update_fields=["undone_at"])


def _undo_lead(job: BulkJob, lead: Lead, newest_first: list[LeadEvent]) -> None:
    if job.undone is None:
        raise RuntimeError("the undo of the job has not begun")
    with continuing(job.undone):
        undo_lead(lead, job.action, newest_first, job.action.user)
    ids = [event.pk for event in newest_first]
    LeadEvent.objects.filter(pk__in=ids).update(action=job.undone)


def _undo_activities(items: list[BulkItem]) -> None:
    """Remove imported activities. Users cannot change activities, so none has changed since."""
    activities = list(Activity.objects.filter(pk__in=[item.activity_id for item in items]))
    leads = Lead.objects.filter(pk__in={one.lead_id for one in activities if one.lead_id})
    list(leads.order_by("pk").select_for_update(of=("self",)).values_list("pk"))
    BulkItem.objects.filter(pk__in=[item.pk for item in items]).update(activity=None)
    activity_batches.remove(activities)
    for item in items:
        item.state = State.UNDONE


def _undo_past_steps(job: BulkJob, item: BulkItem, lead: Lead) -> None:
    """Remove all imported past steps of a lead; its other rows then have nothing to undo."""
    opening = Step.objects.get(pk=item.before or 0)
    if lead.has_history and not past_steps.undo(lead, job.action, opening):
        raise ChangedSince
    lead.has_history = False


def _undo_creations(job: BulkJob, items: list[BulkItem], leads: dict[int, Lead]) -> None:
    """Move imported leads to the bin together; those on which somebody has worked stay."""
    if job.undone is None:
        raise RuntimeError("the undo of the job has not begun")
    changed = worked_on([item.lead_id for item in items if item.lead_id], job.action)
    for item in items:
        if item.lead_id in changed:
            _keep(item, leads)
        else:
            item.state = State.UNDONE
    free = [lead_id for item in items if (lead_id := item.lead_id) and lead_id not in changed]
    # The events of the creation stay valid, for a lead that is restored later.
    LeadEvent.objects.filter(lead__in=free, action=job.action).update(action=None)
    with continuing(job.undone):
        bin_all([leads[lead_id] for lead_id in free], job.action.user)
    for item in items:
        if item.state == State.UNDONE:
            _undo_client_of_lead(item)


def _keep(item: BulkItem, leads: dict[int, Lead]) -> None:
    item.state = State.KEPT
    item.reason = _("“%(lead)s” has changed since.") % {"lead": leads[item.lead_id or 0]}


def _undo_client(item: BulkItem) -> None:
    """Restore the values of an imported client, or remove it if the import created it."""
    if item.client is None or item.client_after is None:
        raise Refused(_("This client does not exist any more."))
    client_values.undo(item.client, item.client_before, item.client_after)


def _undo_client_of_lead(item: BulkItem) -> None:
    """Undo the creation of the client of an imported lead, unless it is in use by now."""
    if item.client_after is not None:
        with suppress(Refused), transaction.atomic():
            _undo_client(item)


def _give_back(job: BulkJob, item: BulkItem) -> None:
    """Give a prospect or a prospecting list back to its earlier user."""
    row = row_of(item)
    if item.before is None or row.user_id != turn(job.arguments, item.place):
        raise Refused(_("“%(row)s” now has another user.") % {"row": row})
    give(row, item.before)
