"""Basket of leads without an owner, and the hand-over of the work of a person who leaves."""

from __future__ import annotations

from csv import DictReader
from datetime import date
from io import StringIO

import pytest
from django.db.models import F

from leadlight.accounts.models import Organization
from leadlight.sales import access
from leadlight.sales.models import BulkJob, Lead, Prospect, ProspectingList, Task
from leadlight.sales.unassigned import TOLD_FOR
from tests.prospects import add_prospect
from tests.web.conftest import at
from tests.web.pages import Page


@pytest.fixture
def teams(cast):
    north, south = cast.olga.teams.get(), cast.uma.teams.get()
    return north, south


@pytest.fixture
def lead(cast, teams):
    """An open lead of the team North without an owner; Olga and Tom belong to that team."""
    return Lead.create(title="Big house", by=cast.ada, team=teams[0], at=at(5))


def text(response):
    return Page.read(response.content.decode()).text


@pytest.mark.parametrize(
    ("name", "is_shown"),
    [("olga", True), ("tom", True), ("mona", True), ("ada", True), ("uma", False)],
)
def test_the_basket_is_that_of_ones_teams(name, is_shown, cast, lead, visit):
    browser = visit(getattr(cast, name))
    assert ("Big house" in text(browser.get("/unassigned/"))) == is_shown
    assert ('href="/unassigned/"' in browser.get("/leads/").content.decode()) == is_shown


def test_with_shared_privacy_the_basket_is_for_everybody(cast, lead, visit):
    Organization.objects.update(privacy="shared")
    assert "Big house" in text(visit(cast.uma).get("/unassigned/"))


def test_leads_without_an_owner_stay_out_of_reports_and_pages_until_taken(cast, lead, visit):
    browser = visit(cast.tom)
    assert browser.get(f"/leads/{lead.key}/").status_code == 404
    assert not access.visible_leads(cast.tom).exists()
    browser.post(f"/unassigned/{lead.key}/take/")
    assert browser.get(f"/leads/{lead.key}/").status_code == 200


def test_closed_and_binned_leads_are_not_in_the_basket(cast, lead, visit):
    lead.win(by=cast.ada)
    Lead.create(title="Binned", by=cast.ada, at=at(5)).bin(by=cast.ada)
    page = visit(cast.ada).get("/unassigned/")
    assert "Every open lead has an owner." in text(page)
    assert 'href="/unassigned/"' not in page.content.decode()


def test_a_taken_lead_is_ones_own_and_the_undo_puts_it_back(cast, lead, visit):
    browser = visit(cast.tom)
    response = browser.post(f"/unassigned/{lead.key}/take/")
    assert response.url == "/unassigned/"
    page = browser.get("/unassigned/").content.decode()
    assert "“Big house” is yours." in page
    lead.refresh_from_db()
    assert (lead.owner, lead.team.name) == (cast.tom, "North")
    action = lead.events.filter(kind="owner").last().action
    browser.post(f"/undo/{action.key}/", {"next": "/unassigned/"})
    assert "Big house" in text(browser.get("/unassigned/"))


def test_whoever_comes_second_is_told_who_took_the_lead(cast, lead, visit):
    visit(cast.tom).post(f"/unassigned/{lead.key}/take/")
    browser = visit(cast.olga)
    browser.post(f"/unassigned/{lead.key}/take/")
    assert "“Big house” was taken by Tom Glass." in text(browser.get("/unassigned/"))
    lead.refresh_from_db()
    assert lead.owner == cast.tom


def test_an_hour_later_a_taken_lead_is_one_of_a_colleague(cast, lead, visit):
    visit(cast.tom).post(f"/unassigned/{lead.key}/take/")
    taken = lead.events.filter(kind="owner")
    taken.update(recorded_at=F("recorded_at") - TOLD_FOR)
    assert visit(cast.olga).post(f"/unassigned/{lead.key}/take/").status_code == 404


def test_the_leads_of_other_teams_cannot_be_taken(cast, lead, visit):
    assert visit(cast.uma).post(f"/unassigned/{lead.key}/take/").status_code == 404
    assert visit(cast.tom).post(f"/unassigned/{cast.lead.key}/take/").status_code == 404
    cast.lead.refresh_from_db()
    assert cast.lead.owner == cast.olga


