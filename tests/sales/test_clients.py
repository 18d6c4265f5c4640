"""Verbs of clients, access to them, their totals, and the search for similar names."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from leadlight.accounts.models import Membership, Organization, User
from leadlight.sales import access
from leadlight.sales.client_totals import ClientTotals, totals_by_client
from leadlight.sales.models import Client, CustomField, Lead
from leadlight.sales.models.client_names import sort_name
from leadlight.sales.refusals import Refused
from leadlight.sales.similar_clients import matching, similar_clients
from tests.sales.conftest import Company, at


def names(clients: Any) -> list[str]:
    return [client.name for client in clients]


# Verbs


def test_a_new_client_is_active_and_keeps_who_created_it(company: Company) -> None:
    client = Client.create(name="  Hotel Verre ", by=company.ana, description=" On the quay ")
    client.refresh_from_db()
    assert (client.name, client.description, client.is_active) == (
        "Hotel Verre",
        "On the quay",
        True,
    )
    assert client.created_by == company.ana
    assert client.created_at is not None
    assert client.created_at <= timezone.now()


def test_two_clients_may_have_the_same_name(company: Company) -> None:
    for _number in range(2):
        Client.create(name="Hotel Verre", by=None)
    assert Client.objects.count() == 2


@pytest.mark.parametrize("name", ["", "   ", "x" * 301, "a\0b", "a\nb", "a\tb"])
def test_a_name_is_one_line_of_one_to_three_hundred_characters(name: str, company: Company) -> None:
    client = Client.create(name="Hotel", by=None)
    with pytest.raises(Refused):
        Client.create(name=name, by=None)
    with pytest.raises(Refused):
        client.rename(name)
    client.refresh_from_db()
    assert (client.name, Client.objects.count()) == ("Hotel", 1)


@pytest.mark.parametrize("text", ["a\0b", "x" * 100_001])
def test_a_description_with_nul_or_too_many_characters_is_refused(
    text: str, company: Company
) -> None:
    client = Client.create(name="Hotel", by=None, description="Old")
    with pytest.raises(Refused):
        Client.create(name="Other", by=None, description=text)
    with pytest.raises(Refused):
        client.describe(text)
    client.refresh_from_db()
    assert (client.description, Client.objects.count()) == ("Old", 1)


def test_a_client_is_renamed_and_described(company: Company) -> None:
    client = Client.create(name="Hotel", by=None)
    client.rename(" Élysée ")
    client.describe("Phone: +33 1 42 68 53 00\n\n😀 \u202e")
    client.refresh_from_db()
    assert (client.name, client.sort_name) == ("Élysée", "elysee")
    assert client.description == "Phone: +33 1 42 68 53 00\n\n😀 \u202e"


def test_deactivating_and_reactivating_undo_each_other(company: Company) -> None:
    client = Client.create(name="Hotel", by=None)
    client.deactivate()
    with pytest.raises(Refused, match="“Hotel” is already inactive"):
        client.deactivate()
    client.refresh_from_db()
    assert not client.is_active
    client.reactivate()
    with pytest.raises(Refused, match="“Hotel” is already active"):
        client.reactivate()
    client.refresh_from_db()
    assert client.is_active


def test_a_field_of_leads_or_an_archived_field_is_refused(company: Company) -> None:
    client = Client.create(name="Hotel", by=None)
    of_leads = CustomField.define("lead", "Floors", "number")
    archived = CustomField.define("client", "Old", "text")
    archived.archive()
    for field in (of_leads, archived):
        with pytest.raises(Refused):
            client.set_field(field, "3")
    assert client.field_texts == {}


# Access


@pytest.fixture
def private(company: Company) -> None:
    Organization.objects.update(privacy=Organization.Privacy.OWN)


def lead_of(client: Client, **more: Any) -> Lead:
    return Lead.create(title="x", by=None, client=client, at=at(1, 5), **more)


@pytest.fixture
def clients(company: Company) -> dict[str, Client]:
    """Clients of Ana's, Bo's and a team's lead, of no lead, and with leads in the bin."""
    made = {
        name: Client.create(name=name, by=company.ana if "created" in name else None)
        for name in ("ana", "bo", "north", "none", "created", "created of bo", "created, binned")
    }
    lead_of(made["ana"], owner=company.ana)
    lead_of(made["bo"], owner=company.bo)
    lead_of(made["north"], team=company.north)
    lead_of(made["created of bo"], owner=company.bo)
    lead_of(made["created, binned"], owner=company.bo).bin(by=None)
    return made


