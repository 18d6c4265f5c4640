"""Team performance by month: by hand, and a cell is the figure of the table of sellers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.engine.run import run
from leadlight.analytics.metrics.columns import Rate
from leadlight.analytics.query.periods import Bucket, Period, buckets
from leadlight.analytics.reports.team.months import MOST_MONTHS
from tests.analytics.agreeing import for_each_query
from tests.analytics.asking import ReportClient
from tests.analytics.questions import TABLES, SampleQuery
from tests.analytics.star import engine_of
from tests.analytics.worked import worked_company
from tests.analytics.world import World

pytestmark = pytest.mark.search

QUARTER = {"view": "months", "start": "2026-01-01", "to": "2026-03-31"}


@pytest.fixture
def company(engine: Engine) -> ReportClient:
    return ReportClient(engine, worked_company())


def cells_by_row(company: ReportClient, **query: Any) -> dict[str | None, list[Any]]:
    """Return, by row key, the cells in order; the totals have the key `total`."""
    result = company.report("team", **(QUARTER | query))
    rows = {row.key: row.cells for row in result.rows} | {"total": result.totals}
    return {key: list(cells.values()) for key, cells in rows.items()}


def test_each_month_has_the_amount_won_in_it(company: ReportClient) -> None:
    # L1 (1000) and L2 (500) were won in February, both by Ana.
    assert cells_by_row(company)["ana"] == [Decimal(1500), Decimal(0), Decimal(1500), Decimal(0)]
    assert cells_by_row(company)["bo"] == [Decimal(0)] * 4
    assert cells_by_row(company)["total"] == [Decimal(1500), Decimal(0), Decimal(1500), Decimal(0)]


def test_a_switch_selects_the_figure_of_the_months(company: ReportClient) -> None:
    assert cells_by_row(company, monthly="won_leads")["ana"] == [2, 0, 2, 0]
    # In January Ana created L1 to L3; in February Bo created L4 and L5.
    created = cells_by_row(company, monthly="created_leads")
    assert (created["ana"], created["bo"]) == ([3, 3, 0, 0], [2, 0, 2, 0])
    rates = cells_by_row(company, monthly="win_rate")
    assert rates["total"] == [Rate(2, 4), Rate(0, 0), Rate(2, 4), Rate(0, 0)]
    decided = cells_by_row(company, monthly="win_rate", leave_cancelled_out="yes")
    assert decided["total"][2] == Rate(2, 3)


def test_the_columns_are_named_by_their_months(company: ReportClient) -> None:
    result = company.report("team", **QUARTER)
    assert [str(column.title_phrase) for column in result.columns] == [
        "Won amount",
        "2026-01",
        "2026-02",
        "2026-03",
    ]


def test_the_list_of_a_month_has_its_leads_and_its_days(company: ReportClient) -> None:
    days = {"view": "months", "start": "2026-01-10", "to": "2026-02-02"}
    found = company.drilldown("team", "month:2", "ana", **days)
    assert [lead["lead"] for lead in found.rows] == ["L2"]
    assert found.own_filters.period == Period(date(2026, 2, 1), date(2026, 2, 2))


def test_months_cut_by_the_period_or_not_over_are_unfinished(company: ReportClient) -> None:
    result = company.report("team", view="months", start="2026-01-10", to="2026-04-30")
    assert {row.unfinished for row in result.rows} == {frozenset({"month:1", "month:3", "month:4"})}


def test_only_the_last_months_of_a_long_period_have_a_column(company: ReportClient) -> None:
    result = company.report("team", view="months", start="2020-05-01", to="2026-03-31")
    assert len(result.columns) == 1 + MOST_MONTHS
    assert [str(note.phrase) for note in result.notes if note.code == "months_cut"] == [
        "The period has 71 months. Only the last 24 have a column; the first "
        "column covers the whole period."
    ]
    assert result.totals["won_amount"] == result.totals["month:23"] == Decimal(1500)
    in_a_year = company.report("team", **QUARTER)
    assert not [note for note in in_a_year.notes if note.code == "months_cut"]


def test_months_are_not_compared_with_another_period(company: ReportClient) -> None:
    assert company.report("team", **QUARTER, compare="previous").compared is None


def test_a_cell_is_the_figure_of_its_month_in_the_table_of_sellers() -> None:
    compared = 0

    def agree(world: World, query: SampleQuery) -> None:
        nonlocal compared
        filters, engine = query.filters, engine_of(world)
        result = run(TABLES["team.months"], filters, query.scope, engine, "EUR")
        figure = result.columns[0].key
        months = buckets(filters.period, "month", filters.calendar)[-MOST_MONTHS:]
        assert len(result.columns) == 1 + len(months)
        whole = replace(filters, view=None, compare=None, unit="month")
        cells = {"whole": (figure, whole)} | {
            month.key: (f"month:{place}", replace(whole, period=_days(month, filters.period)))
            for place, month in enumerate(months, start=1)
        }
        for key, asked in cells.values():
            sellers = run(TABLES["team"], asked, query.scope, engine, "EUR")
            expected = {row.key: row.cells[figure] for row in sellers.rows}
            for row in result.rows:
                # A row is there for any month; nothing was done in those without it.
                if row.key in expected:
                    assert row.cells[key] == expected.pop(row.key)
                    compared += 1
                else:
                    assert not _is_something(row.cells[key])
            assert not any(map(_is_something, expected.values()))
            assert result.totals[key] == sellers.totals[figure]

    for_each_query("team.months", agree)
    assert compared > 100


def _days(month: Bucket, period: Period) -> Period:
    return Period(max(month.first, period.first), min(month.last, period.last))


def _is_something(value: Any) -> bool:
    return bool(value.denominator if isinstance(value, Rate) else value)