def test_a_distribution_of_the_whole_basket(cast, lead, teams, visit):
    for number in range(4):
        Lead.create(title=f"House {number}", by=cast.ada, team=teams[0], at=at(6 + number))
    browser = visit(cast.mona)
    assert "Distribute all in turn" in text(browser.get("/unassigned/"))
    sent = {"scope": "unassigned", "all": "1", "next": "/unassigned/"}
    sent["sellers"] = [cast.olga.key, cast.tom.key]
    shown = text(browser.post("/bulk/distribute/", sent))
    assert "Olga Glass: 3" in shown
    browser.post("/bulk/distribute/", sent | {"apply": "1", "number": "5"})
    names = Lead.objects.exclude(pk=cast.lead.pk).values_list("owner__first_name", flat=True)
    assert sorted(names) == ["Olga"] * 3 + ["Tom"] * 2
    action = BulkJob.objects.get().action
    browser.post(f"/undo/{action.key}/")
    assert access.unassigned_leads(cast.mona).count() == 5


def test_sellers_are_not_offered_to_distribute(cast, lead, visit):
    assert "Distribute" not in text(visit(cast.tom).get("/unassigned/"))


def test_managers_distribute_among_their_teams_only(cast, lead, visit):
    sent = {"scope": "unassigned", "all": "1", "number": "1", "apply": "1"}
    response = visit(cast.mona).post("/bulk/distribute/", sent | {"sellers": [cast.uma.key]})
    assert response.status_code == 400
    lead.refresh_from_db()
    assert lead.owner is None


def test_the_number_of_queries_does_not_depend_on_the_basket(
    cast, lead, teams, visit, django_assert_num_queries
):
    browser = visit(cast.mona)
    browser.get("/unassigned/")
    with django_assert_num_queries(14):
        browser.get("/unassigned/")
    for number in range(20):
        Lead.create(title=f"House {number}", by=cast.ada, team=teams[0])
    with django_assert_num_queries(14):
        browser.get("/unassigned/")


# Hand-over


@pytest.fixture
def work(cast):
    """Three open leads of Olga's, one won, a list and two prospects."""
    for number in range(2):
        Lead.create(title=f"House {number}", by=cast.olga, owner=cast.olga, at=at(6 + number))
    Lead.create(title="Won", by=cast.olga, owner=cast.olga, at=at(3)).win(by=cast.olga, at=at(10))
    rows = ProspectingList.objects.create(name="Fair", user=cast.olga)
    for name in ("One", "Two"):
        add_prospect(rows, {"Name": name}, user=cast.olga)


def address(user):
    return f"/hand-over/{user.key}/"


@pytest.mark.parametrize(
    ("name", "people"), [("ada", {"Olga", "Tom", "Mona", "Uma", "Ada", "Ina"}), ("mona", {"Olga"})]
)
def test_whose_work_can_be_handed_over(name, people, cast, visit):
    shown = text(visit(getattr(cast, name)).get("/hand-over/"))
    assert all(f"{person} Glass" in shown for person in people)
    assert ("Uma" in shown) == ("Uma" in people)


@pytest.mark.parametrize("name", ["olga", "tom", "uma"])
def test_sellers_hand_nothing_over(name, cast, visit):
    browser = visit(getattr(cast, name))
    assert browser.get("/hand-over/").status_code == 403
    assert browser.get(address(cast.olga)).status_code == 403
    assert browser.post(address(cast.olga), {"apply": "1"}).status_code == 403


def test_managers_hand_over_the_work_of_their_teams_only(cast, visit):
    browser = visit(cast.mona)
    assert browser.get(address(cast.uma)).status_code == 404
    sent = {"apply": "1", "sellers": [cast.uma.key]}
    assert browser.post(address(cast.olga), sent).status_code == 400
    assert not BulkJob.objects.exists()


