"""Choice fields as rows and filters of the report pages."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlencode

import pytest

from leadlight.replication import replica
from leadlight.sales.models import Category, CustomField, Lead, Shortcut, Tag
from tests.web.conftest import at
from tests.web.pages import Page
from tests.web.worked import row_names

pytestmark = pytest.mark.database

YEAR = {"from": "2026-01-01", "to": "2026-12-31"}


@pytest.fixture
def sector(cast):
    """A field of two leads: Olga's is in retail, and one without an owner in no sector."""
    field = CustomField.define("lead", "Sector", "choice", choices=["Retail", "Industry", "Farms"])
    cast.lead.set_field(field, "Retail", by=cast.olga)
    Lead.create(title="Doors", by=cast.ada, at=at(10))
    yield field
    replica.forget()


def get(browser, key="company", status=200, **query):
    address = f"/reports/{key}/?{urlencode({**YEAR, **query}, doseq=True)}"
    response = browser.get(address, follow=True)
    assert response.status_code == status, response.content.decode()[:2000]
    return unescape(response.content.decode())


def created(browser, **query):
    """Return the number of created leads by row."""
    page = get(browser, columns="created_leads", **query)
    body = page[page.index("<tbody>") : page.index("</tbody>")]
    figures = re.findall(r'<td class="number[^"]*">(?:<a [^>]*>)?([^<]+)', body)
    return dict(zip(row_names(page), figures, strict=True))


def total_list(browser, key="company", **query):
    """Return the titles of the leads behind the total of the created leads."""
    query = {**YEAR, **query, "column": "created_leads"}
    page = browser.get(f"/reports/{key}/leads/?{urlencode(query, doseq=True)}").content.decode()
    return {title for title in ("Hotel windows", "Doors") if title in page}


def test_a_field_added_through_settings_is_a_grouping_and_a_filter_at_once(cast, visit):
    browser = visit(cast.ada)
    assert "Sector" not in get(browser)
    given = {"subject": "lead", "name": "Sector", "kind": "choice", "choices": "Retail\nIndustry"}
    assert browser.post("/settings/fields/", given).status_code == 302
    field = CustomField.objects.get()
    word = f"field:{field.key}"
    page = get(browser)
    assert f'<option value="{word}">Rows: Sector</option>' in page
    assert f'name="{word}" value="Industry"' in page
    assert created(browser, group_by=word) == {
        "Retail": "0",
        "Industry": "0",
        "Without a value": "1",
    }
    cast.lead.set_field(field, "Industry", by=cast.ada)
    assert created(browser, group_by=word) == {"Retail": "0", "Industry": "1"}
    for choice, titles in (("Industry", {"Hotel windows"}), ("Retail", set()), ("none", set())):
        assert total_list(browser, **{word: choice}) == titles
        leads = browser.get("/leads/", {word: choice}).context["page"]
        assert {lead.title for lead in leads} == titles
    replica.forget()


@pytest.mark.answers
@pytest.mark.parametrize("key", ["company", "leads", "losses", "forecast", "categories"])
def test_reports_with_categories_as_rows_offer_the_field(key, sector, cast, visit):
    word = f"field:{sector.key}"
    page = get(visit(cast.ada), key, group_by=word)
    assert f'<option value="{word}" selected>Rows: Sector</option>' in page
    assert {"Retail", "Industry", "Farms"} <= set(row_names(page))
    read = Page.read(page)
    assert (read.faults, read.unlabelled) == ([], [])
    assert len(read.ids) == len(set(read.ids))


@pytest.mark.answers
def test_every_report_can_be_filtered_by_the_field(sector, cast, visit):
    browser, word = visit(cast.ada), f"field:{sector.key}"
    for key in ("company", "team", "activities", "leads", "pipeline", "losses", "prospecting"):
        page = get(browser, key, **{word: ["Retail", "none"]})
        assert "Sector: Retail" in page
        assert "Sector: Without a value" in page


def test_the_list_of_leads_and_the_reports_understand_the_same_filter(sector, cast, visit):
    browser, word = visit(cast.ada), f"field:{sector.key}"
    for keys in (["Retail"], ["none"], ["Retail", "none"], ["Farms"]):
        page = browser.get("/leads/", {word: keys}).context["page"]
        assert {lead.title for lead in page} == total_list(browser, **{word: keys})


@pytest.mark.answers
def test_a_row_is_explained_with_the_name_of_the_field(sector, cast, visit):
    word = f"field:{sector.key}"
    query = {**YEAR, "group_by": word, word: ["Retail", "none"]}
    address = f"/reports/company/explain/?{urlencode(query, doseq=True)}&column=created_leads"
    browser = visit(cast.ada)
    explained = {
        row: Page.read(browser.get(f"{address}&row={row}").content.decode()).text
        for row in ("Retail", "none")
    }
    for text in explained.values():
        assert "Sector: Retail and without a value." in " ".join(text.split())
        assert "1 lead" in text
    assert "Hotel windows" not in explained["none"]


@pytest.mark.answers
def test_a_row_opens_the_report_of_its_leads(sector, cast, visit):
    browser, word = visit(cast.ada), f"field:{sector.key}"
    page = get(browser, group_by=word)
    body = page[page.index("<tbody>") : page.index("</tbody>")]
    links = re.findall(r'<th scope="row"><a href="([^"]+)"', body)
    assert len(links) == 4
    name = urlencode({word: "Retail"})
    assert [link for link in links if name in link] == links[:1]
    assert urlencode({word: "none"}) in links[3]
    for link in (links[0], links[3]):
        assert "Total" in unescape(browser.get(link, follow=True).content.decode())


