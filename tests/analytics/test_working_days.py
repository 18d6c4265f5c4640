"""Durations in working days: by hand, and by the naive oracle on random companies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import strategies as st

from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.engine.run import run
from leadlight.analytics.query.periods import Calendar
from leadlight.analytics.query.phrases import BadFilter
from leadlight.analytics.query.query_params import Clock
from leadlight.analytics.query.scope import ALL_LEADS
from leadlight.analytics.reports import CATALOGUE
from tests.analytics import naive_pipeline
from tests.analytics.agreeing import for_each_query
from tests.analytics.asking import ReportClient
from tests.analytics.drawn_companies import companies_of, small
from tests.analytics.laws import CLOCK, NOW, cells, read, window, working
from tests.analytics.naive import answer
from tests.analytics.naive_working import days_between, whole_days_between
from tests.analytics.questions import TABLES, SampleQuery, groupings
from tests.analytics.star import engine_of
from tests.analytics.strategies import DAYS
from tests.analytics.test_naive import approximate, plain
from tests.analytics.test_pipeline_naive import about
from tests.analytics.test_pipeline_naive import plain as plain_steps
from tests.analytics.worked import worked_company
from tests.analytics.world import Fact, Lead, Prospect, ProspectingList, Rest, World

pytestmark = pytest.mark.search

FEBRUARY = {"start": "2026-02-01", "to": "2026-02-28"}
WORKING = {"days": "working"}
WEEKEND = Rest()


def company(engine: Engine, rest: Rest = WEEKEND, now: datetime | None = None) -> ReportClient:
    world = replace(worked_company(), rest=rest)
    return ReportClient(engine, world, now) if now else ReportClient(engine, world)


# By hand
#
# L1 was created on Monday 5 January at 10:00 and won on Tuesday 3 February at 13:00: 21 days from
# Monday to Friday and 3 hours. L2 was created on Tuesday 6 January at 11:00 and won on Sunday 1
# February at 00:30: 19 such days less 11 hours.


@pytest.mark.parametrize(
    ("rest", "first", "second"),
    [
        (Rest(), 21.125, 19 - 11 / 24),
        (Rest(holidays=frozenset({date(2026, 1, 12)})), 20.125, 18 - 11 / 24),
        # Holidays on the first day of L1 (5 January, 14 hours left), on its last day (3 February,
        # 13 hours passed) and on a Saturday, which changes nothing.
        (
            Rest(holidays=frozenset({date(2026, 1, 5), date(2026, 2, 3), date(2026, 1, 10)})),
            20,
            19 - 11 / 24,
        ),
        # The weekend is Friday and Saturday, so L2 ends on a working day.
        (Rest(frozenset({5, 6})), 21.125, 18 - 10.5 / 24),
        (Rest(frozenset()), 29.125, 25.5625),
    ],
)
def test_days_to_win_leave_out_weekends_and_holidays(
    engine: Engine, rest: Rest, first: float, second: float
) -> None:
    asked = company(engine, rest)
    february = asked.report("company", **FEBRUARY, **WORKING).totals
    assert february["mean_days_to_win"] == pytest.approx((first + second) / 2, abs=1e-9)
    assert february["median_days_to_win"] == pytest.approx((first + second) / 2, abs=1e-9)
    won = asked.drilldown("company", "won_leads", **FEBRUARY, **WORKING)
    assert {lead["lead"]: lead["days"] for lead in won.rows} == {
        "L1": pytest.approx(first, abs=1e-9),
        "L2": pytest.approx(second, abs=1e-9),
    }


def test_a_working_day_with_a_clock_change_counts_as_one_day(engine: Engine) -> None:
    """Sunday 29 March 2026 has 23 hours in Paris, and counts as one day if it is a working day."""
    told = changed_lead(1, "2026-03-28 12:00", "2026-03-30 11:00", ("status", "won"))
    world = replace(worked_company(), leads=(told,), rest=Rest(frozenset()))
    asked = ReportClient(engine, world, datetime(2026, 4, 1, tzinfo=UTC))
    march = {"start": "2026-03-01", "to": "2026-03-31"}
    exact = asked.report("company", **march).totals["mean_days_to_win"]
    working = asked.report("company", **march, **WORKING).totals["mean_days_to_win"]
    assert (exact, working) == (pytest.approx(47 / 24), pytest.approx(2, abs=1e-9))


def test_a_lead_closed_before_its_creation_is_noted_and_takes_0_working_days(
    engine: Engine,
) -> None:
    """Both instants are on one weekend, so the lead takes 0 working days."""
    told = changed_lead(1, "2026-02-08 12:00", "2026-02-07 12:00", ("status", "won"))
    asked = ReportClient(engine, replace(worked_company(), leads=(told,), rest=Rest()))
    result = asked.report("company", **FEBRUARY, **WORKING)
    assert result.totals["mean_days_to_win"] == 0
    assert [note.count for note in result.notes if note.code == "closed_before_creation"] == [1]


def test_an_open_lead_has_no_days_to_close(engine: Engine) -> None:
    found = company(engine).drilldown("company", "open_leads", **FEBRUARY, **WORKING)
    assert [(lead["lead"], lead["days"]) for lead in found.rows] == [("L5", None)]


def changed_lead(number: int, created: str, at: str, *changes: tuple[str, Any]) -> Lead:
    """A lead owned by Ana in the first step, with changes at one instant (UTC)."""

    def instant(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    opening = (("created", None), ("pipeline", 31), ("step", 41), ("owner", 11))
    facts = [(kind, value, instant(created)) for kind, value in opening]
    facts += [(kind, value, instant(at)) for kind, value in changes]
    told = tuple(Fact(kind, value, when, when) for kind, value, when in facts)
    return Lead(100 + number, f"L{number}", told, creator_id=11)


def waiting(engine: Engine, won: tuple[str, str], opened: str, now: str) -> dict[str, list[bool]]:
    """Value of the days switch → whether an open lead is slow, and whether it is stuck.

    Ten other leads were created and won at the instants of `won`.
    """
    step = worked_company().steps[0].id
    leads = [changed_lead(n, *won, ("status", "won")) for n in range(10)]
    leads.append(changed_lead(20, opened, opened, ("step", step)))
    world = replace(worked_company(), zone=ZoneInfo("UTC"), leads=tuple(leads), rest=Rest())
    asked = ReportClient(engine, world, datetime.fromisoformat(now).replace(tzinfo=UTC))
    totals = {
        switch: asked.report("leads", view="work", days=switch).totals
        for switch in ("calendar", "working")
    }
    return {
        switch: [bool(told["slow_leads"]), bool(told["stuck_leads"])]
        for switch, told in totals.items()
    }


def test_slow_and_stuck_leads_are_judged_in_working_days(engine: Engine) -> None:
    week = ("2026-01-05 00:00", "2026-01-12 00:00")
    # Saturday to Sunday of the next week: 8 days with 5 working days; usual are 7 and 5.
    assert waiting(engine, week, "2026-02-28 09:00", "2026-03-08 09:00") == {
        "calendar": [True, True],
        "working": [False, False],
    }
    # Monday to Wednesday: 2 days, both working days; usual are 3 days with 1 working day.
    weekend = ("2026-01-09 00:00", "2026-01-12 00:00")
    assert waiting(engine, weekend, "2026-03-02 09:00", "2026-03-04 09:00") == {
        "calendar": [False, False],
        "working": [True, True],
    }


def test_whether_a_cohort_is_young_is_judged_in_working_days(engine: Engine) -> None:
    """The usual time to win is 3 calendar days or 1 working day; the youngest lead of January is 2
    days old by both."""
    leads = [
        changed_lead(n, "2026-01-02 00:00", "2026-01-05 00:00", ("status", "won")) for n in range(5)
    ]
    leads.append(changed_lead(9, "2026-01-06 00:00", "2026-01-06 00:00"))
    world = replace(worked_company(), zone=ZoneInfo("UTC"), leads=tuple(leads), rest=Rest())
    asked = ReportClient(engine, world, datetime(2026, 1, 8, 9, tzinfo=UTC))
    january = {"start": "2026-01-01", "to": "2026-01-31", "bucket": "month"}
    assert asked.row("leads", "2026-01", **january).unfinished
    assert not asked.row("leads", "2026-01", **january, **WORKING).unfinished


def test_the_days_from_prospect_to_lead_are_working_days(engine: Engine) -> None:
    """Friday 18:00 to Monday 06:00 in Paris: a quarter of each of the two working days."""
    fair = ProspectingList(81, "fair", "Fair", 11, date(2026, 2, 1))
    row = Prospect(
        401,
        "P1",
        81,
        datetime(2026, 2, 6, 17, tzinfo=UTC),
        11,
        datetime(2026, 2, 9, 5, tzinfo=UTC),
    )
    world = worked_company()
    lead = replace(world.leads[0], prospect_id=401, prospecting_list_id=81)
    world = replace(
        world,
        leads=(lead, *world.leads[1:]),
        prospecting_lists=(fair,),
        prospects=(row,),
        rest=Rest(),
    )
    asked = ReportClient(engine, world)
    days = {
        switch: asked.report("prospecting", **FEBRUARY, days=switch).totals["median_days_to_lead"]
        for switch in ("calendar", "working")
    }
    assert days == {"calendar": 2.5, "working": pytest.approx(0.5, abs=1e-9)}


def test_ages_of_curves_are_always_calendar_days(engine: Engine) -> None:
    asked = company(engine)
    curves = {"view": "curves", "start": "2026-01-01", "to": "2026-01-31"}
    plain, working = asked.report("leads", **curves), asked.report("leads", **curves, **WORKING)
    told = {column.key: column.unit for column in working.columns if column.kind == "days"}
    assert told == {"median_days_to_win": "days", "mean_days_to_win": "working_days"}
    assert plain.totals["by_age:30"] == working.totals["by_age:30"]
    assert plain.totals["median_days_to_win"] == working.totals["median_days_to_win"]
    assert "calendar_ages" in {note.code for note in working.notes}
    assert "calendar_ages" not in {note.code for note in plain.notes}


def test_titles_and_units_say_working_days(engine: Engine) -> None:
    asked = company(engine)
    column = next(
        column
        for column in asked.report("company", **FEBRUARY, **WORKING).columns
        if column.key == "median_days_to_win"
    )
    assert str(column.title_phrase) == "Median sales cycle (working days)"
    assert column.unit == "working_days"
    spec = asked.drilldown("company", "won_leads", **FEBRUARY, **WORKING).spec
    assert [field.title for field in spec.fields if field.kind == "days"] == [
        "Working days to close"
    ]


def test_the_days_switch_is_calendar_or_working() -> None:
    with pytest.raises(BadFilter, match="“business” is not possible for “days”"):
        read("company", {"days": ["business"]})
    assert read("company", {"days": ["calendar"]}) == read("company", {})
    assert "days=working" in read("company", {"days": ["working"]}).to_query()


# On random companies

RESTS = st.sampled_from(
    (
        Rest(),
        Rest(frozenset({5, 6})),
        Rest(frozenset({7}), frozenset({date(2024, 2, 29), date(2024, 3, 31), date(2011, 12, 29)})),
        Rest(frozenset({1, 2, 3, 4, 5, 6})),
        Rest(frozenset(), frozenset({date(2024, 1, 1), date(2024, 4, 1), date(2012, 1, 2)})),
    )
)


def at_rest(zone: ZoneInfo) -> st.SearchStrategy[World]:
    return st.builds(lambda world, rest: replace(world, rest=rest), small(zone), RESTS)


@pytest.mark.parametrize("report", ["company", "team"])
def test_figures_in_working_days_equal_the_naive_count(report: str) -> None:
    def agree(world: World, query: SampleQuery) -> None:
        filters = working(query.filters)
        told = run(CATALOGUE[report], filters, query.scope, engine_of(world), "EUR")
        counted = answer(world, report, filters, query.scope)
        assert plain(told) == approximate(counted)

    for_each_query(report, agree, at_rest, range(4))


@pytest.mark.parametrize(
    ("table", "naive"),
    [("pipeline", naive_pipeline.main), ("pipeline.ageing", naive_pipeline.ageing)],
)
def test_pipeline_figures_in_working_days_equal_the_naive_count(
    table: str, naive: Callable[..., Any]
) -> None:
    def agree(world: World, query: SampleQuery) -> None:
        filters = replace(working(query.filters), compare=None)
        told = plain_steps(run(TABLES[table], filters, query.scope, engine_of(world), "EUR"))
        counted = naive(world, filters, query.scope)
        assert told == {
            key: {name: about(value) for name, value in figures.items()}
            for key, figures in counted.items()
        }

    for_each_query(table, agree, at_rest, range(4))


UTC_ZONE = ZoneInfo("UTC")


def nearly(value: Any) -> Any:
    """Expected value; floats to 1e-8, since working days are differences of large numbers."""
    return pytest.approx(value, abs=1e-8, rel=0) if isinstance(value, float) else value


@pytest.mark.parametrize("report", [name for name in TABLES if "days" in TABLES[name].switches])
def test_without_rest_days_and_clock_changes_working_days_equal_calendar_days(
    report: str,
) -> None:
    clock = Clock(NOW, UTC_ZONE, Calendar(), CLOCK.earliest)
    filters = read(report, {**window(report).query, "group_by": [groupings(report)[0]]}, clock)
    for company in companies_of(small, CLOCK.zone):
        engine = engine_of(replace(company, zone=UTC_ZONE, rest=Rest(frozenset())))
        plainly = run(TABLES[report], filters, ALL_LEADS, engine, "EUR")
        otherwise = run(TABLES[report], working(filters), ALL_LEADS, engine, "EUR")
        assert cells(otherwise) == {
            key: {name: nearly(value) for name, value in figures.items()}
            for key, figures in cells(plainly).items()
        }


# The oracle itself


def test_the_oracle_counts_fractions_of_days() -> None:
    world = replace(worked_company(), rest=Rest())
    friday, monday = datetime(2026, 2, 6, 17, tzinfo=UTC), datetime(2026, 2, 9, 5, tzinfo=UTC)
    assert days_between(world, friday, monday, "working") == Fraction(1, 2)
    assert days_between(world, friday, monday, "calendar") == Fraction(5, 2)
    assert days_between(world, monday, friday, "working") == 0
    assert whole_days_between(world, date(2026, 2, 6), date(2026, 2, 9), "working") == 1
    assert set(DAYS) >= {"Europe/Paris", "Pacific/Apia"}
