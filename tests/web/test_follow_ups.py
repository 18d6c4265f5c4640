"""Page of follow-ups, and the follow-ups and links on the page of a client."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from leadlight.sales.follow_ups import start
from leadlight.sales.lead_links import follow
from leadlight.sales.models import FollowUp, FollowUpTemplate, Lead, Task, TemplateStep
from tests.clock import START
from tests.web.pages import Page

pytestmark = pytest.mark.database

TODAY = START.date()


@pytest.fixture
def follow_ups(cast):
    """Two follow-ups of Olga's lead, of two templates, and one of a lead of Uma."""
    made = {}
    of_uma = Lead.create(title="Doors of Uma", by=cast.uma, owner=cast.uma)
    for name, lead, by in (
        ("Onboarding", cast.lead, cast.olga),
        ("Survey", cast.lead, cast.olga),
        ("Hidden", of_uma, cast.uma),
    ):
        template = FollowUpTemplate.define(name)
        for days, title in enumerate((f"{name} call", f"{name} visit")):
            TemplateStep(template=template).put(title, days=days)
        made[name] = start(lead, template, by=by)
    return made


def text(browser, **params):
    response = browser.get(f"/follow-ups/?{urlencode(params)}")
    assert response.status_code == 200
    return " ".join(Page.read(response.content.decode()).text.split())


def names(browser, **params):
    """Return the names of the follow-ups in the list, in its order."""
    page = browser.get(f"/follow-ups/?{urlencode(params)}").content.decode()
    return re.findall(r'data-label="Follow-up"><bdi>(.*?)</bdi>', page)


def test_the_list_has_the_follow_ups_that_one_may_see_with_their_progress(follow_ups, cast, visit):
    first, _second = follow_ups["Survey"].tasks.order_by("position")
    first.finish(by=cast.olga)
    olga = visit(cast.olga)
    assert names(olga) == ["Survey", "Onboarding"]
    assert "1 of 2 done" in text(olga)
    assert names(visit(cast.uma)) == ["Hidden"]
    assert names(visit(cast.tom)) == []
    assert names(visit(cast.ada)) == ["Hidden", "Survey", "Onboarding"]


def test_the_list_is_filtered_by_template_client_owner_and_lateness(follow_ups, cast, visit):
    olga = visit(cast.olga)
    survey = follow_ups["Survey"]
    late = survey.tasks.first()
    late.edit(late.title, "", TODAY - timedelta(days=1), by=cast.olga)
    survey.tasks.last().assign_to(cast.mona, by=cast.olga)
    assert names(olga, late="yes") == ["Survey"]
    assert names(olga, template=follow_ups["Onboarding"].template.key) == ["Onboarding"]
    assert names(olga, client=cast.lead.client.key) == ["Survey", "Onboarding"]
    assert names(visit(cast.mona), user="me") == ["Survey"]
    assert names(visit(cast.mona), user=cast.olga.key) == ["Survey", "Onboarding"]


def test_finished_follow_ups_are_shown_on_demand_and_undone_ones_never(follow_ups, cast, visit):
    for task in follow_ups["Survey"].tasks.all():
        task.finish(by=cast.olga)
    for task in follow_ups["Onboarding"].tasks.all():
        task.remove(by=cast.olga)
    assert names(visit(cast.olga)) == []
    assert names(visit(cast.olga), state="all") == ["Survey"]


def test_open_tasks_are_counted_by_template_and_client(follow_ups, cast, visit):
    task = follow_ups["Survey"].tasks.first()
    task.edit(task.title, "", TODAY - timedelta(days=1), by=cast.olga)
    said = text(visit(cast.olga), by="template")
    assert re.search(r"Survey 2 0 1 24 Nov 2026 .*Onboarding 2 0 0", said)
    assert "Hidden" not in said.partition("Onboarding 2 0 0")[2]
    assert "Hôtel Élysée 4 0 1" in text(visit(cast.olga), by="client")


def test_every_page_follows_the_one_before(cast, visit):
    template = FollowUpTemplate.define("Onboarding")
    TemplateStep(template=template).put("Call")
    for _number in range(60):
        start(cast.lead, template, by=cast.olga)
    FollowUp.objects.update(started_at=START)  # at one instant, the id decides
    olga, address, seen = visit(cast.olga), "/follow-ups/", []
    while address:
        page = olga.get(address).content.decode()
        seen.append(page.count('data-label="Follow-up"'))
        more = re.search(r'rel="next" href="(/follow-ups/[^"]*)"', page)
        address = more and more[1].replace("&amp;", "&")
    assert seen == [50, 10]


@pytest.mark.parametrize("before", ["x", "2026-01-01 5", "2026-01-01T00:00:00Z x", "\0", "0" * 99])
def test_strange_addresses_show_the_list(before, follow_ups, cast, visit):
    sent = {"before": before, "template": "\0", "client": "x", "user": "x", "by": "x"}
    assert names(visit(cast.olga), **sent) == ["Survey", "Onboarding"]


def test_the_number_of_queries_is_fixed(follow_ups, cast, visit, django_assert_num_queries):
    olga = visit(cast.olga)
    olga.get("/follow-ups/")
    with django_assert_num_queries(9):
        olga.get("/follow-ups/")
    for _number in range(20):
        start(cast.lead, follow_ups["Survey"].template, by=cast.olga)
    with django_assert_num_queries(9):
        olga.get("/follow-ups/")


def test_an_admin_without_templates_is_led_to_them(cast, visit):
    assert "Define a template" in text(visit(cast.ada))
    assert "Define a template" not in text(visit(cast.olga))
    assert 'href="/follow-ups/"' in visit(cast.olga).get("/leads/").content.decode()


def test_the_page_of_a_client_has_its_follow_ups_and_links(follow_ups, cast, visit):
    cast.lead.win(by=cast.olga)
    other = Lead.create(title="More", by=cast.olga, owner=cast.olga, client=cast.lead.client)
    follow(other, cast.lead, "upsell", by=cast.olga)
    response = visit(cast.olga).get(reverse("client", args=[cast.lead.client.key]))
    said = " ".join(Page.read(response.content.decode()).text.split())
    assert "0 of 2 done" in said
    assert "More Upsell" in said
    assert reverse("following_lead", args=["renewal", cast.lead.key]) in response.content.decode()


def test_removed_tasks_do_not_count(follow_ups, cast, visit):
    follow_ups["Survey"].tasks.first().remove(by=cast.olga)
    assert Task.objects.filter(is_removed=True).count() == 1
    assert "0 of 1 done" in text(visit(cast.olga))