def test_renamed_fields_and_new_choices_are_shown_at_once(sector, cast, visit):
    browser, word = visit(cast.ada), f"field:{sector.key}"
    assert list(created(browser, group_by=word)) == [
        "Retail",
        "Industry",
        "Farms",
        "Without a value",
    ]
    sector.rename("Line of business")
    sector.set_choices(["Farming", "Retail"])
    assert list(created(browser, group_by=word)) == ["Farming", "Retail", "Without a value"]
    assert "Line of business" in get(browser, group_by=word)
    assert "The field “Line of business” has no choice “Farms”." in get(
        browser, status=400, **{word: "Farms"}
    )


def test_an_archived_field_leaves_the_controls_and_is_refused(sector, cast, visit):
    browser, word = visit(cast.ada), f"field:{sector.key}"
    sector.archive()
    assert "Sector" not in get(browser)
    for query in ({word: "Retail"}, {word: "none"}, {"group_by": word}):
        assert "The field “Sector” is archived." in get(browser, status=400, **query)
    sector.restore()
    assert created(browser, group_by=word)["Retail"] == "1"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"field:nowhere": "Retail"}, "There is no choice field “nowhere” of leads"),
        ({"group_by": "field:nowhere"}, "There is no choice field “nowhere” of leads"),
        ({"field:NOTE": "x"}, "There is no choice field “NOTE” of leads"),
        ({"group_by": "field:NOTE"}, "There is no choice field “NOTE” of leads"),
        ({"field:SECTOR": "Castle"}, "The field “Sector” has no choice “Castle”."),
        ({"field:": "x"}, "There is no choice field “” of leads"),
    ],
)
def test_unknown_fields_and_choices_are_refused(query, sentence, sector, cast, visit):
    note = CustomField.define("lead", "Note", "text")
    keys = {"SECTOR": sector.key, "NOTE": note.key}

    def named(text):
        return re.sub("SECTOR|NOTE", lambda found: keys[found[0]], text)

    query = {named(name): named(value) for name, value in query.items()}
    assert named(sentence) in get(visit(cast.ada), status=400, **query)


def test_a_shortcut_by_a_field_says_what_is_gone_and_leads_on(sector, cast, visit):
    browser, word = visit(cast.ada), f"field:{sector.key}"
    pairs = [*YEAR.items(), ("group_by", word), (word, "Farms"), (word, "Retail")]
    shortcut = Shortcut.objects.create(
        owner=cast.ada, name="Sectors", report="company", query=urlencode(pairs)
    )
    address = f"/shortcuts/{shortcut.key}/"
    assert browser.get(address, follow=True).status_code == 200
    sector.set_choices(["Retail", "Industry"])
    assert opened(browser, address) == ["The field “Sector” has no choice “Farms”."]
    sector.archive()
    assert opened(browser, address) == ["The field “Sector” is archived."]


def opened(browser, address):
    """Return the sentences of a shortcut that cannot be opened, after opening it without them."""
    response = browser.get(address)
    assert response.status_code == 400
    page = unescape(response.content.decode())
    [without] = re.findall(r'<a href="([^"]+)">Open the report without', page)
    assert browser.get(without, follow=True).status_code == 200
    warning = page[page.index('role="alert"') :]
    return re.findall(r"<p>([^<]+)</p>", warning)


def test_without_categories_the_report_by_category_begins_with_a_field(sector, cast, visit):
    Tag.objects.update(category=None)
    Category.objects.all().delete()
    browser = visit(cast.ada)
    assert row_names(get(browser, "categories"))[0] == "Retail"
    sector.archive()
    page = get(browser, "categories", status=400)
    assert "There are no tag categories or choice fields yet. Add one to use this report." in page


@pytest.mark.answers
def test_files_have_the_choices_as_rows(sector, cast, visit):
    query = urlencode({**YEAR, "group_by": f"field:{sector.key}"})
    response = visit(cast.ada).get(f"/reports/company/export/csv?{query}")
    text = b"".join(response.streaming_content).decode()
    assert [line.split(",")[0] for line in text.splitlines()][1:4] == [
        "Retail",
        "Industry",
        "Farms",
    ]


@pytest.mark.answers
def test_names_with_markup_are_escaped(cast, visit):
    name, choice = '<i>"Sector', "<script>alert(1)</script> & 'é'"
    field = CustomField.define("lead", name, "choice", choices=[choice])
    cast.lead.set_field(field, choice, by=cast.olga)
    word = f"field:{field.key}"
    query = urlencode({**YEAR, "group_by": word, word: choice})
    html = visit(cast.ada).get(f"/reports/company/?{query}", follow=True).content.decode()
    assert "<i>" not in html
    assert "<script>alert" not in html
    assert Page.read(html).faults == []
    assert "&lt;script&gt;alert(1)" in html
    replica.forget()


def test_a_reader_sees_only_own_leads_by_field(sector, cast, visit):
    word = f"field:{sector.key}"
    assert created(visit(cast.uma), group_by=word) == {"Retail": "0", "Industry": "0", "Farms": "0"}
    assert created(visit(cast.olga), group_by=word)["Retail"] == "1"
    assert "Without a value" not in created(visit(cast.olga), group_by=word)


@pytest.mark.answers
def test_the_control_of_rows_has_the_chosen_name_in_full_as_its_title(sector, cast, visit):
    sector.name = "Sector of the economy in which the client earns most"
    sector.save()
    page = get(visit(cast.ada), group_by=f"field:{sector.key}", key="categories")
    [control] = re.findall(r'<select id="filter-group_by"[^>]*>', page)
    assert f'title="Rows: {sector.name}"' in control
