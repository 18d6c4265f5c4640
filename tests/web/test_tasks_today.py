"""Tasks in Today: their place in the queue, their panel, and what comes after a change."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from leadlight.accounts.models import Organization
from leadlight.sales.models import (
    Action,
    FollowUp,
    FollowUpTemplate,
    Lead,
    Task,
    TemplateStep,
)
from tests.clock import START
from tests.web.pages import Page

pytestmark = pytest.mark.database

TODAY = START.date()
HTMX = {"HX-Request": "true"}


@pytest.fixture
def morning(cast):
    """Two leads of Olga, the first one expected to close, and three tasks of which one waits."""
    cast.lead.win(by=cast.olga)
    made = {"owner": cast.olga, "by": cast.olga, "at": START - timedelta(days=20)}
    Lead.create(title="Skylights", estimated_closing_on=TODAY, **made)
    Lead.create(title="Conservatory", **made)
    for title, days in (("Order", 0), ("Survey", -2), ("Visit", 1)):
        day = TODAY + timedelta(days=days)
        Task.add(cast.lead, title, by=cast.olga, owner=cast.olga, due_on=day)
    return {task.title: task for task in Task.objects.all()}


def html(browser, **params):
    response = browser.get(f"/today/?{urlencode(params)}")
    assert response.status_code == 200
    return response.content.decode()


def text(page):
    return " ".join(Page.read(page).text.split())


def titles(page):
    return re.findall(r'<span class="row-title"><strong>(.*?)</strong>', page)


def chosen(page):
    """Return the title of the panel."""
    page = re.sub(r"<template.*?</template>", "", page, flags=re.S)
    return re.sub(r"<[^>]*>", "", re.search(r'<h2 id="panel-title">(.*?)</h2>', page)[1])


def change(browser, task, what, then=None, **data):
    sent = {"return": "today", **data} | ({"then-task": then.key} if then else {})
    return browser.post(reverse("change_task", args=[what, task.key]), sent, headers=HTMX)


def test_tasks_stand_before_the_rest_the_latest_first_and_say_that_they_are_late(
    morning, cast, visit
):
    page = html(visit(cast.olga))
    assert titles(page) == ["Skylights", "Survey", "Order", "Conservatory"]
    said = text(page)
    assert "2 leads to act on · 2 tasks" in said
    assert "late, due on 23 Nov 2026" in said
    assert "due today" in said


def test_a_task_has_a_panel_with_its_lead(morning, cast, visit):
    page = html(visit(cast.olga), task=morning["Survey"].key)
    assert chosen(page) == "Survey"
    said = text(page)
    assert "Hotel windows" in said
    assert "lea@hotel.example" in said
    for key in ("d", "e", "c", "1", "j", "k"):
        assert f'data-key="{key}"' in page


@pytest.mark.parametrize(
    ("what", "data"), [("done", {}), ("postpone", {"in": "2"}), ("remove", {})]
)
def test_after_a_change_that_leaves_the_task_the_next_item_is_shown(
    what, data, morning, cast, visit
):
    olga = visit(cast.olga)
    page = change(olga, morning["Survey"], what, morning["Order"], **data).content.decode()
    assert chosen(page) == "Order"
    assert "Survey" not in titles(page)
    olga.post(reverse("undo", args=[Action.objects.get().key]), {"next": "/today/"})
    assert "Survey" in titles(html(olga))


def test_other_changes_show_the_same_task(morning, cast, visit):
    day = TODAY + timedelta(days=9)
    sent = {"text": "Survey again", "due_on": day, "owner": cast.olga.key}
    page = change(visit(cast.olga), morning["Survey"], "edit", **sent).content.decode()
    assert chosen(page) == "Survey again"


def test_errors_are_shown_in_today(morning, cast, visit):
    response = change(visit(cast.olga), morning["Survey"], "postpone", day="2020-01-01")
    assert response.status_code == 400
    page = response.content.decode()
    assert chosen(page) == "Survey"
    assert "Choose a day in the future." in page


def test_a_postponed_task_returns_on_its_day(morning, cast, visit, monkeypatch):
    task = morning["Survey"]
    task.postpone(TODAY + timedelta(days=1), by=cast.olga)
    olga = visit(cast.olga)
    assert "Survey" not in titles(html(olga))
    Task.objects.filter(pk=task.pk).update(due_on=TODAY)  # the next day
    assert "Survey" in titles(html(olga))


def test_a_manager_sees_the_tasks_of_a_colleague_and_does_them(morning, cast, visit):
    mona = visit(cast.mona)
    page = html(mona, user=cast.olga.key)
    assert "Survey" in titles(page)
    change(mona, morning["Survey"], "done", user=cast.olga.key)
    assert Task.objects.get(title="Survey").done_by == cast.mona


def test_the_owner_of_a_task_on_a_hidden_lead_works_on_it_in_today(morning, cast, visit):
    morning["Survey"].assign_to(cast.uma, by=cast.olga)
    uma = visit(cast.uma)
    page = html(uma)
    assert titles(page) == ["Survey"]
    assert "lea@hotel.example" not in page
    assert reverse("lead", args=[cast.lead.key]) not in page
    assert change(uma, morning["Survey"], "done").status_code == 200
    assert titles(html(uma)) == []


def test_who_may_see_the_task_but_not_change_it_has_no_controls(morning, cast, visit):
    Organization.objects.update(privacy="shared")
    page = html(visit(cast.uma), user=cast.olga.key, task=morning["Survey"].key)
    assert chosen(page) == "Survey"
    assert "/change-task/" not in re.sub(r"<template.*?</template>", "", page, flags=re.S)


def test_a_task_that_one_does_not_see_is_not_found(morning, cast, visit):
    address = f"/today/?task={morning['Survey'].key}"
    assert visit(cast.uma).get(address).status_code == 404
    assert visit(cast.olga).get("/today/?task=none").status_code == 404


def test_a_win_asks_for_a_follow_up_and_then_shows_the_next_item(morning, cast, visit):
    template = FollowUpTemplate.define("Onboarding")
    TemplateStep(template=template).put("Call")
    olga, lead = visit(cast.olga), Lead.objects.get(title="Skylights")
    sent = {"return": "today", "then-task": morning["Survey"].key}
    page = olga.post(f"/change-lead/won/{lead.key}/", sent, headers=HTMX).content.decode()
    assert chosen(page) == "Skylights"
    assert "Start a follow-up after the sale?" in page
    asked = re.search(r'action="/change-lead/follow-up/.*?</form>', page, re.S)[0]
    assert f'name="then-task" value="{morning["Survey"].key}"' in asked
    started = {**sent, "start_from": template.key}
    page = olga.post(f"/change-lead/follow-up/{lead.key}/", started, headers=HTMX).content.decode()
    assert chosen(page) == "Survey"
    assert FollowUp.objects.get().lead == lead
    assert titles(page).count("Call") == 1


def test_a_win_shows_the_next_item_at_once_if_nothing_is_asked(morning, cast, visit):
    lead = Lead.objects.get(title="Skylights")
    sent = {"return": "today", "then-task": morning["Survey"].key}
    page = visit(cast.olga).post(f"/change-lead/won/{lead.key}/", sent, headers=HTMX)
    assert chosen(page.content.decode()) == "Survey"


def test_tasks_do_not_cost_a_query_each(morning, cast, visit, django_assert_num_queries):
    olga = visit(cast.olga)
    html(olga)
    with django_assert_num_queries(33):
        html(olga)
    for number in range(30):
        Task.add(cast.lead, f"Task {number}", by=cast.olga, owner=cast.olga, due_on=TODAY)
    with django_assert_num_queries(33):
        html(olga)
