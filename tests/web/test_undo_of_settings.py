"""Undo of changes of settings: names, orders and what the same form saves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from leadlight.accounts import teams
from leadlight.accounts.models import AuditEntry, Team
from leadlight.sales import pipeline_settings
from leadlight.sales.models import (
    Action,
    ActivityType,
    Category,
    CustomField,
    Outcome,
    PastPosition,
    Pipeline,
    Step,
    Tag,
)
from tests.web.pages import Page

pytestmark = pytest.mark.database

HOSTILE = "<script>\u202e😀=1+1"
SETTINGS = "/settings"


@pytest.fixture
def rows(cast) -> dict[str, Any]:
    """Return a row of each kind, the last of two in its list."""
    category = Category.define("Branch")
    Tag.define("Hotels", category=category)
    call = ActivityType.objects.get()
    Outcome.define("Voicemail", activity_type=call)
    CustomField.define("lead", "Size", "choice", choices=["S", "L"])
    return {
        "pipeline": Pipeline.objects.get(),
        "team": Team.objects.get(name="North"),
        "step": cast.steps[2],
        "category": category,
        "tag": Tag.define("Schools", category=category),
        "activity_type": ActivityType.define("Visit", kind="other"),
        "outcome": Outcome.define("Later", activity_type=call),
        "field": CustomField.define("lead", "Floor", "choice", choices=["1", "2"]),
    }


# Kind → the address of the form of a row, what it sends besides the name, and what that sets.
FORMS: dict[str, tuple[str, dict[str, str], Callable[[Any], Any]]] = {
    "pipeline": ("/pipelines/{}/edit/", {}, lambda row: None),
    "team": ("/teams/{}/edit/", {}, lambda row: None),
    "step": ("/steps/{}/edit/", {"probability": "99"}, lambda row: row.probability),
    "category": ("/categories/{}/edit/", {"is_required": "on"}, lambda row: row.is_required),
    "tag": ("/tags/{}/edit/", {"category": ""}, lambda row: row.category),
    "activity_type": ("/activity-types/{}/edit/", {"kind": "call"}, lambda row: row.kind),
    "outcome": ("/outcomes/{}/edit/", {"is_reached": "on"}, lambda row: row.is_reached),
    "field": ("/fields/{}/edit/", {"choices": "2\n3"}, lambda row: row.choices),
}
MOVES = {
    "step": "/steps/{}/move/",
    "field": "/fields/{}/move/",
    **{
        kind: f"/rows/{kind}/{{}}/move/" for kind in ("category", "tag", "activity_type", "outcome")
    },
}


def stored(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def undo(browser) -> str:
    """Undo the last action, and return the text of the page."""
    key = Action.objects.latest("pk").key
    response = browser.post(f"/undo/{key}/", {"next": "/settings/"}, follow=True)
    return Page.read(response.content.decode()).text


def entries() -> list[tuple[str, str]]:
    found = AuditEntry.objects.exclude(action="signed_in").order_by("pk")
    return list(found.values_list("old_value", "new_value"))


@pytest.mark.parametrize("kind", FORMS)
def test_what_a_form_saved_is_undone_and_both_are_in_the_audit_log(kind, cast, visit, rows):
    row, browser = rows[kind], visit(cast.ada)
    address, more, value = FORMS[kind]
    before = (row.name, value(row))
    page = SETTINGS + address.format(row.key)
    response = browser.post(page, {"name": HOSTILE} | more, follow=True)
    assert "Undo" in Page.read(response.content.decode()).text
    changed = stored(row)
    assert changed.name == HOSTILE
    assert (value(changed) != before[1]) == bool(more)
    assert "Undone." in undo(browser)
    assert (stored(row).name, value(stored(row))) == before
    (old, new), (old_again, new_again) = entries()[-2:]
    assert (old, new) == (new_again, old_again)
    assert HOSTILE in new


@pytest.mark.parametrize("kind", MOVES)
def test_a_new_order_is_undone(kind, cast, visit, rows):
    row, browser = rows[kind], visit(cast.ada)
    names = lambda: [str(one) for one in type(row).objects.all()]  # noqa: E731
    before = names()
    response = browser.post(SETTINGS + MOVES[kind].format(row.key), {"to": "up"}, follow=True)
    assert f"“{row}” moved." in Page.read(response.content.decode()).text
    assert names() != before
    assert "Undone." in undo(browser)
    assert names() == before
    (old, new), again = entries()[-2:]
    assert again == (new, old)
    assert old != new


def test_the_undo_of_an_order_keeps_the_order_of_the_days_between(cast, visit, rows):
    browser = visit(cast.ada)
    browser.post(f"/settings/steps/{rows['step'].key}/move/", {"to": "up"})
    undo(browser)
    past = PastPosition.objects.filter(step=rows["step"]).order_by("replaced_at")
    assert [one.position for one in past] == [3, 2]
    offer = PastPosition.objects.filter(step=cast.steps[1]).order_by("replaced_at")
    assert offer.last().replaced_at == past.last().replaced_at


CHANGED_SINCE: dict[str, Callable[[Any, Any], Any]] = {
    "pipeline": lambda row, by: pipeline_settings.rename(row, "Other", by=by),
    "team": lambda row, by: teams.rename(row, "Other", by=by),
    "step": lambda row, by: pipeline_settings.change_step(row, "Other", 99, by=by),
    "tag": lambda row, by: row.rename("Other"),
    "field": lambda row, by: row.rename("Other"),
}


@pytest.mark.parametrize("kind", CHANGED_SINCE)
def test_what_has_changed_since_stays(kind, cast, visit, rows):
    row, browser = rows[kind], visit(cast.ada)
    address, more, _value = FORMS[kind]
    browser.post(SETTINGS + address.format(row.key), {"name": "New"} | more)
    CHANGED_SINCE[kind](stored(row), cast.ada)
    assert "This setting has changed since. Nothing was undone." in undo(browser)
    assert stored(row).name == "Other"


def test_a_name_that_is_in_use_again_is_not_restored(cast, visit, rows):
    browser, step = visit(cast.ada), rows["step"]
    browser.post(f"/settings/steps/{step.key}/edit/", {"name": "New", "probability": "70"})
    pipeline_settings.add_step(step.pipeline, "Deal", by=cast.ada)
    assert "There is already “Deal”." in undo(browser)
    assert stored(step).name == "New"


def test_a_removed_step_is_not_restored(cast, visit, rows):
    browser = visit(cast.ada)
    step = pipeline_settings.add_step(rows["step"].pipeline, "Extra", by=cast.ada)
    browser.post(f"/settings/steps/{step.key}/edit/", {"name": "New", "probability": ""})
    pipeline_settings.remove_step(step)
    assert "Nothing was undone." in undo(browser)
    assert not Step.objects.filter(pk=step.pk).exists()


def test_only_the_admin_who_changed_it_undoes_it_for_a_day(cast, visit, rows):
    browser = visit(cast.ada)
    browser.post(f"/settings/teams/{rows['team'].key}/edit/", {"name": "Hills"})
    action = Action.objects.latest("pk")
    assert visit(cast.olga).post(f"/undo/{action.key}/").status_code == 404
    Action.objects.update(at=timezone.now() - timedelta(days=2))
    assert "can no longer be undone" in undo(browser)
    assert stored(rows["team"]).name == "Hills"


def test_a_form_sent_twice_acts_once(cast, visit, rows):
    browser, step = visit(cast.ada), rows["step"]
    for _again in range(2):
        browser.post(f"/settings/steps/{step.key}/move/", {"to": "up", "action": "ab" * 10})
    names = Step.objects.order_by("position").values_list("name", flat=True)
    assert list(names) == ["Contact", "Deal", "Offer"]
    assert Action.objects.count() == 1
