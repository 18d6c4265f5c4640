"""The lead curves: of a small company, worked out by hand, and of random companies, by oracle."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.engine.run import run
from leadlight.analytics.export.results import to_csv, to_dict
from leadlight.analytics.metrics.columns import Rate
from leadlight.analytics.reports.leads import curves as leads_curves
from leadlight.analytics.stats.survival import OPEN, Curves, Estimate, curves
from tests.analytics import naive
from tests.analytics.agreeing import for_each_query
from tests.analytics.asking import ReportClient
from tests.analytics.busy import NOW, lead
from tests.analytics.naive_rows import lines
from tests.analytics.questions import SampleQuery
from tests.analytics.star import engine_of
from tests.analytics.strategies import company
from tests.analytics.world import Lead, World

pytestmark = pytest.mark.search

PARIS = ZoneInfo("Europe/Paris")
ASKED = {"start": "2024-01-01", "to": "2024-04-10", "view": "curves"}
TODAY = date(2024, 4, 10)
ANA, BO = 11, 12

# The leads of tests/analytics/test_curves.py, each of them twice and at ten times the age.
WORKED = {
    (20, "won"): 4,
    (20, "lost"): 2,
    (30, OPEN): 2,
    (50, "won"): 4,
    (50, OPEN): 2,
    (70, "cancelled"): 2,
    (90, "won"): 2,
    (90, OPEN): 6,
}


def leads_of(counts: dict[tuple[int, str], int], ids: Any, **more: Any) -> list[Lead]:
    """Leads closed at these ages, created on 1 January, and open leads that have them today."""
    made = []
    for (age, how), number in counts.items():
        for _ in range(number):
            if how == OPEN:
                told = lead(0, f"{TODAY - timedelta(age):%m-%d}", **more)
            else:
                closing = (f"{date(2024, 1, 1) + timedelta(age):%m-%d}", "status", how)
                told = lead(0, "01-01", closing, **more)
            made.append(replace(told, id=(place := next(ids)), key=f"L{place}"))
    return made


@pytest.fixture
def worked(engine: Engine) -> ReportClient:
    """A company where Ana owns the leads of WORKED and Bo owns nine more, all won."""
    ids = count(100)
    leads = leads_of(WORKED, ids, owner=ANA) + leads_of({(5, "won"): 9}, ids, owner=BO)
    return ReportClient(engine, company(PARIS, tuple(leads)), NOW)


def ana(asked: ReportClient, **query: Any) -> dict[str, Any]:
    rows = asked.report("leads", **(ASKED | {"group_by": "user"} | query)).rows
    return dict(next(row.cells for row in rows if row.key == "ana"))


def shares(cells: dict[str, Any]) -> dict[str, float | None]:
    told = {key: value for key, value in cells.items() if key.startswith("by_age:")}
    return {key.removeprefix("by_age:"): value and value.share for key, value in told.items()}


# By hand


def test_shares_by_age_equal_those_worked_out_by_hand(worked: ReportClient) -> None:
    cells = ana(worked)
    assert (cells["created_leads"], cells["won_rate"], cells["open_leads"]) == (
        24,
        Rate(10, 24),
        10,
    )
    assert shares(cells) == {
        "30": pytest.approx(1 / 6),
        "60": pytest.approx(17 / 48),
        "90": pytest.approx(7 / 15),
    }


@pytest.mark.parametrize(
    ("share", "by_then"),
    [("lost", (1 / 12, 1 / 12)), ("cancelled", (0, 9 / 80)), ("closed", (7 / 16, 53 / 80))],
)
def test_a_switch_shows_the_other_outcomes(
    worked: ReportClient, share: str, by_then: tuple[float, float]
) -> None:
    """Shares closed are 1 - 9/16 at 60 days and 1 - 27/80 at 90 days."""
    told = shares(ana(worked, share_of=share))
    assert (told["60"], told["90"]) == pytest.approx(by_then)


def test_the_median_is_null_unless_half_of_the_leads_are_won(worked: ReportClient) -> None:
    """Ana wins 7/15 at most; Bo's nine leads are too few; more than half of all 33 are won."""
    assert ana(worked)["median_days_to_win"] is None
    result = worked.report("leads", **ASKED, group_by="user")
    assert next(row for row in result.rows if row.key == "bo").cells["median_days_to_win"] is None
    # Of 33 leads, 9 are won at 5 days, 4 won and 2 lost at 20; of the 18 left, 2 are open at 30:
    # won 13/33, open 18/33. At 50 days 4 of 16 are won: 13/33 + 18/33 · 4/16 = 53/99 > 1/2.
    assert result.totals["median_days_to_win"] == 50.0


def test_the_mean_is_of_won_leads_and_marked_while_others_are_open(worked: ReportClient) -> None:
    """Ana: (4 · 20 + 4 · 50 + 2 · 90) / 10, and 10 of 24 leads are open; Bo has no open lead."""
    assert ana(worked)["mean_days_to_win"] == 46.0
    result = worked.report("leads", **ASKED, group_by="user")
    marked = {row.key for row in result.rows if "mean_days_to_win" in row.unfinished}
    assert marked == {"ana"}
    assert [note.code for note in result.notes] == ["bands", "too_young"]


