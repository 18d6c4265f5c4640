"""The page of one lead, and the story it tells."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from leadlight.accounts.models import Organization, Team
from leadlight.sales.models import Activity, Lead, LeadEvent
from leadlight.web.leads.timeline import timeline_of
from tests.web.conftest import at
from tests.web.pages import Page

pytestmark = pytest.mark.database


def page_of(lead, browser):
    return browser.get(f"/leads/{lead.key}/").content.decode()


def text_of(lead, browser):
    return " ".join(Page.read(page_of(lead, browser)).text.split())


@pytest.mark.parametrize(
    ("who", "status"), [("olga", 200), ("mona", 200), ("ada", 200), ("tom", 404), ("uma", 404)]
)
def test_only_who_may_see_the_lead_finds_it(who, status, cast, visit):
    assert visit(getattr(cast, who)).get(f"/leads/{cast.lead.key}/").status_code == status


def test_a_lead_of_others_is_answered_like_one_that_does_not_exist(cast, visit):
    def answer(key):
        html = visit(cast.uma).get(f"/leads/{key}/").content.decode().replace(key, "KEY")
        return re.sub(r'csrfmiddlewaretoken" value="\w+"', "", html)

    assert answer(cast.lead.key) == answer("never-heard-of")


def test_a_lead_in_the_bin_is_not_found(cast, visit):
    cast.lead.bin(by=cast.olga)
    assert visit(cast.ada).get(f"/leads/{cast.lead.key}/").status_code == 404


def test_it_says_what_is_known_of_the_lead(cast, visit):
    text = text_of(cast.lead, visit(cast.olga))
    for said in [
        "Hotel windows To do Direct sales · Offer",
        "Amount €1,234.56",
        "Probability 40% (of the step)",
        "Expected day 31 Mar 2026",
        "Owner Olga Glass",
        "Team North",
        "Client Hôtel Élysée",
        "Urgent Product · Windows",
        "Source Fair",
        "Created on 5 Jan 2026, 10:00 by Olga Glass",
        "Prospecting list Spring fair",
        "Company Hotel Astoria",
        "Phone 01 42 68 53 00",
    ]:
        assert said in text


def test_its_own_probability_comes_before_the_step_s(cast, visit):
    cast.lead.set_probability(75, by=cast.olga)
    assert "Probability 75% Expected day" in text_of(cast.lead, visit(cast.olga))


def test_it_is_written_as_the_french_write(cast, visit):
    text = text_of(cast.lead, visit(cast.olga, "fr"))
    assert "Montant 1 234,56 €" in text
    assert "Probabilité 40 % (de l’étape)" in text
    assert "Date prévue 31 mars 2026" in text
    assert "Statut : À faire → puis Gagnée" in text


def test_mail_and_phone_are_links_and_the_rest_is_text(cast, visit):
    html = page_of(cast.lead, visit(cast.olga))
    assert 'href="mailto:lea@hotel.example"' in html
    assert 'href="tel:+33612345678"' in html
    assert 'href="tel:0142685300"' in html
    assert "&lt;soon&gt;" in html


def test_the_story_is_told_newest_first(cast):
    told = [
        (
            entry.activity and entry.activity.content,
            entry.is_creation,
            {change.kind: (change.before, change.after) for change in entry.changes},
        )
        for entry in timeline_of(cast.lead)
    ]
    assert told == [
        (None, False, {"status": ("won", "todo")}),
        (None, False, {"status": ("todo", "won")}),
        (None, False, {"step": ("Contact", "Offer")}),
        ("Said on the 6th", False, {}),
        (
            None,
            True,
            {
                "pipeline": (None, "Direct sales"),
                "step": (None, "Contact"),
                "status": (None, "todo"),
                "owner": (None, "Olga Glass"),
                "team": (None, "North"),
                "amount": (None, cast.lead.amount),
                "estimated_closing": (None, cast.lead.estimated_closing_on),
            },
        ),
        ("Said on the 4th", False, {}),
    ]


def test_who_and_when_are_in_the_company_s_zone(cast, visit):
    text = text_of(cast.lead, visit(cast.olga))
    assert "Status: To do → then Won 20 Jan 2026, 10:00 · Mona Glass · recorded" in text
    assert "Phone call · Reached Said on the 6th 6 Jan 2026, 10:00 · Olga Glass" in text


def test_only_what_was_recorded_later_says_so(cast):
    LeadEvent.objects.filter(kind="step").update(recorded_at=at(7))
    LeadEvent.objects.filter(lead=cast.lead, value="won").update(recorded_at=at(22))
    entries = {entry.happened_at: entry.recorded_at for entry in timeline_of(cast.lead)}
    assert entries[at(20)] == at(22)
    assert entries[at(6)] is None


def test_giving_up_a_lead_and_what_is_gone_are_told(cast, visit):
    cast.lead.assign_to(None, by=cast.ada)
    Team.objects.filter(name="North").update(name="Northern")
    text = text_of(cast.lead, visit(cast.ada))
    assert "Owner: Olga Glass → then none" in text
    assert "Team: Northern" in text


def test_a_trip_to_the_bin_and_back_is_part_of_the_story(cast, visit):
    cast.lead.bin(by=cast.ada, at=at(22))
    cast.lead.restore(by=cast.ada, at=at(23))
    assert "Deleted: in the bin → then not in the bin" in text_of(cast.lead, visit(cast.ada))


def test_a_lead_without_history_says_so(cast, visit):
    cast.lead.events.all().delete()
    Lead.objects.filter(pk=cast.lead.pk).update(has_history=False)
    assert "came in without its history" in text_of(cast.lead, visit(cast.olga))


def test_a_lead_with_nothing_but_a_title_has_its_page(cast, visit):
    bare = Lead.create(title="Bare", by=None)
    text = text_of(bare, visit(cast.ada))
    assert "Amount –" in text
    assert "Owner Unassigned" in text


def test_the_page_of_a_found_lead_shows_no_other_s_name(cast, visit):
    Organization.objects.update(privacy=Organization.Privacy.OWN)
    assert not re.search(r"Uma|Tom", text_of(cast.lead, visit(cast.olga)))


def test_the_page_asks_the_database_as_often_however_long_the_story(
    cast, visit, django_assert_num_queries
):
    browser, address = visit(cast.olga), f"/leads/{cast.lead.key}/"
    browser.get(address)
    with django_assert_num_queries(13):
        browser.get(address)
    call = cast.lead.activities.get()
    for number in range(30):
        cast.lead.assign_to([cast.tom, cast.olga][number % 2], by=cast.ada)
        cast.lead.move_to(cast.steps[number % 3], by=cast.olga)
        Activity.objects.create(
            lead=cast.lead,
            activity_type=call.activity_type,
            outcome=call.outcome,
            user=cast.tom,
            occurred_at=at(25) + timedelta(minutes=number),
        )
    with django_assert_num_queries(13):
        browser.get(address)
