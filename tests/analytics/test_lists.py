"""Drill-down: every figure opens the list of exactly the leads that it counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.insight.drilldown import Drilldown
from leadlight.analytics.insight.list_columns import FACT_FIELDS, LIST_SPECS
from leadlight.analytics.metrics.columns import Column, Rate
from leadlight.analytics.query.periods import FUTURE_PRESETS
from leadlight.analytics.query.phrases import BadFilter
from leadlight.analytics.reports import CATALOGUE
from leadlight.analytics.reports.contract import Result
from tests.analytics.asking import ReportClient
from tests.analytics.busy import NOW, at, busy_company
from tests.analytics.laws import is_listed
from tests.analytics.questions import TABLES, groupings
from tests.analytics.strategies_work import experienced

FEBRUARY_TO_MARCH = {"start": "2024-02-01", "to": "2024-03-31", "bucket": "month"}


@pytest.fixture
def company(engine: Engine) -> ReportClient:
    return ReportClient(engine, busy_company(), NOW)


@pytest.mark.parametrize("table", TABLES)
def test_every_figure_equals_the_length_or_amount_of_its_list(engine: Engine, table: str) -> None:
    """For columns, groupings and kinds of rows (with a key, total, without a key) in rotation.

    Each table starts with another grouping.
    """
    company = ReportClient(engine, experienced(busy_company(), at("02-05")), NOW)
    report, place = TABLES[table].key, list(TABLES).index(table)
    names = groupings(table)[: 1 if TABLES[table].view else None]
    number_of_lists = len(lists_of(company.report(report, **parameters_of(table)).columns))
    opened = 0
    for number in range(max(number_of_lists, len(names), 4)):
        asked = {**parameters_of(table), "group_by": names[(number + place) % len(names)]}
        result = company.report(report, **asked)
        columns = lists_of(result.columns)
        column = columns[number % len(columns)]
        kind = ("rows", "total", "rows", "none")[number % 4]
        how = {} if kind == "rows" else {"limit": 0}
        for row_key, cells in rows_of(result, kind):
            if row_key is None and not column.has_total:
                assert cells[column.key] is None
                continue
            found = company.drilldown(report, column.key, row_key, how=how, **asked)
            assert len(found.rows) == (found.count if kind == "rows" else 0)
            assert_behind(column, cells[column.key], found)
            opened += found.count
    assert opened > 3


def lists_of(columns: Iterable[Column]) -> list[Column]:
    """Return a column for each list; won leads, won amount and average deal size share one."""
    found = {(one.facts, one.where, added_up(one)): one for one in columns if is_listed(one)}
    return list(found.values())


def parameters_of(name: str) -> dict[str, str]:
    """Query parameters of these tests, with the pipeline or category that the table needs."""
    days, table = FEBRUARY_TO_MARCH, TABLES[name]
    if table.preset in FUTURE_PRESETS:
        days = days | {"to": "2024-06-30"}
    if table.view:
        days = days | {"view": table.view}
    chosen = {"pipeline": {"pipeline": "loans"}, "category": {"group_by": "category:region"}}
    needed = [chosen[need] for need in table.needs]
    return days | (needed[0] if needed else {})


def rows_of(result: Result, kind: str) -> Iterator[tuple[str | None, Any]]:
    """Return the rows of one kind: the row key of the drill-down and the cells."""
    without = [row for row in result.rows if row.key is None]
    if kind == "total" or (kind == "none" and not without):
        yield None, result.totals
        return
    for row in without if kind == "none" else result.rows:
        if row.key is not None or kind == "none":
            yield row.key or "none", row.cells


def added_up(column: Column) -> str:
    """Return the key of the list column whose sum is the amount of the list."""
    return column.key if column.key in FACT_FIELDS else "amount"


def assert_behind(column: Column, value: Any, found: Drilldown) -> None:
    """Assert that the list has the count and the amount of the figure, without duplicate rows."""
    if isinstance(value, Rate) and (column.is_share or divides_by_others(column)):
        value = value.numerator
    if found.subject == "activity":
        assert found.count == (value.denominator if isinstance(value, Rate) else value or 0)
        return
    keys = [row[found.subject] for row in found.rows]
    # A figure of other units, such as moves, lists a lead once for each.
    assert len(keys) == len(set(keys)) or column.unit not in ("leads", "prospects", "fraction")
    amounts = sum((row.get(added_up(column)) or Decimal(0) for row in found.rows), Decimal(0))
    if found.subject != "lead" or found.rows:
        assert found.amount == (amounts if found.subject in ("lead", "cost") else None)
    if not isinstance(value, Rate):
        is_money = column.kind == "money" or isinstance(value, Decimal)
        assert (found.amount if is_money else found.count) == (value or 0)
    elif isinstance(value.denominator, int):
        assert found.count == value.denominator
    else:
        assert found.amount == value.numerator


def divides_by_others(column: Column) -> bool:
    """Return whether numerator and denominator are different facts; the list is then the numerator.

    Examples are activities per won lead and the progress of a goal.
    """
    if column.parts is None:
        return column.kind == "ratio"
    return column.facts not in {over for over, _ in column.parts[1].aggregates.values()}


@pytest.mark.parametrize("report", CATALOGUE)
def test_every_figure_has_a_list(company: ReportClient, report: str) -> None:
    result = company.report(report, **parameters_of(report))
    shown = {column.key for column in lists_of(result.columns)}
    for column in result.columns:
        if (
            column.key in shown
        ):  # tested above in test_every_figure_equals_the_length_or_amount_of_its_list
            continue
        # Rows are fetched for one column only, since the others behave the same.
        how = {"limit": None if column.key == "mean_days_to_win" else 0}
        found = company.drilldown(report, column.key, how=how, **parameters_of(report))
        assert found.column.key == column.key
        if column.kind == "days" and found.subject == "lead" and "won_leads" in result.totals:
            assert found.count == result.totals["won_leads"]
            assert all(lead["days"] is not None for lead in found.rows)


@pytest.mark.parametrize("report", CATALOGUE)
def test_every_note_lists_the_leads_it_counts(company: ReportClient, report: str) -> None:
    notes = [note for note in company.report(report, **parameters_of(report)).notes if note.column]
    lists = {
        note.code: company.leads(report, str(note.column), **parameters_of(report))
        for note in notes
    }
    noted = {column.key for column in CATALOGUE[report].warnings}
    expected = {"won_without_amount": ["L2"], "closed_before_creation": ["L3"]}
    assert lists == {code: leads for code, leads in expected.items() if code in noted}
    assert [note.count for note in notes] == [1] * len(lists)


def test_a_lead_closed_before_it_was_created_took_no_days(company: ReportClient) -> None:
    february = company.row("company", "2024-02", **FEBRUARY_TO_MARCH).cells
    # Won in February: L1 after 19 days, L3 five days before it was created.
    assert february["won_leads"] == 2
    assert (february["p25_days_to_win"], february["median_days_to_win"]) == (4.75, 9.5)
    assert february["mean_days_to_win"] == 9.5
    found = company.drilldown("company", "closed_before_creation", **FEBRUARY_TO_MARCH)
    assert [lead["days"] for lead in found.rows] == [0.0]


def test_a_lead_without_amount_counts_as_zero_in_the_mean(company: ReportClient) -> None:
    totals = company.report("company", **FEBRUARY_TO_MARCH).totals
    # (100 + no amount + 50.50) / 3
    assert totals["won_amount"] == Decimal("150.50")
    assert totals["mean_deal"] == Decimal("50.17")


def test_a_lead_with_two_tags_counts_in_both_rows_and_once_in_the_total(
    company: ReportClient,
) -> None:
    asked = {**FEBRUARY_TO_MARCH, "group_by": "category:region"}
    result = company.report("company", **asked)
    won = {row.key: row.cells["won_leads"] for row in result.rows}
    assert won == {"a": 1, "b": 1, None: 2}
    assert result.totals["won_leads"] == 3
    assert company.leads("company", "won_leads", "a", **asked) == ["L1"]
    assert company.leads("company", "won_leads", "b", **asked) == ["L1"]
    assert company.leads("company", "won_leads", "none", **asked) == ["L2", "L3"]
    assert [note.code for note in result.notes][-1] == "several_tags"


def test_a_lead_with_two_of_the_filtered_tags_counts_once(company: ReportClient) -> None:
    asked = {**FEBRUARY_TO_MARCH, "tag": ["a", "b"]}
    assert company.report("company", **asked).totals["won_leads"] == 1
    assert company.leads("company", "won_leads", **asked) == ["L1"]


def test_rows_are_sorted_by_name_and_the_row_without_key_is_last(company: ReportClient) -> None:
    users = company.report("team", **FEBRUARY_TO_MARCH).rows
    assert [(row.key, row.label) for row in users] == [
        ("ana", "Ana"),
        ("bo", "bo"),
        ("o'neil; --", "Bo"),
        ("gone", "Zoe"),
        (None, None),
    ]


def test_an_inactive_user_has_a_row_only_with_figures(company: ReportClient) -> None:
    day = {"start": "2024-03-25", "to": "2024-03-25"}
    keys = [row.key for row in company.report("team", **day).rows]
    assert "gone" in keys  # still the owner of L10 on that day
    assert "o'neil; --" in keys  # has no figures, but is active
    early = [row.key for row in company.report("team", start="2024-01-01", to="2024-01-02").rows]
    assert early == ["ana", "bo", "o'neil; --"]


@pytest.mark.parametrize(
    ("column", "row", "how", "sentence"),
    [
        ("profit", None, {}, "This report has no figure “profit”."),
        ("won_leads", "nobody", {}, "This report has no row “nobody”."),
        ("won_leads", None, {"order": "lead_id"}, "Unknown column: “lead_id”."),
        ("won_leads", None, {"order": "1; drop table leads"}, "1; drop table leads"),
    ],
)
def test_unknown_columns_rows_and_orders_are_refused(
    company: ReportClient, column: str, row: str | None, how: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(BadFilter) as refusal:
        company.drilldown("team", column, row, how=how, **FEBRUARY_TO_MARCH)
    assert sentence in str(refusal.value)


@pytest.mark.parametrize("key", ["2024-01", "2024-04", "2023", "2024-02-30", "february", "none"])
def test_a_bucket_outside_the_period_or_with_an_invalid_key_is_refused(
    company: ReportClient, key: str
) -> None:
    with pytest.raises(BadFilter, match=key):
        company.drilldown("company", "won_leads", key, **FEBRUARY_TO_MARCH)


def test_a_bucket_cut_by_the_period_lists_only_what_it_counts(company: ReportClient) -> None:
    asked = {"start": "2024-02-11", "to": "2024-03-02", "bucket": "month"}
    assert company.leads("company", "created_leads", "2024-02", **asked) == ["L5", "L6", "L7"]
    assert company.leads("company", "open_leads", "2024-03", **asked) == [
        "L10",
        "L4",
        "L6",
        "L7",
        "L9",
    ]


def test_the_last_day_of_a_bucket_is_one_of_its_days(company: ReportClient) -> None:
    # L4 was created on Saturday 10 February, L5 on the day after.
    asked = {"start": "2024-02-10", "to": "2024-02-11"}
    for unit in ("month", "week"):
        [row] = company.report("company", **asked, bucket=unit).rows
        assert row.cells["created_leads"] == 2
        assert company.leads("company", "created_leads", row.key, **asked, bucket=unit) == [
            "L4",
            "L5",
        ]
    week = {"start": "2024-02-05", "to": "2024-02-18", "bucket": "week"}
    key = company.report("company", **week).rows[0].key
    assert company.leads("company", "created_leads", key, **week) == ["L4", "L5"]


@pytest.mark.parametrize("order", LIST_SPECS["lead"].keys)
def test_sorting_a_list_keeps_its_leads(company: ReportClient, order: str) -> None:
    for is_descending in (True, False):
        how = {"order": order, "is_descending": is_descending}
        found = company.drilldown("company", "created_leads", how=how, **FEBRUARY_TO_MARCH)
        assert found.count == len(found.rows) == 8
        values = [lead[order] for lead in found.rows if lead[order] is not None]
        assert values == sorted(values, reverse=is_descending)
        # Leads without the value come last in both directions.
        assert [lead[order] for lead in found.rows[: len(values)]] == values


def test_a_list_as_of_a_past_day_shows_the_leads_as_they_were(company: ReportClient) -> None:
    # After that day L7 was re-opened, L8 binned and L9 handed over to the other team.
    past = {"start": "2024-03-01", "to": "2024-03-31", "as_of": "2024-03-05"}
    won = company.drilldown("company", "won_leads", **past)
    actual = {lead["lead"]: (lead["status"], lead["days"]) for lead in won.rows}
    assert actual == {"L2": ("won", 27), "L7": ("won", 17), "L8": ("won", 18)}
    assert company.report("company", **past).totals["won_leads"] == won.count == 3
    assert company.leads("company", "won_leads", **{**past, "as_of": "2024-03-31"}) == ["L2"]


def test_a_bucket_of_another_unit_lists_its_days_even_without_leads(
    company: ReportClient,
) -> None:
    assert company.leads("company", "won_leads", "2024-02-20", **FEBRUARY_TO_MARCH) == ["L1"]
    assert company.leads("company", "won_leads", "2024-02-21", **FEBRUARY_TO_MARCH) == []


def test_a_tag_of_another_category_is_refused_as_a_row(company: ReportClient) -> None:
    asked = {**FEBRUARY_TO_MARCH, "group_by": "category:region"}
    with pytest.raises(BadFilter, match="no row “c”"):
        company.drilldown("company", "won_leads", "c", **asked)
    with pytest.raises(BadFilter, match="Unknown category: “colour”"):
        company.report("company", **{**asked, "group_by": "category:colour"})


def test_the_list_of_a_rate_is_its_denominator(company: ReportClient) -> None:
    totals = company.report("company", **FEBRUARY_TO_MARCH).totals
    assert totals["win_rate"] == Rate(3, 6)
    assert company.leads("company", "win_rate", **FEBRUARY_TO_MARCH) == [
        "L1",
        "L12",
        "L2",
        "L3",
        "L4",
        "L5",
    ]
