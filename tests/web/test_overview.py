"""The overview: this month in every report, the pace of goals, and anomalies."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape

import pytest
from django.utils import timezone

from leadlight.accounts.models import Team
from leadlight.analytics.reports import CATALOGUE, company
from leadlight.replication.replica import Replica
from leadlight.sales.models import Activity, ActivityType, Category, Goal, Lead, Pipeline
from tests.web.worked import html

pytestmark = pytest.mark.answers

# At the end of this day half of the days of February are over.
MID_FEBRUARY = datetime(2026, 2, 14, 11, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now(readers, monkeypatch):
    def set_now(instant):
        monkeypatch.setattr(timezone, "now", lambda: instant)

    set_now(MID_FEBRUARY)
    return set_now


def cards(page, report):
    """Return title → text of the cards of one report."""
    start = page.index(f'<section class="report-section" aria-label="{report}"')
    part = page[start : page.index("</section>", start)]
    found = re.findall(
        r'<span title="[^"]*">([^<]+)</span>.*?<a [^>]*>([^<]+)</a>', part, re.DOTALL
    )
    return {unescape(title): unescape(value) for title, value in found}


def goal_lines(page):
    part = page[page.index('class="card goals"') : page.index('class="report-section"')]
    text = unescape(re.sub(r"<[^>]+>", " ", part[part.index("</h2>") : part.index("</section>")]))
    return " ".join(text.split())


# Figures


def test_this_month_covers_its_days_until_today(readers, visit):
    # 1 to 14 February: L4 and L5 were created; L1 and L2 were won, L3 lost; L4 and L5 are open.
    page = html(visit(readers.ada), "/reports/")
    shown = cards(page, "Company performance")
    assert (shown["Created"], shown["Won"], shown["Won amount"]) == ("2", "2", "€1,500")
    assert shown["Win rate"] == "66.7%"
    assert "2 of 3" in page
    assert "1–14 Feb 2026" in page


def test_figures_are_compared_with_the_same_days_of_last_month(readers, visit):
    page = html(visit(readers.ada), "/reports/")
    start = page.index(">Created</span>")
    assert "from 3" in page[start : page.index("</li>", start)]


def test_a_figure_links_to_its_list_and_its_report(readers, visit):
    browser = visit(readers.ada)
    page = html(browser, "/reports/")
    assert 'href="/reports/company/?period=this_month&amp;compare=previous"' in page
    address = "/reports/company/leads/?period=this_month&compare=previous&column=won_leads"
    assert f'href="{address.replace("&", "&amp;")}"' in page
    behind = html(browser, address)
    assert "Lead 1" in behind
    assert "2 leads" in behind


def test_no_figure_is_repeated_and_reports_without_new_figures_are_omitted(readers, visit):
    page = html(visit(readers.ada), "/reports/")
    named = re.findall(r'<section class="report-section" aria-label="([^"]+)"', page)
    titles = [report.title for report in CATALOGUE.values()]
    assert named == [title for title in titles if title in named]
    assert set(titles) - set(named) == {"Team performance", "Performance by category"}
    assert all(cards(page, title) for title in named)


def test_figures_that_change_until_today_are_not_compared(readers, visit):
    page = html(visit(readers.ada), "/reports/")
    start = page.index('aria-label="Pipeline performance"')
    part = page[start : page.index("</section>", start)]
    assert 'class="change' not in part
    assert "so it is not compared" in part


def test_people_see_only_figures_of_their_leads(readers, visit):
    ana = html(visit(readers.ana), "/reports/")
    assert cards(ana, "Company performance")["Won amount"] == "€1,500"
    assert cards(ana, "Company performance")["Created"] == "0"
    assert "only the leads that you may see" in ana
    uma = cards(html(visit(readers.uma), "/reports/"), "Company performance")
    assert (uma["Created"], uma["Won"], uma["Open at the end"]) == ("0", "0", "0")


def test_a_report_that_cannot_run_shows_the_reason(readers, visit, monkeypatch):
    Category.objects.all().delete()
    needing = replace(company.REPORT, needs=("category",), title="By category")
    monkeypatch.setitem(CATALOGUE, "company", needing)
    page = html(visit(readers.ada), "/reports/")
    assert "There is no category of tags to report by yet." in page


def test_the_overview_catches_up_once(readers, visit, monkeypatch):
    times = []
    catch_up = Replica.catch_up

    def counting(self, **how):
        times.append(1)
        catch_up(self, **how)

    monkeypatch.setattr(Replica, "catch_up", counting)
    html(visit(readers.ada), "/reports/")
    assert len(times) == 1


def test_the_overview_requires_signing_in(readers, visit):
    assert visit().get("/reports/").url == "/accounts/login/?next=/reports/"
    assert visit(readers.bo).get("/").url == "/reports/"


# Waiting leads


def test_open_leads_without_an_owner_are_counted(readers, visit, now):
    lead = Lead.objects.get(key="L5")
    lead.set_estimated_closing(date(2026, 3, 31), by=readers.ada)
    page = html(visit(readers.ada), "/reports/")
    assert "Every open lead has an owner and an expected day that is not past." in page
    now(datetime(2026, 3, 15, 11, tzinfo=UTC))
    lead.assign_to(None, by=readers.ada)
    browser = visit(readers.ada)
    page = html(browser, "/reports/")
    found = re.search(r'Open leads without an owner · <strong><a href="([^"]+)"[^>]*>(\d+)<', page)
    assert found[2] == "1"
    assert "Lead 5" in html(browser, unescape(found[1]))


def test_overdue_and_undated_leads_are_counted(readers, visit, now):
    now(datetime(2026, 3, 15, 11, tzinfo=UTC))
    browser = visit(readers.ada)
    assert waiting(html(browser, "/reports/")) == {"No expected day": "1"}
    Lead.objects.get(key="L5").set_estimated_closing(date(2026, 3, 14), by=readers.ada)
    page = html(browser, "/reports/")
    assert waiting(page) == {"Overdue": "1"}
    address = re.search(r'Overdue · <strong><a href="([^"]+)"', page)
    assert "Lead 5" in html(browser, unescape(address[1]))


def waiting(page):
    part = page[page.index('aria-labelledby="waiting"') : page.index('aria-labelledby="goals"')]
    return dict(re.findall(r"<li>([^<·]+) · <strong><a [^>]*>(\d+)<", part))


# Goals


def goal(**said):
    given = {"measure": "won_leads", "period": "month", "starts_on": date(2026, 1, 1), "target": 10}
    return Goal.objects.create(**given | said)


def test_a_goal_shows_progress_and_extrapolation(readers, visit):
    # 14 of 28 days are over: two won leads extrapolate to four.
    goal(user=readers.ana, target=5)
    page = goal_lines(html(visit(readers.ada), "/reports/"))
    assert "Ana Abreu · Goal: Won leads (month) 40% 2 of 5 · 40% · behind · at this pace: 4" in page


def test_goals_furthest_behind_come_first(readers, visit):
    goal(user=readers.ana, target=4)
    goal(team=Team.objects.get(key="south"), measure="won_amount", target=Decimal("500"))
    page = goal_lines(html(visit(readers.ada), "/reports/"))
    assert page.index("South") < page.index("Ana Abreu")
    assert "2 of 4 · 50% · on pace · at this pace: 4" in page


def test_a_company_goal_counts_the_figures_of_everybody(readers, visit):
    # 1 January to 14 February are 45 of 90 days.
    goal(measure="won_amount", period="quarter", target=Decimal("2000"))
    call = ActivityType.objects.create(name="Call", key="call")
    for day in (3, 9):
        at = datetime(2026, 2, day, 9, tzinfo=UTC)
        Activity.objects.create(
            activity_type=call,
            user=readers.bo,
            lead=Lead.objects.get(key="L4"),
            occurred_at=at,
            recorded_at=at,
        )
    goal(measure="activities", activity_type=call, target=8)
    page = goal_lines(html(visit(readers.ada), "/reports/"))
    assert "€1,500 of €2,000 · 75% · on pace · at this pace: €3,000" in page
    assert "2 of 8 · 25% · behind · at this pace: 4" in page
    assert "No goals hold today." in html(visit(readers.bo), "/reports/")


def test_people_see_only_their_own_goals(readers, visit):
    goal(user=readers.ana)
    assert "Ana Abreu" in goal_lines(html(visit(readers.ana), "/reports/"))
    assert "Ana Abreu" not in goal_lines(html(visit(readers.mona), "/reports/"))


# Anomalies


def create(user, year, month, day, times=1):
    for _ in range(times):
        at = datetime(year, month, day, 9, tzinfo=UTC)
        Lead.create(title="A lead", by=user, owner=user, at=at, pipeline=Pipeline.default())


@pytest.fixture
def two_leads_a_month(readers):
    """From March 2025 two leads a month are created by the 10th.

    The worked company has three by then in January, and two in February.
    """
    for year, month in [(2025, month) for month in range(3, 13)]:
        create(readers.ana, year, month, 1)
        create(readers.ana, year, month, 10)
        create(readers.ana, year, month, 25, times=4)
    return readers


def unusual(page):
    part = page[page.index('id="unusual"') : page.index('id="waiting"')]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", part)).split())


@pytest.mark.parametrize(
    ("created", "sentence"),
    [
        (4, "Created · 4 In the same days of the last 12 months it was never more than 3."),
        (1, "Created · 1 In the same days of the last 12 months it was never less than 2."),
    ],
)
def test_a_figure_outside_the_range_of_the_last_year_is_unusual(
    two_leads_a_month, now, visit, created, sentence
):
    now(datetime(2026, 3, 10, 18, tzinfo=UTC))
    create(two_leads_a_month.ana, 2026, 3, 4, times=created)
    assert sentence in unusual(html(visit(two_leads_a_month.ada), "/reports/"))


@pytest.mark.parametrize("created", [2, 3])
def test_a_figure_within_the_range_of_the_last_year_is_not_unusual(
    two_leads_a_month, now, visit, created
):
    now(datetime(2026, 3, 10, 18, tzinfo=UTC))
    create(two_leads_a_month.ana, 2026, 3, 4, times=created)
    assert "Created" not in unusual(html(visit(two_leads_a_month.ada), "/reports/"))


def test_the_first_days_of_a_month_are_not_compared(two_leads_a_month, now, visit):
    now(datetime(2026, 3, 6, 18, tzinfo=UTC))
    create(two_leads_a_month.ana, 2026, 3, 4, times=9)
    assert "too young to compare" in unusual(html(visit(two_leads_a_month.ada), "/reports/"))


def test_less_than_six_months_of_history_are_not_compared(readers, now, visit):
    now(datetime(2026, 3, 10, 18, tzinfo=UTC))
    create(readers.ana, 2026, 3, 4, times=9)
    assert "Nothing is unusual" in unusual(html(visit(readers.ada), "/reports/"))
