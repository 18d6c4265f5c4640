"""Probable duplicates: which leads are found, why, in which order, and for whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leadlight.accounts.models import Membership, Organization, User
from leadlight.sales import duplicates
from leadlight.sales.duplicates import MOST_SHARED, Reason
from leadlight.sales.models import Client, CustomField, Lead, Relation
from leadlight.sales.models.relations import relate
from tests.query_numbers import with_name_searches
from tests.sales.conftest import Company

MAIL, PHONE = "jo@lake-hotel.example", "+33612345678"


@pytest.fixture(autouse=True)
def france(company: Company) -> None:
    Organization.objects.update(country="FR")


def new_lead(company: Company, title: str, **more: Any) -> Lead:
    details: dict[str, Any] = {"owner": company.ana} | more
    return Lead.create(title=title, by=company.ana, **details)


def reasons(lead: Lead, user: User) -> dict[str, list[str]]:
    """Return the reasons for each duplicate by title, best first."""
    found = duplicates.of_lead(lead, user).found
    return {one.lead.title: [str(match.reason) for match in one.matches] for one in found}


def test_the_same_mail_or_phone_makes_a_duplicate(company: Company) -> None:
    lead = new_lead(company, "Windows", description=f"{MAIL}\nTel: 06 12 34 56 78")
    new_lead(company, "Doors", description="Write to JO@Lake-Hotel.example")
    new_lead(company, "Roof", description=f"Mobile {PHONE}, {MAIL}")
    new_lead(company, "Stairs", description="somebody@else.example")
    assert reasons(lead, company.ana) == {
        "Roof": [Reason.EMAIL, Reason.PHONE],
        "Doors": [Reason.EMAIL],
    }


def test_the_same_value_of_a_key_field_makes_a_duplicate(company: Company) -> None:
    number = CustomField.define("lead", "VAT number", "text", is_key=True)
    colour = CustomField.define("lead", "Colour", "text")
    lead, other, third = (new_lead(company, title) for title in ("Windows", "Doors", "Roof"))
    for one, text in ((lead, "FR12"), (other, "fr12"), (third, "FR13")):
        one.set_field(number, text, by=company.ana)
        one.set_field(colour, "Blue", by=company.ana)
    [found] = duplicates.of_lead(lead, company.ana).found
    assert (found.lead, found.matches[0].title) == (other, "same “VAT number”")


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Toitures Martin SARL", "toitures martin"),
        ("Toitures Martin", "Toitures Matrin"),
        ("Martin Toitures", "Toitures Martin"),
        ("Électricité Générale Leroy", "Electricite generale LEROY SAS"),
        ("Glassworks", "Glasworks"),
    ],
)
def test_a_very_similar_title_makes_a_duplicate(company: Company, title: str, other: str) -> None:
    lead, _same, _different = (new_lead(company, one) for one in (title, other, "Garage Moreau"))
    assert reasons(lead, company.ana) == {other: [Reason.NAME]}


@pytest.mark.parametrize(("days", "is_found"), [(100, True), (200, False)])
def test_a_similar_name_of_a_lead_closed_long_ago_is_no_duplicate(
    company: Company, days: int, is_found: bool
) -> None:
    now = timezone.now()
    old = new_lead(company, "Toitures Martin", at=now - timedelta(days=300))
    old.lose(by=company.ana, at=now - timedelta(days=days))
    lead = new_lead(company, "Toitures Martin SARL")
    assert bool(reasons(lead, company.ana)) == is_found
    for one in (old, lead):
        one.describe(MAIL, by=company.ana)
    assert Reason.EMAIL in reasons(lead, company.ana)["Toitures Martin"]


def test_names_of_clients_are_compared_instead_of_titles(company: Company) -> None:
    martin, twin = (
        Client.create(name=name, by=company.ana)
        for name in ("Toitures Martin", "Toitures Martin SARL")
    )
    lead = new_lead(company, "Windows", client=martin)
    new_lead(company, "Roof", client=twin)
    new_lead(company, "Windows", client=Client.create(name="Garage Moreau", by=company.ana))
    assert reasons(lead, company.ana) == {"Roof": [Reason.NAME]}


def test_closed_leads_of_one_client_are_its_history(company: Company) -> None:
    client = Client.create(name="Lake Hotel", by=company.ana)
    details = {"client": client, "description": MAIL}
    lead, old = (new_lead(company, "Windows 2026", **details) for _number in range(2))
    assert reasons(lead, company.ana) == {"Windows 2026": [Reason.EMAIL, Reason.NAME]}
    old.win(by=company.ana)
    assert reasons(lead, company.ana) == {}


def test_open_leads_come_before_closed_ones(company: Company) -> None:
    lead = new_lead(company, "Windows", description=f"{MAIL}\n{PHONE}")
    new_lead(company, "Lost", description=f"{MAIL}\n{PHONE}").lose(by=company.ana)
    new_lead(company, "Open", description=PHONE)
    assert list(reasons(lead, company.ana)) == ["Open", "Lost"]


def test_leads_in_the_bin_are_no_duplicates(company: Company) -> None:
    lead, other = (new_lead(company, "Windows", description=MAIL) for _number in range(2))
    other.bin(by=company.ana)
    assert reasons(lead, company.ana) == {}


@pytest.mark.parametrize("relation", [Relation.NOT_DUPLICATE, Relation.COPY_OF])
def test_related_leads_are_no_duplicates_from_either_side(
    company: Company, relation: Relation
) -> None:
    lead, other = (new_lead(company, "Windows", description=MAIL) for _number in range(2))
    relate(lead, other.key, relation, by=company.ana)
    assert reasons(lead, company.ana) == {}
    assert reasons(other, company.ana) == {}
    relate(lead, other.key, "", by=company.ana)
    assert reasons(other, company.ana) == {"Windows": [Reason.EMAIL, Reason.NAME]}


def test_a_value_of_many_leads_is_named_and_makes_no_duplicates(company: Company) -> None:
    lead = new_lead(company, "Windows", description=PHONE)
    for number in range(MOST_SHARED):
        new_lead(company, f"Roof {number}", description=PHONE)
    assert len(duplicates.of_lead(lead, company.ana).found) == duplicates.SHOWN
    assert duplicates.of_lead(lead, company.ana).has_more
    new_lead(company, "One more", description=PHONE)
    found = duplicates.of_lead(lead, company.ana)
    assert not found
    assert [match.value for match in found.shared] == [PHONE]


# Typing a new lead


def test_typed_text_is_compared_with_all_leads(company: Company) -> None:
    other = new_lead(company, "Toitures Martin", description=MAIL)
    by_mail = duplicates.of_text(company.ana, "Windows", "", f"Hello\n{MAIL}")
    by_title = duplicates.of_text(company.ana, "Toitures Martin SAS", "", "")
    by_client = duplicates.of_text(company.ana, "Windows", "toitures martin", "")
    for found in (by_mail, by_title, by_client):
        assert [one.lead for one in found.found] == [other]
    assert not duplicates.of_text(company.ana, "", "", "")


def test_open_leads_of_the_typed_client_are_found(company: Company) -> None:
    client = Client.create(name="Lake Hotel", by=company.ana)
    new_lead(company, "Roof", client=client)
    new_lead(company, "Doors", client=client).win(by=company.ana)
    [found] = duplicates.of_text(company.ana, "Windows", "LAKE HOTEL", "").found
    assert (found.lead.title, found.matches[0].reason) == ("Roof", Reason.CLIENT)


# Access


def test_hidden_leads_are_told_only_by_their_exact_reason(company: Company) -> None:
    Organization.objects.update(privacy=Organization.Privacy.OWN)
    Lead.create(title="Windows", by=company.bo, owner=company.bo, description=MAIL)
    lead = new_lead(company, "Windows", description=MAIL)
    for found in (
        duplicates.of_lead(lead, company.ana),
        duplicates.of_text(company.ana, "Windows", "", MAIL),
    ):
        assert [match.reason for match in found.hidden] == [Reason.EMAIL]
    assert duplicates.of_lead(lead, company.ana).found == ()
    assert not duplicates.of_text(company.ana, "Windows of Bo", "", "").hidden


def test_similar_names_of_hidden_leads_are_not_told(company: Company) -> None:
    Organization.objects.update(privacy=Organization.Privacy.OWN)
    Lead.create(title="Toitures Martin", by=company.bo, owner=company.bo)
    assert not duplicates.of_text(company.ana, "Toitures Martin", "", "")


def test_managers_see_the_duplicates_of_their_teams(company: Company) -> None:
    Organization.objects.update(privacy=Organization.Privacy.OWN)
    User.objects.filter(pk=company.ana.pk).update(role="manager")
    Membership.objects.filter(user=company.ana).update(team=company.south, is_manager=True)
    other = Lead.create(title="Windows", by=company.bo, owner=company.bo, description=MAIL)
    lead = new_lead(company, "Roof", description=MAIL)
    assert [
        one.lead for one in duplicates.of_lead(lead, User.objects.get(pk=company.ana.pk)).found
    ] == [other]


def test_the_number_of_queries_does_not_depend_on_the_leads(company: Company) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            duplicates.of_lead(Lead.objects.get(pk=lead.pk), company.ana)
        return len(captured)

    lead = new_lead(company, "Toitures Martin", description=f"{MAIL}\n{PHONE}")
    new_lead(company, "Toitures Martin", description=MAIL)
    few = queries()
    for number in range(6):
        new_lead(company, "Toitures Martin", description=f"{PHONE}\n{MAIL} {number}")
    assert queries() == few <= with_name_searches(16)
