"""Export of whole tables: leads, activities, clients and the history of leads."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO, StringIO

import duckdb
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from leadlight.accounts.models import AuditEntry, Organization
from leadlight.accounts.readers import SYSTEM
from leadlight.analytics.query.lead_filter import EVERY_LEAD
from leadlight.presentation.datasets import DATASETS, rows_of
from leadlight.sales.models import (
    Activity,
    ActivityType,
    Client,
    CustomField,
    Lead,
    LeadEvent,
    ProspectingList,
)
from tests.prospects import add_prospect
from tests.web.conftest import at
from tests.web.pages import Page

pytestmark = pytest.mark.database

TABLES = ("leads", "activities", "prospects", "clients", "events")


def content(browser, address):
    response = browser.get(address)
    assert response.status_code == 200, response.content
    return b"".join(response.streaming_content)


def rows(browser, table, query=""):
    text = content(browser, f"/export/csv?table={table}{query}").decode()
    return list(csv.DictReader(StringIO(text)))


def test_a_row_of_the_leads_has_the_values_of_the_lead(cast, visit):
    size = CustomField.define("lead", "Size", "number")
    cast.lead.set_field(size, "2.5", by=cast.olga)
    cast.lead.star(by=cast.olga)
    [row] = rows(visit(cast.olga), "leads")
    lead = Lead.objects.get(pk=cast.lead.pk)
    expected = {
        "key": lead.key,
        "title": "Hotel windows",
        "pipeline": "Direct sales",
        "step": "Offer",
        "status": "To do",
        "owner": "Olga Glass",
        "owner_email": "olga@example.com",
        "team": "North",
        "client": "Hôtel Élysée",
        "amount": "1234.56",
        "probability": "",
        "created_at": "2026-01-05T10:00:00+01:00",
        "created_by": "Olga Glass",
        "closed_at": "",
        "estimated_closing_on": "2026-03-31",
        "reminder_at": "",
        "source": "Fair",
        "prospecting_list": "Spring fair",
        "tags": "Urgent; Windows",
        "is_starred": "1",
        "status_since": "2026-01-21T10:00:00+01:00",
        "postponements": "0",
        "description": "Write to lea@hotel.example\nor call +33 6 12 34 56 78 <soon>",
        f"field:{size.key}": "2.5",
    }
    assert {name: row[name] for name in expected} == expected


def test_activities_tell_their_lead_or_their_prospecting_list(cast, visit):
    first, second = rows(visit(cast.ada), "activities")
    assert (first["prospecting_list"], first["lead"], first["outcome"]) == ("Spring fair", "", "")
    assert (second["lead_title"], second["outcome"]) == ("Hotel windows", "Reached")
    assert second["is_reached"] == "1"
    assert second["occurred_at"] == "2026-01-06T10:00:00+01:00"
    assert second["user_email"] == "olga@example.com"


def test_prospects_have_the_columns_of_all_lists(cast, visit):
    other = ProspectingList.objects.create(name="Autumn fair", source="Fair")
    add_prospect(other, {"Town": "Lyon", "Company": "Café Opaline"})
    first, second = rows(visit(cast.ada), "prospects")
    assert list(first)[-3:] == ["cell:Company", "cell:Phone", "cell:Town"]
    assert (first["prospecting_list"], first["lead_title"]) == ("Spring fair", "Hotel windows")
    assert (first["cell:Company"], first["cell:Town"]) == ("Hotel Astoria", "")
    assert (second["cell:Company"], second["cell:Town"]) == ("Café Opaline", "Lyon")
    assert (second["source"], second["lead"]) == ("Fair", "")
    for query in (f"&prospecting_list={other.key}", "&source=Fair"):
        [row] = rows(visit(cast.ada), "prospects", query)
        assert row["key"] == second["key"]
    [row] = rows(visit(cast.ada), "prospects", "&status=todo")
    assert row["key"] == first["key"]


def test_the_hidden_lead_that_a_prospect_became_is_not_named(cast, visit):
    own = ProspectingList.objects.create(name="Of Uma", user=cast.uma)
    row = add_prospect(own, {"Company": "Café Opaline"})
    Lead.objects.filter(pk=cast.lead.pk).update(prospect=row)
    [found] = rows(visit(cast.uma), "prospects")
    assert (found["cell:Company"], found["lead"], found["lead_title"]) == ("Café Opaline", "", "")
    [found] = rows(visit(cast.olga), "prospects")
    assert found["lead"] == cast.lead.key


def test_clients_count_only_the_leads_that_the_reader_may_see(cast, visit):
    client = cast.lead.client
    Lead.create(title="Of Uma", by=cast.uma, owner=cast.uma, client=client, amount=10)
    [seen] = [row for row in rows(visit(cast.olga), "clients") if row["key"] == client.key]
    assert (seen["leads"], seen["open_amount"]) == ("1", "1234.56")
    [seen] = [row for row in rows(visit(cast.ada), "clients") if row["key"] == client.key]
    assert (seen["leads"], seen["open_amount"]) == ("2", "1244.56")


def test_the_history_has_names_in_place_of_ids(cast, visit):
    found = rows(visit(cast.olga), "events")
    told = {(row["kind"], row["old_value"], row["value"], row["actor"]) for row in found}
    assert ("Step", "Contact", "Offer", "Olga Glass") in told
    assert ("Status", "To do", "Won", "Mona Glass") in told
    assert ("Owner", "", "Olga Glass", "Olga Glass") in told
    assert ("Amount", "", "1234.56", "Olga Glass") in told
    size = CustomField.define("lead", "Size", "number")
    cast.lead.set_field(size, "2.5", by=cast.olga)
    [field] = [row for row in rows(visit(cast.olga), "events") if row["kind"] == "Field"]
    assert (field["field"], field["old_value"], field["value"]) == ("Size", "", "2.5")


def test_the_history_has_the_latest_text_of_comments_and_names_no_hidden_lead(cast, visit):
    kept = cast.lead.comment("First thought", by=cast.olga)
    gone = cast.lead.comment("Wrong person", by=cast.olga)
    cast.lead.edit_comment(kept, "Second thought", by=cast.olga)
    cast.lead.remove_comment(gone, by=cast.olga)
    hidden = Lead.create(title="Of Uma", by=cast.uma, owner=cast.uma)
    own = Lead.create(title="Next", by=cast.olga, owner=cast.olga)
    for key in (hidden.key, cast.lead.key):
        LeadEvent.objects.create(
            lead=own, kind="follows", value=f"upsell:{key}", occurred_at=at(9), recorded_at=at(9)
        )
    found = rows(visit(cast.olga), "events")
    comments = {(row["old_value"], row["value"]) for row in found if row["kind"] == "Comment"}
    assert comments == {("", "Second thought"), ("", "")}
    followed = sorted(row["value"] for row in found if row["kind"] == "Follows")
    assert followed == ["", f"upsell:{cast.lead.key}"]


@pytest.mark.parametrize("table", TABLES)
def test_all_kinds_of_files_have_the_same_rows(table, cast, visit):
    browser = visit(cast.ada)
    found = rows(browser, table)
    assert found
    book = CalamineWorkbook.from_filelike(BytesIO(content(browser, f"/export/xlsx?table={table}")))
    titles, *cells = book.get_sheet_by_index(0).to_python()
    assert titles == [str(column.title) for column in DATASETS[table].columns(cast.ada)]
    assert [row[0] for row in cells] == [row["key"] for row in found]
    french = content(browser, f"/export/csv-excel?table={table}").decode("utf-8-sig")
    assert len(list(csv.reader(StringIO(french), delimiter=";"))) > len(found)


def test_a_parquet_file_has_types_and_exact_values(cast, visit, tmp_path):
    Lead.create(title="=1+1", by=cast.olga, owner=cast.olga, amount=Decimal("0.10"))
    path = tmp_path / "leads.parquet"
    path.write_bytes(content(visit(cast.olga), "/export/parquet?table=leads"))
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        found = engine.read_parquet(str(path))
        types = dict(zip(found.columns, map(str, found.types), strict=True))
        shown = found.select("title, amount, created_at, is_starred, closed_at").fetchall()
    assert types["amount"] == "DECIMAL(18,2)"
    assert types["created_at"] == "TIMESTAMP WITH TIME ZONE"
    assert types["is_starred"] == "BOOLEAN"
    assert types["estimated_closing_on"] == "DATE"
    first, second = shown
    assert first[:2] == ("Hotel windows", Decimal("1234.56"))
    assert first[2].astimezone(UTC) == at(5)
    assert first[3:] == (False, None)
    assert second[:2] == ("=1+1", Decimal("0.10"))


HOSTILE = ["=cmd()", "a\r\nb", '"', "‮right to left", "🙂" * 50, ",;\t.", "x" * 10_000]


def test_texts_of_any_kind_stay_whole(cast, visit, tmp_path):
    for text in HOSTILE:
        lead = Lead.create(title="Any", by=cast.olga, owner=cast.olga, description=text)
        assert Lead.objects.get(pk=lead.pk).description == text
    browser = visit(cast.olga)
    query = "&columns=key&columns=description"
    found = [row["description"] for row in rows(browser, "leads", query)][1:]
    assert found == ["'" + text if text.startswith("=") else text for text in HOSTILE]
    path = tmp_path / "leads.parquet"
    path.write_bytes(content(browser, f"/export/parquet?table=leads{query}"))
    read = duckdb.read_parquet(str(path)).select("description").fetchall()
    assert [text for (text,) in read][1:] == HOSTILE


def test_only_the_chosen_columns_are_written_in_the_order_of_the_table(cast, visit):
    [row] = rows(visit(cast.olga), "leads", "&columns=amount&columns=key")
    assert list(row) == ["key", "amount"]


def test_filters_and_the_days_of_the_company_choose_the_rows(cast, visit):
    browser = visit(cast.ada)
    late = Lead.create(
        title="Late", by=cast.uma, owner=cast.uma, at=datetime(2026, 1, 31, 22, 59, tzinfo=UTC)
    )
    after = Lead.create(
        title="After", by=cast.uma, owner=cast.uma, at=datetime(2026, 1, 31, 23, 0, tzinfo=UTC)
    )
    found = rows(browser, "leads", "&from=2026-01-31&to=2026-01-31")
    assert [row["key"] for row in found] == [late.key]  # Paris is an hour ahead of UTC
    assert [row["key"] for row in rows(browser, "leads", "&from=2026-02-01")] == [after.key]
    found = rows(browser, "leads", f"&user={cast.olga.key}")
    assert [row["title"] for row in found] == ["Hotel windows"]
    found = rows(browser, "activities", f"&user={cast.uma.key}")
    assert found == []
    assert {row["lead"] for row in rows(browser, "events", "&status=todo&user=none")} == set()
    late.lose(by=cast.uma, at=at(31) + timedelta(days=40))
    found = rows(browser, "leads", "&day=closed&from=2026-03-01")
    assert [row["key"] for row in found] == [late.key]


@pytest.mark.parametrize("table", TABLES)
def test_nothing_of_hidden_leads_is_exported(table, cast, visit):
    assert rows(visit(cast.olga), table)
    assert rows(visit(cast.uma), table) == []
    Organization.objects.update(privacy="shared")
    assert rows(visit(cast.uma), table)


@pytest.mark.parametrize("table", TABLES)
def test_leads_in_the_bin_are_left_out(table, cast, visit):
    cast.lead.bin(by=cast.olga)
    titles = [row.get("lead_title") or row.get("title") for row in rows(visit(cast.ada), table)]
    assert "Hotel windows" not in titles


def test_activities_without_a_filter_are_those_of_visible_leads_and_prospects(cast, visit):
    own = Lead.create(title="Of Uma", by=cast.uma, owner=cast.uma)
    call = ActivityType.objects.get()
    Activity.objects.create(activity_type=call, user=cast.olga, lead=own, content="By Olga")
    assert [row["content"] for row in rows(visit(cast.uma), "activities")] == ["By Olga"]
    assert len(rows(visit(cast.ada), "activities")) == 3


def test_the_number_of_queries_does_not_depend_on_that_of_rows(cast):
    CustomField.define("lead", "Size", "number")
    dataset = DATASETS["leads"]

    def read():
        with CaptureQueriesContext(connection) as queries:
            rows = list(rows_of(dataset.found(SYSTEM, EVERY_LEAD), dataset.columns(SYSTEM)))
        return len(rows), len(queries)

    _one, few = read()
    for number in range(20):
        Lead.create(title=f"House {number}", by=cast.olga, owner=cast.olga)
    assert read() == (21, few)


def test_batches_give_the_same_rows(cast):
    for number in range(7):
        Lead.create(title=f"House {number}", by=cast.olga, owner=cast.olga)
    for dataset in DATASETS.values():
        every = [
            list(rows_of(dataset.found(SYSTEM, EVERY_LEAD), dataset.columns(SYSTEM), batch))
            for batch in (1, 3, 2_000)
        ]
        assert every[0] == every[1] == every[2]
    assert LeadEvent.objects.filter(lead__is_deleted=False).count() == len(every[0])


def test_the_page_shows_the_first_rows_and_the_files(cast, visit):
    browser = visit(cast.olga)
    page = Page.read(browser.get("/export/?table=leads&status=todo").content.decode())
    assert "One row for each lead, without those in the bin. 1 row" in page.text
    assert "Hotel windows" in page.text
    assert "Status: To do" in page.text
    french = visit(cast.olga, "fr").get("/export/?table=clients").content.decode()
    assert "Hôtel Élysée" in Page.read(french).text
    empty = browser.get("/export/?table=leads&status=lost").content.decode()
    assert "No row passes these filters." in Page.read(empty).text


def test_an_export_is_in_the_audit_log(cast, visit):
    rows(visit(cast.olga), "activities", "&period=last_month")
    entry = AuditEntry.objects.latest("pk")
    assert (entry.kind, entry.action, entry.subject) == ("export", "table", "Activities")
    assert "period=last_month" in entry.new_value


@pytest.mark.parametrize(
    "query",
    ["table=wine", "from=yesterday", "user=nobody", "wine=red", "status=drunk", "period=once"],
)
def test_wrong_parameters_are_refused_with_a_sentence(query, cast, visit):
    for address in (f"/export/?{query}", f"/export/csv?{query}"):
        response = visit(cast.olga).get(address)
        assert response.status_code == 400
        assert "“" in Page.read(response.content.decode()).text


def test_who_may_not_export_sees_neither_the_page_nor_a_file(cast, visit):
    Organization.objects.update(may_export="admin")
    for address in ("/export/", "/export/csv?table=leads", "/export/parquet?table=leads"):
        assert visit(cast.olga).get(address).status_code == 403
    assert rows(visit(cast.ada), "leads")
    assert "/export/" not in visit(cast.olga).get("/leads/").content.decode()


def test_there_are_no_other_kinds_of_files(cast, visit):
    assert visit(cast.olga).get("/export/docx?table=leads").status_code == 404


def test_clients_without_leads_are_exported(cast, visit):
    Client.create(name="Empty", by=cast.ada)
    [row] = [row for row in rows(visit(cast.ada), "clients") if row["name"] == "Empty"]
    assert (row["leads"], row["won_amount"]) == ("0", "0.00")
