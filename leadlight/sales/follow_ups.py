"""Follow-ups: their start from a template, and the tasks of a user for a hand-over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.accounts.organization import organization
from leadlight.sales.models import FollowUp, FollowUpTemplate, Lead, Task, TemplateStep
from leadlight.sales.models.lead_changes import locked
from leadlight.sales.refusals import Refused
from leadlight.sales.working_calendar import WorkingCalendar

OPEN = (Task.Status.TODO, Task.Status.STANDBY)


def offered_templates() -> QuerySet[FollowUpTemplate]:
    """Return the templates from which a follow-up can be started, in their order."""
    templates = FollowUpTemplate.objects.filter(is_archived=False, steps__isnull=False)
    return templates.distinct()


def start(lead: Lead, template: FollowUpTemplate, *, by: User | None) -> FollowUp:
    """Start a follow-up of a lead: a task for each step of the template."""
    with locked(lead):
        template.refresh_from_db()
        steps = list(template.steps.select_related("person"))
        if template.is_archived or not steps:
            raise Refused(_("“%(template)s” has no tasks to start.") % {"template": template})
        now = timezone.now()
        today = now.astimezone(organization().zone).date()
        calendar = WorkingCalendar.current()
        follow_up = FollowUp.objects.create(
            lead=lead, template=template, name=template.name, started_at=now, started_by=by
        )
        for position, step in enumerate(steps, start=1):
            task = Task(
                lead=lead,
                follow_up=follow_up,
                position=position,
                title=step.title,
                note=step.note,
                due_on=due_day(step, today, calendar),
                owner=first_owner(step, lead, by),
                created_by=by,
            )
            task.save_new(by, now)
    return follow_up


def due_day(step: TemplateStep, start: date, calendar: WorkingCalendar) -> date:
    """Return the day on which the task of a step is due in a follow-up started on a day."""
    if step.is_in_working_days:
        return calendar.after(start, step.days)
    return start + timedelta(days=step.days)


def first_owner(step: TemplateStep, lead: Lead, by: User | None) -> User | None:
    """Return the owner of the task of a step, None if no candidate is active.

    The candidates are the user of the owner rule of the step, the owner of the lead, and the user
    who starts the follow-up, in this order.
    """
    rules = TemplateStep.OwnerRule
    named = {rules.STARTER: by, rules.PERSON: step.person}.get(rules(step.owner_rule), lead.owner)
    return next((one for one in (named, lead.owner, by) if one and one.is_active), None)


def open_tasks_of(user: User) -> QuerySet[Task]:
    """Return the open tasks of a user, on all leads that are not in the bin; for a hand-over."""
    tasks = Task.objects.filter(owner=user, status__in=OPEN, is_removed=False)
    return tasks.filter(lead__is_deleted=False).select_related("lead").order_by("due_on", "pk")


def hand_over(tasks: Iterable[Task], owner: User | None, *, by: User | None) -> None:
    """Assign tasks to another owner, in the caller's transaction."""
    for task in tasks:
        task.assign_to(owner, by=by)
