"""Order of the work queue of a user."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, time, timedelta
from functools import partial

import pytest
from django.utils import timezone

from leadlight.sales.models import ActivityType, Lead, Reminder, Task
from leadlight.sales.models.event_log import Kind
from leadlight.sales.refusals import Refused
from leadlight.sales.work_queue import Group, assigned_by, coming, due_tasks, places, work_queue
from tests.clock import START
from tests.seeds import drawn

pytestmark = pytest.mark.database

TODAY = START.date()
VISIBLE = {"is_deleted": False}


def days_ago(days, hours=0):
    return START - timedelta(days=days, hours=hours)


def queue_of(user, now=None):
    return work_queue(Lead.objects.filter(**VISIBLE), user, now or timezone.now(), TODAY)


def groups_of(user):
    return [(lead.title, Group(lead.group)) for lead in queue_of(user)]


def created(company, title, *, by=None, days=30, **fields):
    owner = fields.pop("owner", company.ana)
    return Lead.create(title=title, by=by or company.ana, owner=owner, at=days_ago(days), **fields)


def test_a_lead_is_in_the_first_group_that_it_belongs_to(company):
    ana, bo = company.ana, company.bo
    yesterday = START - timedelta(days=1)
    created(company, "rest")
    created(company, "expected", estimated_closing_on=TODAY)
    created(company, "expected tomorrow", estimated_closing_on=TODAY + timedelta(days=1))
    created(company, "assigned", by=bo, days=1, estimated_closing_on=None)
    every = created(company, "every group", by=bo, days=1, estimated_closing_on=TODAY)
    every.stand_by(until=Reminder(yesterday), by=bo)
    created(company, "assigned and expected", by=bo, days=1, estimated_closing_on=TODAY)
    todo = created(company, "reminded", days=20)
    todo.set_reminder(Reminder(days_ago(2)), by=ana)
    assert groups_of(ana) == [
        ("reminded", Group.REMINDER),
        ("every group", Group.REMINDER),
        ("expected", Group.EXPECTED),
        ("assigned and expected", Group.EXPECTED),
        ("assigned", Group.ASSIGNED),
        ("rest", Group.REST),
        ("expected tomorrow", Group.REST),
    ]


def test_leads_of_others_closed_binned_and_waiting_ones_are_not_in_the_queue(company):
    ana, bo = company.ana, company.bo
    created(company, "of Bo", owner=bo)
    created(company, "unassigned", owner=None)
    created(company, "won").win(by=ana)
    created(company, "binned").bin(by=ana)
    waiting = created(company, "waiting", estimated_closing_on=TODAY)
    waiting.stand_by(until=Reminder(START + timedelta(hours=1)), by=ana)
    assert groups_of(ana) == []
    assert [lead.title for lead in coming(Lead.objects.all(), ana, timezone.now())] == ["waiting"]


def test_a_reminder_has_come_at_its_instant(company):
    lead = created(company, "waiting")
    at = START + timedelta(hours=1)
    lead.stand_by(until=Reminder(at), by=company.ana)
    assert list(queue_of(company.ana, at - timedelta(microseconds=1))) == []
    assert list(queue_of(company.ana, at)) == [lead]


@pytest.mark.parametrize("touch", ["activity", "comment", "change"])
def test_an_assigned_lead_is_new_until_its_owner_touches_it(touch, company):
    ana, bo = company.ana, company.bo
    lead = created(company, "assigned", by=bo, owner=bo)
    call = ActivityType.objects.create(name="Call")
    lead.log_activity(call, by=ana)
    lead.assign_to(ana, by=bo)
    lead.set_amount(10, by=bo)
    lead.log_activity(call, by=bo)
    assert groups_of(ana) == [("assigned", Group.ASSIGNED)]
    assert assigned_by([lead]) == {lead.pk: bo}
    if touch == "activity":
        lead.log_activity(call, by=ana)
    elif touch == "comment":
        lead.comment("Seen", by=ana)
    else:
        lead.set_amount(20, by=ana)
    assert groups_of(ana) == [("assigned", Group.REST)]


def test_an_assignment_is_new_for_seven_days(company):
    created(company, "old", by=company.bo, days=7).set_amount(1, by=company.bo)
    created(company, "new", by=company.bo, days=6).set_amount(1, by=company.bo)
    assert groups_of(company.ana) == [("new", Group.ASSIGNED), ("old", Group.REST)]


# The law


def naive_group(lead, user, now):
    """Return the group of a lead in a user's queue and its instant; None if it is not in it."""
    has_come = lead.reminder_at is not None and lead.reminder_at <= now
    if lead.owner_id != user.pk or lead.is_deleted:
        return None
    if not (lead.status == "todo" or (lead.status == "standby" and has_come)):
        return None
    if has_come:
        return Group.REMINDER, lead.reminder_at
    expected = lead.estimated_closing_on
    if expected is not None and expected <= TODAY:
        return Group.EXPECTED, datetime.combine(expected, time(), START.tzinfo)
    events = sorted(lead.events.all(), key=lambda event: (event.occurred_at, event.pk))
    last = [event for event in events if event.kind == Kind.OWNER][-1]
    own = [event.occurred_at for event in events if event.actor_id == user.pk]
    own += [one.occurred_at for one in lead.activities.all() if one.user_id == user.pk]
    is_untouched = all(at < last.occurred_at for at in own)
    if last.actor_id != user.pk and now - last.occurred_at <= timedelta(days=7) and is_untouched:
        return Group.ASSIGNED, last.occurred_at
    return Group.REST, lead.status_since


