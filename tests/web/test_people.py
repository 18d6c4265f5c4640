"""Choice of a person in forms: a list of a few, or a search among many, also without scripts."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest

from leadlight.accounts.models import Membership, Organization, User
from leadlight.sales.models import BulkJob, Goal, Lead, Task
from leadlight.web.shell import people
from tests.web.pages import Page

pytestmark = pytest.mark.database

NASTY = ["\0", "<script>alert(1)</script>", "\u202eabc", "👩🏽‍🔧", "x" * 10_000, "=1+1", "%_"]


@pytest.fixture
def crowd(cast):
    """Sixty colleagues of Olga's in the team North, and shared privacy."""
    Organization.objects.update(privacy=Organization.Privacy.SHARED)
    users = User.objects.bulk_create(
        User(email=f"s{number}@example.com", first_name="Sam", last_name=f"Seller {number:02}")
        for number in range(60)
    )
    north = cast.olga.memberships.get().team
    Membership.objects.bulk_create(Membership(user=one, team=north) for one in users)
    return users


def html_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


def controls(html, name="owner"):
    """Return the texts of the controls of a choice, and those that are checked."""
    found = re.findall(
        rf'<label><input type="(?:radio|checkbox)" name="{name}"[^>]*?( checked)?>\s*(.*?)</label>',
        html,
    )
    texts = [(re.sub("<.*?>", "", text), bool(checked)) for checked, text in found]
    return [text for text, _checked in texts], [text for text, checked in texts if checked]


def owner_of(lead):
    return Lead.objects.get(pk=lead.pk).owner


def test_a_few_people_are_a_select(cast, visit):
    html = html_of(visit(cast.ada).get(f"/change-lead/owner/{cast.lead.key}/"))
    assert '<select name="owner"' in html
    assert "/people/" not in html


def without_new_task(response):
    """Return a page of a lead up to the form of a new task, which has a choice of an owner too."""
    return html_of(response).split("Add a task")[0]


def test_many_people_are_searched_and_the_present_owner_is_chosen(cast, crowd, visit):
    html = without_new_task(visit(cast.ada).get(f"/change-lead/owner/{cast.lead.key}/"))
    texts, checked = controls(html)
    assert checked == ["Olga Glass"]
    assert texts[:2] == ["Unassigned", "Olga Glass"]
    assert len(texts) == 2 + people.MOST_FOUND
    assert "and 54 more: search to find them" in Page.read(html).text
    assert "Seller 59" not in html


def test_the_results_have_all_words_and_keep_what_is_chosen(cast, crowd, visit):
    query = f"field=owner&single=1&empty=Unassigned&t=Owner&owner={cast.olga.key}"
    found = visit(cast.ada).get(f"/people/assignable/?{query}&search=sam+seller+5")
    texts, checked = controls(html_of(found))
    assert checked == ["Olga Glass"]
    numbers = ("05", "15", "25", "35", "45", "50", "51", "52", "53", "54")
    assert texts == ["Unassigned", "Olga Glass", *(f"Sam Seller {number}" for number in numbers)]
    assert "and 5 more" in html_of(found)
    by_mail = visit(cast.ada).get(f"/people/assignable/?{query}&search=s59@")
    assert controls(html_of(by_mail))[0][2:] == ["Sam Seller 59 · s59@example.com"]
    none = visit(cast.ada).get(f"/people/assignable/?{query}&search=nobody")
    assert "Nobody has this name." in html_of(none)


def test_people_whom_one_does_not_see_are_not_found(cast, crowd, visit):
    Organization.objects.update(privacy=Organization.Privacy.OWN)
    query = f"field=owner&single=1&owner={cast.olga.key}&search=sam"
    html = html_of(visit(cast.uma).get(f"/people/assignable/?{query}"))
    assert controls(html) == (["Current choice"], ["Current choice"])


@pytest.mark.parametrize("searched", NASTY)
def test_hostile_searches_are_shown_as_text(searched, cast, crowd, visit):
    sent = {"field": "owner", "single": "1", "search": searched, "t": searched, "owner": searched}
    html = visit(cast.ada).get("/people/assignable/", sent).content.decode()
    assert "<script>" not in html
    typed = {"owner-typed": searched, "apply": "1", "keys": f'["{cast.lead.key}"]'}
    html = visit(cast.ada).post("/bulk/assign/", typed).content.decode()
    assert "<script>alert" not in html
    assert owner_of(cast.lead) == cast.olga


