"""`leadlight report` with choice fields: `--field`, `--group-by field:KEY`, shortcuts."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from leadlight.accounts.models import User
from leadlight.cli.console import Stop
from leadlight.sales.models import CustomField, Lead, Shortcut
from tests.cli.conftest import Run

pytestmark = [pytest.mark.answers, pytest.mark.usefixtures("company")]
MONTHS = ("--from", "2026-01-01", "--to", "2026-03-31")


@pytest.fixture
def sector(company: None) -> CustomField:
    field = CustomField.define("lead", "Sector", "choice", choices=["retail", "a=b"])
    field.key = "sector"
    field.save(update_fields=["key"])
    for key, choice in (("L1", "retail"), ("L2", "a=b"), ("L3", "retail")):
        Lead.objects.get(key=key).set_field(field, choice, by=None)
    return field


def answer(leadlight: Run, *words: str) -> dict[str, Any]:
    return json.loads(leadlight("report", "company", *MONTHS, *words, "--format", "json"))


def rows(answered: dict[str, Any]) -> dict[str | None, int]:
    return {row["key"]: row["created_leads"] for row in answered["rows"]}


def test_the_rows_of_a_field_are_its_choices(leadlight: Run, sector: CustomField) -> None:
    answered = answer(leadlight, "--group-by", "field:sector")
    assert list(rows(answered)) == ["retail", "a=b", None]
    assert (rows(answered)["retail"], rows(answered)["a=b"]) == (2, 1)
    assert answered["totals"]["created_leads"] == sum(rows(answered).values())
    assert "Sector" in leadlight("report", "company", *MONTHS, "--group-by", "field:sector")


def test_leads_are_filtered_by_fields(leadlight: Run, sector: CustomField) -> None:
    answered = answer(leadlight, "--field", "sector=retail", "--field", "sector=a=b")
    assert answered["totals"]["created_leads"] == 3
    assert answered["filters"]["field:sector"] == ["a=b", "retail"]
    assert "sector: a=b, retail." in answered["sentences"]
    every = answer(leadlight)["totals"]["created_leads"]
    without = answer(leadlight, "--field", "sector=none")["totals"]["created_leads"]
    assert without == every - 3


def test_the_list_of_a_row_has_its_leads(leadlight: Run, sector: CustomField) -> None:
    words = ("--group-by", "field:sector", "--list", "created_leads", "--row", "retail")
    text = leadlight("report", "company", *MONTHS, *words, "--format", "csv")
    assert {row["lead"] for row in csv.DictReader(io.StringIO(text))} == {"L1", "L3"}


@pytest.mark.parametrize("wrong", ["sector", "=retail", "sector="])
def test_a_filter_by_a_field_needs_a_key_and_a_choice(leadlight: Run, wrong: str) -> None:
    with pytest.raises(Stop, match="written KEY=CHOICE, not"):
        answer(leadlight, "--field", wrong)


def test_unknown_fields_are_refused(leadlight: Run, sector: CustomField) -> None:
    with pytest.raises(Stop, match="There is no choice field “mood” of leads"):
        answer(leadlight, "--field", "mood=good")
    with pytest.raises(Stop, match="The field “Sector” has no choice “mining”"):
        answer(leadlight, "--field", "sector=mining")
    sector.archive()
    with pytest.raises(Stop, match="The field “Sector” is archived"):
        answer(leadlight, "--group-by", "field:sector")


def test_an_option_overrides_the_field_of_a_shortcut(leadlight: Run, sector: CustomField) -> None:
    query = "from=2026-01-01&to=2026-03-31&field%3Asector=retail"
    owner = User.objects.get(key="ana")
    Shortcut.objects.create(owner=owner, name="Retail", report="company", query=query)

    def filters(*words: str) -> list[str]:
        asked = ("report", "--shortcut", "Retail", "--as", owner.email, *words)
        return json.loads(leadlight(*asked, "--format", "json"))["filters"]["field:sector"]

    assert filters() == ["retail"]
    assert filters("--field", "sector=none") == ["none"]


def test_changes_are_those_of_the_leads_with_the_choice(
    leadlight: Run, sector: CustomField
) -> None:
    """L5, won in February, was reopened on 2 March."""
    Lead.objects.get(key="L5").set_field(sector, "retail", by=None)

    def difference(choice: str) -> int:
        words = (
            *("report", "company", "--from", "2026-02-01", "--to", "2026-02-28"),
            *("--as-of", "2026-03-15T12:00+01:00", "--changes-since", "2026-03-01T12:00+01:00"),
            *("--field", f"sector={choice}", "--format", "json"),
        )
        figures = {one["key"]: one for one in json.loads(leadlight(*words))["differences"]}
        return figures["won_leads"]["difference"]

    assert (difference("retail"), difference("none")) == (-1, 0)


def test_a_row_is_explained_by_the_leads_with_its_choice(
    leadlight: Run, sector: CustomField
) -> None:
    words = ("--group-by", "field:sector", "--explain", "created_leads", "--row", "retail")
    explained = answer(leadlight, *words)
    assert explained["value"] == explained["count"] == 2
