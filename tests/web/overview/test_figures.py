"""The overview: the figures of the current month, each with its trend and its change."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from html import unescape

import pytest

from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.reports import CATALOGUE
from leadlight.replication.replica import Replica
from leadlight.sales.models import Lead
from tests.web.overview.parts import MID_MARCH, card, figure, plain
from tests.web.worked import html

pytestmark = pytest.mark.answers


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
