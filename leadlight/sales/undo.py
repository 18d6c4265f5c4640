"""Undo of an action: the fields that it changed, on one lead or many, get back their old values.

The log only grows: an undo writes events of its own, which belong to the action as well. An action
can be undone as long as nothing that it changed was changed again since.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.sales import (
    attachments,
    client_merging,
    costs,
    derived_columns,
    merging,
    setting_changes,
)
from leadlight.sales.lead_links import link_text, restore_link
from leadlight.sales.models import (
    Action,
    Activity,
    Attachment,
    BulkJob,
    CustomField,
    Lead,
    LeadEvent,
    Task,
)
from leadlight.sales.models.actions import PARTS, continuing
from leadlight.sales.models.comments import PINNED, pin_of
from leadlight.sales.models.event_log import CLOSED, FIELDS, EventFields, Kind, replay
from leadlight.sales.models.lead_changes import Changes, changing, increment_version
from leadlight.sales.models.relations import relate, relations_of
from leadlight.sales.prospecting.undo import undo_prospect_changes
from leadlight.sales.refusals import Refused

CLOSING = (Kind.STATUS, Kind.CLOSED_AT)
REMINDER = (
    *(Kind.REMINDER, Kind.REMINDER_ALL_DAY, Kind.REMINDER_MINUTES),
    *(Kind.REMINDER_ACTIVITY, Kind.REMINDER_NOTE),
)


class ChangedSince(Refused):
    """Refusal to undo the change of a lead that was changed again since."""


def undo(action: Action, *, by: User) -> list[Lead]:
    """Undo an action and return its leads.

    Only the user who acted can undo an action. Raises `Refused` if it cannot be undone; then
    nothing changes.
    """
    with transaction.atomic():
        held = Action.objects.select_for_update().get(pk=action.pk)
        refuse_undo(held, by)
        if BulkJob.objects.filter(action=held).exists():
            raise RuntimeError("a bulk job is undone by `sales.bulk_undo`")
        now = timezone.now()
        client_merge = client_merging.locked_merge(held)
        leads = _locked_leads(held)
        with continuing(held):
            if client_merge is not None:
                client_merging.undo_merge(client_merge, leads.values(), by)
            else:
                merging.refuse_merged(held, leads)
                merging.undo_merges(held, leads)
                _undo_activities(held, leads, now)
                _undo_events(held, leads, by)
                held.client_differences.all().delete()
                costs.undo_changes(held, by)
                setting_changes.undo_changes(held, by)
                undo_prospect_changes(held)
        held.undone_at = now
        held.save(update_fields=["undone_at"])
        derived_columns.refresh(leads)
        undone = Lead.objects.in_bulk(list(leads))
    return [undone[pk] for pk in leads]


def refuse_undo(action: Action, by: User) -> None:
    """Refuse the undo of an action that is not the user's, too old, or undone."""
    if action.user_id == by.pk and action.undone_at is not None:
        raise Refused(_("This change was already undone."))
    if action.user_id != by.pk or not action.is_undoable:
        raise Refused(_("This change can no longer be undone."))


def _locked_leads(action: Action) -> dict[int, Lead]:
    """Lock the leads of an action, in the order of their ids, and return them by id."""
    ids: set[int] = set()
    for part in PARTS:
        changed = getattr(action, part).filter(lead__isnull=False).order_by()
        ids.update(changed.values_list("lead", flat=True))
    leads = Lead.objects.filter(pk__in=ids).select_for_update(of=("self",)).order_by("pk")
    return {lead.pk: lead for lead in leads}


def _undo_activities(action: Action, leads: dict[int, Lead], now: datetime) -> None:
    for pk in action.activities.exclude(lead=None).values_list("lead", flat=True):
        increment_version(leads[pk], now)
    action.activities.all().delete()


def _undo_events(action: Action, leads: dict[int, Lead], by: User) -> None:
    events: dict[int, list[LeadEvent]] = defaultdict(list)
    for event in action.events.order_by("-pk"):
        events[event.lead_id].append(event)
    for pk, lead in leads.items():
        undo_lead(lead, action, events[pk], by)


