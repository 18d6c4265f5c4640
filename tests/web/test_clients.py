"""List of clients: filters, sort, paging, access, a new client, and the export."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from decimal import Decimal
from html import unescape
from io import BytesIO, StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from leadlight.accounts.models import Organization
from leadlight.sales.models import Client, CustomField, Lead
from leadlight.web.clients import listing
from tests.web.pages import Page

pytestmark = pytest.mark.database

PATH = "/clients/"
HOSTILE = [
    "<script>alert(1)</script>",
    "=1+1",
    "\u202eاسم الشركة",
    "😀 Hotel",
    "x" * 300,
    '"quoted" & <b>bold</b>',
]


def html_of(browser, address=PATH, status=200):
    response = browser.get(address)
    assert response.status_code == status, response.content.decode()[:2000]
    return unescape(response.content.decode())


def shown(browser, address=PATH):
    """Return the names of the clients on a page, in order."""
    rows = html_of(browser, address).split('<th scope="row">')[1:]
    return [row.partition("<bdi>")[2].partition("</bdi>")[0] for row in rows]


def cells_of(browser, name):
    """Return the texts of the row of a client after its name."""
    html = html_of(browser)
    row = html.partition(f"<bdi>{name}</bdi>")[2].partition("</tr>")[0]
    return [
        " ".join(cell.partition(">")[2].partition("</td>")[0].split())
        for cell in row.split("<td")[1:]
    ]


def lead_of(client, *, owner=None, amount=None, status="todo"):
    at = datetime(2026, 1, 5, tzinfo=UTC)
    lead = Lead.create(title="x", by=None, client=client, owner=owner, amount=amount, at=at)
    {"won": Lead.win, "lost": Lead.lose, "cancelled": Lead.cancel}.get(
        status, lambda *_given, **_more: None
    )(lead, by=None)
    return lead


@pytest.fixture
def clients(cast):
    """Three clients: of Olga, of Uma, and of both; one more is inactive."""
    made = {
        name: Client.create(name=name, by=None) for name in ("Alpha", "beta", "Élan", "Inactive")
    }
    lead_of(made["Alpha"], owner=cast.olga, amount=Decimal(100), status="won")
    lead_of(made["Alpha"], owner=cast.olga, amount=Decimal(30))
    lead_of(made["beta"], owner=cast.uma, amount=Decimal(500), status="lost")
    lead_of(made["Élan"], owner=cast.olga, amount=Decimal(7), status="won")
    lead_of(made["Élan"], owner=cast.uma, amount=Decimal(900), status="won")
    lead_of(made["Inactive"], owner=cast.olga, status="cancelled")
    made["Inactive"].deactivate()
    return made


# Access


def test_people_see_the_clients_of_the_leads_that_they_see(cast, clients, visit):
    assert shown(visit(cast.ada)) == ["Alpha", "beta", "Élan", "Hôtel Élysée"]
    assert shown(visit(cast.olga)) == ["Alpha", "Élan", "Hôtel Élysée"]
    assert shown(visit(cast.mona)) == ["Alpha", "Élan", "Hôtel Élysée"]
    assert shown(visit(cast.uma)) == ["beta", "Élan"]
    assert shown(visit(cast.tom)) == []
    Organization.objects.update(privacy="shared")
    assert shown(visit(cast.tom)) == ["Alpha", "beta", "Élan", "Hôtel Élysée"]


def test_figures_count_only_the_leads_that_the_reader_sees(cast, clients, visit):
    assert cells_of(visit(cast.olga), "Élan")[:7] == ["1", "0", "1", "0", "0", "€0", "€7"]
    assert cells_of(visit(cast.ada), "Élan")[:7] == ["2", "0", "2", "0", "0", "€0", "€907"]
    assert cells_of(visit(cast.olga), "Alpha")[:7] == ["2", "1", "1", "0", "0", "€30", "€100"]


def test_an_empty_list_says_what_to_do(cast, visit):
    assert "You have no access to any active client yet." in html_of(visit(cast.tom))
    assert "No clients match these filters." in html_of(visit(cast.tom), f"{PATH}?q=zzz")


# Filters, sort and paging


def test_the_state_selects_active_inactive_or_all_clients(cast, clients, visit):
    browser = visit(cast.ada)
    assert shown(browser, f"{PATH}?state=inactive") == ["Inactive"]
    assert len(shown(browser, f"{PATH}?state=all")) == 5
    assert "Inactive" not in shown(browser)


def test_the_search_ignores_case_and_accents(cast, clients, visit):
    browser = visit(cast.ada)
    assert shown(browser, f"{PATH}?q=ELAN") == ["Élan"]
    assert shown(browser, f"{PATH}?q=elysee+hôt") == ["Hôtel Élysée"]


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("name", ["Alpha", "beta", "Élan"]),
        ("-name", ["Élan", "beta", "Alpha"]),
        ("-leads", ["Alpha", "Élan", "beta"]),
        ("leads", ["beta", "Alpha", "Élan"]),
        ("-open", ["Alpha", "beta", "Élan"]),
        ("-won", ["Élan", "Alpha", "beta"]),
        ("-lost", ["beta", "Alpha", "Élan"]),
        ("-cancelled", ["Alpha", "beta", "Élan"]),
        ("-open_amount", ["Alpha", "beta", "Élan"]),
        ("-won_amount", ["Élan", "Alpha", "beta"]),
        ("won_amount", ["beta", "Alpha", "Élan"]),
        ("changed_at", ["Alpha", "beta", "Élan"]),
        ("-changed_at", ["Élan", "beta", "Alpha"]),
    ],
)
def test_the_list_is_sorted_by_each_column(sort, names, cast, clients, visit):
    Client.objects.filter(name="Hôtel Élysée").update(is_active=False)
    assert shown(visit(cast.ada), f"{PATH}?sort={sort}") == names


def test_clients_without_leads_are_last_when_sorted_by_the_last_change(cast, clients, visit):
    Client.create(name="AAA", by=None)
    for sort in ("changed_at", "-changed_at"):
        assert shown(visit(cast.ada), f"{PATH}?sort={sort}")[-1] == "AAA"


def test_headings_sort_and_show_the_direction(cast, clients, visit):
    html = html_of(visit(cast.ada), f"{PATH}?q=a&sort=-won_amount")
    assert 'aria-sort="descending"><a class="sort" href="/clients/?q=a&sort=won_amount"' in html
    assert 'href="/clients/?q=a&sort=-leads"' in html
    assert 'href="/clients/?q=a">Client' in html


def test_many_clients_can_be_sorted_by_name_only(cast, clients, visit, monkeypatch):
    monkeypatch.setattr(listing, "MOST_COUNTED", 3)
    browser = visit(cast.ada)
    html = html_of(browser, f"{PATH}?sort=-won_amount")
    assert shown(browser, f"{PATH}?sort=-won_amount") == ["Alpha", "beta", "Élan", "Hôtel Élysée"]
    assert "3+ clients" in html
    assert "To sort by figures, filter the list down to at most 3 clients." in html
    assert "sort=-leads" not in html
    assert 'href="/clients/?sort=-name"' in html
    html = html_of(browser, f"{PATH}?q=a&sort=-won_amount")
    assert "sort=-leads" in html


@pytest.mark.parametrize("most", [1_000, 2])
def test_pages_show_each_client_once(most, cast, clients, visit, monkeypatch):
    monkeypatch.setattr(listing, "CLIENTS_ON_A_PAGE", 2)
    monkeypatch.setattr(listing, "MOST_COUNTED", most)
    browser = visit(cast.ada)
    for sort in ("name", "-name", "-won_amount"):
        whole = f"{PATH}?state=all&sort={sort}"
        pages = [shown(browser, f"{whole}&page={number}") for number in (1, 2, 3)]
        assert [len(page) for page in pages] == [2, 2, 1]
        assert len({name for page in pages for name in page}) == 5
        html_of(browser, f"{whole}&page=4", status=404)
        first = html_of(browser, whole)
        assert 'rel="next"' in first
        assert 'rel="prev"' not in first


@pytest.mark.parametrize("page", ["0", "-1", "x", "1.5", "²", "9" * 5000, "٣"])
def test_a_page_that_does_not_exist_is_not_found(page, cast, visit):
    assert visit(cast.ada).get(PATH, {"page": page}).status_code == 404


@pytest.mark.parametrize("query", ["state=gone", "sort=secret", "colour=red", "sort=name&sort=won"])
def test_an_unknown_parameter_is_refused_with_a_sentence(query, cast, visit):
    page = Page.read(html_of(visit(cast.ada), f"{PATH}?{query}", status=400))
    assert PATH in page.links


def test_parameters_of_empty_controls_are_left_out_of_the_address(cast, visit):
    response = visit(cast.ada).get(f"{PATH}?q=&state=active")
    assert response.url == PATH


def test_nul_in_the_search_finds_nothing(cast, clients, visit):
    assert shown(visit(cast.ada), f"{PATH}?q=%00") == []


def test_an_htmx_request_keeps_the_address_of_the_filters(cast, clients, visit):
    response = visit(cast.ada).get(f"{PATH}?q=elan&state=all", headers={"hx-request": "true"})
    assert response.headers["HX-Push-Url"] == f"{PATH}?q=elan&state=all"


@pytest.mark.parametrize("sort", ["name", "-won_amount"])
def test_the_number_of_queries_does_not_depend_on_the_number_of_clients(sort, cast, clients, visit):
    browser = visit(cast.olga)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            html_of(browser, f"{PATH}?sort={sort}")
        return len(captured)

    before = queries()
    for number in range(30):
        lead_of(Client.create(name=f"More {number}", by=None), owner=cast.olga)
    assert queries() == before <= 11


def test_custom_fields_are_columns_and_filters(cast, clients, visit):
    sector = CustomField.define("client", "Sector", "choice", choices=["Hotels", "Shops"])
    size = CustomField.define("client", "Size", "number")
    CustomField.define("lead", "Floors", "number")
    clients["Alpha"].set_field(sector, "Hotels")
    clients["beta"].set_field(sector, "Shops")
    clients["beta"].set_field(size, "12")
    browser = visit(cast.ada)
    by_sector, by_size = f"field:{sector.key}", f"field:{size.key}"
    assert shown(browser, f"{PATH}?{by_sector}=Hotels") == ["Alpha"]
    assert shown(browser, f"{PATH}?{by_sector}=Hotels&{by_sector}=Shops") == ["Alpha", "beta"]
    assert shown(browser, f"{PATH}?{by_sector}=none") == ["Élan", "Hôtel Élysée"]
    assert shown(browser, f"{PATH}?{by_size}.from=10&sort=-leads") == ["beta"]
    html = html_of(browser, f"{PATH}?columns={by_size}&{by_size}.from=10&q=b")
    assert '<th scope="col" class="number"><bdi>Size</bdi></th>' in html
    assert 'data-label="Size">12</td>' in html
    assert "Floors" not in html
    # Sorting and searching keep the filters and the columns.
    assert f"sort=-leads&field%3A{size.key}.from=10&columns=field%3A{size.key}" in html
    assert f'<input type="hidden" name="columns" value="{by_size}">' in html
    assert "No clients match these filters." in html_of(browser, f"{PATH}?{by_size}.from=99")


@pytest.mark.parametrize("query", ["field:none=1", "columns=field:none"])
def test_an_unknown_field_is_refused_with_a_sentence(query, cast, visit):
    CustomField.define("lead", "Floors", "number")
    html = html_of(visit(cast.ada), f"{PATH}?{query}", status=400)
    assert "Clients have no field “none”." in html or "Unknown column: “field:none”." in html


# A new client


def test_a_new_client_is_added_and_shown(cast, visit):
    browser = visit(cast.tom)
    response = browser.post(PATH, {"name": " Verre & Co ", "description": "a\r\nb"}, follow=True)
    client = Client.objects.get(name="Verre & Co")
    assert response.redirect_chain == [(f"/clients/{client.key}/", 302)]
    assert "Client added." in response.content.decode()
    assert (client.description, client.created_by) == ("a\nb", cast.tom)
    assert shown(browser) == ["Verre & Co"]
    assert shown(visit(cast.uma)) == []


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Enter a name for the client."),
        ("  ", "Enter a name for the client."),
        ("x" * 301, "This name is too long. Enter a shorter one."),
        ("x" * 10_000, "This name is too long. Enter a shorter one."),
        ("a\tb", "A name cannot contain line breaks, tabs or other control characters."),
        ("a\0b", "Null characters are not allowed."),
    ],
)
def test_a_bad_name_is_refused_with_a_sentence(name, sentence, cast, visit):
    response = visit(cast.olga).post(PATH, {"name": name, "description": "kept"})
    html = unescape(response.content.decode())
    assert response.status_code == 400
    assert sentence in html
    assert ">\nkept</textarea>" in html
    assert Client.objects.count() == 1


def test_a_similar_name_is_warned_of_once(cast, visit):
    browser = visit(cast.olga)
    given = {"name": "Hotel Elysee SARL", "description": ""}
    response = browser.post(PATH, given)
    html = unescape(response.content.decode())
    hotel = Client.objects.get()
    assert response.status_code == 400
    assert "Clients with a very similar name already exist:" in html
    assert f'<a href="/clients/{hotel.key}/"><bdi>Hôtel Élysée</bdi></a>' in html
    assert 'name="compared" value="Hotel Elysee SARL"' in html
    other = browser.post(PATH, given | {"name": "Hotel Élysée", "compared": given["name"]})
    assert other.status_code == 400
    assert Client.objects.count() == 1
    assert browser.post(PATH, given | {"compared": given["name"]}).status_code == 302
    assert Client.objects.count() == 2


def test_a_similar_client_of_others_is_not_revealed(cast, visit):
    assert visit(cast.uma).post(PATH, {"name": "Hôtel Élysée"}).status_code == 302


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_shown_as_text(name, cast, visit):
    browser = visit(cast.ada)
    assert browser.post(PATH, {"name": name}).status_code == 302
    client = Client.objects.latest("pk")
    assert client.name == name
    for address in (PATH, f"/clients/{client.key}/"):
        raw = browser.get(address).content.decode()
        page = Page.read(raw)
        assert page.faults == []
        assert name in page.text
        assert "<b>bold" not in raw


# Export


def test_the_export_has_every_client_found_with_its_fields(cast, clients, visit, monkeypatch):
    monkeypatch.setattr(listing, "CLIENTS_ON_A_PAGE", 1)
    site = CustomField.define("client", "Floors", "number")
    clients["Alpha"].set_field(site, "2.5")
    response = visit(cast.olga).get("/clients-export/csv?state=all&sort=-won_amount")
    text = b"".join(response.streaming_content).decode()
    rows = list(csv.DictReader(StringIO(text)))
    assert [row["name"] for row in rows] == ["Alpha", "Élan", "Hôtel Élysée", "Inactive"]
    assert rows[0]["won_amount"] == "100.00"
    assert rows[0]["leads"] == "2"
    assert rows[0][f"field:{site.key}"] == "2.5"
    assert [row["is_active"] for row in rows] == ["1", "1", "1", "0"]


@pytest.mark.parametrize("kind", ["csv", "csv-excel", "xlsx"])
def test_the_export_contains_no_formula(kind, cast, visit):
    for name in ("=1+1", "+1", "-1", "@SUM(1)"):
        Client.create(name=name, by=cast.olga)
    response = visit(cast.olga).get(f"/clients-export/{kind}")
    content = b"".join(response.streaming_content)
    if kind == "xlsx":
        rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
        assert {"=1+1", "+1", "-1", "@SUM(1)"} <= {row[1] for row in rows}
    else:
        text = content.decode("utf-8-sig")
        separator = ";" if kind == "csv-excel" else ","
        names = {row[1] for row in csv.reader(StringIO(text), delimiter=separator)}
        assert {"'=1+1", "'+1", "'-1", "'@SUM(1)"} <= names


def test_an_unknown_format_or_filter_of_the_export_is_refused(cast, visit):
    assert visit(cast.olga).get("/clients-export/pdf").status_code == 404
    assert visit(cast.olga).get("/clients-export/csv?sort=secret").status_code == 400


# The pages around


def test_the_menu_and_the_lead_page_lead_to_clients(cast, visit):
    browser = visit(cast.olga)
    client = Client.objects.get()
    page = Page.read(browser.get(f"/leads/{cast.lead.key}/").content.decode())
    assert {PATH, f"/clients/{client.key}/"} <= set(page.links)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_are_well_formed(language, cast, clients, visit):
    browser = visit(cast.ada, language)
    for address in (PATH, f"{PATH}?q=zzz", f"/clients/{clients['Alpha'].key}/"):
        page = Page.read(browser.get(address).content.decode())
        assert (page.language, page.faults, page.unlabelled) == (language, [], [])
        assert len(page.headings) == 1
        assert len(page.ids) == len(set(page.ids))
