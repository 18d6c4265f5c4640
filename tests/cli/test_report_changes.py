"""`leadlight report … --changes-since` for the worked company, whose L5 was reopened on 2 March."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from leadlight.cli.console import Stop
from tests.cli.conftest import Run

pytestmark = [pytest.mark.answers, pytest.mark.usefixtures("company")]
FEBRUARY = (
    *("report", "company", "--from", "2026-02-01", "--to", "2026-02-28"),
    *("--as-of", "2026-03-15T12:00+01:00", "--changes-since", "2026-03-01T12:00+01:00"),
)


def test_a_reopened_lead_explains_the_difference(leadlight: Run) -> None:
    answer = json.loads(leadlight(*FEBRUARY, "--format", "json"))
    told = {one["key"]: one for one in answer["differences"]}
    assert told["won_amount"] == {
        "key": "won_amount",
        "then": "1800.00",
        "now": "1500.00",
        "difference": "-300.00",
        "reasons": {"reopened": {"count": 1, "by": "-300.00"}},
    }
    assert told["open_leads"]["reasons"] == {"reopened": {"count": 1, "by": 1}}
    assert told["lost_leads"]["difference"] == 0
    assert told["lost_leads"]["reasons"] == {}
    assert told["win_rate"]["then"] == {"value": 0.6, "numerator": 3, "denominator": 5}
    assert "reasons" not in told["win_rate"]
    assert answer["since"] == "2026-03-01T12:00:00+01:00"
    assert answer["as_of"] == "2026-03-15T12:00:00+01:00"


def test_the_table_has_a_column_for_each_reason(leadlight: Run) -> None:
    told = leadlight(*FEBRUARY)
    lines = [line.split() for line in told.splitlines()]
    assert ["Figure", "Before", "Reopened", "Difference", "Now"] in lines
    assert ["Won", "amount", "€1,800", "−€300", "−€300", "€1,500"] in lines
    assert "Win rate: 60.0% (3 of 5) → 50.0% (2 of 4)" in told.splitlines()


def test_csv_has_one_line_per_changed_figure(leadlight: Run) -> None:
    [head, *lines] = list(csv.reader(leadlight(*FEBRUARY, "--format", "csv").splitlines()))
    assert head == ["key", "then", "reopened", "difference", "now"]
    assert lines == [
        ["won_leads", "3", "-1", "-1", "2"],
        ["won_amount", "1800.00", "-300.00", "-300.00", "1500.00"],
        ["open_leads", "0", "1", "1", "1"],
        ["open_amount", "0.00", "300.00", "300.00", "300.00"],
    ]


def test_a_list_has_the_leads_behind_one_difference(leadlight: Run) -> None:
    words = (*FEBRUARY, "--list", "won_amount", "--format")
    [lead] = json.loads(leadlight(*words, "json"))["changed"]
    assert (lead["lead"], lead["reason"], lead["then"], lead["now"]) == (
        *("L5", "reopened"),
        *("300.00", "0.00"),
    )
    [head, line] = list(csv.reader(leadlight(*words, "csv").splitlines()))
    assert head[:5] == ["reason", "then", "now", "difference", "lead"]
    assert line[:5] == ["Reopened", "300.00", "0.00", "-300.00", "L5"]
    assert "L5" in leadlight(*FEBRUARY, "--list", "won_amount")


def test_a_workbook_can_be_written(leadlight: Run, tmp_path: Path) -> None:
    for list_ in ((), ("--list", "won_leads")):
        output = tmp_path / "changes.xlsx"
        leadlight(*FEBRUARY, *list_, "--format", "xlsx", "--output", str(output))
        assert output.read_bytes()[:2] == b"PK"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--changes-since", "yesterday"), "“yesterday” is not a date and time"),
        (
            ("--changes-since", "2026-03-16", "--as-of", "2026-03-15"),
            "start date before the end date",
        ),
        (("--changes-since", "2026-03-01", "--list", "win_rate"), "has no total “win_rate”"),
        (("--changes-since", "2026-03-01", "--format", "pdf"), "A list cannot be written as pdf"),
        (
            ("--changes-since", "2026-03-01", "--explain", "won_leads"),
            "Use only one of --explain, --bridge and --changes-since",
        ),
    ],
)
def test_an_invalid_query_is_refused(leadlight: Run, words: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(Stop, match=sentence):
        leadlight("report", "company", *words)