@pytest.mark.parametrize(
    "address", ["/people/nobody/?field=owner", "/people/assignable/", "/people/assignable/?field=<"]
)
def test_an_unknown_group_or_field_is_missing(address, cast, visit):
    assert visit(cast.ada).get(address).status_code == 404


# Without scripts


def typed_owner(browser, lead, name):
    return browser.post(f"/change-lead/owner/{lead.key}/", {"owner": "", "owner-typed": name})


def test_a_typed_name_is_looked_up(cast, crowd, visit):
    assert typed_owner(visit(cast.ada), cast.lead, "sam seller 07").status_code == 302
    assert str(owner_of(cast.lead)) == "Sam Seller 07"
    assert typed_owner(visit(cast.ada), cast.lead, "s8@example.com").status_code == 302
    assert str(owner_of(cast.lead)) == "Sam Seller 08"


def test_a_name_of_several_people_is_shown_with_its_results(cast, crowd, visit):
    html = html_of(typed_owner(visit(cast.ada), cast.lead, "seller 1"), 400)
    assert "“seller 1” can be several people. Choose one." in html
    assert "Sam Seller 01" in controls(html)[0]
    assert 'value="seller 1"' in html
    html = html_of(typed_owner(visit(cast.ada), cast.lead, "Zed"), 400)
    assert "Nobody has the name “Zed”." in html
    assert owner_of(cast.lead) == cast.olga


# Each form


def test_a_lead_is_created_and_assigned_by_key(cast, crowd, visit):
    browser, sam = visit(cast.ada), User.objects.get(email="s59@example.com")
    assert controls(html_of(browser.get("/new-lead/")))[1] == [str(cast.ada)]
    browser.post("/new-lead/", {"title": "A", "step": cast.steps[0].key, "owner": sam.key})
    assert Lead.objects.get(title="A").owner == sam
    sent = {"keys": f'["{cast.lead.key}"]', "scope": "leads", "apply": "1", "owner": sam.key}
    browser.post("/bulk/assign/", sent)
    assert owner_of(cast.lead) == sam


def test_leads_are_distributed_and_handed_over_to_the_chosen_people(cast, crowd, visit):
    browser, (one, other) = visit(cast.ada), crowd[-2:]
    sent = {"keys": f'["{cast.lead.key}"]', "scope": "leads", "sellers": [one.key]}
    html = html_of(browser.post("/bulk/distribute/", sent, headers={"hx-request": "true"}))
    assert controls(html, "sellers")[1] == ["Sam Seller 58"]
    assert "Sam Seller 58: 1" in Page.read(html).text
    given = {"sellers": [one.key], "sellers-typed": "Sam Seller 59", "apply": "1"}
    browser.post(f"/hand-over/{cast.olga.key}/", given)
    assert BulkJob.objects.get().arguments["sellers"] == [one.pk, other.pk]
    assert owner_of(cast.lead) in (one, other)


def test_the_one_who_leaves_is_not_found(cast, crowd, visit):
    html = html_of(visit(cast.ada).get(f"/hand-over/{cast.olga.key}/"))
    [address] = re.findall(r'hx-get="(/people/[^"]+)"', html)
    found = html_of(visit(cast.ada).get(f"{address}&search=olga"))
    assert controls(found, "sellers") == ([], [])


def test_the_present_owner_of_a_task_stays_after_a_search(cast, crowd, visit):
    cast.tom.is_active = False
    cast.tom.save()
    task = Task.add(cast.lead, "Call", due_on=date(2026, 5, 4), owner=cast.tom, by=cast.ada)
    html = without_new_task(visit(cast.olga).get(f"/change-task/edit/{task.key}/"))
    assert controls(html)[1] == ["Tom Glass"]
    [address] = re.findall(r'hx-get="(/people/[^"]+)"', html)
    found = html_of(visit(cast.olga).get(f"{address}&owner={cast.tom.key}&search=sam"))
    assert controls(found)[1] == ["Tom Glass"]


def test_a_goal_is_set_for_one_of_many_people(cast, crowd, visit):
    browser, sam = visit(cast.ada), User.objects.get(email="s59@example.com")
    given = {"counted": "won_leads", "period": "month", "starts_on": "2026-05-01", "target": "3"}
    html = html_of(browser.post("/goals/", given | {"holder": "person"}), 400)
    assert "Choose a person." in html
    browser.post("/goals/", given | {"holder": "person", "person": sam.key})
    goal = Goal.objects.get()
    assert (goal.user, goal.target) == (sam, 3)
    html = html_of(browser.get(f"/goals/?replace={goal.key}"))
    assert controls(html, "person")[1] == ["Sam Seller 59"]
    assert '<option value="person" selected>One person</option>' in html
