"""Figures of the demo company: realistic sizes, rates, durations and seasons."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime
from statistics import mean, median

import pytest

from tests.demo.reading import CLOSED, Company, Row, days_to_close, win_rate


@pytest.mark.parametrize(
    ("name", "count"),
    [("leads", 6_000), ("activities", 40_000), ("prospects", 15_000), ("clients", 400)],
)
def test_the_demo_company_has_about_the_intended_number_of_rows(
    whole: Company, name: str, count: int
) -> None:
    assert 0.9 * count <= len(whole.rows(name)) <= 1.1 * count


def test_there_are_two_pipelines_and_twenty_lists_with_one_archived(whole: Company) -> None:
    assert len(whole.rows("pipelines")) == 2
    lists = whole.rows("prospecting_lists")
    assert len(lists) == 20
    assert Counter(row["is_archived"] for row in lists) == {"false": 19, "true": 1}
    assert 5 <= sum(bool(row["cost"]) for row in lists) <= 15


def test_there_are_costs_of_two_trade_shows_a_campaign_and_a_bought_list(whole: Company) -> None:
    places = [
        next(name for name in ("prospecting_list", "source", "tag") if row[name])
        for row in whole.rows("costs")
    ]
    assert places == ["tag", "tag", "source", "prospecting_list"]
    assert all(row["first_on"] <= row["last_on"] for row in whole.rows("costs"))


def test_leads_have_four_to_five_states_on_average(whole: Company) -> None:
    states = [len({row["occurred_at"] for row in rows}) for rows in whole.histories.values()]
    assert 4 <= mean(states) <= 5.2


def test_the_win_rate_is_between_20_and_30_percent(whole: Company) -> None:
    assert 0.2 <= win_rate(whole.living) <= 0.3


def test_winning_takes_about_five_weeks_with_a_long_tail(whole: Company) -> None:
    days = sorted(days_to_close(lead) for lead in whole.living if lead["status"] == "won")
    assert 25 <= median(days) <= 45
    assert days[int(len(days) * 0.95)] > 2.5 * median(days)


def test_one_product_wins_twice_as_often_as_another(whole: Company) -> None:
    rates = _rates(whole.living, _product)
    assert max(rates.values()) > 2 * min(rates.values())


def test_one_source_has_many_leads_and_few_wins_and_another_the_opposite(whole: Company) -> None:
    count = Counter(lead["source"] for lead in whole.living)
    rates = _rates(whole.living, lambda lead: lead["source"])
    assert count["Site web"] > 5 * count["Recommandation"]
    assert rates["Recommandation"] > 3 * rates["Site web"]


def test_one_list_has_many_leads_and_few_wins_and_another_the_opposite(whole: Company) -> None:
    list_of = {row["prospect"]: row["prospecting_list"] for row in whole.rows("prospects")}
    leads = [lead for lead in whole.living if lead["prospect"]]
    count = Counter(list_of[lead["prospect"]] for lead in leads)
    rates = _rates(leads, lambda lead: list_of[lead["prospect"]])
    assert count["annuaire-pme"] > 3 * count["architectes-1"]
    assert rates["architectes-1"] > 2 * rates["annuaire-pme"]


def test_sellers_differ_in_number_and_size_of_deals_and_win_rate(whole: Company) -> None:
    won = [lead for lead in whole.living if lead["status"] == "won"]
    count = Counter(lead["user"] for lead in won)
    deal = {user: mean(_amounts(won, user)) for user in count}
    rates = _rates([lead for lead in whole.living if lead["user"]], lambda lead: lead["user"])
    assert count.most_common(1)[0][0] == "sophie.mirador"
    assert deal["paul.belvedere"] > 8 * deal["sophie.mirador"]
    assert count["sophie.mirador"] > 3 * count["paul.belvedere"]
    assert rates["julien.soupirail"] < 0.6 * win_rate(whole.living)
    assert rates["karim.persienne"] > 1.15 * win_rate(whole.living)


def _product(lead: Row) -> str:
    return next(tag for tag in lead["tags"].split(";") if tag.startswith("gamme-"))


def _amounts(leads: list[Row], user: str) -> list[float]:
    return [float(lead["amount"] or 0) for lead in leads if lead["user"] == user]


def _rates(leads: list[Row], key: Callable[[Row], str]) -> dict[str, float]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for lead in leads:
        groups[key(lead)].append(lead)
    enough = {
        k: rows for k, rows in groups.items() if sum(r["status"] in CLOSED for r in rows) > 30
    }
    return {k: win_rate(rows) for k, rows in enough.items()}


def test_a_third_to_a_half_of_the_calls_reach_somebody(whole: Company) -> None:
    reached_of = {row["outcome"]: row["is_reached"] == "true" for row in whole.rows("outcomes")}
    calls: dict[str, list[bool]] = defaultdict(list)
    for row in whole.rows("activities"):
        if row["activity_type"] == "appel" and row["outcome"]:
            calls[row["user"]].append(reached_of[row["outcome"]])
    everybody = [reached for rows in calls.values() for reached in rows]
    assert 0.35 <= mean(everybody) <= 0.5
    busy = [mean(rows) for rows in calls.values() if len(rows) > 500]
    assert 0.3 <= min(busy) < 0.42 < max(busy) <= 0.53


def test_august_and_christmas_are_quiet_and_quarter_ends_are_busy(whole: Company) -> None:
    created = Counter(lead["created_at"][:7] for lead in whole.living)
    won = Counter(lead["closed_at"][5:10] for lead in whole.living if lead["status"] == "won")
    for year in (2024, 2025, 2026):
        assert created[f"{year}-08"] < 0.6 * created[f"{year}-09"]
    last_week = sum(won[f"{m:02}-{d:02}"] for m in (3, 6, 9) for d in range(24, 31))
    first_week = sum(won[f"{m:02}-{d:02}"] for m in (4, 7, 10) for d in range(1, 8))
    assert last_week > 1.5 * first_week
    assert sum(won[f"12-{day}"] for day in range(25, 32)) == 0


def test_the_company_grows(whole: Company) -> None:
    won = Counter(lead["closed_at"][:4] for lead in whole.living if lead["status"] == "won")
    assert won["2025"] > 1.03 * won["2024"]


def test_open_leads_have_realistic_gaps_and_recent_activities(whole: Company) -> None:
    still_open = [lead for lead in whole.living if not lead["closed_at"]]
    assert 250 <= len(still_open) <= 450
    undated = [lead for lead in still_open if not lead["estimated_closing_on"]]
    overdue = [
        lead for lead in still_open if "" < lead["estimated_closing_on"] < whole.today.isoformat()
    ]
    unassigned = [lead for lead in still_open if not lead["user"]]
    without_amount = [lead for lead in still_open if not lead["amount"]]
    for some in (undated, overdue, without_amount):
        assert 0.03 * len(still_open) < len(some) < 0.35 * len(still_open)
    assert 2 <= len(unassigned) <= 30
    assert median(_idle_days(whole, still_open)) <= 21


def _idle_days(company: Company, leads: list[Row]) -> list[int]:
    last = {row["lead"]: row["occurred_at"] for row in company.rows("activities")}
    days = [last.get(lead["lead"], lead["created_at"])[:10] for lead in leads]
    return [(company.today - date.fromisoformat(day)).days for day in days]


def test_the_current_month_has_activity_on_any_last_day(company: Company) -> None:
    month = company.today.isoformat()[:7]
    created = [lead for lead in company.living if lead["created_at"].startswith(month)]
    closed = Counter(
        lead["status"] for lead in company.living if lead["closed_at"].startswith(month)
    )
    done = [row for row in company.rows("activities") if row["occurred_at"].startswith(month)]
    assert len(created) >= 4
    assert closed["won"] >= 2
    assert closed["lost"] >= 1
    assert len(done) >= 10


def test_the_data_cover_three_years(company: Company) -> None:
    first = datetime.fromisoformat(min(lead["created_at"] for lead in company.rows("leads")))
    assert 1050 <= (company.today - first.date()).days <= 1127
