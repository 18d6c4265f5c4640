"""`leadlight report` as text: headings in words, the comparison, and the row of the totals."""

from __future__ import annotations

import pytest
from django.utils import translation

from leadlight.cli import text_tables
from leadlight.cli.console import Stop
from tests.cli.conftest import Run

pytestmark = [pytest.mark.answers, pytest.mark.usefixtures("company")]
AS_OF = ("--as-of", "2026-03-15T12:00+01:00")
FEBRUARY = ("report", "company", "--from", "2026-02-01", "--to", "2026-02-28", "--bucket", "month")


def cells(told: str, name: str) -> list[str]:
    """Return the words of the first line that begins with this name."""
    line = next(line for line in told.splitlines() if line.strip().startswith(name))
    return line.strip().removeprefix(name).split()


def test_headings_are_words_with_units(leadlight: Run) -> None:
    heading = leadlight(*FEBRUARY, *AS_OF).splitlines()[3]
    assert heading.split()[:5] == ["Period", "Created", "Won", "Lost", "Cancelled"]
    assert "Won amount (€)" in heading
    assert "Fastest 25% (days)" in heading
    assert "won_amount" not in heading


def test_headings_are_translated(leadlight: Run) -> None:
    with translation.override("fr"):
        told = leadlight(*FEBRUARY, *AS_OF)
    assert "Montant gagné (€)" in told
    assert "Février 2026" in told


def test_a_comparison_shows_the_value_before_and_the_change(leadlight: Run) -> None:
    """February has 2 leads created and 1500.00 won, January 3 leads and nothing won: too few."""
    told = leadlight(*FEBRUARY, *AS_OF, "--compare", "previous", "--columns", "created_leads")
    assert "Compared with 4–31 Jan 2026." in told
    assert cells(told, "February 2026") == ["2"]
    assert cells(told, "before") == ["3"]
    assert cells(told, "change") == ["≈▼", "33%"]
    told = leadlight(*FEBRUARY, *AS_OF, "--compare", "previous", "--columns", "won_amount")
    assert cells(told, "Total") == ["1,500"]
    changes = [line.split() for line in told.splitlines() if line.strip().startswith("change")]
    assert changes == [["change", "≈▲", "from", "0"]] * 2


def test_without_a_comparison_there_is_no_line_before(leadlight: Run) -> None:
    assert "before" not in leadlight(*FEBRUARY, *AS_OF)


def test_further_rows_are_below_the_total(leadlight: Run) -> None:
    days = ("--from", "2026-03-01", "--to", "2026-05-31")
    lines = leadlight("report", "forecast", *days, *AS_OF).splitlines()
    names = [line.split("  ")[0] for line in lines]
    [total] = [place for place, name in enumerate(names) if name.startswith("Total Mar")]
    below = ["Past close date", "After the period", "No close date", "All open leads"]
    assert [name for name in names[total + 1 :] if name in below] == below


def test_a_narrow_terminal_shows_the_headlines_and_counts_the_hidden_columns(
    leadlight: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_tables, "terminal_width", lambda: 60)
    told = leadlight(*FEBRUARY, *AS_OF)
    assert "columns are hidden because the terminal is too narrow" in told
    assert "50.0% (2 of 4)" in told
    assert all(len(line) <= 60 for line in told.splitlines()[1:9])


def test_figures_have_their_name_heading_and_meaning(leadlight: Run) -> None:
    told = leadlight("report", "company", "--figures")
    assert "created_leads: Created\n    Leads created in this period.\n" in told
    assert "win_rate: Win rate\n    " in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--list", "won_lead"), "Did you mean won_leads?"),
        (("--columns", "won_lead"), "Did you mean won_leads?"),
        (("--explain", "moon"), "Available: created_leads, "),
        (("--view", "moves"), "The report company has only one table"),
        (("--columns", "won_leads", "--format", "csv"), "apply to tables only"),
    ],
)
def test_a_wrong_name_is_refused_with_advice(
    words: tuple[str, ...], said: str, leadlight: Run
) -> None:
    with pytest.raises(Stop, match=said) as refusal:
        leadlight("report", "company", *words)
    assert refusal.value.code == 2
