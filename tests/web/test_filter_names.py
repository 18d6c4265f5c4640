"""With privacy "own", filters offer only clients and prospecting lists visible to the reader."""

from __future__ import annotations

import pytest

from leadlight.accounts.models import Organization
from leadlight.replication import replica
from leadlight.sales import access
from leadlight.sales.models import Client, Lead, Pipeline, Prospect, ProspectingList, Tag
from tests.web.conftest import at
from tests.web.pages import Page

pytestmark = pytest.mark.database


@pytest.fixture
def company(cast):
    """The small company, with data that only Uma and admins may see."""
    client = Client.objects.create(name="Hôtel Secret")
    Lead.create(title="Secret", by=cast.uma, owner=cast.uma, at=at(5), client=client)
    Client.objects.create(name="Hôtel Unused")
    ProspectingList.objects.create(name="Autumn fair", user=cast.uma)
    ProspectingList.objects.create(name="Nobody's fair")
    yield cast
    replica.forget()


def named(reader, dimension):
    return {row.name for row in access.choices(reader, dimension)}


def offered(visit, reader, dimension, searched=""):
    address = f"/reports/company/choices/{dimension}/"
    return Page.read(visit(reader).get(address, {"search": searched}).content.decode()).text


def test_offered_clients_are_those_of_visible_leads(company):
    assert named(company.olga, "client") == named(company.mona, "client") == {"Hôtel Élysée"}
    assert named(company.uma, "client") == {"Hôtel Secret"}
    assert named(company.tom, "client") == set()
    assert named(company.ada, "client") == {"Hôtel Élysée", "Hôtel Secret", "Hôtel Unused"}


def test_the_client_of_a_binned_lead_is_not_offered(company):
    company.lead.bin(by=company.olga)
    assert named(company.olga, "client") == set()


def test_offered_lists_are_those_of_visible_users_and_with_visible_rows(company):
    given = ProspectingList.objects.create(name="Given rows")
    Prospect.objects.create(prospecting_list=given, user=company.tom)
    assert named(company.olga, "prospecting_list") == {"Spring fair"}
    assert named(company.tom, "prospecting_list") == {"Given rows"}
    assert named(company.mona, "prospecting_list") == {"Spring fair", "Given rows"}
    assert named(company.uma, "prospecting_list") == {"Autumn fair"}
    assert named(company.ada, "prospecting_list") == {
        "Spring fair",
        "Given rows",
        "Autumn fair",
        "Nobody's fair",
    }


def test_with_shared_privacy_everybody_is_offered_everything(company):
    Organization.objects.update(privacy=Organization.Privacy.SHARED)
    assert len(named(company.tom, "client")) == len(named(company.ada, "client")) == 3
    assert named(company.tom, "prospecting_list") == named(company.ada, "prospecting_list")


@pytest.mark.parametrize("dimension", ["client", "prospecting_list"])
@pytest.mark.parametrize("searched", ["", "se", "Secret", "fair"])
def test_a_search_finds_no_hidden_choices(dimension, searched, company, visit):
    text = offered(visit, company.tom, dimension, searched)
    assert not [name for name in ("Hôtel", "fair") if name in text]


def test_a_hidden_key_gives_the_same_error_as_a_missing_one(company, visit):
    client, prospects = Client.objects.get(name="Hôtel Secret"), ProspectingList.objects.first()
    for dimension, row in (("client", client), ("prospecting_list", prospects)):
        answers = []
        for key in (row.key, "no-such-key"):
            response = visit(company.tom).get("/reports/company/", {dimension: key})
            assert response.status_code == 400
            answers.append(Page.read(response.content.decode()).text.replace(key, "KEY"))
        assert row.name not in answers[0]
        assert answers[0] == answers[1]


def test_pipelines_and_tags_are_offered_to_everybody(company, visit):
    assert named(company.tom, "pipeline") == {one.name for one in Pipeline.objects.all()}
    assert named(company.tom, "tag") == {one.name for one in Tag.objects.all()}
    assert "Urgent" in offered(visit, company.tom, "tag")
