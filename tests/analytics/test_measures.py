"""The measures of the reports on small tables, counted by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.metrics.columns import Rate
from leadlight.presentation.comparisons import relative_change
from tests.analytics.asking import ReportClient
from tests.analytics.busy import NOW, lead
from tests.analytics.strategies import company
from tests.analytics.world import Lead

PARIS = ZoneInfo("Europe/Paris")
JANUARY = {"start": "2024-01-01", "to": "2024-01-31"}


def totals(engine: Engine, *leads: Lead, zone: ZoneInfo = PARIS, **query: Any) -> dict[str, Any]:
    numbered = tuple(
        replace(one, id=100 + place, key=f"L{place}") for place, one in enumerate(leads)
    )
    asked = ReportClient(engine, company(zone, numbered), NOW)
    return dict(asked.report("company", **(query or JANUARY)).totals)


def won(day: str = "01-05", amount: str | None = "100") -> Lead:
    """A lead created on 1 January at noon and won on this day at noon."""
    return lead(0, "01-01", (day, "status", "won"), amount=amount)


@pytest.mark.parametrize(
    ("days", "quarters", "mean"),
    [
        ([], (None, None, None), None),
        ([3], (3, 3, 3), 3),
        ([1, 2], (1.25, 1.5, 1.75), 1.5),
        ([1, 2, 3], (1.5, 2, 2.5), 2),
        ([1, 2, 3, 4], (1.75, 2.5, 3.25), 2.5),
        ([1, 2, 3, 4, 20], (2, 3, 4), 6),
        ([7, 7, 7, 8], (7, 7, 7.25), 7.25),
        ([0, 0, 0, 0, 10], (0, 0, 0), 2),
    ],
)
def test_quartiles_are_interpolated_linearly(
    engine: Engine, days: list[int], quarters: tuple[Any, ...], mean: float | None
) -> None:
    found = totals(engine, *(won(f"01-{day + 1:02}") for day in days), lead(0, "01-02"))
    kinds = ("p25", "median", "p75")
    assert tuple(found[f"{kind}_days_to_win"] for kind in kinds) == quarters
    assert found["mean_days_to_win"] == mean


def test_only_won_leads_have_days_to_win(engine: Engine) -> None:
    lost = lead(0, "01-01", ("01-20", "status", "lost"))
    cancelled = lead(0, "01-01", ("01-21", "status", "cancelled"))
    found = totals(engine, won("01-05"), lost, cancelled, lead(0, "01-01"))
    assert found["median_days_to_win"] == found["mean_days_to_win"] == 4
    assert found["win_rate"] == Rate(1, 3)


def test_days_are_elapsed_time_exact_to_the_microsecond(engine: Engine) -> None:
    one = won("01-01")
    created_at = one.facts[0].occurred_at

    def after(wait: timedelta) -> Lead:
        last = replace(one.facts[-1], occurred_at=created_at + wait, recorded_at=created_at + wait)
        return replace(one, facts=(*one.facts[:-1], last))

    # Noon to 01:00 crosses midnight, but is 13 hours.
    found = totals(engine, after(timedelta(hours=13)))
    assert found["median_days_to_win"] == pytest.approx(13 / 24, abs=1e-12)
    found = totals(engine, after(timedelta(microseconds=1)))
    assert found["median_days_to_win"] == pytest.approx(1 / 86_400_000_000, rel=1e-9)


def test_days_across_a_clock_change_are_elapsed_time(engine: Engine) -> None:
    # 31 March 2024: Paris has 23 hours, from midnight to midnight.
    one = won("01-01")
    at = datetime(2024, 3, 31, tzinfo=PARIS).astimezone(UTC)
    end = datetime(2024, 4, 1, tzinfo=PARIS).astimezone(UTC)
    facts = tuple(replace(fact, occurred_at=at, recorded_at=at) for fact in one.facts[:-1])
    last = replace(one.facts[-1], occurred_at=end, recorded_at=end)
    days = {"start": "2024-03-31", "to": "2024-04-01"}
    found = totals(engine, replace(one, facts=(*facts, last)), **days)
    assert found["median_days_to_win"] == pytest.approx(23 / 24, abs=1e-12)


@pytest.mark.parametrize(
    ("amounts", "amount", "mean"),
    [
        (["0.10", "0.20"], "0.30", "0.15"),
        (["999999999999.99"] * 3, "2999999999999.97", "999999999999.99"),
        ([None, None], "0.00", "0.00"),
        (["100", None], "100.00", "50.00"),
        (["0.01", None], "0.01", "0.00"),  # half a cent is rounded to the even cent
        (["0.03", None], "0.03", "0.02"),
        (["100", None, None], "100.00", "33.33"),
        (["-50", "100"], "50.00", "25.00"),
    ],
)
def test_money_is_exact_and_a_missing_amount_is_zero(
    engine: Engine, amounts: list[str | None], amount: str, mean: str
) -> None:
    found = totals(engine, *(won(amount=each) for each in amounts))
    assert (found["won_amount"], found["mean_deal"]) == (Decimal(amount), Decimal(mean))
    assert str(found["won_amount"]) == amount
    assert str(found["mean_deal"]) == mean


def test_the_last_recorded_amount_counts(engine: Engine) -> None:
    edited = lead(0, "01-01", ("01-05", "status", "won"), ("03-01", "amount", Decimal(70)))
    assert totals(engine, edited)["won_amount"] == Decimal(70)
    before = {**JANUARY, "as_of": "2024-02-01"}
    assert totals(engine, edited, **before)["won_amount"] == Decimal(100)


def test_a_lead_closed_twice_counts_once_with_its_last_status(engine: Engine) -> None:
    twice = lead(
        0,
        "01-01",
        ("01-05", "status", "won"),
        ("01-06", "status", "todo"),
        ("01-20", "status", "lost"),
    )
    found = totals(engine, twice)
    counts = {name: found[f"{name}_leads"] for name in ("won", "lost", "open")}
    assert counts == {"won": 0, "lost": 1, "open": 0}
    assert found["lost_amount"] == Decimal(100)


def test_a_lead_is_open_on_its_creation_day_but_not_on_its_closing_day(
    engine: Engine,
) -> None:
    one = lead(0, "01-05", ("01-09", "status", "lost"))

    def open_on(day: str) -> int:
        return totals(engine, one, start=f"2024-{day}", to=f"2024-{day}")["open_leads"]

    days = ("01-04", "01-05", "01-08", "01-09", "01-10")
    assert [open_on(day) for day in days] == [0, 1, 1, 0, 0]


def test_a_lead_closed_before_it_was_created_was_never_open(engine: Engine) -> None:
    backdated = lead(0, "01-20", ("01-10", "status", "won"))
    for day in ("01-09", "01-10", "01-15", "01-20", "01-25"):
        found = totals(engine, backdated, start=f"2024-{day}", to=f"2024-{day}")
        assert found["open_leads"] == 0
    found = totals(engine, backdated)
    assert (found["created_leads"], found["won_leads"], found["mean_days_to_win"]) == (1, 1, 0)


@pytest.mark.parametrize(
    ("credit", "created", "lost", "still_open"),
    [
        # Both leads: created by Bo for Ana (north), handed over to O'Neil (south). One is lost;
        # both end without an owner.
        ("event", {"north": 2}, {"south": 1}, {"south": 1}),
        ("owner", {"south": 2}, {"south": 1}, {"south": 1}),
        ("creator", {"north": 2}, {"north": 1}, {"north": 1}),
    ],
)
def test_team_and_user_are_credited_by_the_same_rule(
    engine: Engine, credit: str, created: Any, lost: Any, still_open: Any
) -> None:
    given = ("01-05", "owner", 13), ("01-05", "team", 22)
    leads = (
        lead(1, "01-02", *given, ("01-08", "status", "lost"), ("01-09", "owner", None)),
        lead(2, "01-03", *given, ("01-09", "owner", None)),
    )
    by_bo = tuple(replace(one, creator_id=12) for one in leads)
    asked = ReportClient(engine, company(PARIS, by_bo), NOW)

    def counted(column: str, grouping: str) -> dict[str | None, int]:
        rows = asked.report("team", **JANUARY, credit=credit, group_by=grouping).rows
        return {row.key: row.cells[column] for row in rows if row.cells[column]}

    assert counted("created_leads", "team") == created
    assert counted("lost_leads", "team") == lost
    assert counted("open_leads", "team") == still_open
    users = {"event": ("ana", "o'neil; --", None), "owner": (None,) * 3, "creator": ("bo",) * 3}
    created_by, lost_by, open_by = users[credit]
    assert counted("created_leads", "user") == {created_by: 2}
    assert counted("lost_leads", "user") == {lost_by: 1}
    assert counted("open_leads", "user") == {open_by: 1}


def test_a_standby_lead_is_open(engine: Engine) -> None:
    found = totals(engine, lead(0, "01-02", ("01-03", "status", "standby")))
    assert (found["open_leads"], found["open_amount"]) == (1, Decimal(100))


@pytest.mark.parametrize(
    ("rate", "value"),
    [
        (Rate(0, 0), None),
        (Rate(0, 4), 0.0),
        (Rate(1, 3), 1 / 3),
        (Rate(4, 4), 1.0),
        (Rate(Decimal("1.50"), Decimal("6.00")), 0.25),
        (Rate(Decimal(0), Decimal(0)), None),
    ],
)
def test_a_rate_with_a_zero_denominator_is_null(rate: Rate, value: float | None) -> None:
    assert rate.value == value


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (3, 2, 0.5),
        (2, 4, -0.5),
        (0, 4, -1.0),
        (4, 0, None),
        (0, 0, None),
        (4, None, None),
        (None, 4, None),
        (Decimal("1.50"), Decimal("1.00"), 0.5),
        (2.5, 10.0, -0.75),
        (Rate(1, 2), Rate(1, 4), 0.25),
        (Rate(1, 4), Rate(1, 2), -0.25),
        (Rate(1, 2), Rate(0, 0), None),
        (Rate(0, 0), Rate(1, 2), None),
        (Rate(0, 2), Rate(1, 2), -0.5),
        (Rate(1, 2), None, None),
    ],
)
def test_a_change_is_relative_and_for_rates_a_difference(
    now: Any, before: Any, expected: float | None
) -> None:
    assert relative_change(now, before) == expected


def test_a_comparison_with_a_shorter_month_has_a_note(engine: Engine) -> None:
    asked = ReportClient(engine, company(PARIS, (lead(1, "01-02"),)), NOW)
    march = asked.report("company", period="last_month", compare="previous")
    assert [note.code for note in march.notes] == ["compared_length"]
    assert "31 days are compared with 29" in str(march.notes[0].phrase)
    same = asked.report("company", period="last_7_days", compare="previous")
    assert same.notes == ()


def test_a_result_has_its_time_zone_currency_instant_and_statements(engine: Engine) -> None:
    asked = ReportClient(engine, company(PARIS, (lead(1, "01-02"),)), NOW)
    result = asked.report("company", as_of="2024-02-01")
    assert result.time_zone == "Europe/Paris"
    assert result.currency == "EUR"
    assert result.as_of == datetime(2024, 2, 1, 22, 59, 59, 999999, tzinfo=UTC)
    assert all("SELECT" in statement.sql for statement in result.statements)
