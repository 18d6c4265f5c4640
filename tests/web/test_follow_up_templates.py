"""Settings pages of follow-up templates."""

from __future__ import annotations

import pytest
from django.urls import reverse

from leadlight.sales.models import FollowUpTemplate, TemplateStep
from tests.web.pages import Page

pytestmark = pytest.mark.database


@pytest.fixture
def template(db):
    template = FollowUpTemplate.define("Onboarding")
    for title in ("Call", "Visit"):
        TemplateStep(template=template).put(title)
    return template


def text(response):
    return " ".join(Page.read(response.content.decode()).text.split())


def steps_of(template):
    return [step.title for step in template.steps.all()]


def test_an_admin_defines_a_template_with_tasks(cast, visit):
    ada = visit(cast.ada)
    added = ada.post(reverse("follow_up_templates"), {"name": "Onboarding"})
    template = FollowUpTemplate.objects.get()
    assert added.url == reverse("follow_up_template", args=[template.key])
    assert "not offered" in text(ada.get(reverse("follow_up_templates")))
    sent = {"title": "Call", "days": "3", "is_in_working_days": "on", "owner_rule": "lead_owner"}
    ada.post(reverse("follow_up_step_add", args=[template.key]), sent)
    person = {"title": "Invoice", "days": "0", "owner_rule": "person", "person": cast.mona.key}
    ada.post(reverse("follow_up_step_add", args=[template.key]), person | {"note": "a\r\nb"})
    call, invoice = template.steps.all()
    assert (call.days, call.is_in_working_days, call.owner_rule) == (3, True, "lead_owner")
    assert (invoice.person, invoice.is_in_working_days, invoice.note) == (cast.mona, False, "a\nb")
    shown = text(ada.get(reverse("follow_up_template", args=[template.key])))
    assert "after 3 working days" in shown
    assert "Mona Glass" in shown


def test_tasks_are_edited_moved_and_removed(template, cast, visit):
    ada = visit(cast.ada)
    call, visit_step = template.steps.all()
    ada.post(reverse("follow_up_step_move", args=[call.key]), {"to": "down"})
    assert steps_of(template) == ["Visit", "Call"]
    sent = {"title": "Ring", "days": "1", "owner_rule": "starter"}
    ada.post(reverse("follow_up_step", args=[call.key]), sent)
    assert steps_of(template) == ["Visit", "Ring"]
    ada.post(reverse("follow_up_step_remove", args=[visit_step.key]))
    assert steps_of(template) == ["Ring"]
    assert (
        ada.post(reverse("follow_up_step_move", args=[call.key]), {"to": "top"}).status_code == 400
    )


def test_templates_are_renamed_moved_archived_and_restored(template, cast, visit):
    ada, other = visit(cast.ada), FollowUpTemplate.define("Renewal")
    ada.post(reverse("follow_up_template", args=[template.key]), {"name": "Welcome"})
    ada.post(reverse("follow_up_template_move", args=[other.key]), {"to": "up"})
    assert [one.name for one in FollowUpTemplate.objects.all()] == ["Renewal", "Welcome"]
    ada.post(reverse("follow_up_template_archive", args=[other.key]))
    assert FollowUpTemplate.objects.get(pk=other.pk).is_archived
    assert (
        ada.post(reverse("follow_up_template_move", args=[other.key]), {"to": "up"}).status_code
        == 404
    )
    ada.post(reverse("follow_up_template_restore", args=[other.key]))
    assert not FollowUpTemplate.objects.get(pk=other.pk).is_archived


@pytest.mark.parametrize(
    "sent",
    [
        {"title": "", "days": "0", "owner_rule": "starter"},
        {"title": "x", "days": "-1", "owner_rule": "starter"},
        {"title": "x", "days": "4000", "owner_rule": "starter"},
        {"title": "x", "days": "0", "owner_rule": "nobody"},
        {"title": "x", "days": "0", "owner_rule": "person"},
        {"title": "a\tb", "days": "0", "owner_rule": "starter"},
    ],
)
def test_a_task_that_makes_no_sense_is_refused(sent, template, cast, visit):
    ada = visit(cast.ada)
    step = template.steps.first()
    for name, key in (("follow_up_step_add", template.key), ("follow_up_step", step.key)):
        assert ada.post(reverse(name, args=[key]), sent).status_code == 400
    assert steps_of(template) == ["Call", "Visit"]


def test_a_template_has_at_most_fifty_tasks(template, cast, visit):
    for number in range(48):
        TemplateStep(template=template).put(f"Task {number}")
    sent = {"title": "One more", "days": "0", "owner_rule": "starter"}
    answer = visit(cast.ada).post(reverse("follow_up_step_add", args=[template.key]), sent)
    assert answer.status_code == 400
    assert "at most 50 tasks" in text(answer)


def test_only_admins_define_templates(template, cast, visit):
    step = template.steps.first()
    names = ("follow_up_template", "follow_up_step_add", "follow_up_template_move")
    names += ("follow_up_template_archive", "follow_up_template_restore")
    addresses = [reverse(name, args=[template.key]) for name in names]
    names = ("follow_up_step", "follow_up_step_move", "follow_up_step_remove")
    addresses += [reverse(name, args=[step.key]) for name in names]
    for user in (cast.olga, cast.mona):
        browser = visit(user)
        for address in [*addresses, reverse("follow_up_templates")]:
            assert browser.post(address, {"name": "x", "to": "up"}).status_code == 403
        assert "Follow-up templates" not in text(browser.get("/leads/"))
    assert steps_of(template) == ["Call", "Visit"]
