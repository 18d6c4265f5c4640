"""Settings pages of rules, and the buttons of rules on the page of a lead."""

from __future__ import annotations

import pytest

from leadlight.accounts.keys import new_key
from leadlight.automation.dispatch import dispatch
from leadlight.automation.models import Rule, RuleRun
from leadlight.jobs.worker import run_due
from leadlight.sales.models import Lead, Tag

NEW = "/settings/rules/new/"


@pytest.fixture
def given(cast):
    tag = Tag.objects.create(name="Fragile", key="fragile")
    return {
        "name": "Wins of Olga",
        "trigger": "status",
        "on_status": "won",
        "user": [cast.olga.key],
        "tag": [],
        "per_hour": "100",
        "comment": "Well done",
        "untag": [tag.key],
        "notify": [cast.mona.key],
        "addresses": "office@example.com, books@example.com",
        "task": "Send the invoice",
        "task_days": "2",
    }


@pytest.fixture
def rule(cast, visit, given):
    visit(cast.ada).post(NEW, given)
    return Rule.objects.get()


def test_a_rule_is_added_with_what_was_filled_in(cast, rule):
    assert (rule.name, rule.trigger, rule.value) == ("Wins of Olga", "status", "won")
    assert rule.conditions == f"user={cast.olga.key}"
    assert rule.actions == {
        "untag": {"tags": ["fragile"]},
        "task": {"title": "Send the invoice", "days": 2},
        "comment": {"text": "Well done"},
        "notify": {
            "users": [cast.mona.key],
            "addresses": ["office@example.com", "books@example.com"],
        },
    }


def test_the_form_shows_what_is_stored_and_saves_it_unchanged(cast, visit, rule):
    browser = visit(cast.ada)
    page = browser.get(f"/settings/rules/{rule.key}/edit/")
    form = page.context["form"]
    sent = {name: value for name, value in form.initial.items() if value not in (None, "")}
    sent["user"] = [cast.olga.key]
    before = Rule.objects.values().get()
    browser.post(f"/settings/rules/{rule.key}/edit/", sent)
    assert Rule.objects.values().get() == before
    assert "Wins of Olga" in browser.get("/settings/rules/").text
    assert "Wins of Olga" in browser.get("/settings/audit/").text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "Enter a name."),
        ({"trigger": "odd"}, "Select a valid choice."),
        ({"trigger": "idle"}, "Enter a number of days."),
        ({"per_hour": "0"}, "greater than or equal to 1"),
        ({"addresses": "office"}, "“office” is not an email address."),
        ({"addresses": ",".join(f"a{n}@example.com" for n in range(11))}, "at most 10 addresses"),
        ({"assign": "nobody"}, "Select a valid choice."),
        ({"standby": "-1"}, "greater than or equal to 1"),
    ],
)
def test_invalid_values_are_refused_with_a_sentence(cast, visit, given, wrong, sentence):
    answer = visit(cast.ada).post(NEW, given | wrong)
    assert answer.status_code == 400
    assert sentence in answer.text
    assert not Rule.objects.exists()


def test_a_rule_without_an_action_is_refused(cast, visit):
    answer = visit(cast.ada).post(NEW, {"name": "Idle", "trigger": "created", "per_hour": "5"})
    assert answer.status_code == 400
    assert "Fill in at least one action." in answer.text


def test_the_log_tells_what_a_rule_did_and_why_not(cast, visit, rule):
    cast.lead.win(by=cast.olga)
    Lead.create(title="Doors <b>", by=cast.uma, owner=cast.uma).win(by=cast.uma)
    dispatch()
    run_due()
    page = visit(cast.ada).get(f"/settings/rules/{rule.key}/edit/").text
    assert "Conditions not met" in page
    assert "Doors &lt;b&gt;" in page
    assert cast.lead.title in page
    trial = visit(cast.ada).get(f"/settings/rules/{rule.key}/trial/").text
    # The lead of the company was won and reopened before.
    assert "The rule would have run 2 times." in trial


def test_a_rule_is_switched_off_and_on(cast, visit, rule):
    browser, address = visit(cast.ada), f"/settings/rules/{rule.key}/switch/"
    assert "Rule switched off." in browser.post(address, {"active": "no"}, follow=True).text
    cast.lead.win(by=cast.olga)
    dispatch()
    assert not RuleRun.objects.exists()
    assert "Rule switched on." in browser.post(address, {"active": "yes"}, follow=True).text


def test_only_admins_see_and_change_rules(cast, visit, given, rule):
    browser = visit(cast.mona)
    for address in ("", "new/", f"{rule.key}/edit/", f"{rule.key}/trial/"):
        assert browser.get(f"/settings/rules/{address}").status_code == 403
    for address in ("new/", f"{rule.key}/edit/", f"{rule.key}/switch/"):
        assert browser.post(f"/settings/rules/{address}", given).status_code == 403
    assert Rule.objects.get().is_active


# Buttons


@pytest.fixture
def button(cast):
    actions = {"comment": {"text": "Sent by post"}, "assign": {"user": cast.tom.key}}
    return Rule.objects.create(name="Send <b>papers", trigger="manual", actions=actions)


def test_the_button_of_a_rule_acts_at_once_and_can_be_undone(cast, visit, button):
    browser = visit(cast.olga)
    page = browser.get(f"/leads/{cast.lead.key}/").text
    assert "Send &lt;b&gt;papers" in page
    key = new_key()
    address = f"/run-rule/{button.key}/{cast.lead.key}/"
    for _twice in range(2):
        browser.post(address, {"action": key})
    cast.lead.refresh_from_db()
    assert cast.lead.owner == cast.tom
    assert cast.lead.events.filter(kind="comment", channel="rule").count() == 1
    assert RuleRun.objects.get().state == "done"

    browser.post(f"/undo/{key}/")
    cast.lead.refresh_from_db()
    assert cast.lead.owner == cast.olga


def test_a_button_that_does_nothing_says_why(cast, visit, button):
    Rule.objects.update(conditions=f"user={cast.uma.key}")
    address = f"/run-rule/{button.key}/{cast.lead.key}/"
    page = visit(cast.olga).post(address, {"action": new_key()}, follow=True).text
    assert "Conditions not met" in page
    cast.lead.refresh_from_db()
    assert cast.lead.owner == cast.olga


def test_only_those_who_may_change_the_lead_press_the_button(cast, visit, button):
    address = f"/run-rule/{button.key}/{cast.lead.key}/"
    assert visit(cast.uma).post(address).status_code == 404
    assert visit(cast.olga).post(f"/run-rule/nothing/{cast.lead.key}/").status_code == 404
    assert not RuleRun.objects.exists()