def admin() -> User:
    return User.objects.create_user("ada@example.com", role=User.Role.ADMIN)


def manager(company: Company) -> User:
    mona = User.objects.create_user("mona@example.com", role=User.Role.MANAGER)
    Membership.objects.create(team=company.north, user=mona, is_manager=True)
    return mona


def test_a_salesperson_sees_and_edits_the_clients_of_their_leads_and_those_they_created(
    private: None, company: Company, clients: dict[str, Client]
) -> None:
    own = ["ana", "created", "created, binned"]
    assert names(access.visible_clients(company.ana)) == own
    assert names(access.editable_clients(company.ana)) == own
    assert names(access.visible_clients(company.bo)) == ["bo", "created of bo"]


def test_a_manager_sees_and_edits_the_clients_of_their_teams(
    private: None, company: Company, clients: dict[str, Client]
) -> None:
    mona = manager(company)
    assert names(access.visible_clients(mona)) == ["ana", "north"]
    assert names(access.editable_clients(mona)) == ["ana", "north"]


def test_with_shared_privacy_everybody_sees_all_clients_but_edits_only_their_own(
    company: Company, clients: dict[str, Client]
) -> None:
    Organization.objects.update(privacy=Organization.Privacy.SHARED)
    assert len(access.visible_clients(company.bo)) == len(clients)
    # The lead of the team has no owner: whoever sees it may edit it.
    assert names(access.editable_clients(company.bo)) == ["bo", "created of bo", "north"]


def test_only_admins_edit_all_clients_and_deactivate_them(
    private: None, company: Company, clients: dict[str, Client]
) -> None:
    ada = admin()
    assert len(access.visible_clients(ada)) == len(access.editable_clients(ada)) == len(clients)
    may = [access.may_deactivate_clients(user) for user in (ada, manager(company), company.ana)]
    assert may == [True, False, False]


