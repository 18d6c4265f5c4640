"""The ranking view: win rates, ranks and estimates of a small company, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.export.results import to_csv, to_dict
from leadlight.analytics.metrics.columns import Rate, Span
from leadlight.analytics.reports.contract import Result
from leadlight.analytics.stats.proportions import wilson
from tests.analytics.asking import ReportClient
from tests.analytics.busy import NOW, lead
from tests.analytics.laws import LawQuery, check_law
from tests.analytics.strategies import company
from tests.analytics.world import World

pytestmark = pytest.mark.search

PARIS = ZoneInfo("Europe/Paris")
JANUARY = {"start": "2024-01-01", "to": "2024-01-31", "view": "ranking"}
ANA, BO, CY = 11, 12, 13
TAGS = {ANA: (61,), BO: (62,)}


def ranking(engine: Engine, closings: dict[int | None, tuple[int, int]], **query: Any) -> Result:
    return january_company(engine, closings).report("team", **(JANUARY | query))


def january_company(engine: Engine, closings: dict[int | None, tuple[int, int]]) -> ReportClient:
    """A company whose users won and lost these numbers of leads in January."""
    ids = count(100)
    leads = [
        replace(
            lead(0, "01-01", ("01-05", "status", how), owner=user, tag_ids=TAGS.get(user, ())),
            id=(number := next(ids)),
            key=f"L{number}",
        )
        for user, (won, lost) in closings.items()
        for how in ["won"] * won + ["lost"] * lost
    ]
    return ReportClient(engine, company(PARIS, tuple(leads)), NOW)


def figures(result: Result) -> dict[str | None, tuple[Any, ...]]:
    keys = ("win_rate", "win_rate_ranks", "win_rate_estimate")
    return {row.key: tuple(row.cells[key] for key in keys) for row in result.rows}


def test_two_users_with_different_win_rates_are_ranked_apart(engine: Engine) -> None:
    """The prior for 6 and 14 of 20 weighs 68/27 leads; their difference 0.4 exceeds 0.31."""
    result = ranking(engine, {ANA: (6, 14), BO: (14, 6)})
    actual = figures(result)
    assert actual["ana"][:2] == (Rate(6, 20), Span(2, 2))
    assert actual["bo"][:2] == (Rate(14, 20), Span(1, 1))
    assert actual["ana"][2] == pytest.approx(196 / 608)
    assert actual["bo"][2] == pytest.approx(412 / 608)
    assert actual["o'neil; --"] == (Rate(0, 0), None, None)
    ranks, estimate = result.notes
    assert str(ranks.phrase) == "One of the 2 ranked rows is clearly first."
    assert estimate.phrase.values == {"weight": 2.5, "mean": Rate(20, 40)}
    assert estimate.method is not None
    assert estimate.method.values == {"alpha": 1.3, "beta": 1.3}
    assert "adds 2.5 closed leads to each row, won at the rate of all ranked rows, 50.0%." in str(
        estimate.phrase
    )


def test_users_with_similar_win_rates_share_ranks_and_estimate(engine: Engine) -> None:
    result = ranking(engine, {ANA: (4, 6), BO: (6, 4), CY: (1, 0)})
    actual = figures(result)
    assert [places for _rate, places, _estimate in actual.values()] == [Span(1, 3)] * 3
    assert [estimate for *_, estimate in actual.values()] == [pytest.approx(11 / 21)] * 3
    ranks, estimate = result.notes
    assert ranks.phrase.values == {"ranked": 3, "first": 3}
    assert "no more than chance" in str(estimate.phrase)
    assert {row.key: row.is_few for row in result.rows} == {
        "ana": False,
        "bo": False,
        "o'neil; --": True,
    }


def test_rows_and_total_have_wilson_intervals(engine: Engine) -> None:
    result = ranking(engine, {ANA: (2, 3), BO: (10, 0)})
    intervals = {row.key: row.cells["win_rate_interval"] for row in result.rows}
    assert intervals == {"ana": wilson(2, 5), "bo": wilson(10, 10), "o'neil; --": None}
    assert result.totals["win_rate_interval"] == wilson(12, 15)
    assert result.totals["win_rate_ranks"] is None
    assert result.totals["win_rate_estimate"] is None


def test_leads_without_an_owner_are_counted_but_not_ranked(engine: Engine) -> None:
    result = ranking(engine, {ANA: (6, 14), BO: (14, 6), None: (30, 0)})
    assert figures(result)[None] == (Rate(30, 30), None, None)
    assert figures(result)["bo"][1:] == (Span(1, 1), pytest.approx(412 / 608))
    assert result.totals["win_rate"] == Rate(50, 70)
    assert [note.phrase.values["ranked"] for note in result.notes if note.code == "ranks"] == [2]


def test_a_ranking_of_one_user_or_none_has_no_notes(engine: Engine) -> None:
    assert ranking(engine, {ANA: (3, 9)}).notes == ()
    assert figures(ranking(engine, {ANA: (3, 9)}))["ana"][1:] == (Span(1, 1), 0.25)
    empty = ranking(engine, {ANA: (3, 9)}, start="2023-01-01", to="2023-01-31")
    assert empty.notes == ()
    assert set(figures(empty).values()) == {(Rate(0, 0), None, None)}


def test_the_compared_period_has_its_own_ranks(engine: Engine) -> None:
    result = ranking(
        engine, {ANA: (6, 14), BO: (14, 6)}, start="2024-02-01", to="2024-02-29", compare="previous"
    )
    assert result.compared is not None
    assert figures(result.compared)["bo"][1] == Span(1, 1)
    assert figures(result)["bo"][1] is None


def test_cancelled_leads_may_be_left_out(engine: Engine) -> None:
    result = ranking(engine, {ANA: (2, 8)}, leave_cancelled_out="yes")
    assert [column.key for column in result.columns][:2] == ["won_leads", "decided_leads"]
    assert figures(result)["ana"][1] == Span(1, 1)


def test_ranks_and_intervals_list_the_closed_leads(engine: Engine) -> None:
    company = january_company(engine, {ANA: (2, 3), BO: (1, 0)})
    for key in ("win_rate", "win_rate_interval", "win_rate_ranks", "win_rate_estimate"):
        assert company.drilldown("team", key, "ana", **JANUARY).count == 5


def test_exports_have_both_ends_of_a_span(engine: Engine) -> None:
    result = ranking(engine, {ANA: (6, 14), BO: (14, 6)})
    heads, *lines = ("".join(to_csv(result))).split("\r\n")
    assert heads.split(",")[-6:-1] == [
        "win_rate_interval_low",
        "win_rate_interval_high",
        "win_rate_ranks_low",
        "win_rate_ranks_high",
        "win_rate_estimate",
    ]
    ana = next(line for line in lines if line.startswith("ana,")).split(",")
    assert [float(cell) for cell in ana[-6:-1]] == [*wilson(6, 20), 2, 2, pytest.approx(196 / 608)]
    actual = to_dict(result)
    row = next(row for row in actual["rows"] if row["key"] == "ana")
    assert row["win_rate_ranks"] == {"low": 2, "high": 2}
    assert actual["notes"][1]["method"].startswith("Beta-binomial model")


def test_tags_and_lists_are_ranked_too(engine: Engine) -> None:
    company = january_company(engine, {ANA: (6, 14), BO: (14, 6)})
    tags = company.report("categories", **JANUARY, group_by="category:region")
    assert figures(tags) == {
        "a": (Rate(6, 20), Span(2, 2), pytest.approx(196 / 608)),
        "b": (Rate(14, 20), Span(1, 1), pytest.approx(412 / 608)),
    }
    lists = company.report("prospecting", **JANUARY)
    assert [column.key for column in lists.columns] == [
        "won_leads",
        "closed_leads",
        "win_rate",
        "win_rate_interval",
        "win_rate_ranks",
        "win_rate_estimate",
    ]


def test_the_ranking_view_has_the_win_rates_of_the_report() -> None:
    """For any scope, filters and `as_of`."""

    def law(query: LawQuery, world: World) -> None:
        [view] = [one for one in query.report.views if one.view == "ranking"]
        filters = replace(query.filters, group_by="user")
        actual = query.of(world, filters)
        ranked = replace(query, report=view).of(world, replace(filters, view="ranking"))
        rates = {row.key: row.cells["win_rate"] for row in ranked.rows}
        assert {row.key: rates.pop(row.key, Rate(0, 0)) for row in actual.rows} == {
            row.key: row.cells["win_rate"] for row in actual.rows
        }
        assert not rates
        assert ranked.totals["win_rate"] == actual.totals["win_rate"]
        for row in ranked.rows:
            rate, places = row.cells["win_rate"], row.cells["win_rate_ranks"]
            assert isinstance(rate, Rate)
            assert (places is not None) == (row.key is not None and rate.denominator > 0)
            assert row.is_few == (places is not None and rate.denominator < 10)

    check_law("team", law)


# Drill-down


def test_the_list_of_a_rate_has_its_confidence_interval(engine: Engine) -> None:
    company = january_company(engine, {ANA: (2, 3), BO: (1, 0), CY: (0, 0)})
    plain = {key: value for key, value in JANUARY.items() if key != "view"}
    interval = company.drilldown("team", "win_rate", "ana", **plain).interval
    assert interval is not None
    assert (interval.cases, interval.successes) == (5, 2)
    assert (interval.low, interval.high) == wilson(2, 5)
    total = company.drilldown("team", "win_rate", **plain).interval
    assert total is not None
    assert (total.successes, total.cases) == (3, 6)
    assert company.drilldown("team", "win_rate", "o'neil; --", **plain).interval is None
    assert company.drilldown("team", "won_leads", "ana", **plain).interval is None
    assert company.drilldown("team", "won_amount_share", "ana", **plain).interval is None


@pytest.mark.parametrize(
    ("days", "ends", "ranks"),
    [
        (range(1, 10), (2, 8), (2, 8)),
        (range(1, 8), (1, 7), (1, 7)),
        ([5, 5, 5, 5, 5, 9, 1], (1, 9), (1, 7)),
        (range(1, 6), (None, None), None),
    ],
)
def test_the_interval_of_a_median_is_between_two_of_its_values(
    engine: Engine, days: Any, ends: tuple[Any, Any], ranks: tuple[int, int] | None
) -> None:
    leads = [
        replace(lead(0, "01-01", (f"01-{day + 1:02}", "status", "won")), id=100 + n, key=f"L{n}")
        for n, day in enumerate(days)
    ]
    leads.append(replace(lead(0, "01-01", ("01-30", "status", "lost")), id=99, key="lost"))
    company_ = ReportClient(engine, company(PARIS, tuple(leads)), NOW)
    plain = {"start": "2024-01-01", "to": "2024-01-31"}
    interval = company_.drilldown("company", "median_days_to_win", **plain).interval
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx(ends)
    assert (interval.cases, interval.successes, interval.ranks) == (len(days), None, ranks)
    assert company_.drilldown("company", "p25_days_to_win", **plain).interval is None


def test_a_median_without_values_has_no_interval(engine: Engine) -> None:
    company_ = january_company(engine, {ANA: (0, 3)})
    plain = {"start": "2024-01-01", "to": "2024-01-31"}
    assert company_.drilldown("company", "median_days_to_win", **plain).interval is None
