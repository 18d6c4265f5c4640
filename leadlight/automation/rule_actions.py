"""Actions of rules: each changes a lead, or tells somebody about it.

An action gets the lead, its arguments and the run. It raises `Refused` if a row that it needs is
gone or closed; then the whole run is undone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leadlight.accounts.models import User
from leadlight.accounts.organization import organization
from leadlight.automation import deliveries, payloads
from leadlight.automation.models import RuleRun, Webhook
from leadlight.job_queue import queue
from leadlight.job_queue.kinds import JobKind
from leadlight.sales import follow_ups
from leadlight.sales.models import FollowUpTemplate, Lead, Reminder, Step, Tag, Task
from leadlight.sales.models.event_log import OPEN
from leadlight.sales.refusals import Refused
from leadlight.sales.working_calendar import WorkingCalendar

Arguments = Mapping[str, Any]
Action = Callable[[Lead, Arguments, RuleRun], None]


def _assign(lead: Lead, given: Arguments, _run: RuleRun) -> None:
    lead.assign_to(_person(given["user"]), by=None)


def _in_turn(lead: Lead, given: Arguments, run: RuleRun) -> None:
    """Assign to each of the people in turn, by the number of runs done before."""
    people = _people(given["users"])
    before = RuleRun.objects.filter(rule=run.rule_id, state=RuleRun.State.DONE).count()
    lead.assign_to(people[before % len(people)], by=None)


def _by_load(lead: Lead, given: Arguments, _run: RuleRun) -> None:
    """Assign to the one of the people who owns the fewest open leads."""
    people = _people(given["users"])
    is_open = Q(leads__status__in=OPEN, leads__is_deleted=False) & ~Q(leads=lead)
    loads = User.objects.filter(pk__in=[person.pk for person in people]).annotate(
        load=Count("leads", filter=is_open)
    )
    lead.assign_to(loads.order_by("load", "pk")[0], by=None)


def _tag(lead: Lead, given: Arguments, _run: RuleRun) -> None:
    lead.tag(*Tag.objects.filter(key__in=given["tags"]), by=None)


def _untag(lead: Lead, given: Arguments, _run: RuleRun) -> None:
    lead.untag(*Tag.objects.filter(key__in=given["tags"]), by=None)


def _move(lead: Lead, given: Arguments, _run: RuleRun) -> None:
    step = Step.objects.filter(key=given["step"]).first()
    if step is None or step.is_closed:
        raise Refused(_("The step does not exist any more, or is closed."))
    lead.move_to(step, by=None)


def _stand_by(lead: Lead, given: Arguments, _run: RuleRun) -> None:
    """Put an open lead on standby until the start of a working day."""
    now = timezone.now().astimezone(organization().zone)
    day = WorkingCalendar.current().after(now.date(), given["days"])
    at = now.replace(
        year=day.year, month=day.month, day=day.day, hour=0, minute=0, second=0, microsecond=0
    )
    lead.stand_by(until=Reminder(at, is_all_day=True), by=None)


def _task(lead: Lead, given: Arguments, _run: RuleRun) -> None:
    """Add a task of the owner of the lead, due in working days."""
    today = timezone.now().astimezone(organization().zone).date()
    due_on = WorkingCalendar.current().after(today, given["days"])
    Task.add(lead, given["title"], by=None, owner=lead.owner, due_on=due_on)


def _follow_up(lead: Lead, given: Arguments, _run: RuleRun) -> None:
    template = FollowUpTemplate.objects.filter(key=given["template"]).first()
    if template is None:
        raise Refused(_("The follow-up template does not exist any more."))
    follow_ups.start(lead, template, by=None)


def _comment(lead: Lead, given: Arguments, _run: RuleRun) -> None:
    lead.comment(given["text"], by=None)


def _notify(_lead: Lead, given: Arguments, run: RuleRun) -> None:
    """Send a mail about the lead to people and to addresses, once for each run."""
    receivers = [("user", key) for key in given["users"]]
    receivers += [("address", address) for address in given["addresses"]]
    for place, (name, receiver) in enumerate(receivers, start=1):
        # One job for each: a mail that fails repeats none that was sent.
        queue.add(
            JobKind.RULE_MAIL,
            {"run": run.pk, name: receiver},
            key=f"run {run.pk} {place}",
            subject=receiver,
        )


def _webhook(lead: Lead, given: Arguments, run: RuleRun) -> None:
    hook = Webhook.objects.filter(key=given["webhook"], is_active=True).first()
    if hook is None:
        raise Refused(_("The webhook is switched off."))
    body = {"rule": {"key": run.rule.key, "name": run.rule.name}}
    deliveries.send(hook, ["rule"], lead.key, body | {"lead": payloads.of_lead(lead)})


# In the order in which a rule does them: who gets the lead first, messages last.
ACTIONS: dict[str, tuple[Any, Action]] = {
    "assign": (gettext_lazy("Assign to"), _assign),
    "in_turn": (gettext_lazy("Assign in turn to"), _in_turn),
    "by_load": (gettext_lazy("Assign to the one with the fewest open leads among"), _by_load),
    "tag": (gettext_lazy("Add the tags"), _tag),
    "untag": (gettext_lazy("Remove the tags"), _untag),
    "move": (gettext_lazy("Move to the step"), _move),
    "standby": (gettext_lazy("Put on standby for this many working days"), _stand_by),
    "task": (gettext_lazy("Add a task"), _task),
    "follow_up": (gettext_lazy("Start the follow-up"), _follow_up),
    "comment": (gettext_lazy("Add a comment"), _comment),
    "notify": (gettext_lazy("Send a mail to"), _notify),
    "webhook": (gettext_lazy("Send to the webhook"), _webhook),
}


def act(lead: Lead, actions: Mapping[str, Arguments], run: RuleRun) -> None:
    """Do actions on a lead, in the order of `ACTIONS`. Raises Refused."""
    for name, (_title, action) in ACTIONS.items():
        if name in actions:
            action(lead, actions[name], run)


def _person(key: str) -> User:
    return _people([key])[0]


def _people(keys: Sequence[str]) -> list[User]:
    """Return the active people, in the order of their names. Raises Refused if there is none."""
    people = list(
        User.objects.filter(key__in=keys, is_active=True).order_by("first_name", "last_name", "pk")
    )
    if not people:
        raise Refused(_("None of the people is active any more."))
    return people
