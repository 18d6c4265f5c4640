"""The page of a report: who sees what, and the state in its address."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadlight.accounts.models import User
from leadlight.replication import replica
from leadlight.sales.models import Category, Client, Pipeline, ProspectingList, Tag
from tests.web.pages import Page
from tests.web.worked import (
    MONTHS,
    THEN,
    cells,
    figure,
    html,
    questions,
    report_page,
    row_names,
    worked_company,
)

IN_PLACE = {"hx-request": "true", "hx-target": "results"}


@pytest.fixture
def readers(db, tmp_path):
    yield worked_company(tmp_path)
    replica.forget()


@pytest.fixture
def shared(db, tmp_path):
    yield worked_company(tmp_path, privacy="shared")
    replica.forget()


# What it says


def test_february_says_what_the_definitions_say(readers, visit):
    page = report_page(visit(readers.ada))
    said = {
        key: figure(page, key, "2026-02")
        for key in ("created_leads", "won_leads", "won_amount", "win_rate", "median_days_to_win")
    }
    assert said == {
        "created_leads": "2",
        "won_leads": "2",
        "won_amount": "1,500",
        "win_rate": "50.0%",
        "median_days_to_win": "27.3",
    }
    assert row_names(page) == ["January 2026", "February 2026", "March 2026"]


def test_what_has_no_value_is_a_dash_and_zeros_are_kept(readers, visit):
    page = report_page(visit(readers.ada))
    assert figure(page, "won_leads", "2026-01") == "0"
    table = page[page.index("<tbody>") :]
    january = table[: table.index("February 2026")]
    assert january.count('<td class="number none">–</td>') == 6


def test_a_rate_shows_its_fraction_and_few_cases_are_grey(readers, visit):
    page = report_page(visit(readers.ada))
    assert re.search(r'class="number few"><a [^>]+>50\.0%</a><small [^>]+>2 of 4</small>', page)
    assert "too few to tell" in page


def test_the_running_month_is_marked_unfinished(readers, visit):
    page = report_page(visit(readers.ada))
    assert page.count('<tr class="unfinished">') == 1
    assert "not over yet" in page


def test_months_to_come_are_not_hatched_but_said_not_to_have_begun(readers, visit):
    page = report_page(visit(readers.ada), "company", "from=2026-02-01&to=2026-05-31&bucket=month")
    assert page.count('<tr class="unfinished">') == 1
    assert page.count('<tr class="coming">') == 2
    assert "Grey rows have not begun." in page


def test_a_month_to_come_that_is_cut_is_hatched(readers, visit):
    page = report_page(visit(readers.ada), "company", "from=2026-02-01&to=2026-04-15&bucket=month")
    assert page.count('<tr class="unfinished">') == 2
    assert 'class="coming"' not in page
    assert "have not begun" not in page


def test_the_page_says_zone_instant_days_and_that_it_looks_at_the_past(readers, visit):
    text = " ".join(Page.read(report_page(visit(readers.ada))).text.split())
    assert "From 1 Jan 2026 to 31 Mar 2026." in text
    assert "As recorded up to 15 Mar 2026, 12:00." in text
    assert "Days of Europe/Paris." in text
    assert "You are looking at the past" in text


def test_changes_say_whether_they_are_better_or_worse_in_words(readers, visit):
    query = "from=2026-02-01&to=2026-02-28&bucket=month&compare=previous"
    page = report_page(visit(readers.ada), query=query)
    cards = " ".join(Page.read(page[page.index("report-cards") :]).text.split())
    assert "≈▼ 33% could be chance · before: 3" in cards  # created
    assert "▲ from 0 better · before: €0" in cards  # won amount
    assert "before: – (0 of 0)" in cards  # win rate


def test_a_name_leads_to_its_own_page_over_time(readers, visit):
    page = report_page(visit(readers.ada), "team")
    own = re.findall(r'<th scope="row"><a href="([^"]+)">Bo Berg</a>', page)[0]
    address = urlsplit(own.replace("&amp;", "&"))
    assert address.path == "/reports/company/"
    assert ("user", "bo") in parse_qsl(address.query)
    assert figure(html(visit(readers.ada), address.geturl()), "created_leads") == "2"


def test_a_month_leads_into_its_days(readers, visit):
    page = report_page(visit(readers.ada))
    assert "/reports/company/?from=2026-02-01&amp;to=2026-02-28&amp;as_of=" in page


def test_sellers_who_did_nothing_have_zeros_and_a_trend_is_drawn(readers, visit):
    page = report_page(visit(readers.ada), "team")
    assert sorted(row_names(page)) == ["Ada", "Ana Abreu", "Bo Berg", "Mona", "Uma"]
    assert page.count('class="trend"') == 1
    assert 'aria-label="from 0 to 0, at most 2"' in page


def test_a_category_is_one_grouping_of_its_own(readers, visit):
    Category.objects.create(key="line/product", name="Product line")
    page = report_page(visit(readers.ada), query=f"{MONTHS}&group_by=category:line/product")
    assert '<option value="category:line/product" selected>Product line</option>' in page
    assert row_names(page) == ["No tag"]
    assert "counts in each of their rows and once in the total" in page


# Order


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("label", ["Ada", "Ana Abreu", "Bo Berg", "Mona", "Uma"]),
        ("-label", ["Uma", "Mona", "Bo Berg", "Ana Abreu", "Ada"]),
        ("created_leads", ["Ada", "Mona", "Uma", "Bo Berg", "Ana Abreu"]),
        ("-win_rate", ["Ana Abreu", "Bo Berg", "Ada", "Mona", "Uma"]),
        ("", ["Ana Abreu", "Ada", "Bo Berg", "Mona", "Uma"]),
    ],
)
def test_rows_come_in_the_order_asked_for_and_those_without_a_figure_last(
    sort, names, readers, visit
):
    query = f"{MONTHS}&sort={sort}" if sort else MONTHS
    assert row_names(report_page(visit(readers.ada), "team", query)) == names


def test_the_row_without_a_seller_comes_last_in_every_order(readers, visit):
    from leadlight.sales.models import Lead

    lead = Lead.objects.get(key="L4")
    lead.assign_to(None, by=None)
    for sort in ("created_leads", "-created_leads", "label", "-label"):
        page = html(visit(readers.ada), f"/reports/team/?{MONTHS}&credit=owner&sort={sort}")
        assert row_names(page)[-1] == "Unassigned"


# Its address


def test_an_address_with_empty_fields_is_sent_to_the_canonical_one(readers, visit):
    query = "user=bo&bucket=&compare=&period=this_year&user=ana&from=&to=&credit=event"
    response = visit(readers.ada).get(f"/reports/company/?{query}")
    assert (response.status_code, response.url) == (302, "/reports/company/?user=ana&user=bo")


@pytest.mark.parametrize(
    "query", ["", MONTHS, "period=all_time&compare=last_year&user=none&tags=all&sort=-won_leads"]
)
def test_the_canonical_address_is_answered_at_once(query, readers, visit):
    address = f"/reports/company/?{query}" if query else "/reports/company/"
    response = visit(readers.ada).get(address)
    assert response.status_code == 200
    assert "private" in response.headers["Cache-Control"]


def test_a_change_of_the_bar_brings_only_the_results_and_their_address(readers, visit):
    response = visit(readers.ada).get(
        "/reports/company/?period=all_time&compare=&user=bo", headers=IN_PLACE
    )
    page = response.content.decode()
    assert page.startswith('<div class="results" id="results">')
    assert response.headers["HX-Push-Url"] == "/reports/company/?period=all_time&user=bo"
    assert "<form" not in page
    assert re.search(r'id="resolved"[^>]*hx-swap-oob="true"', page)
    assert {"HX-Request", "HX-Target"} <= set(response.headers["Vary"].split(", "))


def test_removing_a_filter_in_place_brings_the_bar_too(readers, visit):
    response = visit(readers.ada).get(
        "/reports/company/", headers={"hx-request": "true", "hx-target": "report"}
    )
    page = response.content.decode()
    assert page.startswith('<div class="report" id="report">')
    assert 'id="filters"' in page


def test_every_active_filter_is_a_chip_with_the_address_without_it(readers, visit):
    query = "user=ana&user=bo&pipeline=p&credit=owner"
    page = html(visit(readers.ada), f"/reports/company/?{query}")
    removed = re.findall(r'class="remove" href="([^"]+)"', page)
    assert [address.replace("&amp;", "&") for address in removed] == [
        "/reports/company/?user=bo&pipeline=p&credit=owner",
        "/reports/company/?user=ana&pipeline=p&credit=owner",
        "/reports/company/?user=ana&user=bo&credit=owner",
        "/reports/company/?user=ana&user=bo&pipeline=p",
    ]
    assert "User: Ana Abreu" in page


# Refused


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("user=nobody", "There is no user “nobody”."),
        ("team=nobody", "There is no team “nobody”."),
        ("pipeline=x", "There is no pipeline “x”."),
        ("tag=x", "There is no tag “x”."),
        ("prospecting_list=x", "There is no prospecting list “x”."),
        ("client=x", "There is no client “x”."),
        ("user=%00", "There is no user “\N{REPLACEMENT CHARACTER}”."),
        ("period=fortnight", "There is no period “fortnight”."),
        ("period=this_year&from=2026-01-01", "Give either a period or its first and last day."),
        (
            "from=2026-02-01&to=2026-01-01",
            "The period ends on 1 Jan 2026, before it begins on 1 Feb 2026.",
        ),
        ("from=2026-02-30", "“2026-02-30” is not a day: write 2026-01-31."),
        ("to=2026-02-01", "A period needs a first day."),
        ("from=1900-01-01&bucket=day", "choose a shorter period or longer buckets."),
        (
            "bucket=hour",
            "“hour” is no choice for “bucket”: it takes day, week, month, quarter and year.",
        ),
        ("compare=tomorrow", "“tomorrow” is no choice for “compare”"),
        ("group_by=shoe", "“shoe” is no choice for “group_by”"),
        ("group_by=category:x", "There is no category “x”."),
        ("credit=mine", "“mine” is no choice for “credit”"),
        ("leave_cancelled_out=perhaps", "“perhaps” is no choice for “leave_cancelled_out”"),
        ("tags=none", "“none” is no choice for “tags”"),
        ("as_of=yesterday", "“yesterday” is not an instant"),
        ("as_of=2999-01-01", "“2999-01-01” has not come yet."),
        ("colour=blue", "There is no filter “colour”."),
        ("compare=previous&compare=last_year", "“compare” takes one value, not several."),
        ("sort=colour", "The table has no column “colour”."),
        ("sort=label&sort=won_leads", "“sort” takes one value, not several."),
        ("rows=7", "“7” is no number of rows: it takes all."),
    ],
)
def test_a_bad_question_is_refused_with_a_sentence_and_a_bar_to_mend_it(
    query, sentence, readers, visit
):
    response = visit(readers.ada).get(f"/reports/company/?{query}")
    assert response.status_code == 400
    page = Page.read(response.content.decode())
    assert sentence in page.text
    assert {"filters", "filter-period"} <= set(page.ids)
    assert page.faults == []


def test_a_bad_question_in_place_is_refused_in_place(readers, visit):
    response = visit(readers.ada).get("/reports/company/?user=nobody", headers=IN_PLACE)
    assert response.status_code == 400
    assert response.content.decode().startswith('<div class="results" id="results">')


def test_the_bar_of_a_refused_question_keeps_what_was_right(readers, visit):
    page = visit(readers.ada).get("/reports/company/?user=ana&bucket=month&tag=x").content.decode()
    assert '<option value="month" selected>' in page
    assert re.search(r'name="user" value="ana" checked', page)


def test_there_is_no_other_report(readers, visit):
    for path in ("/reports/secrets/", "/reports/secrets/leads/", "/reports/company/export/exe"):
        assert visit(readers.ada).get(path).status_code == 404


# Who sees what


@pytest.mark.parametrize(
    ("name", "created", "won"),
    [("ada", "5", "2"), ("mona", "3", "0"), ("ana", "2", "2"), ("uma", "0", "0")],
)
def test_each_role_counts_the_leads_it_may_see(name, created, won, readers, visit):
    page = report_page(visit(getattr(readers, name)))
    assert (figure(page, "created_leads"), figure(page, "won_leads")) == (created, won)
    assert ("only the leads that you may see" in page) == (name != "ada")


@pytest.mark.parametrize("name", ["ada", "mona", "ana", "uma"])
def test_everyone_counts_everything_where_everything_is_shared(name, shared, visit):
    page = report_page(visit(getattr(shared, name)))
    assert figure(page, "created_leads") == "5"
    assert "only the leads that you may see" not in page


@pytest.mark.parametrize(("key", "query"), questions("", "user", "team"))
def test_a_page_names_no_colleague_of_whom_one_sees_nothing(key, query, readers, visit):
    page = report_page(visit(readers.ana), key, query)
    page = re.sub(r"[A-Za-z0-9]{64}", "", page)  # the tokens of its forms may have any letters
    for stranger in ("Bo Berg", "Mona", "Uma", "South", "bo@example.com", 'value="bo"'):
        assert stranger not in page
    assert "South" not in report_page(visit(readers.uma), key, query)


@pytest.mark.parametrize(
    ("name", "teams"), [("ada", {"north", "south"}), ("mona", {"south"}), ("ana", set())]
)
@pytest.mark.parametrize("privacy", ["own", "shared"])
def test_teams_are_offered_to_who_may_choose_them(name, teams, privacy, db, tmp_path, visit):
    readers = worked_company(tmp_path, privacy)
    page = report_page(visit(getattr(readers, name)))
    assert set(re.findall(r'name="team" value="(?!none)([^"]+)"', page)) == teams
    replica.forget()


@pytest.mark.parametrize("asked", ["user=bo", "user=nobody", "team=south", "team=nobody"])
def test_what_one_may_not_see_is_answered_like_what_does_not_exist(asked, readers, visit):
    response = visit(readers.ana).get(f"/reports/company/?{asked}")
    dimension, key = asked.split("=")
    assert response.status_code == 400
    assert f"There is no {dimension} “{key}”." in response.content.decode()


def test_a_manager_filters_by_his_own_team_alone(readers, visit):
    page = report_page(visit(readers.mona), query=f"{MONTHS}&team=south")
    assert figure(page, "created_leads") == "2"
    assert visit(readers.mona).get("/reports/company/?team=north").status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "",
        "export/csv",
        "export/xlsx",
        "leads/?column=won_leads",
        "leads/export/csv?column=won_leads",
        "choices/user/",
    ],
)
def test_strangers_see_nothing(path, readers, visit):
    response = visit().get(f"/reports/company/{path}")
    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/")


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_a_report_is_only_read(method, readers, visit):
    assert getattr(visit(readers.ada), method)("/reports/company/").status_code == 405


# Choices


def chosen_from(browser, path):
    return re.findall(r'value="([^"]+)"', html(browser, f"/reports/company/choices/{path}"))


def test_choices_are_searched_by_every_word_and_keep_what_is_chosen(readers, visit):
    Client.objects.create(key="c1", name="Hotel Astoria")
    Client.objects.create(key="c2", name="Hotel Bristol")
    Client.objects.create(key="c3", name="Astoria cinema")
    browser = visit(readers.ada)
    assert chosen_from(browser, "client/?search=astoria+hotel") == ["none", "c1"]
    assert chosen_from(browser, "client/?search=bristol&client=c3") == ["none", "c3", "c2"]


def test_many_choices_are_cut_and_it_says_how_many(readers, visit):
    Client.objects.bulk_create(Client(key=f"c{n}", name=f"Client {n:04}") for n in range(1500))
    page = html(visit(readers.ada), "/reports/company/choices/client/")
    assert page.count("<input") == 41
    assert "and 1,460 more" in page
    whole = report_page(visit(readers.ada))
    assert whole.count('name="client"') < 50


def test_choices_show_only_what_the_reader_may_know(readers, visit):
    assert chosen_from(visit(readers.ana), "user/") == ["none", "ana"]
    assert visit(readers.ana).get("/reports/company/choices/team/").status_code == 404
    assert visit(readers.ada).get("/reports/company/choices/password/").status_code == 404


def test_the_sources_offered_are_those_of_leads_the_reader_may_see(readers, visit):
    from leadlight.sales.models import Lead

    Lead.objects.filter(key="L1").update(source="Fair")
    Lead.objects.filter(key="L4").update(source="Secret list")
    assert chosen_from(visit(readers.ana), "source/") == ["none", "Fair"]
    assert chosen_from(visit(readers.ada), "source/") == ["none", "Fair", "Secret list"]
    assert chosen_from(visit(readers.ada), "source/?search=secret") == ["none", "Secret list"]


# How it is made


@pytest.mark.parametrize(("key", "query"), questions("", "team"))
@pytest.mark.parametrize("language", ["en", "fr"])
def test_nothing_is_written_into_the_page_that_the_policy_forbids(
    key, language, query, readers, visit
):
    page = Page.read(report_page(visit(readers.ada, language), key, query))
    assert page.faults == []
    assert page.unlabelled == []
    assert len(page.ids) == len(set(page.ids))


def test_names_from_the_data_are_written_as_text(readers, visit):
    User.objects.filter(key="bo").update(first_name="<b>&amp;", last_name="</template><script>")
    Tag.objects.create(name="<i>tag", key='"><script>alert(1)</script>')
    page = report_page(visit(readers.ada), "team", f"{MONTHS}&user=bo")
    assert "<b>&amp;" not in page
    assert "</template><script>" not in page
    assert "<script>alert" not in page
    assert "\\u003c/template\\u003e\\u003cscript\\u003e" in page


# A transaction that stays open would be read again at each page.
@pytest.mark.django_db(transaction=True)
def test_a_page_asks_the_database_no_more_for_more_rows(readers, visit):
    browser = visit(readers.ada)
    report_page(browser, "team")
    with CaptureQueriesContext(connection) as before:
        report_page(browser, "team")
    for number in range(20):
        User.objects.create_user(f"u{number}@example.com", first_name=f"U{number}")
        ProspectingList.objects.create(name=f"List {number}")
        Pipeline.objects.create(name=f"Pipeline {number}")
    report_page(browser, "team")
    with CaptureQueriesContext(connection) as after:
        page = report_page(browser, "team")
    assert len(row_names(page)) == 25
    assert len(after) == len(before)
    assert len(before) <= 20


# A transaction that stays open would be read again at each page.
@pytest.mark.django_db(transaction=True)
def test_the_results_alone_ask_the_database_little(readers, visit):
    browser = visit(readers.ada)
    browser.get("/reports/team/", headers=IN_PLACE)
    with CaptureQueriesContext(connection) as queries:
        browser.get("/reports/team/", headers=IN_PLACE)
    assert len(queries) <= 10


def test_more_rows_than_one_reads_are_cut_and_it_says_how_many(readers, visit, monkeypatch):
    monkeypatch.setattr("leadlight.web.tables.MOST_ROWS", 2)
    browser = visit(readers.ada)
    page = report_page(browser, "team", f"{MONTHS}&sort=label")
    assert row_names(page) == ["Ada", "Ana Abreu"]
    assert "3 of 5 rows are not shown here" in page
    [whole] = re.findall(r'<a href="([^"]+)">Show every row', page)
    assert len(row_names(html(browser, whole.replace("&amp;", "&")))) == 5
    assert figure(page, "created_leads") == "5"


def test_every_number_of_the_table_is_a_link(readers, visit):
    page = report_page(visit(readers.ada), query=f"{MONTHS}&{THEN}".replace(f"&{THEN}", ""))
    assert len(cells(page)) + page.count('<td class="number none">') == 14 * 4