def undo_lead(lead: Lead, action: Action, newest_first: Sequence[LeadEvent], by: User) -> None:
    """Undo the events of an action on one lead, within `continuing`; `Refused` if not possible."""
    if any(event.kind == Kind.CREATED for event in newest_first):
        _undo_creation(lead, action, by)
    elif newest_first:
        _undo_changes(lead, action, newest_first, by)


def _undo_creation(lead: Lead, action: Action, by: User) -> None:
    """Move a lead to the bin, with all its values; refuse the undo if there was work on it since.

    Its events are detached from the action: they stay valid if the lead is restored later.
    """
    if worked_on([lead.pk], action):
        raise _changed_since(lead)
    lead.events.filter(action=action).update(action=None)
    lead.bin(by=by)


def worked_on(ids: Collection[int], action: Action) -> set[int]:
    """Return the leads that an action created and on which somebody has worked since."""
    events = LeadEvent.objects.filter(lead__in=ids, action__undone_at__isnull=True)
    others = events.exclude(action=action).values_list("lead_id", flat=True)
    return {*others, *Activity.objects.filter(lead__in=ids).values_list("lead_id", flat=True)}


def _undo_changes(lead: Lead, action: Action, newest_first: Sequence[LeadEvent], by: User) -> None:
    with changing(lead, by) as changes:
        for parts in (CLOSING, REMINDER):
            _refuse_later_parts(lead, action, newest_first, parts)
        has_fields = any(event.kind == Kind.FIELD for event in newest_first)
        texts = lead.field_texts if has_fields else {}
        for event in newest_first:
            if event.kind == Kind.FIELD:
                _undo_field(lead, event, changes, texts)
            elif event.kind in FIELDS and event.kind != Kind.CLOSED_AT:
                _undo_value(lead, event, changes)
        _restore_closing(lead, newest_first, changes)
        _refuse_lost_values(lead, changes)
    _undo_relations(lead, newest_first, by)
    _undo_comments(lead, newest_first, by)
    _undo_pins(lead, newest_first, by)
    _undo_files(lead, newest_first, by)
    _undo_tasks(lead, newest_first, by)
    _undo_link(lead, newest_first, by)


def _undo_value(lead: Lead, event: LeadEvent, changes: Changes) -> None:
    field = FIELDS[event.kind]
    value: Any = changes.get(event.kind, getattr(lead, field.attribute))
    if field.write(value) != event.value:
        raise _changed_since(lead)
    changes[event.kind] = field.read(event.old_value)


def _undo_field(lead: Lead, event: LeadEvent, changes: Changes, texts: dict[str, str]) -> None:
    field = CustomField.objects.filter(key=event.about).first()
    if field is None or changes.of_fields.get(field, texts.get(field.key, "")) != event.value:
        raise _changed_since(lead)
    changes.of_fields[field] = event.old_value


def _restore_closing(lead: Lead, newest_first: Sequence[LeadEvent], changes: Changes) -> None:
    """Set the exact instant of closing of a lead that was closed before the action."""
    touched = [event for event in newest_first if event.kind in CLOSING]
    if not touched or changes.get(Kind.STATUS, lead.status) not in CLOSED:
        return
    earlier = lead.events.filter(pk__lt=touched[-1].pk).order_by("occurred_at", "pk")
    fields = earlier.values_list("occurred_at", "kind", "value")
    closed_at = replay(EventFields(*each) for each in fields).get("closed_at")
    if closed_at is None:  # an import has replaced the events since
        raise _changed_since(lead)
    changes[Kind.CLOSED_AT] = closed_at


def _refuse_later_parts(
    lead: Lead, action: Action, events: Sequence[LeadEvent], parts: Sequence[str]
) -> None:
    """Refuse the undo if the action and a later change both changed fields among `parts`."""
    touched = [event.pk for event in events if event.kind in parts]
    if touched and _others(lead, action).filter(kind__in=parts, pk__gt=touched[-1]).exists():
        raise _changed_since(lead)


