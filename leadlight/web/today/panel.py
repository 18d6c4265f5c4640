"""Panels of Today: the chosen lead or task with its forms, and the next one, prefetched."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from leadlight.accounts.models import User
from leadlight.sales import access, task_access
from leadlight.sales.models import ActivityType, Category, Lead, Step, Task
from leadlight.web.leads.forms.after_sale import FOLLOW_UP, FollowUpForm
from leadlight.web.leads.forms.change import ChangeForm
from leadlight.web.leads.forms.comments import CommentForm
from leadlight.web.leads.forms.daily import ActivityForm, StandbyForm
from leadlight.web.leads.lead_page import SHOWN, shown_conflicts
from leadlight.web.leads.tasks.forms import PostponeForm, TaskForm
from leadlight.web.leads.timeline import timelines_of
from leadlight.web.today.place import Item, Place
from leadlight.web.today.queue import Queue

# Latest entries of the history that a panel shows.
LATEST = 4


Subject = Lead | Task


def subjects_of(user: User, items: Iterable[Item]) -> dict[Item, Subject]:
    """Return those of the given leads and tasks that a user may see."""
    items = list(items)
    found: dict[Item, Subject] = {}
    keys = [item.task for item in items if item.task]
    if keys:
        tasks = task_access.visible_tasks(user).filter(key__in=keys)
        related = tasks.select_related("owner", "done_by", "follow_up", "lead")
        found |= {Item(task=task.key): task for task in related}
    keys = [item.lead for item in items if item.lead]
    if keys:
        found |= {Item(lead=lead.key): lead for lead in _shown(user).filter(key__in=keys)}
    return found


def _shown(user: User) -> QuerySet[Lead]:
    leads = access.visible_leads(user).select_related(*SHOWN)
    return leads.prefetch_related("tags__category")


class Panels:
    """Factory of the contexts of the panels of a page; reads the data of all panels at once."""

    def __init__(self, user: User, place: Place, queue: Queue, subjects: Iterable[Subject]) -> None:
        self._user, self._place, self._queue = user, place, queue
        tasks = [one for one in subjects if isinstance(one, Task)]
        of_tasks = {task.lead_id for task in tasks}
        self._leads = {one.pk: one for one in subjects if isinstance(one, Lead)}
        if of_tasks - self._leads.keys():
            self._leads |= {lead.pk: lead for lead in _shown(user).filter(pk__in=of_tasks)}
        leads = self._leads.values()
        self._timelines = timelines_of(leads)
        editable = access.editable_leads(user).filter(pk__in=list(self._leads))
        self._editable = set(editable.values_list("pk", flat=True))
        pipelines = {lead.pipeline_id for lead in leads}
        self._steps = list(Step.offered().filter(pipeline__in=pipelines))
        self._types = list(ActivityType.offered())
        required = Category.objects.filter(is_required=True, is_active=True, reason_for="")
        self._required = set(required.values_list("pk", flat=True))

    def of(self, subject: Subject, **more: Any) -> dict[str, Any]:
        """Return the context of the panel of a lead or a task; `form` is the form open on it."""
        if isinstance(subject, Task):
            return self._of_task(subject, **more)
        return self._of_lead(subject, **more)

    def _of_lead(
        self, lead: Lead, *, form: ChangeForm | None = None, what: str = ""
    ) -> dict[str, Any]:
        if form is not None:
            form.focus()
        context: dict[str, Any] = self._around(Item(lead=lead.key)) | {
            "lead": lead,
            "form": form,
            "what": what,
            "conflicts": list(shown_conflicts(form.conflicts)) if form else [],
            "is_editable": lead.pk in self._editable,
            "is_due": lead.reminder_at is not None and lead.reminder_at <= self._place.now,
            "latest": self._timelines[lead.pk][:LATEST],
        }
        if context["is_editable"]:
            context |= self._forms(lead, form)
        if what == FOLLOW_UP and context["is_editable"]:
            context["follow_up_form"] = FollowUpForm(lead, self._user)
        return context

    def _of_task(
        self, task: Task, *, form: TaskForm | ChangeForm | None = None, what: str = ""
    ) -> dict[str, Any]:
        """Return the context of the panel of a task; `lead` is None if the user may not see it."""
        lead = self._leads.get(task.lead_id)
        is_editable = task.owner_id == self._user.pk or task.lead_id in self._editable
        return self._around(Item(task=task.key)) | {
            "task": task,
            "lead": lead,
            "task_form": form,
            "postpone_form": PostponeForm(task, self._user),
            "may_edit_task": is_editable,
            "is_editable": lead is not None and lead.pk in self._editable,
            "is_late": task.is_late(self._place.today),
            "comment_form": CommentForm(lead, self._user) if lead else None,
            "latest": self._timelines[lead.pk][:LATEST] if lead else [],
        }

    def _around(self, item: Item) -> dict[str, Any]:
        """Return the addresses of an item and of the items before and after it in the queue."""
        then = self._place.then if self._is_after(item) else self._queue.following(item)
        place = self._place.at(item, then)
        before = self._queue.preceding(item)
        return {
            "item": item,
            "return_params": place.return_params,
            "back": place.address,
            "next_address": place.at(then).address if then else "",
            "next_token": then.token,
            "previous_address": place.at(before).address if before else "",
        }

    def _is_after(self, item: Item) -> bool:
        """Return whether the item was chosen and has left the queue, while `then` is still in it.

        The next item is then the one that the request named.
        """
        items = self._queue.items
        return item == self._place.item and item not in items and self._place.then in items

    def _forms(self, lead: Lead, form: ChangeForm | None) -> dict[str, Any]:
        user = self._user
        activity = form if isinstance(form, ActivityForm) else ActivityForm(lead, user)
        activity.types = self._types
        has = {tag.category_id for tag in lead.tags.all()}
        return {
            "steps": [step for step in self._steps if step.pipeline_id == lead.pipeline_id],
            "activity_form": activity,
            "comment_form": form if isinstance(form, CommentForm) else CommentForm(lead, user),
            "standby_form": form if isinstance(form, StandbyForm) else StandbyForm(lead, user),
            "asks_when_won": bool(self._required - has),
        }
