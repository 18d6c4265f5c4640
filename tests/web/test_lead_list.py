"""List of leads: editing in cells, the way to the next lead, views and the export."""

from __future__ import annotations

import csv
from decimal import Decimal
from io import BytesIO, StringIO
from urllib.parse import urlencode

import pytest
from python_calamine import CalamineWorkbook

from leadlight.accounts.models import Organization
from leadlight.sales import lead_order
from leadlight.sales.models import CustomField, Lead
from leadlight.web.leads import list_export
from tests.query_numbers import with_name_searches
from tests.web.conftest import at
from tests.web.pages import Page

pytestmark = pytest.mark.database

HTMX = {"hx-request": "true"}


def text(html):
    return " ".join(Page.read(html).text.split())


def rows(browser, query):
    return browser.get(f"/leads/?{query}").context["listing"].rows


@pytest.fixture
def many(cast):
    """Add nine leads of Olga with rising amounts to the one of the cast."""
    for number in range(1, 10):
        Lead.create(
            title=f"House {number}", by=cast.olga, owner=cast.olga, amount=number, at=at(10)
        )
    return cast


# Cells


def change(browser, lead, what, **sent):
    data = {"return": "list", "from": "columns=amount", "n": "4", **sent}
    return browser.post(f"/change-lead/{what}/{lead.key}/", data, headers=HTMX)


def test_a_cell_opens_its_form_and_shows_the_changed_row(cast, visit):
    browser = visit(cast.olga)
    address = f"/change-lead/amount/{cast.lead.key}/?return=list&from=columns%3Damount&n=4"
    form = browser.get(address, headers=HTMX).content.decode()
    assert '<td class="open"><form' in form
    assert "<html" not in form
    html = change(browser, cast.lead, "amount", amount="12k").content.decode()
    assert "€12,000" in html
    assert "Amount changed." in html
    assert "Hotel windows" in html
    assert "n=4" in html
    assert f'id="edit-amount-{cast.lead.pk}"' in html
    assert " autofocus" in html
    cast.lead.refresh_from_db()
    assert cast.lead.amount == 12_000


def test_an_invalid_value_is_refused_in_the_cell(cast, visit):
    response = change(visit(cast.olga), cast.lead, "amount", amount="much")
    assert response.status_code == 400
    assert "This is not an amount." in response.content.decode()


def test_a_conflict_shows_all_values_in_the_cell(cast, visit):
    sent = {"amount": "7", "before:amount": "3"}
    response = change(visit(cast.olga), cast.lead, "amount", **sent)
    assert response.status_code == 409
    html = response.content.decode()
    assert "Someone else changed this" in html
    assert "€1,234.56" in html
    assert 'value="7"' in html


def test_a_form_without_a_column_is_shown_below_the_title(cast, visit):
    address = f"/change-lead/tags/{cast.lead.key}/?return=list&from=columns%3Damount"
    html = visit(cast.olga).get(address, headers=HTMX).content.decode()
    assert '<div class="open"><form' in html


def test_the_status_cell_offers_the_changes_of_the_status(cast, visit):
    address = f"/lead-row/{cast.lead.key}/?edit=status&from="
    said = text(visit(cast.olga).get(address, headers=HTMX).content.decode())
    assert "Standby until…" in said
    assert "Won" in said


def test_who_may_see_but_not_change_a_lead_has_no_control_in_the_list(cast, visit):
    Organization.objects.update(privacy=Organization.Privacy.SHARED)
    browser = visit(cast.uma)
    html = browser.get("/leads/").content.decode()
    assert "Hotel windows" in html
    assert 'class="edit"' not in html
    assert 'class="star"' not in html
    assert change(browser, cast.lead, "amount", amount="1").status_code == 403
    row = browser.get(f"/lead-row/{cast.lead.key}/?edit=status", headers=HTMX)
    assert "Standby until…" not in text(row.content.decode())


def test_who_may_not_see_a_lead_finds_no_row(cast, visit):
    browser = visit(cast.uma)
    assert change(browser, cast.lead, "amount", amount="1").status_code == 404
    assert browser.get(f"/lead-row/{cast.lead.key}/", headers=HTMX).status_code == 404