def test_nine_leads_give_no_curve(worked: ReportClient) -> None:
    row = worked.row("leads", "bo", **ASKED, group_by="user")
    assert (row.cells["created_leads"], row.cells["by_age:30"]) == (9, None)
    assert row.cells["won_rate"] == Rate(9, 9)


def test_only_ages_that_a_lead_of_the_period_can_have_are_columns(worked: ReportClient) -> None:
    def keys(first: str) -> list[str]:
        result = worked.report("leads", **(ASKED | {"start": first}))
        return [column.key for column in result.columns if column.key.startswith("by_age:")]

    assert keys("2024-04-01") == ["by_age:30"]
    assert keys("2024-01-11") == ["by_age:30", "by_age:60", "by_age:90"]
    assert keys("2024-01-12") == ["by_age:30", "by_age:60"]


def test_the_list_of_a_curve_figure_has_all_leads_of_the_curve(worked: ReportClient) -> None:
    for column in ("created_leads", "by_age:60", "won_rate"):
        assert len(worked.leads("leads", column, "ana", **ASKED, group_by="user")) == 24
    assert len(worked.leads("leads", "by_age:60", **ASKED)) == 33
    assert len(worked.leads("leads", "median_days_to_win", **ASKED)) == 33


def test_leads_are_grouped_by_the_step_of_their_creation(engine: Engine) -> None:
    moved = lead(1, "01-05", ("01-07", "step", 41), ("01-09", "status", "won"))
    direct = lead(2, "01-05", step=41)
    asked = ReportClient(engine, company(PARIS, (moved, direct)), NOW)
    rows = asked.report("leads", **ASKED, group_by="step").rows
    keys = {step.id: step.key for step in asked.world.steps}
    counted = {row.key: row.cells["won_rate"] for row in rows if row.cells["created_leads"]}
    assert counted == {keys[40]: Rate(1, 1), keys[41]: Rate(0, 1)}
    assert asked.leads("leads", "created_leads", keys[40], **ASKED, group_by="step") == ["L1"]


def test_ages_are_local_days_and_never_negative(engine: Engine) -> None:
    """Ages are differences of local days; a lead closed two days before its creation has age 0."""
    early = lead(1, "02-10", ("02-08", "status", "lost"))
    late = lead(2, "02-10", ("02-11", "status", "won"))
    asked = ReportClient(engine, company(PARIS, (early, late, lead(3, "04-09"))), NOW)
    told: Any = asked.report("leads", **ASKED).totals
    assert told["curves"] == curves({(0, "lost"): 1, (1, "won"): 1, (1, OPEN): 1})


def test_without_leads_there_are_no_curves(engine: Engine) -> None:
    asked = ReportClient(engine, company(PARIS, (lead(1, "01-05"),)), NOW)
    result = asked.report("leads", **(ASKED | {"start": "2024-02-01"}))
    assert result.totals["by_age:30"] is None
    assert result.totals["median_days_to_win"] is None
    assert result.totals["created_leads"] == 0
    assert result.notes == ()


# Files


def test_exports_have_the_share_and_the_ends_of_its_band(worked: ReportClient) -> None:
    result = worked.report("leads", **ASKED, group_by="user")
    band: Estimate = ana(worked)["by_age:60"]
    heading, *rows = [line.split(",") for line in "".join(to_csv(result)).splitlines()]
    row = dict(zip(heading, next(row for row in rows if row[0] == "ana"), strict=True))
    written = [row[f"by_age:60{end}"] for end in ("", "_low", "_high")]
    assert [float(one) for one in written] == pytest.approx(list(band), abs=1e-6)
    answer = to_dict(result)
    told = next(row for row in answer["rows"] if row["key"] == "ana")
    assert told["by_age:60"] == {"value": band.share, "low": band.low, "high": band.high}
    assert told["curves"]["ages"] == (20, 30, 50, 70, 90)
    assert told["curves"]["at_risk"] == (24, 18, 16, 10, 8)
    assert told["curves"]["last"] == 90
    assert told["curves"]["won"][2] == pytest.approx(17 / 48)


# Random companies


def ages(events: list[Any], world: World, today: date) -> Curves:
    """Curves of the leads of these events, counted one lead at a time."""
    counted: Counter[tuple[int, str]] = Counter()
    for event in events:
        then = event.then
        until = world.day(then.closed_at) if then.closed_at else today
        how = then.status if then.closed_at else OPEN
        counted[max(0, (until - event.day).days), how] += 1
    return curves(counted)


def test_curves_equal_the_naive_count() -> None:
    seen = 0

    def agree(world: World, query: SampleQuery) -> None:
        nonlocal seen
        filters, scope = replace(query.filters, compare=None), query.scope
        result = run(leads_curves.REPORT, filters, scope, engine_of(world), "EUR")
        events, _stays = naive._facts(world, filters, scope)
        period = filters.period
        created = [
            event
            for event in events
            if event.fact == "created" and period.first <= event.day <= period.last
        ]
        assert told(result.totals) == ages(created, world, filters.today)
        if result.grouping not in ("step", "bucket"):
            rows = {
                key: ages([event for event in created if has(event)], world, filters.today)
                for key, _, has in lines(world, result.grouping, filters, scope, created, [])
            }
            assert {row.key: told(row.cells) for row in result.rows} == rows
        seen += len(created) > 3

    for_each_query("leads.curves", agree)
    assert seen > 5


def told(cells: Any) -> Any:
    return cells["curves"]
