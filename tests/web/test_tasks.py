"""Tasks on the page of a lead: added, changed, undone, and who may do so."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from leadlight.accounts.models import Organization
from leadlight.sales.follow_ups import start
from leadlight.sales.lead_links import follow
from leadlight.sales.models import (
    Action,
    FollowUp,
    FollowUpTemplate,
    Lead,
    NoFollowUpQuestion,
    Task,
    TemplateStep,
)
from tests.clock import START
from tests.web.pages import Page

pytestmark = pytest.mark.database

TODAY = START.date()
HTMX = {"HX-Request": "true"}


def a_template(name="Onboarding", **more):
    template = FollowUpTemplate.define(name)
    TemplateStep(template=template).put("Call the client", **more)
    TemplateStep(template=template).put("Send the survey", days=30)
    return template


def a_task(cast, owner=None, **more):
    given = {"title": "Order the glass", "due_on": TODAY, "by": cast.olga} | more
    return Task.add(cast.lead, given.pop("title"), owner=owner or cast.olga, **given)


def change(browser, task, what, **data):
    return browser.post(reverse("change_task", args=[what, task.key]), data)


def change_lead(browser, cast, what, data=None, **more):
    return browser.post(reverse("change_lead", args=[what, cast.lead.key]), data or {}, **more)


def text(browser, path):
    response = browser.get(path)
    assert response.status_code == 200
    return " ".join(Page.read(response.content.decode()).text.split())


def page_of(cast):
    return reverse("lead", args=[cast.lead.key])


# Changes


def test_a_task_is_added_with_a_title_alone(cast, visit):
    olga = visit(cast.olga)
    assert change_lead(olga, cast, "task", {"text": "Order the glass"}).status_code == 302
    task = Task.objects.get()
    assert (task.title, task.owner, task.due_on) == ("Order the glass", cast.olga, TODAY)
    shown = text(olga, page_of(cast))
    assert "Order the glass" in shown
    assert "Task added" in shown


@pytest.mark.parametrize("owner", ["tom", ""])
def test_a_new_task_is_given_to_a_colleague_or_to_nobody(owner, cast, visit):
    mona = visit(cast.mona)
    person = getattr(cast, owner) if owner else None
    form = {"text": "Order the glass", "owner": person.key if person else ""}
    assert change_lead(mona, cast, "task", form).status_code == 302
    assert Task.objects.get().owner == person


def test_a_new_task_is_not_given_to_somebody_whom_one_cannot_assign_to(cast, visit):
    form = {"text": "Order the glass", "owner": cast.uma.key}
    assert change_lead(visit(cast.mona), cast, "task", form).status_code == 400
    assert not Task.objects.exists()


def test_a_task_is_done_postponed_edited_assigned_and_removed(cast, visit):
    olga, task = visit(cast.olga), a_task(cast)
    soon = TODAY + timedelta(days=3)
    change(olga, task, "postpone", **{"in": "3"})
    task.refresh_from_db()
    assert (task.status, task.due_on) == ("standby", soon)
    change(olga, task, "edit", text="Order", due_on=soon, note="=1+1\r\n<b>", owner=cast.olga.key)
    task.refresh_from_db()
    assert (task.title, task.note, task.owner) == ("Order", "=1+1\n<b>", cast.olga)
    change(olga, task, "done")
    assert "Task done" in text(olga, page_of(cast))
    change(olga, task, "reopen")
    change(olga, task, "remove")
    task.refresh_from_db()
    assert task.is_removed
    assert change(olga, task, "done").status_code == 404


@pytest.mark.parametrize("what", ["done", "postpone", "remove"])
def test_one_click_undoes_a_change(what, cast, visit):
    olga, task = visit(cast.olga), a_task(cast)
    before = task.state
    change(olga, task, what, **{"in": "1"})
    assert Task.objects.get().state != before
    olga.post(reverse("undo", args=[Action.objects.get().key]), {"next": page_of(cast)})
    assert Task.objects.get().state == before


def test_a_double_click_acts_once(cast, visit):
    olga = visit(cast.olga)
    for _click in range(2):
        change_lead(olga, cast, "task", {"text": "Order", "action": "0" * 27})
    assert Task.objects.count() == 1
    task = Task.objects.get()
    for _click in range(2):
        change(olga, task, "done", action="1" * 27)
    assert Task.objects.get().status == "done"


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("postpone", {}),
        ("postpone", {"in": "4"}),
        ("postpone", {"day": "2020-01-01"}),
        ("reopen", {}),
        ("edit", {"text": ""}),
        ("edit", {"text": "x", "due_on": "soon"}),
        ("edit", {"text": "x" * 301}),
        ("edit", {"text": "NUL\0"}),
        ("edit", {"text": "x", "owner": "nobody"}),
    ],
)
def test_what_makes_no_sense_is_shown_with_a_sentence(what, data, cast, visit):
    task = a_task(cast)
    before = task.state
    response = change(visit(cast.olga), task, what, **data)
    assert response.status_code == 400
    assert Task.objects.get().state == before


def test_two_people_who_edit_one_task_lose_nothing(cast, visit):
    task = a_task(cast)
    before = task.state
    task.edit("Of Mona", "", TODAY, by=cast.mona)
    sent = {"text": "Of Olga", "due_on": TODAY, "owner": cast.olga.key, "before": before}
    response = change(visit(cast.olga), task, "edit", **sent)
    assert response.status_code == 409
    shown = response.content.decode()
    assert 'value="Of Olga"' in shown
    again = re.search(r'name="before" value="([^"]*)"', shown)
    assert "Of Mona" in again[1]
    assert Task.objects.get().title == "Of Mona"


# Follow-ups


def test_a_win_proposes_a_follow_up_that_one_click_starts(cast, visit):
    template = a_template()
    olga = visit(cast.olga)
    won = change_lead(olga, cast, "won", headers=HTMX).content.decode()
    assert "Start a follow-up after the sale?" in won
    assert f'name="start_from" value="{template.key}"' in won
    asked = change_lead(olga, cast, "follow-up", {"start_from": template.key})
    assert asked.status_code == 302
    assert FollowUp.objects.get().started_by == cast.olga
    shown = text(olga, page_of(cast))
    assert "0 of 2 done" in shown
    assert "Follow-up started : Onboarding · 2 tasks" in shown.replace("started:", "started :")


def test_the_question_works_without_scripts(cast, visit):
    a_template()
    response = change_lead(visit(cast.olga), cast, "won")
    assert response.url == f"{page_of(cast)}?ask=follow-up"
    assert "Start a follow-up after the sale?" in text(visit(cast.olga), response.url)


def test_nobody_is_asked_without_templates_or_after_switching_the_question_off(cast, visit):
    olga = visit(cast.olga)
    assert change_lead(olga, cast, "won").url == page_of(cast)
    a_template()
    cast.lead.reopen(by=cast.olga)
    olga.post(reverse("follow_up_question"), {"next": page_of(cast)})
    assert not NoFollowUpQuestion.is_asked(cast.olga)
    assert NoFollowUpQuestion.is_asked(cast.mona)
    assert change_lead(olga, cast, "won").url == page_of(cast)
    olga.post(reverse("own_settings"), {"asks": "yes"})
    assert NoFollowUpQuestion.is_asked(cast.olga)


def test_archived_templates_are_not_offered(cast, visit):
    template = a_template()
    template.archive()
    response = change_lead(visit(cast.olga), cast, "follow-up", {"start_from": template.key})
    assert response.status_code == 400
    assert not Task.objects.exists()


# Access


def test_people_of_other_teams_neither_see_nor_change_a_task(cast, visit):
    task = a_task(cast)
    uma = visit(cast.uma)
    assert uma.get(reverse("task", args=[task.key])).status_code == 404
    for what in ("done", "reopen", "postpone", "edit", "remove"):
        assert change(uma, task, what).status_code == 404
    for what in ("task", "follow-up"):
        assert change_lead(uma, cast, what, {"text": "x"}).status_code == 404
    task.refresh_from_db()
    assert task.is_open


def test_who_sees_the_lead_but_may_not_change_it_has_no_controls(cast, visit):
    Organization.objects.update(privacy="shared")
    task, uma = a_task(cast), visit(cast.uma)
    shown = uma.get(page_of(cast)).content.decode()
    assert "Order the glass" in shown
    assert "/change-task/" not in shown
    assert change(uma, task, "done").status_code == 403


def test_the_owner_of_a_task_changes_it_on_a_lead_that_they_see_but_may_not_change(cast, visit):
    Organization.objects.update(privacy="shared")
    mine, other = a_task(cast, owner=cast.uma), a_task(cast, title="Of Olga")
    uma = visit(cast.uma)
    shown = uma.get(page_of(cast)).content.decode()
    assert f"/change-task/done/{mine.key}/" in shown
    assert f"/change-task/done/{other.key}/" not in shown
    assert change(uma, mine, "done").status_code == 302
    assert change_lead(uma, cast, "task", {"text": "x"}).status_code == 403


def test_the_owner_of_a_task_sees_it_without_the_hidden_lead(cast, visit):
    task = a_task(cast, owner=cast.uma, note="Call 01 42 68 53 00")
    uma = visit(cast.uma)
    assert uma.get(page_of(cast)).status_code == 404
    page = uma.get(reverse("task", args=[task.key]))
    assert page.status_code == 200
    shown = page.content.decode()
    assert "Order the glass" in shown
    assert "lea@hotel.example" not in shown
    assert page_of(cast) not in shown
    assert change(uma, task, "edit", text="Done?", due_on=TODAY).status_code == 302
    task.refresh_from_db()
    assert (task.title, task.owner) == ("Done?", None)


def test_tasks_of_a_lead_in_the_bin_are_gone(cast, visit):
    task = a_task(cast)
    cast.lead.bin(by=cast.olga)
    assert visit(cast.olga).get(reverse("task", args=[task.key])).status_code == 404
    assert change(visit(cast.olga), task, "done").status_code == 404


def test_the_page_says_it_in_french(cast, visit):
    start(cast.lead, a_template("Accueil"), by=cast.olga)
    cast.olga.language = "fr"
    cast.olga.save()
    shown = text(visit(cast.olga), page_of(cast))
    for words in ("Tâches", "0 sur 2 faites", "Suivi lancé", "Ajouter une tâche"):
        assert words in shown


# Upsells and renewals


def test_a_renewal_is_a_new_lead_of_the_client_linked_to_the_one_before(cast, visit):
    lead, olga = cast.lead, visit(cast.olga)
    lead.win(by=cast.olga)
    address = reverse("following_lead", args=["renewal", lead.key])
    form = olga.get(address).content.decode()
    assert 'value="Renewal: Hotel windows"' in form
    assert "lea@hotel.example" in form
    step = cast.steps[0].key
    sent = {
        "title": "Renewal",
        "client": lead.client.name,
        "client_key": lead.client.key,
        "amount": "1300",
        "step": step,
        "owner": cast.olga.key,
        "expected_day": "2026-12-31",
        "remind_on": "2026-12-01",
    }
    assert olga.post(address, sent).status_code == 302
    made = Lead.objects.latest("pk")
    assert (made.follows, made.follows_as, made.client) == (lead, "renewal", lead.client)
    assert made.status == "standby"
    assert made.tag_ids == lead.tag_ids
    assert "Renewal of:" in text(olga, reverse("lead", args=[made.key]))
    assert "Renewal : Renewal" in text(olga, page_of(cast)).replace("Renewal:", "Renewal :")
    olga.post(reverse("undo", args=[Action.objects.latest("pk").key]), {"next": "/"})
    made.refresh_from_db()
    assert made.is_deleted
    assert "Renewal of" not in text(olga, page_of(cast))


def test_a_lead_that_one_does_not_see_cannot_be_followed(cast, visit):
    for link, user, status in (
        ("upsell", cast.uma, 404),
        ("sequel", cast.olga, 404),
        ("upsell", cast.olga, 200),
    ):
        address = reverse("following_lead", args=[link, cast.lead.key])
        assert visit(user).get(address).status_code == status


def test_a_link_to_a_hidden_lead_is_not_shown(cast, visit):
    hidden = Lead.create(title="Secret of Uma", by=cast.uma, owner=cast.uma)
    follow(cast.lead, hidden, "upsell", by=cast.ada)
    assert "Secret of Uma" not in text(visit(cast.olga), page_of(cast))
