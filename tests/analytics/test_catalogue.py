"""Laws that every table of every report obeys; a new table is covered automatically."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest

from leadlight.analytics.metrics.columns import Rate, Span
from leadlight.analytics.metrics.kinds import UNITS
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.grouping import is_of_tags
from leadlight.analytics.query.lead_filter import EVERY_LEAD
from leadlight.analytics.query.periods import Period
from leadlight.analytics.query.query_params import Clock
from leadlight.analytics.query.scope import ALL_LEADS
from leadlight.analytics.reports import EVERY_TABLE
from leadlight.analytics.reports.contract import Report, Stock
from leadlight.analytics.stats.survival import Estimate
from tests.analytics.laws import (
    CLOCK,
    NOW,
    REST,
    LawQuery,
    as_of,
    cells,
    check_law,
    compares_days,
    facts_of,
    has_a_whole,
    is_counted,
    is_of_one_day,
    is_of_settings,
    is_stock,
    is_sum,
    known,
    law_queries,
    parts,
    read,
    shown,
    upright,
    window,
)
from tests.analytics.questions import TABLES, deal
from tests.analytics.strategies import company
from tests.analytics.world import World

pytestmark = pytest.mark.search

# Ordered by table, not by law: the compiled statements of a table are still cached for the next
# law.
every_table = pytest.mark.parametrize("report", TABLES, scope="module")


# The declaration of a report


@every_table
def test_a_report_has_a_title_a_question_and_a_help_text(report: str) -> None:
    table: Report = TABLES[report]
    assert report in (table.key, f"{table.key}.{table.view}")
    assert table.text.startswith(f"{table.title}\n\n")
    assert table.summary.endswith("?")
    assert len(table.text) > 200
    assert table.facts.__module__.startswith("leadlight.analytics.reports.")


WIN_RATES = {"win_rate", "win_rate_estimate", "measured_rate", "measured_amount"}


@every_table
def test_a_table_with_a_win_rate_can_leave_cancelled_leads_out(report: str) -> None:
    is_by_month = "monthly" in TABLES[report].switches
    filters = read(report, {"monthly": ["win_rate"]} if is_by_month else {})
    keys = {column.key for column in TABLES[report].columns(TABLES[report].empty_query(filters))}
    has_switch = "leave_cancelled_out" in TABLES[report].switches
    assert has_switch == bool(keys & WIN_RATES)


@every_table
def test_every_figure_has_a_key_a_unit_and_a_definition(report: str) -> None:
    for switch in ("no", "yes"):
        filters = read(report, {"leave_cancelled_out": [switch]})
        columns = TABLES[report].columns(TABLES[report].empty_query(filters))
        keys = [column.key for column in columns]
        assert len(keys) == len(set(keys))
        for column in columns:
            assert column.unit == (column.unit_override or UNITS[column.kind])
            assert column.definition.endswith(".")
            assert column.title
    assert all(column.note for column in TABLES[report].warnings)


@pytest.mark.parametrize("table", EVERY_TABLE, ids=lambda table: f"{table.key}-{table.view}")
def test_every_figure_explains_its_date_rule_and_its_exclusions(table: Report) -> None:
    query = table.empty_query(read_table(table))
    for column in (*table.columns(query), *table.warnings):
        days = [str(phrase) for phrase in table.date_rules_of(column, query.filters)]
        assert days
        assert all(" counts " in day and day.endswith(".") for day in days)
        facts = {column.facts, *(over for over, _sum in column.aggregates.values())}
        assert all("%(count)s" in one.note and one.facts in facts for one in column.exclusions)


@pytest.mark.parametrize("table", EVERY_TABLE, ids=lambda table: f"{table.key}-{table.view}")
def test_evidence_and_is_proportion_match_the_facts(table: Report) -> None:
    query = table.empty_query(read_table(table))
    facts = table.facts(table.shape_of(query))
    for column in table.columns(query):
        if column.evidence:
            over = {column.facts, *(name for name, _ in column.evidence.aggregates.values())}
            assert not any(isinstance(facts[name], Stock) for name in over)
        if column.is_proportion:
            assert column.kind == "rate"
            assert {over for over, _ in column.aggregates.values()} == {column.facts}


def read_table(table: Report) -> Filters:
    needed = {"pipeline": ["loans"]} if "pipeline" in table.needs else {}
    return table.read({"from": ["2024-01-01"], "to": ["2024-03-31"], **needed}, CLOCK)


@every_table
def test_without_leads_counts_are_zero_and_means_are_null(report: str) -> None:
    empty = replace(company(CLOCK.zone, ()), goals=(), costs=(), rest=REST)
    for query in law_queries(report):
        result = query.of(empty)
        fractions = dict.fromkeys(("rate", "ratio", "multiple"), Rate(0, 0))
        nothing = {"count": 0, "money": Decimal(0), **fractions}
        for row in (*(row.cells for row in result.rows), result.totals):
            for column in result.columns:
                if is_of_settings(column):
                    continue
                is_divided = column.kind not in fractions and not is_counted(column)
                is_divided = is_divided or (row is result.totals and not column.has_total)
                is_divided = is_divided or column.key == "cost"
                assert row[column.key] == (None if is_divided else nothing[column.kind])
        counted = [note.code for note in result.notes if note.count]
        assert counted == []


@every_table
def test_every_value_has_the_exact_type_of_its_kind(report: str) -> None:
    kinds = {"count": int, "money": Decimal, "rate": Rate, "ratio": Rate, "multiple": Rate}
    kinds |= {"days": float, "share": float, "interval": Span, "ranks": Span, "range": Span}
    kinds["estimate"] = Estimate

    def law(query: LawQuery, world: World) -> None:
        result = query.of(world)
        drawn = result.report.chart_column
        keys = [column.key for column in (*result.columns, *((drawn,) if drawn else ()))]
        for row in (*(row.cells for row in result.rows), result.totals):
            assert list(row) == keys
            for column in result.columns:
                value = row[column.key]
                assert value is None or type(value) is kinds[column.kind]
                if column.kind == "money" and value is not None:
                    assert value.as_tuple().exponent == -2

    check_law(report, law)


# Conditions on queries, for laws that compile further statements for each query


def is_any(query: LawQuery) -> bool:
    return True


def is_of_now_and_everything(query: LawQuery) -> bool:
    return query.filters.as_of is None and query.scope.sees_all


def has_a_scope(query: LawQuery) -> bool:
    return not query.scope.sees_all


# Laws


@every_table
def test_rows_add_up_to_the_total(report: str) -> None:
    def law(query: LawQuery, world: World) -> None:
        result = query.of(world)
        facts = facts_of(result, world)
        for column in filter(is_sum, result.columns):
            if has_a_whole(column, facts):
                continue
            values = [known(column, row.cells[column.key]) for row in parts(result)]
            total = known(column, result.totals[column.key])
            if is_of_tags(result.grouping):
                assert sum(values) >= total
            elif result.grouping == "bucket" and is_stock(column, facts):
                assert values[-1] == total
            else:
                assert sum(values) == total

    check_law(report, law)


@every_table
def test_the_rate_of_the_total_is_the_ratio_of_the_totals(report: str) -> None:
    def law(query: LawQuery, world: World) -> None:
        result = query.of(world)
        if is_of_tags(result.grouping):
            return
        facts = facts_of(result, world)
        for column in result.columns:
            is_of_rows = not has_a_whole(column, facts)
            if column.kind == "rate" and is_of_rows and column.has_total:
                total = result.totals[column.key]
                rates = [row.cells[column.key] for row in parts(result)]
                assert sum(rate.numerator for rate in rates) == total.numerator
                is_share = {rate.denominator for rate in rates} <= {total.denominator}
                assert is_share or sum(rate.denominator for rate in rates) == total.denominator

    check_law(report, law)


@every_table
def test_a_further_filter_never_increases_a_figure(report: str) -> None:
    def law(query: LawQuery, world: World) -> None:
        whole = query.of(world)
        facts = facts_of(whole, world)
        wide = cells(whole)
        narrow = cells(query.of(world, query.narrower))
        for key, row in narrow.items():
            for column in filter(is_counted, whole.columns):
                if compares_days(column, facts) or row.get(column.key) is None:
                    continue
                before = wide[key][column.key] if key in wide else 0
                assert row[column.key] <= before

    check_law(report, law, among=is_any, turns=4)


@every_table
def test_adjacent_periods_add_up(report: str) -> None:
    def law(query: LawQuery, world: World) -> None:
        whole = query.of(world)
        first = cells(query.of(world, query.until_the_day()))
        second = cells(query.of(world, query.after_the_day()))
        outside = {row.key for row in whole.rows if row.further}
        facts = facts_of(whole, world)
        for column in filter(is_sum, whole.columns):
            if is_of_one_day(column, facts) or column.period:
                continue
            is_state = is_stock(column, facts)
            for key, row in cells(whole).items():
                if whole.grouping == "bucket" and key != "total":
                    continue
                if row[column.key] is None:  # it has no total
                    continue
                early = known(column, first.get(key, {}).get(column.key, 0))
                late = known(column, second.get(key, {}).get(column.key, 0))
                if key in outside:
                    ends = {"later": (late,), "sooner": (early,)}.get(str(key), (early, late))
                    assert set(ends) == {row[column.key]}
                    continue
                assert row[column.key] == (late if is_state else early + late)

    check_law(report, law, turns=1)


@every_table
def test_as_of_now_equals_the_report_without_as_of(report: str) -> None:
    def law(query: LawQuery, world: World) -> None:
        now = replace(query.filters, as_of=NOW)
        assert shown(query.of(world, now)) == shown(query.of(world))

    check_law(report, law, among=is_of_now_and_everything, turns=3)


@every_table
def test_as_of_a_past_instant_equals_a_report_on_what_was_recorded_by_then(report: str) -> None:
    def law(query: LawQuery, world: World) -> None:
        past = replace(query.filters, **as_of(query.instant))
        then = replace(query.filters, today=past.today, instant=past.instant)
        assert shown(query.of(world, past)) == shown(
            query.of(world.recorded_by(query.instant), then)
        )

    check_law(report, law, among=is_of_now_and_everything, turns=4)


@every_table
def test_a_scope_gives_the_figures_of_a_company_with_only_its_leads(report: str) -> None:
    def law(query: LawQuery, world: World) -> None:
        actual = query.of(world)
        visible = query.of(world.seen_by(query.scope), scope=ALL_LEADS)
        assert actual.totals == visible.totals
        said = [note for note in actual.notes if note.code not in ("scope", "costs")]
        assert said == list(visible.notes)
        assert "scope" in [note.code for note in actual.notes]
        rows, counted = cells(actual), cells(visible)
        for key in rows.keys() | counted.keys():
            if key in rows and key in counted:
                assert rows[key] == counted[key]
            else:
                figures = rows.get(key) or counted[key]
                assert not any(figures[column.key] for column in filter(is_sum, actual.columns))

    check_law(report, law, among=has_a_scope, turns=4)


@every_table
def test_the_compared_period_equals_the_report_of_that_period(report: str) -> None:
    def law(query: LawQuery, world: World) -> None:
        compared = query.of(world, replace(query.filters, compare=query.compare)).compared
        if query.report.is_about_now or not query.report.has_comparison:
            assert compared is None
            return
        first, last = map(date.fromisoformat, window(report).compared[query.compare])
        before = replace(query.filters, period=Period(first, last))
        assert compared is not None
        assert shown(compared) == shown(query.of(world, before))

    check_law(report, law, turns=1)


@every_table
def test_open_at_the_end_is_open_before_plus_created_minus_closed(report: str) -> None:
    def law(query: LawQuery, world: World) -> None:
        filters = replace(query.filters, group_by="bucket", lead_filter=EVERY_LEAD)
        before = replace(filters, period=filters.period.shifted(-filters.period.days))
        rows = [
            query.of(world, before).totals,
            *(row.cells for row in query.of(world, filters).rows),
        ]
        for row, following in pairwise(rows):
            closed = sum(following[f"{how}_leads"] for how in ("won", "lost", "cancelled"))
            came = following["created_leads"] - closed
            assert following["open_leads"] == row["open_leads"] + came

    if {"created_leads", "open_leads"} <= set(TABLES[report].headlines):
        check_law(report, law, upright, among=is_of_now_and_everything, turns=6)


@every_table
def test_an_address_is_parsed_back_to_the_same_filters(report: str) -> None:
    for number in range(200):
        random = Random(number)
        asked = deal(report, number).filters
        clock = Clock(asked.instant, asked.zone, asked.calendar, asked.period.first)
        clock = replace(clock, now=max(clock.now, asked.as_of or clock.now))
        pairs = asked.to_pairs()
        again = read(report, as_query(pairs), clock)
        assert again == asked
        assert again.instant == asked.instant
        assert again.to_pairs() == pairs
        random.shuffle(pairs)
        assert read(report, as_query(pairs), clock).to_pairs() == asked.to_pairs()


def as_query(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    params: dict[str, list[str]] = {}
    for name, value in pairs:
        params.setdefault(name, []).append(value)
    return params
