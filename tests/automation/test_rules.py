"""Rules: their triggers, conditions and actions, their limits, and the log of their runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as outgoing
from django.utils import timezone

from leadlight.accounts.models import Membership, User
from leadlight.accounts.readers import SYSTEM
from leadlight.automation import rules, webhooks
from leadlight.automation.dispatch import dispatch
from leadlight.automation.models import Delivery, PendingChange, Rule, RuleRun, Webhook
from leadlight.job_queue.models import QueuedJob
from leadlight.jobs.worker import run_due
from leadlight.sales.models import CustomField, FollowUpTemplate, Lead, Tag, Task, TemplateStep
from leadlight.sales.models.event_log import Channel, through
from tests.sales.conftest import Company, company  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.database]

State = RuleRun.State
TAGGED = "tagged by the rule"


@pytest.fixture
def tag(company: Company) -> Tag:  # noqa: F811
    return Tag.objects.create(name="Seen", key="seen")


def rule_of(trigger: str, value: str = "", **more: Any) -> Rule:
    actions = more.pop("actions", {"tag": {"tags": ["seen"]}})
    name = more.pop("name", f"When {trigger}")
    return Rule.objects.create(name=name, trigger=trigger, value=value, actions=actions, **more)


def work() -> None:
    """Dispatch and run until there is nothing more to do."""
    for _round in range(10):
        dispatch()
        if not run_due() and not PendingChange.objects.exists():
            break
    assert not QueuedJob.objects.exclude(state__in=("done", "waiting")).exists()


def is_tagged(lead: Lead) -> bool:
    return lead.tags.filter(key="seen").exists()


def states(rule: Rule) -> list[str]:
    return list(rule.runs.order_by("pk").values_list("state", flat=True))


# Triggers


def test_each_trigger_waits_for_its_change_and_value(
    company: Company,  # noqa: F811
    tag: Tag,
) -> None:
    field = CustomField.define("lead", "Size", "text")
    other = Tag.objects.create(name="Fair", key="fair")
    another = Tag.objects.create(name="Old", key="old")
    lead = Lead.create(title="Windows", by=company.ana)
    work()
    for rule, wrong, right in (
        (
            rule_of("step", company.offer.key),
            lambda: lead.move_to(company.deal, by=company.ana),
            lambda: lead.move_to(company.offer, by=company.ana),
        ),
        (
            rule_of("status", "lost"),
            lambda: lead.win(by=company.ana),
            lambda: lead.lose(by=company.ana),
        ),
        (
            rule_of("tag", "fair"),
            lambda: lead.tag(another, by=company.ana),
            lambda: lead.tag(other, by=company.ana),
        ),
        (
            rule_of("field", field.key),
            lambda: lead.rename("Doors", by=company.ana),
            lambda: lead.set_field(field, "XL", by=company.ana),
        ),
        (
            rule_of("assigned"),
            lambda: lead.assign_to(None, by=company.ana),
            lambda: lead.assign_to(company.bo, by=company.ana),
        ),
    ):
        wrong()
        work()
        assert states(rule) == [], rule
        right()
        work()
        assert states(rule) == [State.DONE], rule
        rule.is_active = False
        rule.save()


def test_a_created_lead_triggers_rules_about_creations_and_assignments_only(
    company: Company,  # noqa: F811
    tag: Tag,
) -> None:
    made = {trigger: rule_of(trigger) for trigger in ("created", "assigned", "status", "step")}
    Lead.create(title="Windows", by=company.ana, owner=company.ana)
    work()

    ran = {trigger for trigger, rule in made.items() if states(rule)}
    assert ran == {"created", "assigned"}


def test_a_task_that_is_done_triggers_a_rule(
    company: Company,  # noqa: F811
    tag: Tag,
) -> None:
    rule = rule_of("task_done")
    lead = Lead.create(title="Windows", by=company.ana)
    task = Task.add(lead, "Call", by=company.ana, due_on=timezone.now().date())
    work()
    assert states(rule) == []
    task.finish(by=company.ana)
    work()
    assert is_tagged(lead)


def test_a_lead_on_which_nothing_is_done_triggers_once_until_something_is_done(
    company: Company,  # noqa: F811
    tag: Tag,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rule = rule_of("idle", "7", actions={"comment": {"text": "Is this alive?"}})
    lead = Lead.create(title="Windows", by=company.ana, owner=company.ana)
    standby = Lead.create(title="Doors", by=company.ana)
    standby.stand_by(by=company.ana)
    start = timezone.now()

    def after(days: int) -> list[str]:
        monkeypatch.setattr(timezone, "now", lambda: start + timedelta(days=days))
        rules.trigger_idle()
        work()
        return states(rule)

    assert after(6) == []
    assert after(8) == [State.DONE]
    assert rule.runs.get().lead == lead
    assert after(9) == [State.DONE], "the comment of the rule is something that was done"
    assert after(16) == [State.DONE] * 2


def test_idle_leads_that_a_rule_leaves_unchanged_do_not_hold_up_others(
    company: Company,  # noqa: F811
    tag: Tag,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rules, "MOST_IDLE", 1)
    notify = {"users": [], "addresses": ["office@example.com"]}
    rule = rule_of("idle", "7", actions={"notify": notify})
    for title in ("Windows", "Doors"):
        Lead.create(title=title, by=company.ana)
    now = timezone.now() + timedelta(days=8)
    monkeypatch.setattr(timezone, "now", lambda: now)
    for expected in (1, 2, 2):
        rules.trigger_idle()
        work()
        assert len(states(rule)) == expected


def test_a_new_rule_about_idle_leads_leaves_older_ones_alone(
    company: Company,  # noqa: F811
    tag: Tag,
) -> None:
    Lead.create(title="Windows", by=company.ana)
    Lead.objects.update(updated_at=timezone.now() - timedelta(days=100))
    rule_of("idle", "7")

    assert rules.trigger_idle() == 0


# Conditions


def test_a_lead_that_does_not_meet_the_conditions_is_logged_with_the_reason(
    company: Company,  # noqa: F811
    tag: Tag,
) -> None:
    conditions = f"pipeline={company.contact.pipeline.key}&user={company.bo.key}"
    rule = rule_of("status", "won", conditions=conditions)
    for owner in (company.ana, company.bo):
        Lead.create(title="Windows", by=company.ana, owner=owner).win(by=owner)
    work()

    first, second = rule.runs.order_by("pk")
    assert (first.state, first.reason) == (State.NOT_MET, "user")
    assert second.state == State.DONE


def test_imported_data_and_inactive_rules_trigger_nothing(
    company: Company,  # noqa: F811
    tag: Tag,
) -> None:
    rule = rule_of("created")
    with through(Channel.IMPORT):
        Lead.create(title="Windows", by=company.ana)
    work()
    Rule.objects.update(is_active=False)
    Lead.create(title="Doors", by=company.ana)
    work()

    assert states(rule) == []
    assert not PendingChange.objects.exists()


# Actions


def test_the_actions_of_a_rule_are_all_done_by_the_channel_of_rules(
    company: Company,  # noqa: F811
    tag: Tag,
    settings: Any,
) -> None:
    settings.LEADLIGHT_PRIVATE_WEBHOOKS = True
    hook = Webhook()
    webhooks.save(
        hook,
        by=SYSTEM,
        name="Chat",
        url="http://127.0.0.1:9/",
        events=["lead.deleted"],
        includes_imports=False,
    )
    template = FollowUpTemplate.define("Welcome")
    TemplateStep(template=template).put("Send papers")
    old = Tag.objects.create(name="Old", key="old")
    rule = rule_of(
        "created",
        actions={
            "assign": {"user": company.bo.key},
            "tag": {"tags": ["seen"]},
            "untag": {"tags": ["old"]},
            "move": {"step": company.offer.key},
            "standby": {"days": 2},
            "task": {"title": "Call", "days": 1},
            "follow_up": {"template": template.key},
            "comment": {"text": "From a rule"},
            "notify": {"users": [company.ana.key, company.bo.key], "addresses": ["x@example.com"]},
            "webhook": {"webhook": hook.key},
        },
    )
    lead = Lead.create(title="Windows", by=company.ana)
    lead.tag(old, by=company.ana)
    dispatch()
    run_due({"rule": _handler()})
    lead.refresh_from_db()

    assert states(rule) == [State.DONE]
    assert lead.owner == company.bo
    assert [one.key for one in lead.tags.all()] == ["seen"]
    assert lead.step == company.offer
    assert lead.status == "standby"
    assert sorted(lead.tasks.values_list("title", flat=True)) == ["Call", "Send papers"]
    assert Delivery.objects.get().body["events"] == ["rule"]
    events = lead.events.filter(channel=Channel.RULE)
    assert {"owner", "tags", "step", "status", "comment", "task"} <= {one.kind for one in events}
    assert {one.actor for one in events} == {None}
    run = rule.runs.get()
    assert run.first_version <= min(one.version for one in events)
    assert run.last_version == lead.version


def _handler() -> Any:
    from leadlight.jobs.handlers import HANDLERS

    return HANDLERS["rule"]


def test_leads_are_assigned_in_turn_or_to_the_least_loaded(
    company: Company,  # noqa: F811
    tag: Tag,
) -> None:
    people = [company.ana.key, company.bo.key]
    rule = rule_of("created", actions={"in_turn": {"users": people}})
    for number in range(4):
        Lead.create(title=f"Lead {number}", by=company.ana)
        work()
    owners = [lead.owner for lead in Lead.objects.order_by("pk")]
    assert owners == [company.ana, company.bo, company.ana, company.bo]

    rule.actions = {"by_load": {"users": people}}
    rule.save()
    for won in Lead.objects.filter(owner=company.ana):
        won.win(by=company.ana)
    lead = Lead.create(title="Doors", by=company.ana)
    work()
    lead.refresh_from_db()
    assert lead.owner == company.ana


def test_a_refused_action_undoes_the_others_and_is_logged(
    company: Company,  # noqa: F811
    tag: Tag,
) -> None:
    rule = rule_of("created", actions={"tag": {"tags": ["seen"]}, "move": {"step": "gone"}})
    lead = Lead.create(title="Windows", by=company.ana)
    work()

    run = rule.runs.get()
    assert run.state == State.REFUSED
    assert run.reason == "The step does not exist any more, or is closed."
    assert not is_tagged(lead)


def test_the_mail_of_a_rule_goes_to_those_who_see_the_lead_and_to_addresses(
    company: Company,  # noqa: F811
    tag: Tag,
) -> None:
    from leadlight.accounts.models import Organization

    Organization.objects.update(privacy="own")
    notify = {"users": [company.ana.key, company.bo.key], "addresses": ["office@example.com"]}
    rule_of("status", "won", name="Won\nSubject: x", actions={"notify": notify})
    lead = Lead.create(title="Windows", by=company.ana, owner=company.ana, amount=5)
    lead.win(by=company.ana)
    work()

    assert sorted(letter.to[0] for letter in outgoing.outbox) == [
        "ana@example.com",
        "office@example.com",
    ]
    assert outgoing.outbox[0].subject == "Won Subject: x · Windows"
    assert lead.key in outgoing.outbox[0].body


# Limits


def test_two_rules_that_trigger_each_other_stop_after_one_round_and_say_so(
    company: Company,  # noqa: F811
    tag: Tag,
) -> None:
    offer, deal = company.offer.key, company.deal.key
    there = rule_of("step", offer, name="There", actions={"move": {"step": deal}})
    back = rule_of("step", deal, name="Back", actions={"move": {"step": offer}})
    lead = Lead.create(title="Windows", by=company.ana)
    work()
    lead.move_to(company.offer, by=company.ana)
    work()

    assert states(there) == [State.DONE, State.LOOP]
    assert states(back) == [State.DONE]
    lead.refresh_from_db()
    assert lead.step == company.offer
    lead.move_to(company.contact, by=company.ana)
    lead.move_to(company.offer, by=company.ana)
    work()
    assert states(there) == [State.DONE, State.LOOP, State.DONE, State.LOOP]


def test_a_rule_does_not_trigger_itself(
    company: Company,  # noqa: F811
    tag: Tag,
) -> None:
    rule = rule_of("assigned", actions={"in_turn": {"users": [company.ana.key, company.bo.key]}})
    Lead.create(title="Windows", by=company.ana, owner=company.bo)
    work()

    assert states(rule) == [State.DONE, State.LOOP]


def test_a_rule_stops_at_its_limit_per_hour(
    company: Company,  # noqa: F811
    tag: Tag,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rule = rule_of("created", per_hour=2)
    for number in range(3):
        Lead.create(title=f"Lead {number}", by=company.ana)
    work()
    assert states(rule) == [State.DONE, State.DONE, State.LIMITED]

    now = timezone.now() + timedelta(hours=2)
    monkeypatch.setattr(timezone, "now", lambda: now)
    Lead.create(title="Later", by=company.ana)
    work()
    assert states(rule)[-1] == State.DONE


def test_a_job_that_is_run_twice_acts_once(
    company: Company,  # noqa: F811
    tag: Tag,
) -> None:
    rule = rule_of("created", actions={"comment": {"text": "Hello"}})
    lead = Lead.create(title="Windows", by=company.ana)
    work()
    rules.run({"run": rule.runs.get().pk})

    assert lead.events.filter(kind="comment").count() == 1


# Trial and log


def test_a_trial_counts_the_events_of_the_last_days_and_changes_nothing(
    company: Company,  # noqa: F811
    tag: Tag,
) -> None:
    won = Lead.create(title="Windows", by=company.ana, owner=company.ana)
    won.win(by=company.ana)
    Lead.create(title="Doors", by=company.ana, owner=company.bo).win(by=company.bo)
    rule = rule_of("status", "won", conditions=f"user={company.ana.key}")

    assert [event.lead for event in rules.dry_run(rule)] == [won]
    assert not RuleRun.objects.exists()
    assert rules.dry_run(rule_of("status", "todo")) == []


def test_old_runs_are_removed(
    company: Company,  # noqa: F811
    tag: Tag,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rule_of("created")
    Lead.create(title="Windows", by=company.ana)
    work()
    now = timezone.now() + rules.KEPT_FOR + timedelta(minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: now)

    assert rules.remove_old() == 1


def test_a_person_who_left_is_passed_over(
    company: Company,  # noqa: F811
    tag: Tag,
) -> None:
    eva = User.objects.create_user("eva@example.com", first_name="Eva")
    Membership.objects.create(team=company.north, user=eva)
    rule = rule_of("created", actions={"in_turn": {"users": [eva.key, company.bo.key]}})
    User.objects.filter(pk=eva.pk).update(is_active=False)
    lead = Lead.create(title="Windows", by=company.ana)
    work()
    lead.refresh_from_db()
    assert lead.owner == company.bo
    User.objects.filter(pk=company.bo.pk).update(is_active=False)
    Lead.create(title="Doors", by=company.ana)
    work()
    assert rule.runs.last().state == State.REFUSED
