"""Changes of a report between two instants: the differences by lead add up to the totals'."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.engine.run import build_query, run
from leadlight.analytics.insight.changes.changes import Changes, report_changes
from leadlight.analytics.insight.changes.snapshots import is_sum
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.query.periods import Calendar
from leadlight.analytics.query.phrases import BadFilter
from leadlight.analytics.query.query_params import Clock
from leadlight.analytics.query.scope import ALL_LEADS, Scope
from tests.analytics.asking import MID_MARCH, ReportClient
from tests.analytics.laws import CLOCK, LawQuery, check_law, is_of_settings, known
from tests.analytics.questions import TABLES
from tests.analytics.star import engine_of
from tests.analytics.strategies_work import TYPES
from tests.analytics.worked import worked_company
from tests.analytics.world import Activity, Fact, Lead, Prospect, ProspectingList, World
from tests.seeds import IS_SEARCH

pytestmark = pytest.mark.search

MARCH_1 = datetime(2026, 3, 1, 11, tzinfo=UTC)


def company(engine: Engine) -> ReportClient:
    return ReportClient(engine, worked_company())


def since(
    asked: ReportClient,
    instant: datetime,
    query: dict[str, str],
    scope: Scope = ALL_LEADS,
    **how: object,
) -> Changes:
    report, filters = asked.read("company", query)
    clock = Clock(asked.now, asked.world.zone, Calendar(), filters.period.first)
    return report_changes(report, filters, instant, scope, asked.engine, clock, **how)  # type: ignore[arg-type]


def explained(found: Changes) -> dict[str, tuple[object, object, dict[str, tuple[int, object]]]]:
    return {
        one.column.key: (one.then, one.now, dict(one.reasons))
        for one in found.differences
        if one.is_sum and one.is_changed
    }


FEBRUARY = {"start": "2026-02-01", "to": "2026-02-28"}


def test_a_lead_reopened_since_explains_the_differences_of_february(engine: Engine) -> None:
    """As of 1 March, February has 3 leads won for 1800; L5 (300) was re-opened on 2 March."""
    found = since(company(engine), MARCH_1, FEBRUARY)
    assert explained(found) == {
        "won_leads": (3, 2, {"reopened": (1, -1)}),
        "won_amount": (Decimal(1800), Decimal(1500), {"reopened": (1, Decimal(-300))}),
        "open_leads": (0, 1, {"reopened": (1, 1)}),
        "open_amount": (Decimal(0), Decimal(300), {"reopened": (1, Decimal(300))}),
    }
    assert found.column is not None
    assert found.column.key == "won_leads"
    [one] = found.changed
    assert (one.reason, one.then, one.now, one.row["lead"]) == ("reopened", 1, 0, "L5")


def edited_company() -> World:
    """The worked company with changes after 1 March.

    The amount of L1 becomes 900, L2 is deleted, L3 becomes cancelled instead of lost, and L6 is
    recorded as won in February.
    """
    told = worked_company()
    at = datetime(2026, 3, 5, 9, tzinfo=UTC)
    february = datetime(2026, 2, 10, 9, tzinfo=UTC)
    first, second, third, *others = told.leads
    late = (
        Fact("created", None, february, at),
        Fact("pipeline", 31, february, at),
        Fact("step", 41, february, at),
        Fact("amount", Decimal(50), february, at),
        Fact("status", "won", february, at),
    )
    return replace(
        told,
        leads=(
            replace(first, facts=(*first.facts, Fact("amount", Decimal(900), at, at))),
            replace(second, facts=(*second.facts, Fact("deleted", True, at, at))),
            replace(
                third,
                facts=(*third.facts, Fact("status", "cancelled", third.facts[-1].occurred_at, at)),
            ),
            *others,
            Lead(106, "L6", late, creator_id=11),
        ),
    )


def test_each_kind_of_change_is_counted_under_its_own_reason(engine: Engine) -> None:
    found = since(ReportClient(engine, edited_company()), MARCH_1, FEBRUARY)
    assert explained(found) == {
        "created_leads": (2, 3, {"recorded": (1, 1)}),
        "won_leads": (
            3,
            2,
            {"recorded": (1, 1), "deleted": (1, -1), "reopened": (1, -1)},
        ),
        "lost_leads": (1, 0, {"reclosed": (1, -1)}),
        "cancelled_leads": (1, 2, {"reclosed": (1, 1)}),
        "won_amount": (
            Decimal(1800),
            Decimal(950),
            {
                "recorded": (1, Decimal(50)),
                "deleted": (1, Decimal(-500)),
                "reopened": (1, Decimal(-300)),
                "amount": (1, Decimal(-100)),
            },
        ),
        "lost_amount": (Decimal(200), Decimal(0), {"reclosed": (1, Decimal(-200))}),
        "open_leads": (0, 1, {"reopened": (1, 1)}),
        "open_amount": (Decimal(0), Decimal(300), {"reopened": (1, Decimal(300))}),
    }


def test_the_changed_leads_can_be_of_one_reason_and_begin_with_the_greatest(engine: Engine) -> None:
    asked = ReportClient(engine, edited_company())
    found = since(asked, MARCH_1, FEBRUARY, column_key="won_amount")
    assert [(one.row["lead"], one.then, one.now) for one in found.changed] == [
        ("L2", 500, 0),
        ("L5", 300, 0),
        ("L1", 1000, 900),
        ("L6", 0, 50),
    ]
    page = since(asked, MARCH_1, FEBRUARY, column_key="won_amount", limit=1, offset=1)
    assert [one.row["lead"] for one in page.changed] == ["L5"]
    assert page.count == 4
    deleted = since(asked, MARCH_1, FEBRUARY, column_key="won_amount", reason="deleted")
    assert [one.row["title"] for one in deleted.changed] == [found.changed[0].row["title"]]
    assert deleted.count == 1


def test_a_reader_without_leads_sees_no_changes(engine: Engine) -> None:
    nobody = Scope(sees_all=False, user_id=99)
    assert explained(since(company(engine), MARCH_1, FEBRUARY, nobody)) == {}


def test_a_call_to_an_earlier_prospect_does_not_make_it_new(engine: Engine) -> None:
    """P1 was created on 2 February and called on 5 March; P2 was created on 5 March."""
    february, march = (datetime(2026, 2, 2, 9, tzinfo=UTC), datetime(2026, 3, 5, 9, tzinfo=UTC))
    told = replace(
        worked_company(),
        prospecting_lists=(ProspectingList(81, "fair", "Fair", 11, february.date()),),
        prospects=(Prospect(401, "P1", 81, february), Prospect(402, "P2", 81, march)),
        activity_types=TYPES,
        activities=(Activity(301, march, march, 11, 91, prospect_id=401),),
    )
    report, filters = ReportClient(engine, told).read("prospecting", FEBRUARY)
    clock = Clock(MID_MARCH, told.zone, Calendar(), filters.period.first)
    asked = (report, filters, MARCH_1, ALL_LEADS, engine, clock)
    found = report_changes(*asked, column_key="worked")
    assert {key: reasons for key, (_then, _now, reasons) in explained(found).items()} == {
        "prospects": {"recorded": (1, 1)},
        "worked": {"around": (1, 1)},
    }
    assert [(one.reason, one.row["prospect"]) for one in found.changed] == [("around", "P1")]
    asked_of_march = ReportClient(engine, told).read("activities", {"period": "this_month"})
    done_since = report_changes(*asked_of_march, *asked[2:], column_key="activities")
    [done] = done_since.changed
    assert (done.reason, done.row["type"], done.row["prospect"]) == ("recorded", "Call", "P1")


@pytest.mark.parametrize(
    ("instant", "how", "sentence"),
    [
        (MID_MARCH, {}, "start date before the end date"),
        (MARCH_1, {"column_key": "win_rate"}, "This report has no total “win_rate”."),
        (MARCH_1, {"column_key": "shoes"}, "This report has no total “shoes”."),
        (MARCH_1, {"reason": "weather"}, "Unknown reason: “weather”."),
    ],
)
def test_invalid_parameters_are_refused(
    engine: Engine, instant: datetime, how: dict[str, str], sentence: str
) -> None:
    with pytest.raises(BadFilter, match=sentence):
        since(company(engine), instant, FEBRUARY, **how)


# The law


def explains(query: LawQuery, engine: Engine, **how: object) -> Changes:
    """Return the changes since the instant, and assert that reasons add up to each difference."""
    report, filters, then, scope = (
        query.report,
        query.filters,
        query.instant,
        query.scope,
    )
    found = report_changes(report, filters, then, scope, engine, CLOCK, **how)  # type: ignore[arg-type]
    earlier = replace(filters, as_of=then, instant=then, today=CLOCK.day_of(then))
    before = run(report, earlier, scope, engine, "").totals
    after = run(report, filters, scope, engine, "").totals
    for one in found.differences:
        assert (one.then, one.now) == (before.get(one.column.key), after[one.column.key])
        if one.is_sum:
            now, before_then = (known(one.column, value) for value in (one.now, one.then))
            assert sum(by for _, by in one.reasons.values()) == now - before_then
    return found


def sums_of(query: LawQuery, engine: Engine) -> list[Column]:
    """Columns explained by leads: counts and sums, except goals, which do not come from leads."""
    report_query = build_query(query.report, query.filters, query.scope, engine)
    columns = query.report.columns(report_query)
    return [one for one in columns if is_sum(one) and one.has_total and not is_of_settings(one)]


# Every report, and every second one of the further tables.
EXPLAINED = [
    table for place, table in enumerate(TABLES) if IS_SEARCH or not TABLES[table].view or place % 2
]


@pytest.mark.parametrize("table", EXPLAINED)
def test_reasons_and_changed_leads_add_up_to_every_difference(table: str) -> None:
    """For random companies, filters and scopes, by reason and by lead in the list."""
    place = list(TABLES).index(table)

    def law(query: LawQuery, world: World) -> None:
        engine = engine_of(world)
        columns = sums_of(query, engine)
        if not columns:
            return
        column = columns[(len(columns) // 2 - place) % len(columns)]
        found = explains(query, engine, column_key=column.key)
        assert {one.column.key for one in found.differences if one.is_sum} == {
            one.key for one in columns
        }
        [told] = [one for one in found.differences if one.column.key == column.key]
        by_reason: dict[str, list[object]] = {}
        for each in found.changed:
            assert each.then != each.now
            by_reason.setdefault(each.reason, []).append(each.now - each.then)
        assert {name: (len(by), sum(by)) for name, by in by_reason.items()} == told.reasons

    check_law(table, law, among=is_of_now, turns=4)


def is_of_now(query: LawQuery) -> bool:
    return query.filters.as_of is None