@pytest.mark.parametrize("many", [0, 1_000])
def test_the_checks_of_one_client_agree_with_the_lists(
    many: int,
    company: Company,
    clients: dict[str, Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(access, "MANY_LEADS", many)
    people = [company.ana, company.bo, manager(company), admin()]
    for privacy in Organization.Privacy.values:
        Organization.objects.update(privacy=privacy)
        for user in people:
            seen = {one for one in Client.objects.all() if access.may_see_client(user, one)}
            edited = {one for one in Client.objects.all() if access.may_edit_client(user, one)}
            assert seen == set(access.visible_clients(user))
            assert seen == set(access.listed_clients(user))
            assert edited == set(access.editable_clients(user))
            assert edited <= seen


# Totals


def test_totals_count_the_given_leads_by_status(company: Company) -> None:
    hotel, garage, empty = (Client.create(name=name, by=None) for name in ("h", "g", "e"))
    verbs: dict[str, Callable[..., None]] = {
        "won": Lead.win,
        "lost": Lead.lose,
        "cancelled": Lead.cancel,
        "standby": Lead.stand_by,
    }
    for status, amount in [
        *[("won", 1000), ("won", Decimal("0.10")), ("won", None), ("lost", 7)],
        *[("cancelled", 9), ("standby", 20), ("todo", 300), ("todo", None)],
    ]:
        lead = lead_of(hotel, amount=amount, owner=company.ana)
        if status in verbs:
            verbs[status](lead, by=None)
    binned = lead_of(hotel, amount=50, owner=company.ana)
    binned.bin(by=None)
    lead_of(hotel, amount=60, owner=company.bo)
    lead_of(garage, owner=company.ana).win(by=None)
    Organization.objects.update(privacy=Organization.Privacy.OWN)
    totals = totals_by_client(access.visible_leads(company.ana), [hotel.pk, garage.pk, empty.pk])
    shown = totals[hotel.pk]
    assert (shown.leads, shown.open, shown.won, shown.lost, shown.cancelled) == (8, 3, 3, 1, 1)
    assert (shown.open_amount, shown.won_amount) == (Decimal("320.00"), Decimal("1000.10"))
    assert (shown.closed, shown.win_rate) == (5, 0.6)
    last = hotel.leads.filter(owner=company.ana, is_deleted=False).latest("updated_at")
    assert shown.changed_at == last.updated_at
    assert (totals[garage.pk].leads, totals[garage.pk].won_amount) == (1, Decimal("0.00"))
    assert empty.pk not in totals
    assert ClientTotals().win_rate is None


# Names


@pytest.mark.parametrize(
    ("name", "sorted_as"),
    [
        ("Élan  Sud", "elan sud"),
        ("STRASSE Straße", "strasse strasse"),
        ("ﬁn №5", "fin no5"),
        ("شَرِكة", "شركة"),
        ("ß" * 300, "ss" * 150),
        ("", ""),
    ],
)
def test_names_are_sorted_without_case_and_accents(name: str, sorted_as: str) -> None:
    assert sort_name(name) == sorted_as


def test_clients_are_sorted_by_name_without_case_and_accents(company: Company) -> None:
    for name in ("zebra", "Étoile", "adidas", "Elan", "Zoo"):
        Client.create(name=name, by=None)
    assert names(Client.objects.all()) == ["adidas", "Elan", "Étoile", "zebra", "Zoo"]


def test_the_search_ignores_case_and_accents_and_wants_every_word(company: Company) -> None:
    for name in ("Hôtel Élysée", "Hotel Sud", "50 % Verre_Plus"):
        Client.create(name=name, by=None)
    every = Client.objects.all()
    assert names(matching(every, "ELYSEE hotel")) == ["Hôtel Élysée"]
    assert names(matching(every, "hôtel")) == ["Hôtel Élysée", "Hotel Sud"]
    assert names(matching(every, "%")) == names(matching(every, "e_p")) == ["50 % Verre_Plus"]
    assert len(matching(every, "  ")) == 3


@pytest.mark.parametrize(
    "name",
    [
        "Hôtel Élysée",
        "hotel  elysee",
        "HOTEL ELYSEE SARL",
        "Hotel Elysée S.A.S.",
        "Hotel-Elysee",
        "Hotel Elysees",
        "Hotel Elyse",
    ],
)
def test_similar_names_are_found(name: str, company: Company) -> None:
    for other in ("Hôtel Élysée", "Hotel Sud", "Garage Élysée", "SARL"):
        Client.create(name=other, by=None)
    assert names(similar_clients(admin(), name)) == ["Hôtel Élysée"]


@pytest.mark.parametrize("name", ["Hotel", "Élysée", "Verre", "😀", "SAS", "-", ""])
def test_other_names_are_not_similar(name: str, company: Company) -> None:
    for other in ("Hôtel Élysée", "Hotel Sud", "Garage Élysée", "SARL"):
        Client.create(name=other, by=None)
    assert similar_clients(admin(), name) == []


def test_the_most_similar_clients_come_first(company: Company) -> None:
    for other in ("Atelier Delormes", "Atelier Delorme", "Atelier Delorne", "Atelier Delormee"):
        Client.create(name=other, by=None)
    similar = similar_clients(admin(), "Atelier Delorme", most=2)
    assert names(similar)[0] == "Atelier Delorme"
    assert len(similar) == 2


def test_similar_clients_that_a_user_may_not_see_are_not_named(
    private: None, company: Company
) -> None:
    lead_of(Client.create(name="Hotel Verre", by=None), owner=company.bo)
    assert similar_clients(company.ana, "Hotel Verre") == []
    assert names(similar_clients(company.bo, "Hotel Verre")) == ["Hotel Verre"]
