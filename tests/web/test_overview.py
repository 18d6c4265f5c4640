"""The overview: the current month of a reader, their teams or everyone, goals, and anomalies."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape

import pytest
from django.utils import timezone

from leadlight.accounts.models import Team
from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.reports import CATALOGUE
from leadlight.replication.replica import Replica
from leadlight.sales.models import Activity, ActivityType, Goal, Lead, Pipeline
from tests.web.worked import html

pytestmark = pytest.mark.answers

# At the end of this day half of the days of February are over.
MID_FEBRUARY = datetime(2026, 2, 14, 11, tzinfo=UTC)
MID_MARCH = datetime(2026, 3, 15, 11, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now(readers, monkeypatch):
    def set_now(instant):
        monkeypatch.setattr(timezone, "now", lambda: instant)

    set_now(MID_FEBRUARY)
    return set_now


def plain(part):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", part)).split())


def card(page, title):
    """Return the HTML of the card of a figure."""
    for part in page[page.index("month-cards") :].split('<li class="card figure">')[1:]:
        part = part.partition("</li>")[0]
        if plain(part.partition("</h2>")[0]) == title:
            return part
    raise LookupError(title)


def figure(page, title):
    return re.search(r'<p class="value[^"]*"><a [^>]*>([^<]+)<', card(page, title))[1]


def section(page, name):
    start = page.index(f'aria-labelledby="{name}"')
    return page[start : page.index("</section>", start)]


def goal_lines(page):
    return plain(section(page, "goals").partition("</h2>")[2])


def tabs(page):
    """Return the perspectives to choose from: title → address."""
    if "Show figures of" not in page:
        return {}
    part = page[page.index('aria-label="Show figures of"') :].partition("</nav>")[0]
    return {
        title: address for address, title in re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)', part)
    }


# Figures


def test_this_month_covers_its_days_until_today(readers, visit):
    # 1 to 14 February: L4 and L5 were created; L1 and L2 were won, L3 lost; L4 and L5 are open.
    page = html(visit(readers.ada), "/reports/")
    assert figure(page, "Created") == "2"
    assert figure(page, "Won amount") == "€1,500"
    assert figure(page, "Win rate") == "66.7%"
    assert "2 of 3" in card(page, "Win rate")
    assert figure(page, "Open amount") == "€1,100"
    assert "1–14 Feb 2026, compared with the same days of last month." in plain(page)


def test_there_are_six_figures_each_once(readers, visit):
    page = html(visit(readers.ada), "/reports/")
    found = re.findall(r"<h2><[^>]+>([^<]+)</(?:a|span)></h2>", page)
    assert found == [
        "Won amount",
        "Forecast this month",
        "Open amount",
        "Win rate",
        "Created",
        "Activities",
    ]


def test_a_rate_of_nothing_has_no_fraction(readers, visit, now):
    now(datetime(2026, 4, 2, 11, tzinfo=UTC))
    told = plain(card(html(visit(readers.ada), "/reports/"), "Win rate"))
    assert figure(html(visit(readers.ada), "/reports/"), "Win rate") == "–"
    assert "0 of 0" not in told
    assert "from –" not in told


def test_figures_are_compared_with_the_same_days_of_last_month(readers, visit):
    page = html(visit(readers.ada), "/reports/")
    assert "from 3" in plain(card(page, "Created"))


def test_nothing_is_compared_in_the_first_month_of_a_company(readers, visit, now):
    now(datetime(2026, 1, 20, 11, tzinfo=UTC))
    page = html(visit(readers.ada), "/reports/")
    assert figure(page, "Created") == "3"
    assert "from " not in plain(card(page, "Created"))
    assert "compared with" not in page


def test_a_figure_opens_its_list_and_its_explanation(readers, visit):
    browser = visit(readers.ada)
    page = html(browser, "/reports/")
    address = "/reports/company/leads/?period=this_month&compare=previous&column=won_amount"
    assert f'href="{address.replace("&", "&amp;")}"' in card(page, "Won amount")
    assert "Lead 1" in html(browser, address)
    explained = address.replace("/leads/", "/explain/").replace("&", "&amp;")
    assert f'<a href="{explained}" data-explain' in card(page, "Won amount")
    assert "€1,500" in html(browser, unescape(explained))
    assert '<dialog class="explain" id="explain"' in page


def test_a_trend_has_the_months_before_and_the_month_to_date(readers, visit, now):
    assert "polyline" not in html(visit(readers.ada), "/reports/")  # of two months
    now(MID_MARCH)
    page = html(visit(readers.ada), "/reports/")
    assert "polyline" not in card(page, "Activities")  # of nothing
    trend = card(page, "Won amount")
    # January €0, February €1,500, March €0; the last step is dashed.
    assert '<polyline points="0.0,30.0 48.0,2.0"/>' in trend
    assert '<polyline class="unfinished" points="48.0,2.0 96.0,30.0"/>' in trend
    assert "<title>Previous 2 months: from €0 to €1,500.</title>" in trend


def test_the_forecast_adds_what_is_won_and_the_weighted_amount(readers, visit):
    lead = Lead.objects.get(key="L5")
    lead.set_estimated_closing(date(2026, 2, 28), by=readers.ada)
    lead.set_probability(50, by=readers.ada)
    page = html(visit(readers.ada), "/reports/")
    # €1,500 won, and half of €300.
    assert figure(page, "Forecast this month") == "€1,650"
    assert "Won so far, plus €150 weighted from open leads" in plain(
        card(page, "Forecast this month")
    )
    assert "Weighted by probability: €150" in plain(card(page, "Open amount"))


def test_the_overview_links_to_every_report(readers, visit):
    page = html(visit(readers.ada), "/reports/")
    part = page[page.index('class="report-links"') :]
    assert re.findall(r'<a href="/reports/(\w+)/"', part.partition("</ul>")[0]) == list(CATALOGUE)


def test_the_overview_catches_up_once_and_runs_few_queries(readers, visit, monkeypatch):
    times, statements = [], []
    catch_up, run = Replica.catch_up, Engine.run

    def counting(self, **how):
        times.append(1)
        catch_up(self, **how)

    def noting(self, sql, values=None):
        statements.append(sql)
        return run(self, sql, values)

    monkeypatch.setattr(Replica, "catch_up", counting)
    monkeypatch.setattr(Engine, "run", noting)
    html(visit(readers.ada), "/reports/")
    assert len(times) == 1
    assert 0 < len(statements) <= 40


def test_the_overview_requires_signing_in(readers, visit):
    assert visit().get("/reports/").url == "/accounts/login/?next=/reports/"
    assert visit(readers.ada).get("/").url == "/reports/"


# Show figures of


def test_a_seller_sees_their_own_numbers(shared, visit):
    page = html(visit(shared.ana), "/reports/")
    assert "<h1>My numbers</h1>" in page
    assert figure(page, "Won amount") == "€1,500"
    assert figure(page, "Open amount") == "€0"
    assert tabs(page) == {"Me": "/reports/", "Company": "/reports/?of=all"}
    company = html(visit(shared.ana), "/reports/?of=all")
    assert "<h1>Overview</h1>" in company
    assert figure(company, "Open amount") == "€1,100"
    assert tabs(company) == tabs(page)
    assert "user=me" in card(page, "Won amount")
    assert "user=me" not in card(company, "Won amount")


def test_a_seller_who_sees_only_their_own_leads_has_no_choice(readers, visit):
    page = html(visit(readers.bo), "/reports/")
    assert tabs(page) == {}
    assert figure(page, "Created") == "2"
    assert '<a href="/goals/"' in page
    assert "Only the leads you have access to are counted." in page


def test_a_manager_starts_with_the_team(shared, visit):
    page = html(visit(shared.mona), "/reports/")
    assert "Overview · South" in plain(page.replace('class="whose">', 'class="whose">· '))
    assert figure(page, "Created") == "2"
    assert figure(page, "Won amount") == "€0"
    assert list(tabs(page)) == ["My team", "Company"]  # Mona has no leads
    assert figure(html(visit(shared.mona), "/reports/?of=all"), "Won amount") == "€1,500"


def test_a_manager_who_sells_may_choose_their_own_numbers(readers, visit):
    Lead.objects.get(key="L5").assign_to(readers.mona, by=readers.ada)
    browser = visit(readers.mona)
    assert tabs(html(browser, "/reports/")) == {"Me": "/reports/?of=me", "My team": "/reports/"}
    assert figure(html(browser, "/reports/?of=me"), "Open amount") == "€300"


def test_a_manager_without_a_team_sees_what_they_may(shared, visit):
    shared.mona.memberships.all().delete()
    assert figure(html(visit(shared.mona), "/reports/"), "Won amount") == "€1,500"


def test_an_admin_starts_with_the_company(readers, visit):
    page = html(visit(readers.ada), "/reports/")
    assert tabs(page) == {}
    Lead.objects.get(key="L5").assign_to(readers.ada, by=readers.ada)
    assert list(tabs(html(visit(readers.ada), "/reports/"))) == ["Me", "Company"]


@pytest.mark.parametrize(
    ("name", "query", "sentence"),
    [
        ("bo", "of=team", "“team” is not possible for “of”"),
        ("bo", "of=all", "“all” is not possible for “of”"),
        ("mona", "of=all", "“all” is not possible for “of”"),
        ("ada", "of=team", "“team” is not possible for “of”"),
        ("ada", "of=me&of=all", "Choose only one value for “of”."),
        ("ada", "user=bo", "Unknown filter: “user”."),
    ],
)
def test_other_figures_are_refused(readers, visit, name, query, sentence):
    page = html(visit(getattr(readers, name)), f"/reports/?{query}", status=400)
    assert sentence in unescape(page)
    assert 'href="/reports/"' in page


def test_a_reader_without_leads_is_told_so(readers, visit, now):
    page = html(visit(readers.uma), "/reports/")
    assert "You have no figures for the last 12 months." in page
    assert "month-cards" not in page
    Lead.objects.all().delete()
    assert "You have no access to any leads yet." in html(visit(readers.ada), "/reports/")


@pytest.mark.parametrize("day", [datetime(2026, 3, 1, 11, tzinfo=UTC), MID_MARCH])
@pytest.mark.parametrize("name", ["ada", "mona", "ana", "bo", "uma"])
def test_every_reader_has_a_page_on_every_day(readers, visit, now, day, name):
    now(day)
    page = html(visit(getattr(readers, name), "fr"), "/reports/")
    assert "%(" not in page


# Leads to look at


def waiting(page):
    found = re.findall(
        r'<li><span title="[^"]+">([^<]+)</span> <a href="([^"]+)"><strong>(\d+)<',
        section(page, "waiting"),
    )
    return {title: (number, unescape(address)) for title, address, number in found}


def test_open_leads_that_need_attention_are_counted(readers, visit, now):
    now(MID_MARCH)
    browser = visit(readers.ada)
    lead = Lead.objects.get(key="L5")
    untouched = {"No activity for 30 days": "1"}
    found = waiting(html(browser, "/reports/"))
    assert {title: number for title, (number, _) in found.items()} == {
        "No close date": "1",
        **untouched,
    }
    lead.set_estimated_closing(date(2026, 3, 14), by=readers.ada)
    lead.assign_to(None, by=readers.ada)
    found = waiting(html(browser, "/reports/"))
    assert {title: number for title, (number, _) in found.items()} == {
        "Past close date": "1",
        "No owner": "1",
        **untouched,
    }
    for _number, address in found.values():
        assert "Lead 5" in html(browser, address)
    assert "€300" in section(html(browser, "/reports/"), "waiting")


def test_a_seller_has_only_their_own_leads_to_check(shared, visit, now):
    now(MID_MARCH)
    assert waiting(html(visit(shared.bo), "/reports/"))["No close date"][0] == "1"
    page = html(visit(shared.ana), "/reports/")
    assert waiting(page) == {}
    assert "No open lead needs attention." in page


# Goals


def goal(**said):
    given = {"measure": "won_leads", "period": "month", "starts_on": date(2026, 1, 1), "target": 10}
    return Goal.objects.create(**given | said)


def test_a_goal_shows_progress_and_extrapolation(readers, visit):
    # 14 of 28 days are over: two won leads extrapolate to four.
    goal(user=readers.ana, target=5)
    page = html(visit(readers.ada), "/reports/")
    said = "Ana Abreu · Won leads, Feb 2026 2 of 5 · 40% behind · at this pace: 4"
    assert said in goal_lines(page)
    assert '<rect class="done" width="40" height="8"/>' in section(page, "goals")
    assert '<line x1="50" x2="50"' in section(page, "goals")


def test_goals_furthest_behind_come_first(readers, visit):
    goal(user=readers.ana, target=4)
    goal(team=Team.objects.get(key="south"), measure="won_amount", target=Decimal("500"))
    page = goal_lines(html(visit(readers.ada), "/reports/"))
    assert page.index("South") < page.index("Ana Abreu")
    assert "2 of 4 · 50% on pace · at this pace: 4" in page


def test_one_s_own_goals_come_first_and_most_others_are_counted(shared, visit):
    for place, reader in enumerate((shared.ana, shared.bo, shared.mona)):
        goal(user=reader, target=2 + place)
        goal(user=reader, measure="won_amount", target=100)
    goal(team=Team.objects.get(key="south"), target=9)
    page = goal_lines(html(visit(shared.ana), "/reports/?of=all"))
    assert page.startswith("Ana Abreu · Won leads")
    assert "1 more goal, further ahead" in page
    mine = goal_lines(html(visit(shared.ana), "/reports/"))
    assert "Bo Berg" not in mine
    assert mine.count("Ana Abreu") == 2


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
    assert "€1,500 of €2,000 · 75% on pace · at this pace: €3,000" in page
    assert "2 of 8 · 25% behind · at this pace: 4" in page
    assert "No goals are set for you." in html(visit(readers.bo), "/reports/")


def test_people_see_only_their_own_goals(readers, visit):
    goal(user=readers.ana)
    assert "Ana Abreu" in goal_lines(html(visit(readers.ana), "/reports/"))
    assert "Ana Abreu" not in goal_lines(html(visit(readers.mona), "/reports/"))


# Goal of the month


def test_the_won_amount_is_measured_by_the_goal_of_the_month(readers, visit):
    # North's 9,000 for the 90 days of the quarter are 2,800 for the 28 days of February.
    north = Team.objects.get(key="north")
    goal(team=north, measure="won_amount", period="quarter", target=Decimal("9000"))
    Lead.objects.get(key="L5").set_estimated_closing(date(2026, 2, 28), by=readers.ada)
    page = html(visit(readers.ada), "/reports/")
    assert "54% of the goal of €2,800 · at this pace: €3,000" in plain(card(page, "Won amount"))
    said = "€300 expected this month: 0.23 times the €1,300 still needed for the goal"
    assert said in plain(card(page, "Open amount"))
    [address] = re.findall(r'<a href="([^"]+column=coverage[^"]*)"', card(page, "Open amount"))
    assert "0.23" in html(visit(readers.ada), unescape(address))


def test_the_goal_of_a_seller_is_their_own(readers, visit):
    goal(team=Team.objects.get(key="north"), measure="won_amount", target=Decimal("9000"))
    page = html(visit(readers.ana), "/reports/")
    assert "of the goal" not in card(page, "Won amount")
    goal(user=readers.ana, measure="won_amount", target=Decimal("1000"))
    page = html(visit(readers.ana), "/reports/")
    assert "150% of the goal of €1,000" in plain(card(page, "Won amount"))
    assert "the goal is reached" in card(page, "Open amount")


def test_the_goal_of_the_company_comes_before_those_of_teams(readers, visit):
    goal(team=Team.objects.get(key="north"), measure="won_amount", target=Decimal("9000"))
    goal(measure="won_amount", period="quarter", target=Decimal("4500"))
    page = html(visit(readers.ada), "/reports/")
    assert "107% of the goal of €1,400" in plain(card(page, "Won amount"))  # 4,500 × 28 ÷ 90


def test_the_first_days_of_a_month_have_no_pace(readers, visit, now):
    goal(measure="won_amount", target=Decimal("4500"))
    now(datetime(2026, 2, 6, 11, tzinfo=UTC))
    page = html(visit(readers.ada), "/reports/")
    assert "of the goal" in card(page, "Won amount")
    assert "pace" not in plain(card(page, "Won amount"))
    assert "pace" not in goal_lines(page).replace("All goals and their pace", "")


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
    return plain(section(page, "unusual"))


@pytest.mark.parametrize(
    ("created", "sentence"),
    [
        (4, "Created · 4 Highest value for the same days in the last 12 months: 3."),
        (1, "Created · 1 Lowest value for the same days in the last 12 months: 2."),
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
    assert "too early in the month to compare" in unusual(
        html(visit(two_leads_a_month.ada), "/reports/")
    )


def test_less_than_six_months_of_history_are_not_compared(readers, now, visit):
    now(datetime(2026, 3, 10, 18, tzinfo=UTC))
    create(readers.ana, 2026, 3, 4, times=9)
    assert "No unusual figures" in unusual(html(visit(readers.ada), "/reports/"))


@pytest.mark.parametrize(("lost", "looks"), [(9, "change "), (10, "change worse")])
def test_a_figure_of_few_cases_is_neither_good_nor_bad(two_leads_a_month, now, visit, lost, looks):
    ana = two_leads_a_month.ana
    now(datetime(2026, 3, 10, 18, tzinfo=UTC))
    create(ana, 2026, 3, 4, times=lost)
    for lead in Lead.objects.order_by("-pk")[:lost]:
        lead.lose(by=ana, at=datetime(2026, 3, 5, 9, tzinfo=UTC))
    part = section(html(visit(two_leads_a_month.ada), "/reports/"), "unusual")
    [line] = [line for line in part.split("<li ")[1:] if "Lost" in line]
    assert line.startswith(f'class="{looks}"')
