"""List of leads: access, search and pagination."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from leadlight.accounts.models import Organization
from leadlight.sales.models import Client, Lead
from tests.web.conftest import at
from tests.web.pages import Page

pytestmark = pytest.mark.database


def titles(browser, **query):
    return [lead.title for lead in browser.get("/leads/", query).context["page"]]


def text(browser, **query):
    return " ".join(Page.read(browser.get("/leads/", query).content.decode()).text.split())


@pytest.mark.parametrize(
    ("who", "sees"),
    [("olga", True), ("mona", True), ("ada", True), ("tom", False), ("uma", False)],
)
def test_people_see_their_own_leads_and_those_of_the_teams_they_manage(who, sees, cast, visit):
    browser = visit(getattr(cast, who))
    assert (cast.lead.title in titles(browser)) is sees
    assert (cast.lead.title in titles(browser, q="hotel")) is sees
    assert (
        cast.lead.key in browser.get("/leads/", {"q": cast.lead.key}).content.decode()
    ) or not sees


@pytest.mark.parametrize("who", ["olga", "mona", "ada", "tom", "uma"])
def test_with_shared_privacy_everybody_sees_every_lead(who, cast, visit):
    Organization.objects.update(privacy=Organization.Privacy.SHARED)
    assert titles(visit(getattr(cast, who))) == [cast.lead.title]


def test_the_number_of_hidden_leads_is_not_revealed(cast, visit):
    assert "0 leads" in text(visit(cast.uma))
    assert "0 leads" in text(visit(cast.uma), q="hotel")


def test_a_lead_in_the_bin_is_not_listed(cast, visit):
    cast.lead.bin(by=cast.olga)
    assert titles(visit(cast.olga)) == []


@pytest.mark.parametrize(
    ("searched", "is_found"),
    [
        ("hotel", True),
        ("WINDOWS", True),
        ("windows hotel", True),
        ("hôtel", True),
        ("HÔTEL ÉLYSÉE", True),
        ("élysée windows", True),
        ("hotel doors", False),
        ("%", False),
        ("_", False),
        ("'; drop table", False),
        ("\N{NUL}", True),
    ],
)
def test_every_search_word_must_occur_in_title_client_or_key(searched, is_found, cast, visit):
    assert titles(visit(cast.olga), q=searched) == ([cast.lead.title] if is_found else [])


def test_a_lead_is_found_by_its_key(cast, visit):
    assert titles(visit(cast.olga), q=cast.lead.key) == [cast.lead.title]


def test_an_empty_result_shows_a_message(cast, visit):
    assert "No lead contains all these words" in text(visit(cast.olga), q="doors")
    assert "You have no access to any leads yet." in text(visit(cast.uma))


def test_the_search_text_is_escaped(cast, visit):
    html = visit(cast.olga).get("/leads/", {"q": "<b>x</b>"}).content.decode()
    assert "<b>x</b>" not in html
    assert html.count("&lt;b&gt;x&lt;/b&gt;") == 3, "in two forms and in the sentence"


def many(cast, number):
    for index in range(number):
        Lead.create(
            title=f"Lead {index}",
            by=cast.olga,
            owner=cast.olga,
            amount=Decimal(index),
            client=Client.objects.create(name=f"Client {index}"),
            at=at(10) + timedelta(minutes=index),
        )


def test_leads_are_ordered_newest_first_with_fifty_per_page(cast, visit):
    many(cast, 60)
    browser = visit(cast.olga)
    first = titles(browser)
    second_page = browser.get(next_page(browser, "/leads/"))
    second = [lead.title for lead in second_page.context["page"]]
    assert (first[0], first[-1], len(first)) == ("Lead 59", "Lead 10", 50)
    assert (second[0], second[-1], len(second)) == ("Lead 9", "Hotel windows", 11)
    assert "1 to 50 of 61" in text(browser)
    assert "51 to 61 of 61" in " ".join(Page.read(second_page.content.decode()).text.split())


def next_page(browser, address):
    return browser.get(address).context["listing"].next_address


def test_the_next_page_keeps_the_search(cast, visit):
    many(cast, 60)
    assert next_page(visit(cast.olga), "/leads/?q=lead").startswith("/leads/?q=lead&after=")


@pytest.mark.parametrize("page", ["0", "-1", "x", "1.5", "9" * 5000])
def test_an_invalid_page_number_is_refused(page, cast, visit):
    assert visit(cast.olga).get("/leads/", {"page": page}).status_code == 400


@pytest.mark.parametrize(
    "position",
    ["x", "1.x", "-1", "9" * 5000, "1.0001-01-01T00:00:00+00:00", "1.2026-01-01", ".", "²"],
)
@pytest.mark.parametrize("name", ["after", "before"])
def test_an_invalid_position_of_a_page_is_refused(name, position, cast, visit):
    assert visit(cast.olga).get("/leads/", {name: position}).status_code == 400


def test_amounts_and_days_are_in_the_format_of_the_reader(cast, visit):
    assert "€1,234.56" in text(visit(cast.olga))
    assert "5 Jan 2026" in text(visit(cast.olga))
    french = visit(cast.olga, "fr").get("/leads/").content.decode()
    assert "1\N{NARROW NO-BREAK SPACE}234,56\N{NARROW NO-BREAK SPACE}€" in french
    assert "5 janv. 2026" in french


def test_days_are_in_the_company_time_zone(cast, visit):
    Lead.create(title="Late", by=None, owner=cast.olga, at=at(31, 23) + timedelta(minutes=30))
    assert "1 Feb 2026" in text(visit(cast.olga), q="late")


def test_a_lead_without_owner_amount_or_client_is_listed(cast, visit):
    Lead.create(title="Bare", by=cast.ada)
    assert "Bare – To do Contact Unassigned –" in text(visit(cast.ada), q="bare")


def test_a_key_may_contain_any_characters(cast, visit):
    odd = "a/b?c#d&é%2F\n<e>"
    Lead.objects.filter(pk=cast.lead.pk).update(key=odd)
    browser = visit(cast.olga)
    [link] = [
        link
        for link in Page.read(browser.get("/leads/").content.decode()).links
        if link.startswith("/leads/a") and "from=" in link
    ]
    assert browser.get(link).context["lead"].key == odd


def test_the_number_of_queries_does_not_depend_on_the_number_of_leads(
    cast, visit, django_assert_num_queries
):
    browser = visit(cast.olga)
    browser.get("/leads/")
    with django_assert_num_queries(18):
        browser.get("/leads/")
    many(cast, 60)
    with django_assert_num_queries(18):
        browser.get("/leads/")