def _refuse_lost_values(lead: Lead, changes: Changes) -> None:
    """Refuse values that cannot be restored: deleted rows, removed choices, archived fields."""
    for kind, value in changes.items():
        model = FIELDS[kind].model
        ids = (value if FIELDS[kind].is_many else {value}) if model else set()
        ids -= {None}
        if ids and model and model._default_manager.filter(pk__in=ids).count() < len(ids):
            raise _changed_since(lead)
    for field, text in changes.of_fields.items():
        field.checked(CustomField.Subject.LEAD, text)


def _undo_relations(lead: Lead, newest_first: Sequence[LeadEvent], by: User) -> None:
    for event in newest_first:
        if event.kind == Kind.RELATED:
            if relations_of(lead).get(event.about, "") != event.value:
                raise _changed_since(lead)
            relate(lead, event.about, event.old_value, by=by)


def _undo_comments(lead: Lead, newest_first: Sequence[LeadEvent], by: User) -> None:
    """Restore the texts of comments; a comment that the action made is removed."""
    before: dict[str, str] = {}
    for event in newest_first:
        if event.kind != Kind.COMMENT:
            continue
        key = event.about or event.key
        if before.get(key, _text_of(lead, key)) != event.value:
            raise _changed_since(lead)
        before[key] = event.old_value
    for key, text in before.items():
        lead.restore_comment(lead.events.get(key=key), text, by=by)


def _undo_files(lead: Lead, newest_first: Sequence[LeadEvent], by: User) -> None:
    """Remove the files that the action attached, and attach those that it removed."""
    for event in newest_first:
        if event.kind != Kind.FILE:
            continue
        file = Attachment.objects.filter(
            lead=lead, key=event.about, is_removed=not event.value
        ).first()
        if file is None:
            raise _changed_since(lead)
        change = attachments.remove if event.value else attachments.restore
        change(lead, file, by=by)


def _undo_tasks(lead: Lead, newest_first: Sequence[LeadEvent], by: User) -> None:
    """Restore the states of tasks; a task that the action added is removed."""
    events = [event for event in newest_first if event.kind == Kind.TASK]
    tasks = {task.key: task for task in Task.objects.filter(key__in={one.about for one in events})}
    before: dict[str, str] = {}
    for event in events:
        task = tasks.get(event.about)
        if task is None or task.lead_id != lead.pk:
            raise _changed_since(lead)
        if before.get(event.about, task.state) != event.value:
            raise _changed_since(lead)
        before[event.about] = event.old_value
    for key, state in before.items():
        tasks[key].lead = lead
        tasks[key].restore(state, by=by)


def _undo_link(lead: Lead, newest_first: Sequence[LeadEvent], by: User) -> None:
    events = [event for event in newest_first if event.kind == Kind.FOLLOWS]
    if events and link_text(lead) != events[0].value:
        raise _changed_since(lead)
    if events:
        restore_link(lead, events[-1].old_value, by=by)


def _undo_pins(lead: Lead, newest_first: Sequence[LeadEvent], by: User) -> None:
    for event in newest_first:
        if event.kind != Kind.PIN:
            continue
        comment = lead.events.get(key=event.about)
        if pin_of(comment) != event.value:
            raise _changed_since(lead)
        if event.value == PINNED:
            lead.unpin_comment(comment, by=by)
        else:
            lead.pin_comment(comment, by=by)


def _text_of(lead: Lead, comment: str) -> str:
    """Return the current text of a comment, by its key."""
    events = lead.events.filter(Q(key=comment) | Q(about=comment), kind=Kind.COMMENT)
    return events.order_by("pk").values_list("value", flat=True).last() or ""


def _others(lead: Lead, action: Action) -> QuerySet[LeadEvent]:
    """Return the events of a lead outside this action and outside undone actions."""
    return lead.events.exclude(action=action).filter(action__undone_at__isnull=True)


def _changed_since(lead: Lead) -> ChangedSince:
    return ChangedSince(_("“%(lead)s” has changed since. Nothing was undone.") % {"lead": lead})
