"""The overview: goals with their progress, and the goal of the month."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape

import pytest

from leadlight.accounts.models import Team
from leadlight.sales.models import Activity, ActivityType, Goal, Lead
from tests.web.overview.parts import card, goal_lines, plain, section
from tests.web.worked import html

pytestmark = pytest.mark.answers


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