def test_a_preview_counts_what_each_person_gets(cast, work, visit):
    browser = visit(cast.ada)
    assert "In all 3 2 1" in text(browser.get(address(cast.olga)))
    sent = {"prospects": "on", "closed": "on", "sellers": [cast.tom.key, cast.uma.key]}
    shown = text(browser.post(address(cast.olga), sent))
    assert "Tom Glass 2 1 1" in shown
    assert "Uma Glass 2 1 0" in shown
    assert "In all 4 2 1" in shown
    assert not BulkJob.objects.exists()


def test_a_hand_over_and_its_undo(cast, work, visit):
    browser = visit(cast.ada)
    sent = {"apply": "1", "prospects": "on", "sellers": [cast.tom.key]}
    response = browser.post(address(cast.olga), sent)
    action = BulkJob.objects.get().action
    assert response.url == f"/bulk-jobs/{action.key}/"
    assert "Hand over from Olga Glass" in text(browser.get(response.url))
    assert {lead.title for lead in Lead.objects.filter(owner=cast.olga)} == {"Won"}
    assert Prospect.objects.filter(user=cast.tom).count() == 2
    assert ProspectingList.objects.get(name="Fair").user == cast.tom
    browser.post(f"/undo/{action.key}/")
    assert Lead.objects.filter(owner=cast.olga).count() == 4
    assert not Prospect.objects.filter(user=cast.tom).exists()


def test_open_tasks_go_with_the_hand_over_also_on_the_leads_of_others(cast, work, visit):
    """Olga has a task on a lead of Uma's, on her closed lead, and one that is done."""
    theirs = Lead.create(title="Uma's", by=cast.uma, owner=cast.uma, at=at(5))
    won = Lead.objects.get(title="Won")
    tasks = [
        Task.add(lead, "Call", by=cast.olga, owner=cast.olga, due_on=date(2026, 12, 1))
        for lead in (theirs, won, won, cast.lead)
    ]
    tasks[2].finish(by=cast.olga)
    browser = visit(cast.ada)
    assert "3 open tasks go with their leads." in text(browser.get(address(cast.olga)))
    browser.post(address(cast.olga), {"apply": "1", "sellers": [cast.tom.key]})
    owners = [Task.objects.get(pk=task.pk).owner for task in tasks]
    assert owners == [cast.tom, cast.tom, cast.olga, cast.tom]
    assert Lead.objects.get(pk=theirs.pk).owner == cast.uma
    assert Lead.objects.get(pk=won.pk).owner == cast.olga
    browser.post(f"/undo/{BulkJob.objects.get().action.key}/")
    assert {Task.objects.get(pk=task.pk).owner for task in tasks} == {cast.olga}
    assert Lead.objects.filter(owner=cast.olga).count() == 4


def test_a_hand_over_to_the_person_themselves_is_refused(cast, work, visit):
    sent = {"apply": "1", "sellers": [cast.olga.key]}
    assert visit(cast.ada).post(address(cast.olga), sent).status_code == 400
    assert not BulkJob.objects.exists()


def test_a_hand_over_of_nothing_is_a_sentence(cast, visit):
    sent = {"apply": "1", "sellers": [cast.tom.key]}
    response = visit(cast.ada).post(address(cast.uma), sent)
    assert response.status_code == 400
    assert "There is nothing to hand over." in text(response)


def test_people_are_found_by_name(cast, visit):
    shown = text(visit(cast.ada).get("/hand-over/?q=uma+gl"))
    assert "Uma Glass" in shown
    assert "Tom Glass" not in shown


def test_deals_won_in_the_past_stay_credited_after_a_hand_over(cast, work, visit):
    """Open leads count for their new owner."""
    browser = visit(cast.ada)
    sent = {"apply": "1", "closed": "on", "sellers": [cast.tom.key]}
    browser.post(address(cast.olga), sent)
    assert not Lead.objects.filter(owner=cast.olga).exists()
    csv = browser.get("/reports/team/export/csv?from=2026-01-01&to=2026-01-31")
    rows = {row["label"]: row for row in DictReader(StringIO(b"".join(csv).decode()))}
    columns = ("created_leads", "won_leads", "open_leads")
    assert [rows["Olga Glass"][name] for name in columns] == ["4", "1", "0"]
    assert [rows["Tom Glass"][name] for name in columns] == ["0", "0", "3"]
