"""The forecast returns the figures published with the open leads of a real company."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from leadlight import importing
from leadlight.accounts.readers import SYSTEM
from leadlight.analytics.reports import CATALOGUE
from leadlight.analytics.reports.contract import Result
from leadlight.replication import checks, replica
from leadlight.reporting.reader import report_reader

FOLDER = Path(os.environ["LEADLIGHT_REAL_DATA"]) / "opportunity_tracking"


@pytest.fixture(scope="module")
def opportunity_tracking(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The 487 open opportunities, imported once for all tests of this module."""
    with django_db_blocker.unblock():
        with transaction.atomic():
            importing.import_folder(FOLDER)
            yield
            transaction.set_rollback(True)
        replica.forget()


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opportunity_tracking")]

BY_MONTH = (
    "103719930.20",
    "48957215.80",
    "51818680.60",
    "43464446.50",
    "43320655.10",
    "47191895.30",
    "29441315.80",
    "15810777.00",
    "19885432.80",
    "9271360.80",
    "12858774.10",
    "35380396.80",
)


def forecast(**more: str) -> Result:
    query = {"from": "2015-01-01", "to": "2015-12-31", "as_of": "2014-12-31", **more}
    return report_reader(SYSTEM).run(
        CATALOGUE["forecast"], {name: [value] for name, value in query.items()}
    )


def weighted(result: Result) -> dict[str | None, Decimal]:
    return {row.label: row.cells["weighted_amount"] for row in result.rows if not row.further}


def test_the_months_of_2015_are_the_published_ones() -> None:
    result = forecast(bucket="month")
    assert list(weighted(result).values()) == [Decimal(amount) for amount in BY_MONTH]


def test_the_totals_are_the_published_ones_and_no_lead_is_outside_them() -> None:
    result = forecast()
    assert result.totals["open_leads"] == 487
    assert result.totals["open_amount"] == 2_110_905_127
    assert result.totals["weighted_amount"] == Decimal("461120880.80")
    further = {row.key: row.cells["open_leads"] for row in result.rows if row.further}
    assert further.pop("all_open") == 487
    assert set(further) >= {"overdue", "later", "undated"}
    assert not any(further.values())


def test_partner_driven_and_other_leads_have_the_published_figures() -> None:
    rows = {row.label: row.cells for row in forecast(group_by="category:partner").rows}
    partner, others = rows["Yes"], rows["No"]
    assert (partner["open_amount"], partner["weighted_amount"]) == (
        1_466_015_386,
        Decimal("294875654.80"),
    )
    assert (others["open_amount"], others["weighted_amount"]) == (
        644_889_741,
        Decimal("166245226.00"),
    )


def test_the_teams_have_the_weighted_amounts_of_their_imported_leads() -> None:
    with (FOLDER / "leads.csv").open(newline="") as file:
        by_team: dict[str | None, Decimal] = {}
        for lead in csv.DictReader(file):
            team = lead["team"].capitalize()
            weighs = Decimal(lead["amount"]) * int(lead["probability"]) / 100
            by_team[team] = by_team.get(team, Decimal(0)) + weighs
    assert sum(by_team.values()) == Decimal("461120880.80")
    assert weighted(forecast(group_by="team")) == by_team


def test_without_won_leads_measured_amounts_use_the_set_probabilities() -> None:
    result = forecast()
    assert [note.code for note in result.notes] == ["not_measured"]
    by_step = {10: "s1", 20: "s2", 40: "s3", 60: "s4", 80: "s5"}
    with (FOLDER / "leads.csv").open(newline="") as file:
        is_own_that_of_its_step = {
            by_step[int(lead["probability"])] == lead["step"] for lead in csv.DictReader(file)
        }
    assert is_own_that_of_its_step == {True}
    assert result.totals["measured_amount"] == result.totals["weighted_amount"]


def test_the_check_finds_no_difference() -> None:
    assert list(checks.check()) == []