def test_the_row_of_a_lead_in_the_bin_disappears(cast, visit):
    html = change(visit(cast.olga), cast.lead, "bin").content.decode()
    assert "“Hotel windows” is in the bin." in html
    assert "<tr" not in html


def test_a_broken_list_in_a_request_is_read_as_the_list_without_filters(cast, visit):
    sent = {"amount": "5", "from": "colour=red&sort=x", "n": "x" * 50}
    assert change(visit(cast.olga), cast.lead, "amount", **sent).status_code == 200


# Next and previous


@pytest.mark.parametrize("most", [1_000, 3], ids=["in memory", "by index"])
def test_the_neighbours_of_a_lead_are_those_in_the_list(most, many, visit, monkeypatch):
    monkeypatch.setattr(lead_order, "MOST_COUNTED", most)
    browser = visit(many.olga)
    shown = rows(browser, "sort=amount&q=house")
    assert [row.lead.title for row in shown] == [f"House {number}" for number in range(1, 10)]
    trail = browser.get(shown[0].address).context["trail"]
    assert trail.previous_address == ""
    titles = [shown[0].lead.title]
    while trail.next_address:
        response = browser.get(trail.next_address)
        trail = response.context["trail"]
        titles.append(response.context["lead"].title)
        number = len(titles)
        assert trail.number == str(number)
        before = browser.get(trail.previous_address).context["lead"]
        assert before.title == titles[-2]
    assert titles == [row.lead.title for row in shown]
    assert trail.count == ("9" if most == 1_000 else "1,000+")


def test_the_next_lead_does_not_depend_on_changes_of_this_one(many, visit):
    browser = visit(many.olga)
    shown = rows(browser, "sort=amount&status=todo&q=house")
    shown[2].lead.win(by=many.olga)
    Lead.objects.filter(pk=shown[2].lead.pk).update(amount=Decimal(999))
    trail = browser.get(shown[2].address).context["trail"]
    following = browser.get(trail.next_address)
    assert following.context["lead"].title == "House 4"
    assert following.context["trail"].number == "3", "the lead before is no longer in the list"


@pytest.mark.parametrize(
    "query",
    [
        {"from": "colour=red", "at": "1"},
        {"from": "sort=amount", "at": "x"},
        {"from": "user=nobody", "at": "1"},
        {"from": "", "at": "1.2026"},
        {"from": ""},
        {"from": "\0", "at": "\0"},
    ],
)
def test_a_broken_trail_is_left_out(query, cast, visit):
    response = visit(cast.olga).get(f"/leads/{cast.lead.key}/?{urlencode(query)}")
    assert response.status_code == 200
    assert response.context["trail"] is None


def test_the_trail_does_not_lead_to_hidden_leads(many, visit):
    mine = Lead.create(title="Mine", by=many.uma, owner=many.uma, amount=5)
    query = urlencode({"from": "sort=amount", "at": f"{mine.pk}.5.00", "n": "1"})
    trail = visit(many.uma).get(f"/leads/{mine.key}/?{query}").context["trail"]
    assert (trail.previous_address, trail.next_address, trail.count) == ("", "", "1")


# Views


def test_the_view_is_remembered_where_the_address_does_not_say(cast, visit):
    browser = visit(cast.olga)
    assert browser.get("/leads/").context["query"].view == "compact"
    assert browser.get("/leads/?view=extended").context["query"].view == "extended"
    assert browser.get("/leads/?status=todo").context["query"].view == "extended"
    assert browser.get("/leads/?view=compact").context["query"].view == "compact"
    assert browser.get("/leads/").context["query"].view == "compact"


def test_the_extended_view_shows_contacts_and_what_happened_last(cast, visit):
    cast.lead.describe("Phone: +33 1 99 00 60 26\nE-mail: ina@example.com", by=cast.olga)
    first = cast.lead.comment("Asked for a price", by=cast.olga)
    cast.lead.edit_comment(first, "Asked for the price", by=cast.olga)
    html = visit(cast.olga).get("/leads/?view=extended").content.decode()
    assert 'href="mailto:ina@example.com"' in html
    assert 'href="tel:+33199006026"' in html
    assert "Asked for the price" in text(html)
    assert "no reminder" in text(html)


