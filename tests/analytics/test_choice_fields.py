"""Choice fields as rows and filters of reports, counted by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from leadlight.analytics.engine.compiler import compiled
from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.export.results import filters_to_dict
from leadlight.analytics.query.lead_filter import MOST_FIELDS
from leadlight.analytics.query.phrases import BadFilter
from leadlight.analytics.reports import EVERY_TABLE
from leadlight.analytics.reports.contract import Report
from tests.analytics.asking import ReportClient
from tests.analytics.busy import NOW, busy_company

YEAR = {"start": "2024-01-01", "to": "2024-04-10"}
EVERY = {1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12}  # L8 is in the bin
SECTOR, SIZE = 76, 77
CHOICES = {
    1: {SECTOR: "retail", SIZE: "small"},
    2: {SECTOR: "retail", SIZE: "retail"},
    3: {SECTOR: "industry"},
    4: {SIZE: "retail"},
    8: {SECTOR: "farms"},
}


@pytest.fixture
def company(engine: Engine) -> ReportClient:
    world = busy_company()
    leads = tuple(
        replace(lead, choices=tuple(CHOICES.get(lead.id - 100, {}).items())) for lead in world.leads
    )
    return ReportClient(engine, replace(world, leads=leads), NOW)


def listed(company: ReportClient, row: str | None = None, **query: Any) -> set[int]:
    leads = company.leads("company", "created_leads", row, **YEAR, **query)
    return {int(key.removeprefix("L")) for key in leads}


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ({"field:sector": "retail"}, {1, 2}),
        ({"field:sector": ["retail", "industry"]}, {1, 2, 3}),
        ({"field:sector": "none"}, EVERY - {1, 2, 3}),
        ({"field:sector": ["industry", "none"]}, EVERY - {1, 2}),
        ({"field:sector": "farms"}, set()),
        # A choice belongs to its field; several fields restrict each other
        ({"field:size": "retail"}, {2, 4}),
        ({"field:sector": "retail", "field:size": "retail"}, {2}),
        ({"field:sector": "none", "field:size": "retail"}, {4}),
        ({"field:sector": "none", "field:size": "none"}, EVERY - {1, 2, 3, 4}),
        # A choice is no tag, and a tag no choice
        ({"field:sector": "retail", "tag": "a"}, {1}),
        ({"field:sector": "industry", "tag": "none"}, {3}),
        ({"field:nowhere": "none"}, EVERY),
        ({"field:nowhere": "retail"}, set()),
    ],
)
def test_a_filter_by_fields_leaves_exactly_the_matching_leads(
    company: ReportClient, query: dict[str, Any], left: set[int]
) -> None:
    assert listed(company, **query) == left
    assert company.report("company", **YEAR, **query).totals["created_leads"] == len(left)


def rows(company: ReportClient, **query: Any) -> list[tuple[str | None, Any]]:
    result = company.report("company", **YEAR, **query)
    return [(row.key, row.cells["created_leads"]) for row in result.rows]


def test_the_rows_of_a_field_are_its_choices_in_their_order(company: ReportClient) -> None:
    assert rows(company, group_by="field:sector") == [
        ("retail", 2),
        ("o'neil; --", 0),
        ("industry", 1),
        ("farms", 0),
        (None, 8),
    ]
    assert rows(company, group_by="field:size") == [("small", 1), ("retail", 2), (None, 8)]


def test_the_rows_of_a_field_that_is_filtered_by_are_the_chosen_ones(
    company: ReportClient,
) -> None:
    by_sector = {"group_by": "field:sector"}
    assert rows(company, **by_sector, **{"field:sector": ["farms", "retail"]}) == [
        ("retail", 2),
        ("farms", 0),
    ]
    assert rows(company, **by_sector, **{"field:sector": "none"}) == [(None, 8)]
    assert rows(company, **by_sector, **{"field:size": "small"})[0] == ("retail", 1)


def test_the_list_of_a_row_has_the_leads_it_counts(company: ReportClient) -> None:
    assert listed(company, "retail", group_by="field:sector") == {1, 2}
    assert listed(company, "farms", group_by="field:sector") == set()
    assert listed(company, "none", group_by="field:sector") == EVERY - {1, 2, 3}
    assert listed(company, "retail", group_by="field:size") == {2, 4}
    with pytest.raises(BadFilter, match="no row “wood”"):
        listed(company, "wood", group_by="field:sector")


def test_past_reports_have_the_choices_of_today(company: ReportClient) -> None:
    past = {"group_by": "field:sector", "as_of": "2024-02-05T00:00+01:00"}
    assert dict(rows(company, **past))["retail"] == 2
    assert dict(rows(company, **past))["industry"] == 0  # L3 was not recorded yet


@pytest.mark.parametrize("table", [one for one in EVERY_TABLE if "category" in one.groupings])
def test_every_table_with_categories_can_have_the_choices_of_a_field_as_rows(
    company: ReportClient, table: Report
) -> None:
    query: dict[str, Any] = {**YEAR, "group_by": "field:sector", "pipeline": "loans"}
    if table.view:
        query["view"] = table.view
    if table.preset.startswith("next"):
        query = {name: value for name, value in query.items() if name not in YEAR}
    keys = [row.key for row in company.report(table.key, **query).rows if not row.further]
    assert keys[:4] == ["retail", "o'neil; --", "industry", "farms"]


def test_tables_without_categories_refuse_fields_as_rows(company: ReportClient) -> None:
    with pytest.raises(BadFilter, match="is not possible for “group_by”"):
        company.report("pipeline", **YEAR, pipeline="loans", group_by="field:sector")


def test_fields_and_choices_are_values_that_statements_share(company: ReportClient) -> None:
    def compile_with(sector: str, size: str) -> int:
        query = {f"field:{sector}": ["retail", "none"], f"field:{size}": "retail"}
        company.report("company", **YEAR, **query, group_by=f"field:{sector}")
        return compiled.count

    assert compile_with("sector", "size") == compile_with("colour", "shape")


def test_more_fields_than_a_statement_can_have_are_refused(company: ReportClient) -> None:
    query = {f"field:f{number:02}": "none" for number in range(MOST_FIELDS)}
    assert listed(company, **query) == EVERY
    with pytest.raises(BadFilter, match="at most 20 fields"):
        listed(company, **query, **{"field:sector": "retail"})


def test_exports_and_sentences_name_the_fields(company: ReportClient) -> None:
    query = {"field:sector": ["retail", "none"], "group_by": "field:sector"}
    _report, filters = company.read("company", {**YEAR, **query})
    exported = filters_to_dict(filters, "field:sector")
    assert exported["field:sector"] == ["none", "retail"]
    assert exported["query"].endswith("&field%3Asector=none&field%3Asector=retail")
    names = {("field", "sector"): "Sector", ("field:sector", "retail"): "Retail"}
    sentence = filters.describe(lambda *key: names[key])[-1]
    assert str(sentence.values["field"]) == "Sector"
    assert [str(name) for name in sentence.values["names"]] == ["without a value", "Retail"]
