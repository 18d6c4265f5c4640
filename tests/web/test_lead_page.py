"""Page of one lead, with its timeline."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from leadlight.accounts.models import Organization, Team
from leadlight.sales.models import Activity, Client, CustomField, Lead, LeadEvent, Reminder
from leadlight.sales.models.event_log import Channel, through
from leadlight.web.leads.timeline import timeline_of
from tests.query_numbers import with_name_searches
from tests.web.conftest import at
from tests.web.pages import Page

pytestmark = pytest.mark.database


def page_of(lead, browser):
    return browser.get(f"/leads/{lead.key}/").content.decode()


def text_of(lead, browser):
    """Return the text of the page, without the links that open forms."""
    html = re.sub(r'<a class="edit".*?</a>', "", page_of(lead, browser), flags=re.DOTALL)
    return " ".join(Page.read(html).text.split())


@pytest.mark.parametrize(
    ("who", "status"), [("olga", 200), ("mona", 200), ("ada", 200), ("tom", 404), ("uma", 404)]
)
def test_a_lead_is_found_only_by_people_who_may_see_it(who, status, cast, visit):
    assert visit(getattr(cast, who)).get(f"/leads/{cast.lead.key}/").status_code == status


def test_a_hidden_lead_gives_the_same_error_as_a_missing_one(cast, visit):
    def answer(key):
        html = visit(cast.uma).get(f"/leads/{key}/").content.decode().replace(key, "KEY")
        return re.sub(r'csrfmiddlewaretoken" value="\w+"', "", html)

    assert answer(cast.lead.key) == answer("never-heard-of")


def test_a_lead_in_the_bin_is_not_found(cast, visit):
    cast.lead.bin(by=cast.olga)
    assert visit(cast.ada).get(f"/leads/{cast.lead.key}/").status_code == 404


def test_the_timeline_shows_events_of_every_kind(cast, visit):
    lead, olga = cast.lead, cast.olga
    hotel = Client.objects.create(name="Lake Hotel")
    with through(Channel.MAIL):
        lead.rename("Hotel doors", by=olga)
    lead.describe("Two doors <b>north</b>", by=olga)
    lead.set_client(hotel, by=olga)
    lead.set_source("Web", by=olga)
    lead.set_tags([], by=olga)
    lead.set_reminder(Reminder(datetime(2026, 12, 24, 8, tzinfo=UTC)), by=olga)
    lead.star(by=olga)
    lead.unstar(by=olga)
    comment = lead.comment("Away until May", by=olga)
    lead.edit_comment(comment, "Away until June", by=olga)
    gone = lead.comment("Wrong lead", by=olga)
    lead.remove_comment(gone, by=olga)
    lead.win(by=olga)
    lead.correct_closing(datetime(2026, 2, 3, 12, tzinfo=UTC), by=olga)
    lead.correct_creation(datetime(2026, 1, 2, 12, tzinfo=UTC), by=olga)
    lead.bin(by=olga)
    lead.restore(by=olga)
    html = page_of(lead, visit(olga))
    text = " ".join(Page.read(html).text.split())
    for said in [
        "Title: Hotel windows → then Hotel doors",
        "· Email",
        "→ then Two doors <b>north</b>",
        "Client: Hôtel Élysée → then Lake Hotel",
        "Source: Fair → then Web",
        "Tags: Urgent, Windows → then none",
        "Reminder: 24 Dec 2026, 09:00",
        "Starred: no → then yes",
        "Starred: yes → then no",
        "Away until June (edited)",
        "Close date:",
        "3 Feb 2026, 13:00",
        "Creation date: 5 Jan 2026, 10:00 → then 2 Jan 2026, 13:00",
        "Deleted: not in the bin → then in the bin",
    ]:
        assert said in text, said
    assert "Away until May" not in text
    assert "Wrong lead" not in text
    assert "<b>north</b>" not in html


OWN_VALUES = {
    "text": ("<script>alert(1)</script> \u202eleft", "<script>alert(1)</script> \u202eleft"),
    "number": ("-1234.50", "\N{MINUS SIGN}1,234.5"),
    "amount": ("1000", "€1,000"),
    "day": ("2026-12-24", "24 Dec 2026"),
    "choice": ("<b>House</b>", "<b>House</b>"),
    "email": ("a?cc=b@example.com", "a?cc=b@example.com"),
    "phone": ("+33 (0)6 12 34 56 78", "+33 (0)6 12 34 56 78"),
    "address": ("1 rue de la Paix", "1 rue de la Paix"),
    "link": ('https://example.com/"><b>', 'https://example.com/"><b>'),
}


def test_values_of_custom_fields_are_shown_on_the_page_and_in_the_timeline(cast, visit):
    for kind, (text, _shown) in OWN_VALUES.items():
        field = CustomField.define("lead", f"Own <{kind}>", kind, choices=["<b>House</b>"])
        cast.lead.set_field(field, text, by=cast.olga)
    cast.lead.set_field(field, "", by=cast.olga)
    cast.lead.set_field(field, OWN_VALUES["link"][0], by=cast.olga)
    html = page_of(cast.lead, visit(cast.olga))
    text = " ".join(Page.read(html).text.split())
    for kind, (_text, shown) in OWN_VALUES.items():
        assert f"Own <{kind}> {shown}" in text, kind
        assert f"Own <{kind}>: {shown}" in text, kind
    assert f"Own <link>: {OWN_VALUES['link'][1]} → then none" in text
    assert "<script>alert" not in html
    assert "<b>" not in html
    assert 'href="mailto:a%3Fcc%3Db@example.com"' in html
    assert 'href="tel:+33612345678"' in html
    link = 'href="https://example.com/&quot;&gt;&lt;b&gt;" rel="noopener noreferrer"'
    assert link in html


def test_an_archived_field_is_only_in_the_timeline(cast, visit):
    floors = CustomField.define("lead", "Floors", "number")
    cast.lead.set_field(floors, "5", by=cast.olga)
    floors.archive()
    text = text_of(cast.lead, visit(cast.olga))
    assert "Floors: 5" in text
    assert "Floors 5" not in text


def test_the_page_shows_the_fields_of_the_lead(cast, visit):
    text = text_of(cast.lead, visit(cast.olga))
    for said in [
        "Hotel windows To do Direct sales · Offer",
        "Amount €1,234.56",
        "Probability 40% (from the step)",
        "Expected close date 31 Mar 2026",
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


def test_the_probability_of_the_lead_overrides_that_of_the_step(cast, visit):
    cast.lead.set_probability(75, by=cast.olga)
    assert "Probability 75% Expected close date" in text_of(cast.lead, visit(cast.olga))


def test_the_page_uses_french_formats(cast, visit):
    text = text_of(cast.lead, visit(cast.olga, "fr"))
    assert "Montant 1 234,56 €" in text
    assert "Probabilité 40 % (de l’étape)" in text
    assert "Date de clôture prévue 31 mars 2026" in text
    assert "Statut : À faire → puis Gagnée" in text


def test_only_mail_addresses_and_phone_numbers_become_links(cast, visit):
    html = page_of(cast.lead, visit(cast.olga))
    assert 'href="mailto:lea@hotel.example"' in html
    assert 'href="tel:+33612345678"' in html
    assert 'href="tel:+33142685300"' in html
    assert "&lt;soon&gt;" in html


def test_the_timeline_is_ordered_newest_first(cast):
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


def test_the_timeline_shows_author_and_time_in_the_company_time_zone(cast, visit):
    text = text_of(cast.lead, visit(cast.olga))
    assert "Status: To do → then Won 20 Jan 2026, 10:00 · Mona Glass · recorded" in text
    assert "Phone call · Reached Said on the 6th 6 Jan 2026, 10:00 · Olga Glass" in text


def test_the_timeline_marks_only_events_recorded_later(cast):
    LeadEvent.objects.filter(kind="step").update(recorded_at=at(7))
    LeadEvent.objects.filter(lead=cast.lead, value="won").update(recorded_at=at(22))
    entries = {entry.happened_at: entry.recorded_at for entry in timeline_of(cast.lead)}
    assert entries[at(20)] == at(22)
    assert entries[at(6)] is None


def test_the_timeline_shows_a_removed_owner_and_a_renamed_team(cast, visit):
    cast.lead.assign_to(None, by=cast.ada)
    Team.objects.filter(name="North").update(name="Northern")
    text = text_of(cast.lead, visit(cast.ada))
    assert "Owner: Olga Glass → then none" in text
    assert "Team: Northern" in text


def test_the_timeline_shows_deletion_and_restoration(cast, visit):
    cast.lead.bin(by=cast.ada, at=at(22))
    cast.lead.restore(by=cast.ada, at=at(22))
    assert "Deleted: in the bin → then not in the bin" in text_of(cast.lead, visit(cast.ada))


def test_a_lead_without_history_shows_a_message(cast, visit):
    cast.lead.events.all().delete()
    Lead.objects.filter(pk=cast.lead.pk).update(has_history=False)
    assert "was imported without its history" in text_of(cast.lead, visit(cast.olga))


def test_a_lead_with_only_a_title_has_a_page(cast, visit):
    bare = Lead.create(title="Bare", by=None)
    text = text_of(bare, visit(cast.ada))
    assert "Amount –" in text
    assert "Owner Unassigned" in text


def test_the_page_shows_no_names_of_hidden_colleagues(cast, visit):
    Organization.objects.update(privacy=Organization.Privacy.OWN)
    assert not re.search(r"Uma|Tom", text_of(cast.lead, visit(cast.olga)))


def test_the_number_of_queries_does_not_depend_on_the_timeline(
    cast, visit, django_assert_num_queries
):
    browser, address = visit(cast.olga), f"/leads/{cast.lead.key}/"
    browser.get(address)
    with django_assert_num_queries(with_name_searches(43)):
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
    with django_assert_num_queries(with_name_searches(43)):
        browser.get(address)


def test_a_field_with_the_key_of_a_comment_does_not_change_its_text(cast, visit):
    comment = cast.lead.comment("Away until May", by=cast.olga)
    floors = CustomField.define("lead", "Floors", "text")
    CustomField.objects.filter(pk=floors.pk).update(key=comment.key)  # imported keys are any text
    floors.refresh_from_db()
    cast.lead.set_field(floors, "Five", by=cast.olga)
    assert "Away until May" in text_of(cast.lead, visit(cast.olga))


def test_contacts_of_the_description_are_listed_by_person(cast, visit):
    text = "Léa Petit\nTél : 01 42 68 53 00\n---\nNom : Bob <b>\nE-mail : bob@x.example"
    cast.lead.describe(text, by=cast.olga)
    html = visit(cast.olga).get(f"/leads/{cast.lead.key}/").content.decode()
    assert "<strong><bdi>Léa Petit</bdi></strong>" in html
    assert '<dd><a class="nowrap" href="tel:+33142685300" data-call>01 42 68 53 00</a></dd>' in html
    assert "<strong><bdi>Bob &lt;b&gt;</bdi></strong>" in html
    assert '<dt><bdi>Email</bdi></dt><dd><a href="mailto:bob@x.example">' in html


def test_a_lead_without_contacts_has_no_list_of_them(cast, visit):
    cast.lead.describe("Windows", by=cast.olga)
    assert ">Contacts<" not in visit(cast.olga).get(f"/leads/{cast.lead.key}/").content.decode()
