"""Changes of a task, and its page for owners who do not see the lead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from leadlight.accounts.models import User
from leadlight.sales import access, task_access
from leadlight.sales.models import Task
from leadlight.sales.models.lead_changes import locked
from leadlight.sales.refusals import Refused
from leadlight.web.leads.change_page import named_page
from leadlight.web.leads.lead_page import lead_page, visible_lead
from leadlight.web.leads.tasks.forms import FORMS, ChangedMeanwhile, TaskForm
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.changes import act
from leadlight.web.shell.days import today
from leadlight.web.shell.errors import refused


class Show(Protocol):
    """Response with a task, and with the form of a change if one is open."""

    def __call__(
        self,
        request: ReaderRequest,
        task: Task,
        *,
        form: TaskForm | None = None,
        status: int = 200,
    ) -> HttpResponse: ...


class Made(Protocol):
    """Response to a change that was made; the user may no longer see the task."""

    def __call__(self, request: ReaderRequest, task: Task, what: str) -> HttpResponse: ...


@dataclass(frozen=True)
class TaskPage:
    """Page on which tasks are changed."""

    show: Show
    made: Made


def visible_task(user: User, key: str) -> Task:
    """Return a task that a user may see; raise Http404 for all others."""
    tasks = task_access.visible_tasks(user).select_related("lead", "owner", "follow_up")
    return get_object_or_404(tasks, key=key)


@signed_in
@require_safe
def task(request: ReaderRequest, key: str) -> HttpResponse:
    """Show a task on the page of its lead, or alone to an owner who does not see the lead."""
    found = visible_task(request.user, key)
    if _sees_lead(request.user, found):
        return redirect(f"{reverse('lead', args=[found.lead.key])}#task-{found.key}")
    return _alone(request, found)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def change(
    request: ReaderRequest, what: str, key: str, pages: Mapping[str, TaskPage]
) -> HttpResponse:
    """Show the form of a change of a task; a POST makes the change.

    `pages` are the pages to return to other than that of the lead, by the parameter `return`.
    """
    found = visible_task(request.user, key)
    page = pages.get(named_page(request), LEAD_PAGE)
    if not task_access.may_edit(request.user, found):
        return refused(request, _("You can see this task, but not change it."), status=403)
    if what not in FORMS:
        raise Http404
    if request.method != "POST":
        return page.show(request, found, form=FORMS[what](found, request.user))
    form, status = FORMS[what](found, request.user, request.POST), 400
    if form.is_valid():
        try:
            with locked(found.lead):
                act(request, form.save)
            return page.made(request, found, what)
        except Refused as refusal:
            status = 409 if isinstance(refusal, ChangedMeanwhile) else 400
            found = visible_task(request.user, key)
            form = _again(form, found, refusal)
    return page.show(request, found, form=form, status=status)


def _again(form: TaskForm, task: Task, refusal: Refused) -> TaskForm:
    """Return the refused form with the values that were typed, on the present state of the task."""
    data: Any = form.data
    again = type(form)(task, form.user, {**data.dict(), "before": task.state})
    again.add_error(None, str(refusal))
    return again


def _sees_lead(user: User, task: Task) -> bool:
    return access.visible_leads(user).filter(pk=task.lead_id).exists()


def _alone(
    request: ReaderRequest, task: Task, *, form: TaskForm | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "task": task,
        "task_form": form,
        "is_late": task.is_late(today()),
        "back": reverse("task", args=[task.key]),
    }
    return render(request, "tasks/task.html", context, status=status)


def _show(
    request: ReaderRequest, task: Task, *, form: TaskForm | None = None, status: int = 200
) -> HttpResponse:
    if not _sees_lead(request.user, task):
        return _alone(request, task, form=form, status=status)
    lead = visible_lead(request.user, task.lead.key)
    return lead_page(request, lead, task_form=form, status=status)


def _made(request: ReaderRequest, task: Task, what: str) -> HttpResponse:
    if _sees_lead(request.user, task):
        if not request.htmx:
            return redirect(f"{reverse('lead', args=[task.lead.key])}#tasks")
        return _show(request, task)
    if not task_access.visible_tasks(request.user).filter(pk=task.pk).exists():
        return redirect("today")
    return _alone(request, task) if request.htmx else redirect("task", task.key)


LEAD_PAGE = TaskPage(_show, _made)