def naive_queue(user, now):
    found = [(naive_group(lead, user, now), lead.pk) for lead in Lead.objects.all()]
    return sorted((place, pk) for place, pk in found if place is not None)


def change_at_random(lead, company, call, chance):
    people = (company.ana, company.bo, None)
    by = chance.choice(people)
    day = TODAY + timedelta(days=chance.randint(-3, 3))
    instant = START + timedelta(hours=chance.randint(-48, 48))
    past = START - timedelta(hours=chance.randint(0, 24 * 12))
    verbs = [
        lambda: lead.assign_to(chance.choice(people), by=by, at=past),
        lambda: lead.assign_to(company.ana, by=by, at=past),
        lambda: lead.log_activity(call, by=by, at=past),
        lambda: lead.comment("Hm", by=by),
        lambda: lead.set_estimated_closing(chance.choice([day, None]), by=by, at=past),
        lambda: lead.set_reminder(chance.choice([Reminder(instant), None]), by=by),
        lambda: lead.stand_by(until=Reminder(instant), by=by, at=past),
        lambda: lead.resume(by=by, at=past),
        lambda: lead.return_due(now=START),
        lambda: lead.win(by=by, at=past),
        lambda: lead.reopen(by=by, at=past),
        lambda: lead.bin(by=by),
    ]
    weights = [3, 4, 3, 1, 5, 2, 4, 2, 3, 1, 1, 1]
    with suppress(Refused):  # changed since that instant, or closed: the lead stays as it is
        chance.choices(verbs, weights)[0]()


def test_the_queue_is_that_of_a_naive_count(company):
    chance = drawn("work queue")
    call = ActivityType.objects.create(name="Call")
    for number in range(150):
        lead = created(
            company,
            f"Lead {number}",
            by=chance.choice([company.ana, company.bo]),
            owner=chance.choice([company.ana, company.ana, company.bo]),
            days=chance.randint(0, 14),
        )
        for _ in range(chance.randint(0, 5)):
            change_at_random(lead, company, call, chance)
    seen = set()
    for user in (company.ana, company.bo):
        now = timezone.now()
        found = [((lead.group, lead.waits_since), lead.pk) for lead in queue_of(user, now)]
        assert found == naive_queue(user, now)
        seen |= {place[0] for place, _pk in found}
    assert seen == set(Group) - {Group.TASK}


def test_due_tasks_stand_before_the_rest_of_the_leads_the_latest_first(company):
    ana, bo = company.ana, company.bo
    chance = drawn("tasks of the work queue")
    for number in range(20):
        lead = created(company, f"Lead {number}", days=chance.randint(8, 14))
        day = TODAY + timedelta(days=chance.randint(-2, 2))
        lead.set_estimated_closing(chance.choice([day, None]), by=bo)
        for _ in range(chance.randint(0, 3)):
            day = TODAY + timedelta(days=chance.randint(-3, 3))
            task = Task.add(lead, "Task", by=bo, owner=chance.choice([ana, ana, bo]), due_on=day)
            if chance.random() < 0.6:
                verbs = [task.finish, task.remove, partial(task.postpone, TODAY)]
                chance.choice(verbs)(by=bo)
    naive = [
        (Group.TASK, task.pk)
        for task in sorted(Task.objects.all(), key=lambda one: (one.due_on, one.pk))
        if task.owner == ana and task.status != "done" and task.due_on <= TODAY
        if not task.is_removed
    ]
    of_leads = [(lead.group, lead.pk) for lead in queue_of(ana)]
    tasks = due_tasks(Task.objects.filter(is_removed=False), ana, TODAY)
    before = [place for place in of_leads if place[0] < Group.TASK]
    rest = [place for place in of_leads if place[0] > Group.TASK]
    assert before
    assert naive
    assert rest
    assert places(queue_of(ana), tasks) == [*before, *naive, *rest]
