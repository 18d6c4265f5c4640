"""Confidence intervals on the pages, and the ranking of the worked company."""

from __future__ import annotations

import re

import pytest

from tests.web.pages import Page
from tests.web.worked import MONTHS, THEN, html, report_page, row_names

pytestmark = pytest.mark.answers

RANKING = f"{MONTHS}&view=ranking"


def text_of(page: str) -> str:
    return " ".join(Page.read(page).text.split())


def list_of(browser, column: str, row: str = "") -> str:
    place = f"&row={row}" if row else ""
    return text_of(html(browser, f"/reports/team/leads/?{MONTHS}&{THEN}&column={column}{place}"))


# Two of four leads were won: the Wilson interval is 0.5 ± 1.96 × 0.35 / 1.96, 0.15 to 0.85.
TWO_OF_FOUR = (
    "2 of 4: too few cases to judge. Chance alone could move the rate between 15% and 85%."
)


def test_the_list_of_a_rate_states_its_confidence_interval(readers, visit):
    page = list_of(visit(readers.ada), "win_rate")
    assert TWO_OF_FOUR in page
    assert "Wilson score interval at 95%, from 15.0% to 85.0%." in page


def test_the_list_of_a_median_states_its_confidence_interval(readers, visit):
    page = list_of(visit(readers.ada), "median_days_to_win")
    assert "2 durations: too few to judge." in page
    assert "With fewer than 6 values, a median has no confidence interval" in page


@pytest.mark.parametrize("column", ["won_leads", "won_amount", "won_amount_share", "mean_deal"])
def test_lists_of_other_figures_state_no_interval(column, readers, visit):
    assert "How this is calculated" not in list_of(visit(readers.ada), column)


def test_a_grey_rate_has_a_tooltip_and_an_explanation(readers, visit):
    page = report_page(visit(readers.ada), "team")
    assert f'title="{TWO_OF_FOUR}">50.0%</a>' in page
    choices = re.findall(r'name="columns" value="(\w+)".*?</div>', page, re.S)
    about = dict(zip(choices, page.split('<div class="column-choice">')[1:], strict=True))
    about = {key: text.partition("</div>")[0] for key, text in about.items()}
    assert [key for key in choices if TWO_OF_FOUR in about[key]] == ["win_rate"]


def test_the_ranking_is_in_french(readers, visit):
    page = text_of(report_page(visit(readers.ada, "fr"), "team", RANKING))
    assert "Classement" in page
    assert "2 sur 4" in page
    assert "Écart trop faible : 2 des 2 lignes classées pourraient être premières" in page


# The ranking


def test_sellers_are_ranked_by_their_estimates(readers, visit):
    """Ana won 2 of 2 leads and Bo 0 of 2: too few to rank one above the other."""
    page = report_page(visit(readers.ada), "team", RANKING)
    assert row_names(page)[:2] == ["Ana Abreu", "Bo Berg"]
    assert page.count('<tr class="few">') == 2
    text = text_of(page)
    assert "Too close to call: 2 of the 2 ranked rows could be first" in text
    assert "34% to 100% 1 to 2 75.0%" in text
    assert "0% to 66% 1 to 2 25.0%" in text
    assert "adds 2.0 closed leads to each row, won at the rate of all ranked rows, 50.0%." in text
    assert "α = 1.0 and β = 1.0" in text
    assert "Newcombe's interval" in text
    assert re.search(r'aria-sort="descending"><a [^>]+>Estimate', page)


def test_rank_ranges_are_sorted_best_first(readers, visit):
    page = report_page(visit(readers.ada), "team", RANKING)
    assert re.search(r"[?&;]sort=win_rate_ranks\b", page)


def test_a_seller_is_ranked_among_visible_sellers(readers, visit):
    page = report_page(visit(readers.ana), "team", RANKING)
    assert "Bo Berg" not in page
    assert "ranked rows" not in page


def test_sorting_by_a_column_that_the_ranking_lacks_is_refused(readers, visit):
    html(visit(readers.ada), f"/reports/team/?{RANKING}&sort=won_amount", status=400)
