"""With privacy "own", filters name only the clients and prospecting lists of the reader."""

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
    """The small company, with what nobody but Uma or an admin may see."""
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


def test_clients_are_those_of_the_leads_that_one_sees(company):
    assert named(company.olga, "client") == named(company.mona, "client") == {"Hôtel Élysée"}
    assert named(company.uma, "client") == {"Hôtel Secret"}
    assert named(company.tom, "client") == set()
    assert named(company.ada, "client") == {"Hôtel Élysée", "Hôtel Secret", "Hôtel Unused"}


def test_the_client_of_a_binned_lead_is_not_named(company):
    company.lead.bin(by=company.olga)
    assert named(company.olga, "client") == set()


def test_lists_are_those_of_colleagues_and_those_whose_rows_one_sees(company):
    given = ProspectingList.objects.create(name="Given rows")
    Prospect.objects.create(prospecting_list=given, user=company.tom, cells=[])
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


def test_where_the_company_shares_everything_everybody_is_offered_everything(company):
    Organization.objects.update(privacy=Organization.Privacy.SHARED)
    assert len(named(company.tom, "client")) == len(named(company.ada, "client")) == 3
    assert named(company.tom, "prospecting_list") == named(company.ada, "prospecting_list")


@pytest.mark.parametrize("dimension", ["client", "prospecting_list"])
@pytest.mark.parametrize("searched", ["", "se", "Secret", "fair"])
def test_a_search_of_choices_finds_nothing_of_others(dimension, searched, company, visit):
    text = offered(visit, company.tom, dimension, searched)
    assert not [name for name in ("Hôtel", "fair") if name in text]


def test_the_key_of_what_one_may_not_see_is_answered_like_a_key_that_is_not(company, visit):
    client, prospects = Client.objects.get(name="Hôtel Secret"), ProspectingList.objects.first()
    for dimension, row in (("client", client), ("prospecting_list", prospects)):
        answers = []
        for key in (row.key, "no-such-key"):
            response = visit(company.tom).get("/reports/company/", {dimension: key})
            assert response.status_code == 400
            answers.append(Page.read(response.content.decode()).text.replace(key, "KEY"))
        assert row.name not in answers[0]
        assert answers[0] == answers[1]


def test_pipelines_and_tags_are_the_company_s_own_words_common_to_all(company, visit):
    assert named(company.tom, "pipeline") == {one.name for one in Pipeline.objects.all()}
    assert named(company.tom, "tag") == {one.name for one in Tag.objects.all()}
    assert "Urgent" in offered(visit, company.tom, "tag")