def test_a_removed_comment_is_not_shown_in_the_extended_view(cast, visit):
    first = cast.lead.comment("Secret", by=cast.olga)
    cast.lead.remove_comment(first, by=cast.olga)
    said = text(visit(cast.olga).get("/leads/?view=extended").content.decode())
    assert "Secret" not in said


@pytest.mark.parametrize("query", ["view=extended", "columns=tags&columns=team", "sort=title"])
def test_the_number_of_queries_does_not_depend_on_the_rows(
    query, cast, visit, django_assert_max_num_queries
):
    browser = visit(cast.olga)
    for number in range(60):
        lead = Lead.create(title=str(number), by=cast.olga, owner=cast.olga, at=at(10))
        lead.comment("Said", by=cast.olga)
    browser.get(f"/leads/?{query}")
    with django_assert_max_num_queries(24):
        browser.get(f"/leads/?{query}")


def test_a_lead_opened_from_the_list_costs_a_fixed_number_of_queries(
    many, visit, django_assert_max_num_queries
):
    browser = visit(many.olga)
    address = rows(browser, "sort=amount")[3].address
    plain = address.partition("?")[0]
    browser.get(plain)
    with django_assert_max_num_queries(with_name_searches(43)):
        browser.get(address)


# Count


def test_the_count_above_a_limit_is_shown_when_it_is_asked_for(many, visit, monkeypatch):
    monkeypatch.setattr(lead_order, "MOST_COUNTED", 3)
    monkeypatch.setattr("leadlight.web.leads.listing.MOST_COUNTED", 3)
    browser = visit(many.olga)
    response = browser.get("/leads/")
    assert "3+ leads · count all" in text(response.content.decode())
    exact = browser.get(response.context["listing"].exact_address)
    assert "10 leads" in text(exact.content.decode())
    said = text(browser.get("/leads/?sort=title").content.decode())
    assert "There are more than 3 leads, too many for this sort" in said


# Export


def exported(browser, query):
    response = browser.get(f"/leads-export/csv?{query}")
    content = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(StringIO(content)))


def test_the_export_has_every_lead_found_in_the_order_of_the_list(many, visit, monkeypatch):
    monkeypatch.setattr(list_export, "AT_ONCE", 2)
    size = CustomField.define("lead", "Size", "number")
    Lead.objects.get(title="House 3").set_field(size, "2.5", by=many.olga)
    found = exported(visit(many.olga), "sort=-amount&q=house&amount.from=3")
    assert [row["title"] for row in found] == [f"House {number}" for number in range(9, 2, -1)]
    assert found[-1]["amount"] == "3.00"
    assert found[-1][f"field:{size.key}"] == "2.5"
    assert found[-1]["created"] == "2026-01-10"


def test_the_export_has_only_leads_that_the_reader_sees(many, visit):
    assert exported(visit(many.uma), "") == []


@pytest.mark.parametrize("kind", ["csv", "csv-excel", "xlsx"])
def test_the_export_contains_no_formula(kind, cast, visit):
    formulas = {"=1+1", "+1", "-1", "@SUM(1)"}
    for title in formulas:
        Lead.create(title=title, by=cast.olga, owner=cast.olga)
    response = visit(cast.olga).get(f"/leads-export/{kind}")
    content = b"".join(response.streaming_content)
    if kind == "xlsx":
        sheet = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0)
        assert formulas <= {row[1] for row in sheet.to_python()}
    else:
        separator = ";" if kind == "csv-excel" else ","
        lines = csv.reader(StringIO(content.decode("utf-8-sig")), delimiter=separator)
        assert {f"'{title}" for title in formulas} <= {row[1] for row in lines}


def test_the_workbook_names_the_filters_and_the_address(cast, visit):
    response = visit(cast.olga).get("/leads-export/xlsx?status=todo&idle_days=30")
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content)))
    about = [
        row for name in book.sheet_names[1:] for row in book.get_sheet_by_name(name).to_python()
    ]
    said = " ".join(str(cell) for row in about for cell in row)
    assert "Status: To do" in said
    assert "Minimum days without an activity: 30" in said
    assert "/leads/?status=todo&idle_days=30" in said


def test_an_unknown_kind_or_filter_of_the_export_is_refused(cast, visit):
    assert visit(cast.olga).get("/leads-export/pdf").status_code == 404
    assert visit(cast.olga).get("/leads-export/csv?sort=secret").status_code == 400
