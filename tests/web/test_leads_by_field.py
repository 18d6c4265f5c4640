"""Custom fields in the list of leads: columns and filters in the query string."""

from __future__ import annotations

import re

import pytest

from leadlight.sales.models import CustomField, Lead
from tests.web.conftest import at
from tests.web.pages import Page

pytestmark = pytest.mark.database


@pytest.fixture
def building(cast):
    field = CustomField.define("lead", "Building", "choice", choices=["House", "Flat"])
    cast.lead.set_field(field, "House", by=cast.olga)
    Lead.create(title="Doors", by=cast.olga, owner=cast.olga, at=at(10))
    return field


def titles(browser, **query):
    return [lead.title for lead in browser.get("/leads/", query).context["page"]]


def text(browser, **query):
    return " ".join(Page.read(browser.get("/leads/", query).content.decode()).text.split())


def test_a_field_chosen_as_a_column_is_shown(building, cast, visit):
    browser = visit(cast.olga)
    html = browser.get("/leads/", {"columns": f"field:{building.key}"}).content.decode()
    page = Page.read(html)
    assert (page.faults, page.unlabelled) == ([], [])
    assert re.search(r'<th scope="col"><a class="sort" href="[^"]+"><bdi>Building</bdi>', html)
    assert '<td data-label="Building"><bdi>House</bdi><a class="edit"' in html
    assert '<td class="none" data-label="Building">–<a class="edit"' in html
    assert 'data-label="Building"' not in browser.get("/leads/").content.decode()


def test_the_list_is_filtered_by_a_field(building, cast, visit):
    browser, word = visit(cast.olga), f"field:{building.key}"
    assert titles(browser, **{word: "House"}) == ["Hotel windows"]
    assert titles(browser, **{word: "none"}) == ["Doors"]
    assert titles(browser, **{word: ["House", "none"]}) == ["Doors", "Hotel windows"]
    assert titles(browser, **{word: ["House", "none"], "q": "doors"}) == ["Doors"]
    assert titles(browser, **{word: "Flat"}) == []
    assert "No leads match these filters." in text(browser, **{word: "Flat"})


def test_field_filters_do_not_reveal_hidden_leads(building, cast, visit):
    browser, word = visit(cast.uma), f"field:{building.key}"
    assert titles(browser, **{word: ["House", "none"]}) == []
    assert "0 leads" in text(browser, **{word: "House"})


def test_the_form_shows_the_current_filters(building, cast, visit):
    size = CustomField.define("lead", "Size", "number")
    note = CustomField.define("lead", "Note", "text")
    asked = {
        f"field:{building.key}": "House",
        f"field:{size.key}.from": "1.50",
        f"field:{note.key}": ['"<b>', "none"],
        "columns": f"field:{size.key}",
        "q": "windows",
    }
    html = visit(cast.olga).get("/leads/", asked).content.decode()
    assert html[html.index("<main") : html.index("</main")].count(" checked>") == 3 + 8 + 1, (
        "and the default columns, and a pin"
    )
    assert f'name="field:{size.key}.from" value="1.5"' in html
    assert f'name="field:{note.key}" value="&quot;&lt;b&gt;"' in html
    assert '<input type="hidden" name="q" value="windows">' in html


def test_the_next_page_keeps_columns_and_filters(building, cast, visit):
    for number in range(60):
        Lead.create(title=str(number), by=None, owner=cast.olga, at=at(11))
    word = f"field:{building.key}"
    response = visit(cast.olga).get("/leads/", {word: "none", "columns": word})
    link = response.context["listing"].next_address
    assert f"field%3A{building.key}=none" in link
    assert f"columns=field%3A{building.key}" in link


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"columns": "field:nowhere"}, "Unknown column: “field:nowhere”."),
        ({"columns": "colour"}, "Unknown column: “colour”."),
        ({"field:nowhere": "x"}, "Leads have no field “nowhere”."),
        ({"field:BUILDING": "Castle"}, "Field “Building”: Choose one of: House, Flat."),
        ({"field:BUILDING.from": "House"}, "cannot be filtered by a range"),
        ({"field:<script>": "x"}, "Leads have no field “<script>”."),
    ],
)
def test_an_invalid_field_filter_is_refused_with_a_message(query, sentence, building, cast, visit):
    query = {word.replace("BUILDING", building.key): value for word, value in query.items()}
    response = visit(cast.olga).get("/leads/", query)
    html = response.content.decode()
    assert response.status_code == 400
    assert sentence in " ".join(Page.read(html).text.split())
    assert "<script>" not in html.replace("<script src", "")


def test_archived_fields_and_client_fields_are_not_offered(building, cast, visit):
    site = CustomField.define("client", "Site", "link")
    building.archive()
    browser = visit(cast.olga)
    assert "Building" not in text(browser)
    assert "Site" not in text(browser)
    for field in (site, building):
        assert browser.get("/leads/", {f"field:{field.key}": "x"}).status_code == 400


def test_field_values_with_markup_are_escaped(cast, visit):
    note = CustomField.define("lead", "<i>\u202eNote", "text")
    site = CustomField.define("lead", "Site", "link")
    cast.lead.set_field(note, "<script>alert(1)</script>\u202e" + "x" * 300, by=cast.olga)
    cast.lead.set_field(site, "https://example.com/'\"><b>", by=cast.olga)
    word = f"field:{note.key}"
    query = {"columns": [word, f"field:{site.key}"], word: "alert"}
    html = visit(cast.olga).get("/leads/", query).content.decode()
    assert Page.read(html).faults == []
    assert "<bdi>&lt;script&gt;alert(1)" in html
    assert "<i>" not in html
    assert "<b>" not in html
    assert "x" * 100 not in html


def test_field_columns_cost_one_more_query(building, cast, visit, django_assert_num_queries):
    browser, word = visit(cast.olga), f"field:{building.key}"
    for number in range(60):
        Lead.create(title=str(number), by=None, owner=cast.olga, at=at(11))
    browser.get("/leads/")
    with django_assert_num_queries(19):
        browser.get("/leads/", {"columns": word, word: ["House", "none"]})
