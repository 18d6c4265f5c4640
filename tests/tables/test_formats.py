"""Order of day and month, and decimal mark, found in the values of a column or asked."""

from __future__ import annotations

import pytest

from leadlight.tables import AMBIGUOUS, Choices, paste


def column(*values: str, **choices: str):
    text = "a\tb\n" + "".join(f"x\t{value}\n" for value in values)
    return paste(text, choices=Choices(**choices)).columns[1]


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["13/05/2026", "12/05/2026"], "dmy"),
        (["05/13/2026", "05/12/2026"], "mdy"),
        (["12/05/2026", "11/04/2026"], AMBIGUOUS),
        (["2026-05-12", "2026-05-13"], "iso"),
        (["2026/5/12 14:30"], "iso"),
        (["31.12.26"], "dmy"),
        (["5-31-26 2:30 PM"], "mdy"),
        (["13/05/2026", "05/13/2026"], AMBIGUOUS),
        (["05/05/2026", "06/06/2026"], "dmy"),
        (["2026-05-12", "13/05/2026"], "dmy"),
        (["31/02/2026"], "dmy"),
        (["12/05/2026", "Acme", "Bolt"], ""),
        (["06.12.34.56.78"], ""),
        (["Acme"], ""),
        ([""], ""),
    ],
)
def test_the_order_of_days_is_found_or_asked(values: list[str], order: str) -> None:
    assert column(*values).day_order == order


@pytest.mark.parametrize(
    ("values", "mark"),
    [
        (["1.234,56"], ","),
        (["1,234.56"], "."),
        (["1 234,5 €"], ","),
        (["1,234"], AMBIGUOUS),
        (["1.234", "2.345"], AMBIGUOUS),
        (["1.234", "0,5"], ","),
        (["1,234", "12.5"], "."),
        (["1.234.567"], ","),
        (["1,234,567"], "."),
        (["0.125"], "."),
        (["1234,567"], ","),
        (["1 234,567"], ","),
        (["0,5", "0.5"], AMBIGUOUS),
        (["12", "1 234"], ""),
        (["Acme, Inc."], ""),
    ],
)
def test_the_decimal_mark_is_found_or_asked(values: list[str], mark: str) -> None:
    assert column(*values).decimal_mark == mark


def test_a_choice_stands_in_place_of_what_is_ambiguous_alone() -> None:
    assert column("12/05/2026", day_order="mdy").day_order == "mdy"
    assert column("13/05/2026", day_order="mdy").day_order == "dmy"
    assert column("1,234", decimal_mark=",").decimal_mark == ","
    assert column("1,5", decimal_mark=".").decimal_mark == ","


def test_the_last_row_of_many_decides() -> None:
    values = ["12/05/2026"] * 2_000
    assert column(*values).day_order == AMBIGUOUS
    assert column(*values, "13/05/2026").day_order == "dmy"


def test_a_table_says_what_is_to_be_asked() -> None:
    table = paste("day\tamount\n12/05/2026\t1,234\n")
    assert (table.is_day_order_asked, table.is_decimal_mark_asked) == (True, True)
    chosen = paste("day\tamount\n12/05/2026\t1,234\n", choices=Choices(day_order="dmy"))
    assert (chosen.is_day_order_asked, chosen.is_decimal_mark_asked) == (False, True)
