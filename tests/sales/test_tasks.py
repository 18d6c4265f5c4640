"""Tasks, follow-ups and links between leads: their verbs, events and undo."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest

from leadlight.accounts.models import Holiday, User
from leadlight.replication.checks import check
from leadlight.sales.follow_ups import hand_over, offered_templates, open_tasks_of, start
from leadlight.sales.lead_links import follow, unfollow
from leadlight.sales.models import FollowUp, FollowUpTemplate, Lead, LeadEvent, Task, TemplateStep
from leadlight.sales.models.actions import Action, AlreadyDone, acting
from leadlight.sales.models.tasks import state_values
from leadlight.sales.refusals import Refused
from leadlight.sales.task_checks import differences
from leadlight.sales.undo import undo
from leadlight.sales.working_calendar import WorkingCalendar
from tests.clock import START
from tests.sales.conftest import Company, at
from tests.seeds import drawn

pytestmark = pytest.mark.database

TODAY = START.date()
keys = (f"key {number}" for number in count())


@pytest.fixture
def lead(company: Company) -> Lead:
    return Lead.create(title="Windows", by=company.ana, owner=company.ana, at=at(1, 5))


def a_template(name: str = "Onboarding", *steps: dict[str, Any]) -> FollowUpTemplate:
    template = FollowUpTemplate.define(name)
    for each in steps or ({"title": "Call"}, {"title": "Visit", "days": 10}):
        TemplateStep(template=template).put(**each)
    return template


def a_task(lead: Lead, company: Company, title: str = "Call") -> Task:
    return Task.add(lead, title, by=company.ana, owner=company.ana, due_on=TODAY)


def act(user: User, work: Callable[[], Any]) -> Action:
    with acting(next(keys), user) as action:
        work()
    return action


def assert_consistent() -> None:
    assert [*map(str, check()), *differences()] == []


# Working days


def naive_day(start: date, days: int, weekend: set[int], holidays: set[date]) -> date:
    """Return the working day that is `days` working days after `start`, by listing them."""
    every = [start + timedelta(days=number) for number in range(400)]
    working = [day for day in every if day.isoweekday() not in weekend and day not in holidays]
    return [day for day in working if day > start][days - 1] if days else working[0]


@pytest.mark.parametrize("number", range(30))
def test_days_are_counted_on_working_days_alone(number):
    chance = drawn(f"working days {number}")
    start = date(2026, 1, 1) + timedelta(days=chance.randrange(400))
    weekend = set(chance.sample(range(1, 8), chance.randrange(0, 6)))
    holidays = {start + timedelta(days=chance.randrange(60)) for _ in range(chance.randrange(12))}
    calendar = WorkingCalendar(weekend, holidays)
    for days in (0, 1, 2, 3, 5, 10, 30):
        assert calendar.after(start, days) == naive_day(start, days, weekend, holidays)


# Tasks


def test_every_change_of_a_task_is_an_event_and_its_undo_restores_it(lead, company):
    ana, bo = company.ana, company.bo
    task = a_task(lead, company)
    verbs: list[Callable[[], None]] = [
        lambda: task.edit("Call again", "Ask for the plans", TODAY, by=ana),
        lambda: task.postpone(TODAY + timedelta(days=3), by=ana),
        lambda: task.assign_to(bo, by=ana),
        lambda: task.finish(by=ana),
        lambda: task.reopen(by=ana),
        lambda: task.remove(by=ana),
    ]
    states = [task.state]
    actions = []
    for verb in verbs:
        actions.append(act(ana, verb))
        states.append(Task.objects.get().state)
    assert len(set(states)) == len(states)
    assert states[-1] == ""
    assert lead.events.filter(kind="task").count() == len(states)
    for action, before in zip(reversed(actions), reversed(states[:-1]), strict=True):
        undo(action, by=ana)
        assert Task.objects.get().state == before
        assert_consistent()


def test_a_task_that_changed_again_is_not_undone(lead, company):
    task = a_task(lead, company)
    action = act(company.ana, lambda: task.finish(by=company.ana))
    task.reopen(by=company.bo)
    with pytest.raises(Refused):
        undo(action, by=company.ana)
    assert Task.objects.get().is_open


def test_other_tasks_of_the_lead_do_not_hinder_an_undo(lead, company):
    first, second = a_task(lead, company), a_task(lead, company, "Visit")
    action = act(company.ana, lambda: first.finish(by=company.ana))
    second.finish(by=company.bo)
    undo(action, by=company.ana)
    assert [task.is_open for task in Task.objects.order_by("pk")] == [True, False]


def test_a_change_to_the_same_value_is_no_event(lead, company):
    task = a_task(lead, company)
    before = LeadEvent.objects.count()
    task.edit(task.title, task.note, task.due_on, by=company.ana)
    task.assign_to(company.ana, by=company.ana)
    assert LeadEvent.objects.count() == before


def test_what_makes_no_sense_is_refused_and_changes_nothing(lead, company):
    ana = company.ana
    task = a_task(lead, company)
    company.bo.is_active = False
    company.bo.save()
    for verb in (
        lambda: task.reopen(by=ana),
        lambda: task.assign_to(company.bo, by=ana),
        lambda: task.edit(" ", "", TODAY, by=ana),
        lambda: task.edit("NUL \0", "", TODAY, by=ana),
        lambda: Task.add(lead, "x" * 301, by=ana, due_on=TODAY),
        lambda: Task.add(lead, "Old", by=ana, due_on=date(1, 1, 1)),
        lambda: follow(lead, lead, "upsell", by=ana),
    ):
        with pytest.raises(Refused):
            verb()
    task.finish(by=ana)
    with pytest.raises(Refused):
        task.finish(by=ana)
    with pytest.raises(Refused):
        task.postpone(TODAY, by=ana)
    assert Task.objects.count() == 1


def test_reports_read_nothing_of_tasks_and_links(lead, company):
    other = Lead.create(title="More windows", by=company.ana, at=at(1, 6))
    before = [(one.status, one.step_id, one.status_since, one.closed_at) for one in (lead, other)]
    follow(other, lead, "renewal", by=company.ana)
    start(lead, a_template(), by=company.ana)
    leads = Lead.objects.order_by("pk")
    assert [(x.status, x.step_id, x.status_since, x.closed_at) for x in leads] == before
    assert_consistent()


# Follow-ups


def test_a_follow_up_has_the_tasks_of_its_template(lead, company):
    Holiday.objects.create(day=TODAY + timedelta(days=1), name="Fair")
    template = a_template(
        "Onboarding",
        {"title": "Call", "note": "Say welcome"},
        {"title": "Visit", "days": 3},
        {"title": "Ask", "days": 30, "is_in_working_days": False, "owner_rule": "starter"},
        {"title": "Invoice", "owner_rule": "person", "person": company.bo},
    )
    follow_up = start(lead, template, by=company.bo)
    calendar = WorkingCalendar.current()
    assert [(task.title, task.due_on, task.owner, task.note) for task in _tasks(follow_up)] == [
        ("Call", calendar.after(TODAY, 0), company.ana, "Say welcome"),
        ("Visit", calendar.after(TODAY, 3), company.ana, ""),
        ("Ask", TODAY + timedelta(days=30), company.bo, ""),
        ("Invoice", calendar.after(TODAY, 0), company.bo, ""),
    ]
    events = lead.events.filter(kind="task")
    assert len({event.occurred_at for event in events}) == 1
    assert {state_values(event.value)["follow_up"] for event in events} == {follow_up.key}
    assert_consistent()


def test_a_follow_up_can_be_started_on_any_lead_and_twice(lead, company):
    template = a_template()
    for change in (lead.win, lead.reopen, lead.lose, lead.reopen, lead.cancel):
        change(by=company.ana)
        start(lead, template, by=company.ana)
    assert FollowUp.objects.count() == 5
    assert Task.objects.count() == 10
    assert_consistent()


def test_a_template_that_changes_does_not_change_what_was_started(lead, company):
    template = a_template()
    follow_up = start(lead, template, by=company.ana)
    template.rename("Welcome")
    step = template.steps.first()
    step.put("Write", days=5)
    template.steps.last().delete()
    assert [task.title for task in _tasks(follow_up)] == ["Call", "Visit"]
    assert FollowUp.objects.get().name == "Onboarding"
    again = start(lead, template, by=company.ana)
    assert (again.name, [task.title for task in _tasks(again)]) == ("Welcome", ["Write"])


@pytest.mark.parametrize("gone", ["person", "owner", "both"])
def test_a_task_goes_to_somebody_active(gone, lead, company):
    eva = User.objects.create_user("eva@example.com", first_name="Eva")
    template = a_template("Invoice", {"title": "I", "owner_rule": "person", "person": company.bo})
    names = {"person": ["bo"], "owner": ["ana"], "both": ["ana", "bo"]}[gone]
    emails = [f"{name}@example.com" for name in names]
    User.objects.filter(email__in=emails).update(is_active=False)
    [task] = _tasks(start(Lead.objects.get(), template, by=eva))
    assert task.owner == {"person": company.ana, "owner": company.bo, "both": eva}[gone]


def test_archived_and_empty_templates_are_not_offered(lead, company):
    template, empty = a_template(), FollowUpTemplate.define("Empty")
    assert list(offered_templates()) == [template]
    template.archive()
    assert list(offered_templates()) == []
    for one in (template, empty):
        with pytest.raises(Refused):
            start(lead, one, by=company.ana)
    assert not FollowUp.objects.exists()


def test_starting_is_undone_whole(lead, company):
    template = a_template()
    action = act(company.ana, lambda: start(lead, template, by=company.ana))
    undo(action, by=company.ana)
    assert list(Task.objects.filter(is_removed=False)) == []
    assert_consistent()


def test_a_start_sent_twice_starts_once(lead, company):
    template = a_template()
    with acting("once", company.ana):
        start(lead, template, by=company.ana)
    with pytest.raises(AlreadyDone), acting("once", company.ana):
        start(lead, template, by=company.ana)
    assert FollowUp.objects.count() == 1


def test_templates_and_their_steps_move_up_and_down(db):
    first, second = a_template("First"), a_template("Second")
    second.move(-1)
    assert list(FollowUpTemplate.objects.all()) == [second, first]
    second.move(-1)
    assert list(FollowUpTemplate.objects.all()) == [second, first]
    first.steps.get(title="Call").move(1)
    assert [step.title for step in first.steps.all()] == ["Visit", "Call"]


def test_the_open_tasks_of_a_leaver_are_handed_over(lead, company):
    mine, done, of_bo = (a_task(lead, company, title) for title in ("Mine", "Done", "Of Bo"))
    done.finish(by=company.ana)
    of_bo.assign_to(company.bo, by=company.ana)
    assert list(open_tasks_of(company.ana)) == [mine]
    action = act(
        company.bo, lambda: hand_over(open_tasks_of(company.ana), company.bo, by=company.bo)
    )
    assert list(open_tasks_of(company.ana)) == []
    assert set(open_tasks_of(company.bo)) == {mine, of_bo}
    undo(action, by=company.bo)
    assert list(open_tasks_of(company.ana)) == [mine]


# Links


def test_a_link_is_an_event_and_can_be_undone(lead, company):
    first, second = (Lead.create(title=t, by=company.ana, at=at(1, 6)) for t in ("One", "Two"))
    follow(lead, first, "upsell", by=company.ana)
    action = act(company.ana, lambda: follow(lead, second, "renewal", by=company.ana))
    lead.refresh_from_db()
    assert (lead.follows, lead.follows_as) == (second, "renewal")
    assert list(second.followers.all()) == [lead]
    undo(action, by=company.ana)
    lead.refresh_from_db()
    assert (lead.follows, lead.follows_as) == (first, "upsell")
    unfollow(lead, by=company.ana)
    events = lead.events.filter(kind="follows").order_by("pk")
    assert [event.value for event in events] == [
        f"upsell:{first.key}",
        f"renewal:{second.key}",
        f"upsell:{first.key}",
        "",
    ]
    assert_consistent()


def test_the_check_finds_a_task_and_a_link_that_their_events_do_not_explain(lead, company):
    a_task(lead, company)
    other = Lead.create(title="Other", by=company.ana, at=at(1, 6))
    follow(other, lead, "upsell", by=company.ana)
    assert list(differences()) == []
    Task.objects.update(title="Changed by hand")
    Lead.objects.filter(pk=other.pk).update(follows=None, follows_as="")
    assert len(list(differences())) == 2


def _tasks(follow_up: FollowUp) -> list[Task]:
    return list(follow_up.tasks.order_by("position"))
