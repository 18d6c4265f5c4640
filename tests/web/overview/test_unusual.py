"""The overview: figures that are unusual for the month."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from leadlight.sales.models import Lead, Pipeline
from tests.web.overview.parts import plain, section
from tests.web.worked import html

pytestmark = pytest.mark.answers


def create(user, year, month, day, times=1):
    for _ in range(times):
        at = datetime(year, month, day, 9, tzinfo=UTC)
        Lead.create(title="A lead", by=user, owner=user, at=at, pipeline=Pipeline.default())


@pytest.fixture
def two_leads_a_month(readers):
    """From March 2025 two leads a month are created by the 10th.

    The worked company has three by then in January, and two in February.
    """
    for year, month in [(2025, month) for month in range(3, 13)]:
        create(readers.ana, year, month, 1)
        create(readers.ana, year, month, 10)
        create(readers.ana, year, month, 25, times=4)
    return readers


def unusual(page):
    return plain(section(page, "unusual"))


@pytest.mark.parametrize(
    ("created", "sentence"),
    [
        (4, "Created · 4 Highest value for the same days in the last 12 months: 3."),
        (1, "Created · 1 Lowest value for the same days in the last 12 months: 2."),
    ],
)
def test_a_figure_outside_the_range_of_the_last_year_is_unusual(
    two_leads_a_month, now, visit, created, sentence
):
    now(datetime(2026, 3, 10, 18, tzinfo=UTC))
    create(two_leads_a_month.ana, 2026, 3, 4, times=created)
    assert sentence in unusual(html(visit(two_leads_a_month.ada), "/reports/"))


@pytest.mark.parametrize("created", [2, 3])
def test_a_figure_within_the_range_of_the_last_year_is_not_unusual(
    two_leads_a_month, now, visit, created
):
    now(datetime(2026, 3, 10, 18, tzinfo=UTC))
    create(two_leads_a_month.ana, 2026, 3, 4, times=created)
    assert "Created" not in unusual(html(visit(two_leads_a_month.ada), "/reports/"))


def test_the_first_days_of_a_month_are_not_compared(two_leads_a_month, now, visit):
    now(datetime(2026, 3, 6, 18, tzinfo=UTC))
    create(two_leads_a_month.ana, 2026, 3, 4, times=9)
    assert "too early in the month to compare" in unusual(
        html(visit(two_leads_a_month.ada), "/reports/")
    )


def test_less_than_six_months_of_history_are_not_compared(readers, now, visit):
    now(datetime(2026, 3, 10, 18, tzinfo=UTC))
    create(readers.ana, 2026, 3, 4, times=9)
    assert "No unusual figures" in unusual(html(visit(readers.ada), "/reports/"))


@pytest.mark.parametrize(("lost", "looks"), [(9, "change "), (10, "change worse")])
def test_a_figure_of_few_cases_is_neither_good_nor_bad(two_leads_a_month, now, visit, lost, looks):
    ana = two_leads_a_month.ana
    now(datetime(2026, 3, 10, 18, tzinfo=UTC))
    create(ana, 2026, 3, 4, times=lost)
    for lead in Lead.objects.order_by("-pk")[:lost]:
        lead.lose(by=ana, at=datetime(2026, 3, 5, 9, tzinfo=UTC))
    part = section(html(visit(two_leads_a_month.ada), "/reports/"), "unusual")
    [line] = [line for line in part.split("<li ")[1:] if "Lost" in line]
    assert line.startswith(f'class="{looks}"')
