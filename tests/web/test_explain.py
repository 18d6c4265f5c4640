"""Explanation of a figure: the page, the panel, and access to them."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils.html import escape

from leadlight.accounts.models import User
from leadlight.accounts.readers import SYSTEM
from leadlight.analytics.reports import CATALOGUE
from leadlight.reporting.reader import report_reader
from leadlight.sales.models import ActivityType, Goal, Lead
from tests.seeds import IS_SEARCH
from tests.web.pages import Page
from tests.web.worked import MONTHS, THEN, html

pytestmark = pytest.mark.answers

AT_NOON = "2026-03-15T12:00:00+01:00"
WIN_RATE = f"/reports/company/explain/?{MONTHS}&{THEN}&column=win_rate&row=2026-02"


def test_a_rate_is_explained_with_its_parts_date_rule_and_list(readers, visit):
    page = html(visit(readers.ada), WIN_RATE)
    text = Page.read(page).text
    for said in (
        *("50.0%", "Won: 2", "Closed: 4", "All leads of the company."),
        *("A closed lead counts on the day it was closed.", "4 leads", "Europe/Paris"),
    ):
        assert said in text
    question = escape(f"{MONTHS}&{THEN}")
    for part in ("won_leads", "closed_leads"):
        assert f"/leads/?{question}&amp;column={part}&amp;row=2026-02" in page


def test_a_row_is_explained_by_its_own_days(readers, visit):
    text = Page.read(html(visit(readers.ada), WIN_RATE)).text
    assert "From 1 Feb 2026 to 28 Feb 2026." in text
    total = WIN_RATE.replace("&row=2026-02", "")
    assert "From 1 Jan 2026 to 31 Mar 2026." in Page.read(html(visit(readers.ada), total)).text


def test_a_row_of_no_period_is_explained_without_days(readers, visit):
    days = "from=2026-03-01&to=2026-05-31"
    address = f"/reports/forecast/explain/?{days}&column=open_leads&row="
    text = Page.read(html(visit(readers.ada), f"{address}overdue")).text
    assert "Open leads whose expected close date is past." in text
    assert "From 1 Mar 2026" not in text
    total = Page.read(html(visit(readers.ada), address.removesuffix("&row="))).text
    assert (
        "The total covers the leads won in the period and those expected to close in it." in total
    )


def test_the_parts_link_to_lists_of_the_same_count(readers, visit):
    browser = visit(readers.ada)
    for part, count in (("won_leads", 2), ("closed_leads", 4)):
        address = f"/reports/company/leads/?{MONTHS}&{THEN}&column={part}&row=2026-02"
        assert f"{count} leads" in Page.read(html(browser, address)).text


def test_excluded_leads_are_counted_per_row(readers):
    def left_out(column, row=None, **more):
        query = {"from": ["2026-01-01"], "to": ["2026-03-31"], "bucket": ["month"], **more}
        query["as_of"] = [AT_NOON]
        explained = report_reader(SYSTEM).explain(
            CATALOGUE["company"], query, column_key=column, row_key=row
        )
        return {one.key: one.count for one in explained.exclusions}

    assert left_out("win_rate", "2026-02") == {}
    cancelled = left_out("win_rate", "2026-02", leave_cancelled_out=["yes"])
    assert cancelled == {"cancelled_leads": 1}
    assert left_out("won_leads", "2026-02") == {}


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("won_leads", "two Poisson counts"),
        ("won_amount", "Compound Poisson sums"),
        ("win_rate", "Newcombe"),
        ("mean_deal", "its standard error"),
        ("median_days_to_win", "order statistics"),
        ("open_leads", "No test applies to this figure. Its changes are never coloured."),
    ],
)
def test_the_test_of_a_change_is_named_if_periods_are_compared(readers, visit, column, said):
    browser = visit(readers.ada)
    address = f"/reports/company/explain/?{MONTHS}&{THEN}&column={column}"
    assert said not in Page.read(html(browser, address)).text
    text = Page.read(html(browser, f"{address}&compare=previous")).text
    assert said in text
    assert ("each period has at least 10 cases" in text) is (column != "open_leads")


def test_what_became_of_leads_since_has_no_test(readers, visit):
    address = f"/reports/leads/explain/?{MONTHS}&{THEN}&column=won_leads&compare=previous"
    assert "No test applies" in Page.read(html(visit(readers.ada), address)).text


def test_the_panel_has_the_text_of_the_page_without_its_frame(readers, visit):
    browser = visit(readers.ada)
    panel = browser.get(WIN_RATE, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in panel
    assert "Won: 2" in panel
    assert "HX-Request" in browser.get(WIN_RATE).headers["Vary"]


def test_only_an_admin_sees_the_sql(readers, visit):
    assert "SELECT" in html(visit(readers.ada), WIN_RATE)
    for reader in (readers.mona, readers.bo):
        assert "SELECT" not in html(visit(reader), WIN_RATE)


def test_the_explanation_states_the_scope_of_the_reader(readers, visit):
    told = {
        readers.mona: "Only your leads and those of the teams you manage.",
        readers.bo: "Only your leads.",
    }
    for reader, sentence in told.items():
        assert sentence in Page.read(html(visit(reader), WIN_RATE)).text


@pytest.mark.parametrize(
    "place", ["", "column=no_such", "column=won_leads&row=1999-01", "column=won_leads&column=x"]
)
def test_an_unknown_column_or_row_is_refused(place, readers, visit):
    answer = visit(readers.ada).get(f"/reports/company/explain/?{MONTHS}&{THEN}&{place}")
    assert answer.status_code == 400


def test_a_hidden_row_gives_the_same_error_as_a_missing_one(readers, visit):
    browser = visit(readers.bo)
    told = [
        browser.get(f"/reports/team/explain/?{MONTHS}&column=won_leads&row={key}")
        for key in ("uma", "nobody")
    ]
    assert [answer.status_code for answer in told] == [400, 400]
    texts = [Page.read(answer.content.decode()).text for answer in told]
    assert texts[0].replace("uma", "nobody") == texts[1]


@pytest.mark.search
@pytest.mark.parametrize("key", CATALOGUE)
def test_every_figure_has_an_explanation_that_files_repeat_for_the_total(key, readers):
    """Explain some ratio and some figure with exclusions per table; in a search, every figure."""
    for lead in Lead.objects.filter(key__in=("L1", "L3")):
        lead.set_amount(None, by=readers.ada)
    reader = report_reader(SYSTEM)
    found, seen = [], set()
    for table in CATALOGUE[key].all_views:
        params = {"from": ["2026-01-01"], "to": ["2026-03-31"]}
        params["as_of"] = [reader.clock.now.isoformat()]
        params |= {"view": [table.view]} if table.view else {}
        if key == "categories":
            params["group_by"] = ["category:region"]
        result = reader.run(table, params)
        total_notes = reader.total_notes(result)
        assert total_notes.keys() == {column.key for column in result.columns}
        for column in result.columns:
            assert result.report.date_rules_of(column, result.filters)
            one = total_notes[column.key]
            kinds = {("any", table.view), ("divides", table.view) if one.parts else ("counts", key)}
            kinds |= {("leaves out", table.view)} if one.exclusions else set()
            if kinds <= seen and not IS_SEARCH:
                continue
            seen |= kinds
            panel = report_reader(SYSTEM).explain(table, params, column_key=column.key)
            assert panel.value == result.totals[column.key]
            assert panel.date_rules
            assert panel.sql
            assert one.exclusions == panel.exclusions
            assert [(part.key, part.value) for part in one.parts] == [
                (part.key, part.value) for part in panel.parts
            ]
            found += one.exclusions
    assert found or key in ("activities", "prospecting")


def goals_of_bo() -> None:
    call = ActivityType.objects.create(key="visit", name="Visit", kind="meeting")
    for measure, target in (("won_amount", 500), ("activities", 4)):
        Goal.objects.create(
            key=f"bo-{measure}",
            user=User.objects.get(key="bo"),
            measure=measure,
            activity_type=call if measure == "activities" else None,
            period="month",
            starts_on=date(2026, 1, 1),
            target=target,
        )


def test_a_figure_divided_by_a_goal_links_to_the_goals(readers, visit):
    goals_of_bo()
    query = "view=goals&from=2026-02-01&to=2026-02-28&column=achieved_rate%3Awon_amount%3Amonth"
    page = html(visit(readers.ada), f"/reports/activities/explain/?{query}")
    [parts] = re.findall(r'<p class="parts">(.*?)</p>', page)
    links = re.findall(r'<a href="([^"]+)">([^<]+)</a>', parts)
    assert [text.split(":")[0] for _address, text in links] == ["Done", "Goal"]
    assert "column=done%3Awon_amount%3Amonth" in links[0][0]
    assert links[1][0] == "/goals/"


@pytest.mark.parametrize(
    ("report", "query"),
    [
        ("activities", "view=goals&column=target%3Awon_amount%3Amonth&row=bo"),
        ("forecast", "column=goal&group_by=user"),
    ],
)
def test_the_explanation_of_a_goal_links_to_the_goals(report, query, readers, visit):
    """The explanation links to the goals; the list has the leads that count towards the goal."""
    goals_of_bo()
    question = f"from=2026-02-01&to=2026-02-28&{query}"
    page = html(visit(readers.ada), f"/reports/{report}/explain/?{question}")
    behind = page.partition("Detailed list</h2>")[2].partition("</p>")[0]
    assert re.findall(r'<a href="([^"]+)">([^<]+)</a>', behind) == [("/goals/", "Goals")]
    said = "This list shows what counts towards the goal."
    listed = html(visit(readers.ada), f"/reports/{report}/leads/?{question}")
    assert said in listed


@pytest.mark.parametrize(
    ("report", "query"),
    [
        ("activities", "view=goals&column=done%3Awon_amount%3Amonth&row=bo"),
        ("forecast", "column=gap&group_by=user"),
        ("team", "view=ranking&column=win_rate_ranks&row=ana"),
    ],
)
def test_the_figure_next_to_a_goal_links_to_its_list(report, query, readers, visit):
    goals_of_bo()
    question = f"from=2026-02-01&to=2026-02-28&{query}"
    page = html(visit(readers.ada), f"/reports/{report}/explain/?{question}")
    behind = page.partition("Detailed list</h2>")[2].partition("</p>")[0]
    [address] = re.findall(r'<a href="([^"]+)"', behind)
    listed = html(visit(readers.ada), unescape(address))
    assert "counts towards the goal" not in listed
    assert urlsplit(address).path == f"/reports/{report}/leads/"


def test_a_share_of_a_curve_states_its_confidence_interval(readers, visit):
    """3 of 12 were won, a quarter, and none is open: its variance is 1/4 · 3/4 / 12 = 1/64.

    With z = 1.95996 the ends of log(-log(1/4)) = 0.32663 are z · 1/8 / (1/4 · log 4) = 0.70691
    away from it, those of the share exp(-exp(0.32663 ± 0.70691)): 6.0 % and 50.5 %.
    """
    for number in range(12):
        lead = Lead.create(title=str(number), by=readers.ada)
        (lead.win if number < 3 else lead.lose)(by=readers.ada)
    page = html(
        visit(readers.ada), "/reports/leads/explain/?view=curves&period=today&column=by_age:30"
    )
    assert '<p class="value">25.0%</p>' in page
    assert "Chance alone could move the share between 6.0% and 50.5%." in page
    assert "Aalen-Johansen" in page


@pytest.mark.parametrize("key", CATALOGUE)
def test_a_report_page_runs_no_more_queries_than_its_result(key, readers, visit, monkeypatch):
    goals_of_bo()
    browser = visit(readers.ada)
    engine = type(report_reader(SYSTEM).engine)
    asked, run = [], engine.run

    def counting(self, sql, values=None):
        asked.append((sql, values))
        return run(self, sql, values)

    monkeypatch.setattr(engine, "run", counting)
    for table in CATALOGUE[key].all_views:
        question = f"from=2026-01-01&to=2026-03-31&{THEN}"
        question += f"&view={table.view}" if table.view else ""
        asked_for = f"/reports/{key}/?{question}"
        opened = browser.get(asked_for, follow=True)
        address = opened.redirect_chain[-1][0] if opened.redirect_chain else asked_for
        asked.clear()
        page = browser.get(address)
        assert page.status_code == 200
        assert 'id="explain"' in page.content.decode()
        on_page = asked.copy()
        asked.clear()
        report_reader(readers.ada).run(CATALOGUE[key], parse_qs(urlsplit(address).query))
        assert asked
        assert on_page == asked
