"""Charts and page of the curves of leads: the figures of the result, in both languages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.utils import translation

from leadlight.analytics.reports.contract import Result
from leadlight.analytics.stats.survival import Curves
from leadlight.presentation.charts.chart import SHAPES, Chart, Charts
from leadlight.presentation.charts.drawings import drawing_of, render
from leadlight.presentation.charts.report_charts import charts_of
from tests.analytics.asking import ReportClient
from tests.analytics.busy import NOW
from tests.analytics.star import empty_star
from tests.analytics.strategies import company as company_of
from tests.analytics.test_leads_curves import ANA, BO, PARIS, WORKED, count, lead, leads_of
from tests.web.test_charts import drawn, values
from tests.web.worked import figure, html, report_page

pytestmark = pytest.mark.answers

ASKED = {"start": "2024-01-01", "to": "2024-04-10", "view": "curves"}


@pytest.fixture(scope="module")
def company():
    """Ana has the leads of the hand-counted example; Bo has nine, too few for a curve."""
    engine, ids = empty_star(), count(100)
    leads = leads_of(WORKED, ids, owner=ANA) + leads_of({(5, "won"): 9}, ids, owner=BO)
    yield ReportClient(engine, company_of(PARIS, tuple(leads)), NOW)
    engine.close()


def curves_of(result: Result, key: str | None = None) -> Curves:
    cells: Any = next(row.cells for row in result.rows if row.key == key) if key else result.totals
    return cells["curves"]


def test_a_line_shows_the_share_and_its_confidence_band_at_every_age(company):
    result = company.report("leads", **ASKED, group_by="user")
    lines, _areas = charts_of(result).charts
    assert [key.text for key in lines.keys] == ["Ana", "Likely range (95%)"]
    told = curves_of(result, "ana")
    shown = values(lines, "lines")
    assert [datum["age"] for datum in shown] == [*range(0, 91, 2)]
    for datum in shown:
        estimate = told.at("won", datum["age"])
        assert datum["share"] == round(estimate.share, 4)
        assert datum["low"] == round(estimate.share if estimate.low is None else estimate.low, 4)


def test_a_point_shows_its_share_and_links_to_its_leads(company):
    result = company.report("leads", **ASKED, group_by="user")
    lines, _areas = charts_of(result).charts
    points = values(lines, "points")
    assert [datum["age"] for datum in points] == [30, 60, 90]
    assert points[1]["tip"].startswith("Ana\nWithin 60 days: 35.4% (")
    query = dict(parse_qsl(urlsplit(points[1]["href"]).query))
    found = company.leads("leads", query["column"], query["row"], **ASKED, group_by="user")
    assert len(found) == 24


def test_the_areas_add_up_to_all_leads_at_every_age(company):
    result = company.report("leads", **ASKED, group_by="user")
    _lines, areas = charts_of(result).charts
    told, by_age = curves_of(result), {}
    for datum in values(areas, "areas"):
        by_age.setdefault(datum["age"], []).append(datum["part"])
    assert [len(parts) for parts in by_age.values()] == [4] * len(by_age)
    assert all(sum(parts) == pytest.approx(1, abs=3e-4) for parts in by_age.values())
    assert by_age[90][0] == round(told.at("won", 90).share, 4)


def test_a_switch_shows_the_share_lost(company):
    result = company.report("leads", **ASKED, group_by="user", share_of="lost")
    lines, _areas = charts_of(result).charts
    assert lines.title == "Share lost, by age of the leads"
    assert values(lines, "lines")[-1]["share"] == round(1 / 12, 4)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_curves_can_be_rendered_on_the_page_and_in_files(company, language):
    with translation.override(language):
        charts = charts_of(company.report("leads", **ASKED)).charts
        assert len(charts) == 2
        for chart in charts:
            assert "NaN" not in drawn(chart)
            assert {key.shape for key in chart.keys} <= set(SHAPES)
            assert "var(" not in drawing_of(chart).svg


def of_sources(*numbers: int, won_after: int = 5) -> Charts:
    """Return the charts of sources s0, s1, … with so many leads each."""
    engine, ids = empty_star(), count(100)
    leads = [
        one
        for place, number in enumerate(numbers)
        for one in leads_of({(won_after + place, "won"): number}, ids, source=f"s{place}")
    ]
    charts = charts_of(
        ReportClient(engine, company_of(PARIS, tuple(leads)), NOW).report(
            "leads", **ASKED, group_by="source"
        )
    )
    engine.close()
    return charts


def test_only_the_rows_with_the_most_leads_are_drawn_and_the_first_is_highlighted():
    shown = of_sources(*range(10, 24))
    lines, _areas = shown.charts
    assert (shown.drawn, shown.rows) == (12, 14)
    assert {datum["name"] for datum in values(lines, "lines")} == {f"s{n}" for n in range(2, 14)}
    assert {datum["name"] for datum in values(lines, "lines") if datum["main"]} == {"s13"}
    assert [key.text for key in lines.keys] == [
        *("Highlighted", "Likely range (95%)", "Others", "Overall")
    ]


def test_the_chart_names_the_shares_of_the_highlighted_row_and_of_all_leads():
    lines, areas = of_sources(12, 12, won_after=45).charts
    assert lines.finding == "Within 60 days – s0: 100.0%; overall: 100.0%."
    assert areas.finding == ("Within 60 days – won: 100%, lost: 0%, cancelled: 0%, still open: 0%.")


def by_month(*leads: Any) -> Chart:
    numbered = [replace(one, id=100 + place, key=f"L{place}") for place, one in enumerate(leads)]
    engine = empty_star()
    client = ReportClient(engine, company_of(PARIS, tuple(numbered)), NOW)
    lines, _areas = charts_of(client.report("leads", **ASKED)).charts
    engine.close()
    return lines


@pytest.fixture(scope="module")
def three_months() -> Chart:
    """Chart of a cohort without open leads, and of two with open leads of two ages."""
    closed_late = lead(0, "01-01", ("03-21", "status", "won"))
    leads = [lead(0, "01-01", ("01-10", "status", "won"))] * 12 + [closed_late] * 12
    for month, last_day in (("02", "20"), ("03", "21")):
        leads += [lead(0, f"{month}-01", (f"{month}-10", "status", "won"))] * 12
        leads += [lead(0, f"{month}-01")] * 20 + [lead(0, f"{month}-{last_day}")] * 2
    return by_month(*leads)


def test_a_cohort_is_dashed_from_the_age_of_its_youngest_open_lead_on(three_months):
    parts: dict[str, dict[bool, list[int]]] = {}
    for datum in values(three_months, "lines"):
        parts.setdefault(datum["name"], {}).setdefault(datum["immature"], []).append(datum["age"])
    assert set(parts["Jan 2024"]) == {False}
    # On 10 April, the open leads of 20 February are 50 days old, and those of 21 March 20 days.
    assert [key.text for key in three_months.keys][-1] == (
        "Not all leads of the cohort are this old yet"
    )
    for name, youngest in (("Feb 2024", 50), ("Mar 2024", 20)):
        assert parts[name][False][-1] == parts[name][True][0] == youngest, name


def test_points_of_immature_ages_are_hollow_and_say_so(three_months):
    points = {(one["row"], one["age"]): one for one in values(three_months, "points")}
    assert points[1, 30]["fill"] == points[0, 60]["fill"] == "var(--series)"
    assert points[1, 60]["fill"] == points[2, 30]["fill"] == "var(--surface)"
    assert points[1, 60]["tip"].endswith("\nNot all leads of the cohort are this old yet")
    assert "this old" not in points[1, 30]["tip"]


def test_the_description_says_how_many_cohorts_are_dashed(three_months):
    sentence = "Dashed in 2 of 3 cohorts: ages that not all of their leads have reached."
    assert sentence in three_months.description
    assert sentence in three_months.finding


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_have_dashed_lines(three_months, scheme):
    svg = render(three_months.vega, 600, scheme=scheme).svg
    # Each of the two immature cohorts has a grey line and the line that is shown on pointing.
    assert svg.count('stroke-dasharray="5,4"') == 4


def test_rows_that_are_no_cohorts_are_never_dashed(company):
    lines, _areas = charts_of(company.report("leads", **ASKED, group_by="user")).charts
    assert {datum["immature"] for datum in values(lines, "lines")} == {False}
    assert "Dashed" not in lines.description


def test_the_highlighted_cohort_is_the_last_one_with_few_open_leads():
    leads = []
    for month, left in ((1, 0), (2, 1), (3, 4)):
        won = lead(0, f"{month:02}-01", (f"{month:02}-10", "status", "won"))
        leads += [won] * 12 + [lead(0, f"{month:02}-01")] * left
    lines = by_month(*leads)
    highlighted = {datum["name"] for datum in values(lines, "lines") if datum["main"]}
    assert highlighted == {"Feb 2024"}
    assert {datum["name"] for datum in values(lines, "labels")} == {
        *("Jan 2024", "Feb 2024", "Mar 2024")
    }


def test_pointing_at_a_line_or_a_point_highlights_its_row(company):
    lines, _areas = charts_of(company.report("leads", **ASKED, group_by="user")).charts
    [chosen] = [one for one in lines.vega["signals"] if one["name"] == "chosen"]
    [on] = chosen["on"]
    named = {name.strip().lstrip("@").partition(":")[0] for name in on["events"].split(",")}
    assert named <= names_of_marks(lines.vega)
    assert on["update"] == "datum.row"


def names_of_marks(vega: dict[str, Any]) -> set[str]:
    marks = vega.get("marks", ())
    return {mark["name"] for mark in marks}.union(*map(names_of_marks, marks))


def test_rows_with_the_same_name_have_lines_of_their_own(company):
    result = company.report("leads", **ASKED, group_by="user")
    [ana, *_others] = [row for row in result.rows if curves_of(result, row.key).last > 0]
    lines, _areas = charts_of(replace(result, rows=(ana, replace(ana, key="other")))).charts
    assert {datum["row"] for datum in values(lines, "lines")} == {0, 1}


def test_too_few_leads_have_no_chart(company):
    nobody = company.report("leads", **ASKED, user="bo")
    assert charts_of(nobody).charts == ()


# Pages


@pytest.mark.parametrize("grouping", ["", "user", "team", "source", "step"])
def test_the_page_states_its_figures_in_both_languages(readers, visit, grouping):
    query = f"view=curves&from=2026-01-01&to=2026-03-31&group_by={grouping}"
    page = report_page(visit(readers.ada), "leads", query)
    assert "Win curve by lead age" in page
    assert "of 5<" in page
    french = html(visit(readers.ada, "fr"), f"/reports/leads/?{query}")
    assert "Réussite selon l’âge des opportunités" in french


def test_a_seller_sees_only_the_curves_of_their_leads(readers, visit):
    query = "view=curves&group_by=user&period=all_time"
    counted = {
        reader.key: figure(report_page(visit(reader), "leads", query), "created_leads")
        for reader in (readers.ada, readers.bo)
    }
    assert counted == {"ada": "5", "bo": "3"}
