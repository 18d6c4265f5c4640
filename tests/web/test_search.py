"""Page of the search: results, access, and states without results."""

from __future__ import annotations

import pytest

from leadlight.accounts.models import Organization
from leadlight.sales.models import Client, Lead, ProspectingList
from leadlight.sales.search import writing
from tests.prospects import add_prospect
from tests.web.conftest import at
from tests.web.pages import Page

pytestmark = pytest.mark.database

LIVE = {"HX-Request": "true", "HX-Target": "found"}


def results(browser, text, **headers):
    response = browser.get("/search/", {"q": text}, headers=headers)
    assert response.status_code == 200
    return {
        kind: [str(row) for row in response.context[kind].rows]
        for kind in ("leads", "clients", "prospects")
        if kind in response.context and response.context[kind].rows
    }


def words(browser, text, **headers):
    html = browser.get("/search/", {"q": text}, headers=headers).content.decode()
    return " ".join(Page.read(html).text.split())


@pytest.fixture(autouse=True)
def clients_and_prospects(cast):
    """Index the client and the prospect of the small company, made without verbs."""
    writing.fill()


@pytest.mark.parametrize(
    "text",
    [
        "hotel",
        "WINDOWS hot",
        "élysée",
        "elysee",
        "urgent",
        "lea@hotel.example",
        "LEA@HOTEL.EXAMPLE",
        "lea@hot",
        "0612345678",
        "06 12 34 56 78",
        "+33 6 12 34 56 78",
        "0033612345678",
        "+33 (0)6 12 34",
        "612345678",
        "06.12.34",
    ],
)
def test_a_lead_is_found_by_words_phone_email_and_tag(text, cast, visit):
    assert results(visit(cast.olga), text)["leads"] == ["Hotel windows"]


def test_a_lead_is_found_by_its_key(cast, visit):
    assert results(visit(cast.olga), cast.lead.key)["leads"] == ["Hotel windows"]


@pytest.mark.parametrize("text", ["doors", "hotel doors", "otel", "07 12 34 56 78", "!?", "«»"])
def test_other_texts_find_nothing(text, cast, visit):
    assert results(visit(cast.olga), text) == {}
    assert f"Nothing found for “{text}”" in words(visit(cast.olga), text) or text in ("!?", "«»")


@pytest.mark.parametrize(
    ("who", "found"),
    [
        ("olga", {"leads": ["Hotel windows"], "clients": ["Hôtel Élysée"]}),
        ("tom", {}),
        ("uma", {}),
        ("mona", {"leads": ["Hotel windows"], "clients": ["Hôtel Élysée"]}),
        (
            "ada",
            {
                "leads": ["Hotel windows"],
                "clients": ["Hôtel Élysée"],
                "prospects": ["Hotel Astoria"],
            },
        ),
    ],
)
def test_results_are_those_that_a_person_may_see(who, found, cast, visit):
    assert results(visit(getattr(cast, who)), "hotel") == found


@pytest.mark.parametrize("who", ["olga", "tom", "mona", "uma", "ada"])
def test_with_shared_privacy_everybody_finds_everything(who, cast, visit):
    Organization.objects.update(privacy=Organization.Privacy.SHARED)
    assert results(visit(getattr(cast, who)), "hotel") == {
        "leads": ["Hotel windows"],
        "clients": ["Hôtel Élysée"],
        "prospects": ["Hotel Astoria"],
    }


@pytest.mark.parametrize("text", ["hotel", "0612345678", "lea@hotel.example", "KEY"])
def test_an_outsider_finds_a_lead_by_nothing(text, cast, visit):
    searched = text.replace("KEY", cast.lead.key)
    assert "Hotel windows" not in words(visit(cast.uma), searched)
    assert "Hotel windows" not in words(visit(cast.uma), searched, **LIVE)
    assert "Hotel windows" not in words(visit(cast.uma), f"{searched} =open")


def test_a_prospect_is_found_by_its_user_and_in_the_lists_of_colleagues(cast, visit):
    rows = ProspectingList.objects.create(name="Autumn fair", user=cast.olga)
    add_prospect(rows, {"Company": "Ferme du Lac"})
    add_prospect(
        ProspectingList.objects.get(name="Spring fair"),
        {"Company": "Ferme du Val", "Phone": "01 42 68 53 11"},
        user=cast.uma,
    )
    writing.fill()
    assert results(visit(cast.olga), "ferme") == {"prospects": ["Ferme du Lac"]}
    assert results(visit(cast.mona), "ferme") == {"prospects": ["Ferme du Lac"]}
    assert results(visit(cast.uma), "ferme") == {"prospects": ["Ferme du Val"]}
    assert results(visit(cast.uma), "+33142685311") == {"prospects": ["Ferme du Val"]}
    assert results(visit(cast.tom), "ferme") == {}


