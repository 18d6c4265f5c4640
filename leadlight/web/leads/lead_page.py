"""Page of one lead: its next activity, its fields, and its history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from leadlight.accounts.models import User
from leadlight.automation.rules import manual_rules
from leadlight.presentation.lead_entries import Entry, value_in_words
from leadlight.sales import access, duplicates, merging
from leadlight.sales.attachments import attached
from leadlight.sales.conflicts import Conflict
from leadlight.sales.models import CustomField, Lead, LeadFieldValue, Step
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX, Kind
from leadlight.sales.models.relations import relations_of
from leadlight.web.leads.forms.after_sale import FollowUpForm, NewTaskForm
from leadlight.web.leads.forms.change import ChangeForm
from leadlight.web.leads.forms.comments import CommentForm
from leadlight.web.leads.forms.daily import ActivityForm, StandbyForm, WinForm
from leadlight.web.leads.forms.files import FilesForm
from leadlight.web.leads.history import Place, history_of
from leadlight.web.leads.links import links_of
from leadlight.web.leads.tasks.forms import TaskForm
from leadlight.web.leads.tasks.section import task_groups
from leadlight.web.leads.timeline import timeline_of
from leadlight.web.leads.trail import trail_of
from leadlight.web.shell.auth import ReaderRequest

SHOWN = (
    *("client", "created_by", "owner", "pipeline", "prospect__prospecting_list"),
    *("reminder_activity", "step", "team"),
)
# Changes that leave the probable duplicates as they are: htmx keeps those that the page shows.
WITHOUT_NEW_DUPLICATES = {
    *("activity", "amount", "comment", "edit-comment", "expected-day", "files", "next"),
    *("pin-comment", "probability", "remove-file", "source", "standby", "star", "step", "tags"),
    *("task", "todo", "unpin-comment", "unstar"),
}


@dataclass(frozen=True)
class FieldRow:
    """Custom field with its value on the page, "" for none."""

    field: CustomField
    text: str


@dataclass(frozen=True)
class ShownConflict:
    """Field that another user changed while a form was open, with the value before and theirs."""

    title: str
    before: Any
    theirs: Any


def visible_lead(user: User, key: str, *, has_tags: bool = True) -> Lead:
    """Return a lead that a user may see, with its related rows; raise Http404 for all others.

    Without `has_tags`, its tags are read when they are needed.
    """
    leads: QuerySet[Lead] = access.visible_leads(user).select_related(*SHOWN)
    return get_object_or_404(leads.prefetch_related(*["tags__category"] * has_tags), key=key)


def lead_page(
    request: ReaderRequest,
    lead: Lead,
    *,
    form: ChangeForm | None = None,
    what: str = "",
    done: str = "",
    task_form: TaskForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the page of a lead.

    `form` is the form that is open on it, and `what` its change; `task_form` changes one of its
    tasks. `done` is the change that was just made: the focus returns to its control.
    """
    user, place = request.user, Place.of(request)
    is_editable = access.may_edit(user, lead)
    if form is not None:
        form.focus()
    context: dict[str, Any] = {
        "lead": lead,
        "files": attached(lead),
        "history": history_of(lead, user, place),
        "merged": _merged_histories(lead, user),
        "field_rows": list(_field_rows(lead, shows_empty=is_editable)),
        "is_editable": is_editable,
        "is_due": lead.reminder_at is not None and lead.reminder_at <= timezone.now(),
        "form": form,
        "what": what,
        "done": done,
        "back": place.address(lead),
        "conflicts": list(shown_conflicts(form.conflicts)) if form else [],
        "trail": None if request.htmx else trail_of(request, user, lead),
        "task_groups": task_groups(user, lead, is_editable=is_editable),
        "task_form": task_form,
        "links": links_of(user, lead),
    }
    if is_editable:
        keeps = bool(request.htmx) and (done or what) in WITHOUT_NEW_DUPLICATES
        context |= {"keeps_duplicates": True} if keeps else _duplicates_of(lead, user)
        context |= {
            "rules": manual_rules(),
            "steps": Step.offered_or(lead.step).filter(pipeline=lead.pipeline_id),
            "activity_form": form if isinstance(form, ActivityForm) else ActivityForm(lead, user),
            "files_form": form if isinstance(form, FilesForm) else FilesForm(lead, user),
            "comment_form": form if isinstance(form, CommentForm) else CommentForm(lead, user),
            "standby_form": form if isinstance(form, StandbyForm) else StandbyForm(lead, user),
            "asks_when_won": "reasons" in WinForm(lead, user).fields,
            "new_task_form": form if isinstance(form, NewTaskForm) else NewTaskForm(lead, user),
            "follow_up_form": FollowUpForm(lead, user),
        }
    return render(request, "leads/lead.html", context, status=status)


def _merged_histories(lead: Lead, reader: User) -> list[tuple[Lead, list[Entry]]]:
    """Return the leads that were merged into a lead, each with its timeline."""
    merged = merging.merged_leads(lead, relations_of(lead))
    return [(one, timeline_of(one, reader)) for one in merged]


def _duplicates_of(lead: Lead, user: User) -> dict[str, Any]:
    """Return the probable duplicates of an open lead, and the ids of those that can be merged."""
    if lead.is_closed:
        return {}
    found = duplicates.of_lead(lead, user)
    ids = [one.lead.pk for one in found.found]
    mergeable = access.editable_leads(user).filter(pk__in=ids).values_list("pk", flat=True)
    return {"duplicates": found, "mergeable": set(mergeable) if ids else set()}


def _field_rows(lead: Lead, *, shows_empty: bool) -> Iterator[FieldRow]:
    """Yield the custom fields of leads with the lead's values, in the order of the settings."""
    values = LeadFieldValue.objects.filter(owner=lead).values_list("field_id", "text")
    texts = dict(values)
    subject = CustomField.Subject.LEAD
    for field in CustomField.objects.filter(subject=subject, is_archived=False):
        if shows_empty or field.pk in texts:
            yield FieldRow(field, texts.get(field.pk, ""))


def shown_conflicts(conflicts: list[Conflict]) -> Iterator[ShownConflict]:
    """Yield the conflicts of a form with their fields and values in words."""
    for conflict in conflicts:
        if conflict.name.startswith(CUSTOM_FIELD_PREFIX):
            key = conflict.name.removeprefix(CUSTOM_FIELD_PREFIX)
            title = CustomField.objects.get(key=key).name
            yield ShownConflict(title, conflict.before or None, conflict.theirs or None)
        else:
            kind = Kind(conflict.name)
            words = (value_in_words(kind, text) for text in (conflict.before, conflict.theirs))
            yield ShownConflict(str(kind.label), *words)
