"""Bulk jobs: start, batches, and counts.

A job of up to `AT_ONCE` rows is done in the transaction that starts it. A larger job is done in
batches by any process. Each batch is a transaction that holds the lock of the job, so that no two
processes do the same rows, and another process can continue after one that was killed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from leadlight.sales import access
from leadlight.sales.bulk_verbs import VERBS, Arguments, turn
from leadlight.sales.models import Action, BulkItem, BulkJob, Lead, Prospect, ProspectingList
from leadlight.sales.models.actions import continuing
from leadlight.sales.models.bulk import IMPORT, UNFINISHED
from leadlight.sales.models.event_log import Channel, through
from leadlight.sales.refusals import Refused
from leadlight.sales.search.writing import index_prospects, indexing_together

AT_ONCE = 200
BATCH = 50  # rows of a transaction, during which other writers wait on SQLite
MOST_LEADS = 100_000

State = BulkItem.State


def start(
    action: Action,
    verb: str,
    arguments: Arguments,
    leads: QuerySet[Lead],
    *,
    prospects: Iterable[Prospect] = (),
    lists: Iterable[ProspectingList] = (),
) -> BulkJob:
    """Start a job of an action on leads, and do it if it is small, in the caller's transaction.

    The job contains the leads that the queryset has now, in its order. Leads that the user may see
    but not change are counted as skipped. Raises `Refused` if the user may change none of them, or
    if they are more than `MOST_LEADS`.
    """
    chosen = list(leads.values_list("pk", flat=True)[: MOST_LEADS + 1])
    if len(chosen) > MOST_LEADS:
        raise Refused(
            _("At most %(most)d leads can be changed at once. Narrow the filters.")
            % {"most": MOST_LEADS}
        )
    editable = access.editable_leads(action.user)
    allowed = set(leads.filter(pk__in=editable.values("pk")).values_list("pk", flat=True))
    ids = [pk for pk in chosen if pk in allowed]
    rows: list[dict[str, Any]] = [
        *({"lead_id": pk, "place": place} for place, pk in enumerate(ids)),
        *({"prospect": one, "place": place} for place, one in enumerate(prospects)),
        *({"prospecting_list": one, "place": place} for place, one in enumerate(lists)),
    ]
    if not rows:
        raise Refused(_("You cannot change any of these leads."))
    job = BulkJob.objects.create(
        action=action,
        verb=verb,
        arguments=arguments,
        language=get_language() or "en",
        total=len(rows),
        skipped=len(chosen) - len(ids),
    )
    BulkItem.objects.bulk_create((BulkItem(job=job, **row) for row in rows), batch_size=5000)
    if job.total <= AT_ONCE:
        while do_batch(job):
            pass
    return job


def run_batch(job_id: int) -> bool:
    """Do or undo the next batch of a job, and return whether more is left.

    Returns False for a job that another process works on, and for an import in progress, which
    `leadlight.table_import` runs.
    """
    from leadlight.sales.bulk_undo import undo_batch

    with transaction.atomic():
        jobs = BulkJob.objects.select_for_update(skip_locked=True, of=("self",))
        job = jobs.select_related("action__user", "undone").filter(pk=job_id).first()
        if job is None or not job.is_unfinished or job.is_of_a_file:
            return False
        with override(job.language), through(Channel.PAGE):
            if job.state == BulkJob.State.UNDOING:
                return undo_batch(job)
            with continuing(job.action):
                return do_batch(job)


def run_unfinished(*, is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Do all unfinished jobs, one batch of each in turn; return the number of jobs.

    Imports in progress are left out, because `leadlight.table_import` runs them; their undo is done
    here.
    """
    jobs = BulkJob.objects.filter(state__in=UNFINISHED).order_by("pk")
    jobs = jobs.exclude(verb=IMPORT, state=BulkJob.State.RUNNING)
    found = pending = list(jobs.values_list("pk", flat=True))
    while pending:
        left = []
        for pk in pending:
            if is_stopped():
                return len(found)
            if run_batch(pk):
                left.append(pk)
        pending = left
    return len(found)


def do_batch(job: BulkJob) -> bool:
    """Do the next batch of a job as the current action; the caller holds the lock of the job."""
    items = list(job.items.filter(state=State.PENDING).order_by("pk")[:BATCH])
    by, change = job.action.user, VERBS[job.verb](job.arguments)
    leads = locked_leads(items)
    allowed = access.editable_leads(by).filter(pk__in=leads)
    editable = set(allowed.values_list("pk", flat=True))
    with indexing_together():
        for item in items:
            try:
                with transaction.atomic():
                    if item.lead_id is None:
                        item.state = _hand_over_row(job, item)
                    elif item.lead_id not in editable:
                        raise Refused(_("You cannot change this lead any more."))
                    else:
                        lead = leads[item.lead_id]
                        version = lead.version
                        change(lead, item.place, by)
                        is_changed = lead.version != version
                        item.state = State.DONE if is_changed else State.UNCHANGED
            except Refused as refusal:
                item.state, item.reason = State.REFUSED, str(refusal)
    save_items(items)
    if job.items.filter(state=State.PENDING).exists():
        return True
    job.state = BulkJob.State.DONE
    job.save(update_fields=["state"])
    return False


def locked_leads(items: Sequence[BulkItem]) -> dict[int, Lead]:
    """Lock the leads of items, in the order of their ids, and return them by id."""
    ids = [item.lead_id for item in items if item.lead_id is not None]
    leads = Lead.objects.filter(pk__in=ids).select_for_update(of=("self",)).order_by("pk")
    return {lead.pk: lead for lead in leads}


def save_items(items: Sequence[BulkItem]) -> None:
    """Save the states of items."""
    noted = [item for item in items if item.reason or item.before is not None]
    if noted:
        BulkItem.objects.bulk_update(noted, ["state", "reason", "before"])
    for state in {item.state for item in items}:
        ids = [item.pk for item in items if item.state == state and item not in noted]
        BulkItem.objects.filter(pk__in=ids).update(state=state)


def counts(job: BulkJob) -> dict[str, int]:
    """Return the number of rows of a job in each state, also after the rows were removed."""
    if job.counts is not None:
        return dict.fromkeys(State.values, 0) | job.counts
    found = job.items.order_by().values_list("state").annotate(number=Count("pk"))
    return dict.fromkeys(State.values, 0) | dict(found)


def _hand_over_row(job: BulkJob, item: BulkItem) -> str:
    """Give a prospect or a prospecting list to the seller whose turn it is."""
    row = row_of(item)
    if row.user_id != job.arguments["person"]:
        raise Refused(_("“%(row)s” now has another user.") % {"row": row})
    item.before = row.user_id
    give(row, turn(job.arguments, item.place))
    return State.DONE


def row_of(item: BulkItem) -> Prospect | ProspectingList:
    """Lock and return the prospect or the prospecting list of an item."""
    rows: list[Prospect | ProspectingList] = [
        *Prospect.objects.select_for_update().filter(pk=item.prospect_id or 0),
        *ProspectingList.objects.select_for_update().filter(pk=item.prospecting_list_id or 0),
    ]
    return rows[0]


def give(row: Prospect | ProspectingList, user_id: int) -> None:
    """Set the user of a prospect or a prospecting list."""
    row.user_id = user_id
    row.save(update_fields=["user"])
    if isinstance(row, Prospect):
        index_prospects([row.pk])