def test_a_prospect_leads_to_its_lead_or_to_its_own_page(cast, visit):
    spring = ProspectingList.objects.get(name="Spring fair")
    row = add_prospect(spring, {"Company": "Ferme du Lac"})
    writing.fill()
    html = visit(cast.ada).get("/search/", {"q": "astoria"}).content.decode()
    assert f"/leads/{cast.lead.key}/" in Page.read(html).links
    html = visit(cast.ada).get("/search/", {"q": "ferme"}).content.decode()
    assert f"/prospects/{row.key}/" in Page.read(html).links


def test_every_link_of_the_results_leads_to_a_page(cast, visit):
    browser = visit(cast.ada)
    html = browser.get("/search/", {"q": "hotel"}, headers=LIVE).content.decode()
    links = [one for one in Page.read(html).links if one.startswith("/")]
    assert len(links) == 3
    assert [browser.get(link).status_code for link in links] == [200, 200, 200]


def test_best_results_come_first(cast, visit):
    def lead(title, **more):
        return Lead.create(title=title, by=cast.olga, owner=cast.olga, at=at(10), **more)

    lead("Nova villa").win(by=cast.olga)
    lead("Doors of villa Nova")
    lead("Nova doors")
    lead("Call them back", description="nova@villa.example")
    lead("Nova").lose(by=cast.olga)
    assert results(visit(cast.olga), "nova") == {
        "leads": ["Nova doors", "Nova", "Nova villa", "Call them back", "Doors of villa Nova"]
    }
    assert results(visit(cast.olga), "nova@villa.example")["leads"] == ["Call them back"]


def test_a_long_list_of_leads_leads_to_all_of_them(cast, visit):
    for number in range(9):
        Lead.create(title=f"Roof {number}", by=cast.olga, owner=cast.olga, at=at(10))
    page = Page.read(visit(cast.olga).get("/search/", {"q": "roof"}).content.decode())
    assert "/leads/?q=roof" in page.links
    found = visit(cast.olga).get("/leads/?q=roof").context["listing"]
    assert found.count == 9


def test_a_deactivated_client_is_marked(cast, visit):
    Client.objects.update(is_active=False)
    writing.fill()
    assert "Hôtel Élysée inactive" in words(visit(cast.olga), "elysee")


def test_a_search_without_text_says_what_can_be_searched(cast, visit):
    assert "by words, phone number, email address or tag" in words(visit(cast.olga), " ")


@pytest.mark.parametrize("text", ["h", "é", "a b"])
def test_a_search_that_is_too_short_says_so(text, cast, visit):
    assert "Type at least 2 letters or digits." in words(visit(cast.olga), text)


def test_the_box_gets_the_results_alone(cast, visit):
    html = visit(cast.olga).get("/search/", {"q": "hotel"}, headers=LIVE).content.decode()
    assert "Hotel windows" in html
    assert "<html" not in html
    assert visit(cast.olga).get("/search/", {"q": ""}, headers=LIVE).content == b""


def test_on_the_page_of_the_search_the_address_follows_the_text(cast, visit):
    there = LIVE | {"HX-Current-URL": "http://testserver/search/?q=hot"}
    response = visit(cast.olga).get("/search/", {"q": "hotel é"}, headers=there)
    assert response.headers["HX-Replace-Url"] == "/search/?q=hotel+%C3%A9"
    response = visit(cast.olga).get("/search/", {"q": ""}, headers=there)
    assert response.headers["HX-Replace-Url"] == "/search/"
    elsewhere = LIVE | {"HX-Current-URL": "http://testserver/leads/"}
    response = visit(cast.olga).get("/search/", {"q": "hotel"}, headers=elsewhere)
    assert "HX-Replace-Url" not in response.headers


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '" OR "1"',
        "' | 'x':*",
        "hotel\0",
        "x" * 10_000,
        "\N{RIGHT-TO-LEFT OVERRIDE}letoh",
        "😀",
        "NEAR(a b)",
        "* ^ = : - ( )",
        "=u1 =open",
    ],
)
def test_odd_texts_are_harmless(text, cast, visit):
    html = visit(cast.olga).get("/search/", {"q": text}).content.decode()
    assert "<script>alert" not in html


def test_phone_numbers_are_formatted_and_linked_with_the_dialler(cast, visit):
    Organization.objects.update(dialler="sip:%s@pbx.example")
    html = visit(cast.olga).get("/search/", {"q": "hotel"}).content.decode()
    assert 'href="sip:+33612345678@pbx.example" data-call>06 12 34 56 78</a>' in html
    assert 'href="mailto:lea@hotel.example"' in html


def test_the_number_of_queries_does_not_depend_on_the_number_of_results(
    cast, visit, django_assert_max_num_queries
):
    for number in range(20):
        client = Client.objects.create(name=f"Roofer {number}")
        Lead.create(title=f"Roof {number}", by=cast.olga, owner=cast.olga, client=client, at=at(10))
    writing.fill()
    browser = visit(cast.olga)
    browser.get("/search/", {"q": "roof"})
    with django_assert_max_num_queries(26):
        browser.get("/search/", {"q": "roof"}, headers=LIVE)
