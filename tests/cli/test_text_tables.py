"""Tables as text: those of a terminal fit its width, and never cut a number."""

from __future__ import annotations

import pytest

from leadlight.cli import text_tables
from leadlight.cli.console import Stop
from leadlight.cli.text_tables import TableOptions, TextColumn

NAMES = TextColumn("label", "User", ("Ana", "Bo", "Total"), is_figure=False)
WON = TextColumn("won", "Won amount (€)", ("1,500", "300", "1,800"))
RATE = TextColumn("rate", "Win rate", ("50.0% (2 of 4)", "–", "50.0% (2 of 4)"))
OPEN = TextColumn("open", "Open", ("12", "3", "15"))


def shown(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    width: int | None,
    options: TableOptions = TableOptions(),  # noqa: B008
) -> str:
    monkeypatch.setattr(text_tables, "terminal_width", lambda: width)
    text_tables.show("T", NAMES, [WON, OPEN, RATE], options, headlines=["rate"], rules={2})
    return capsys.readouterr().out


def test_outside_a_terminal_all_columns_are_in_one_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown(monkeypatch, capsys, None) == (
        "T\n"
        "\n"
        "User   Won amount (€)  Open        Win rate\n"
        "───────────────────────────────────────────\n"
        "Ana             1,500    12  50.0% (2 of 4)\n"
        "Bo                300     3               –\n"
        "───────────────────────────────────────────\n"
        "Total           1,800    15  50.0% (2 of 4)\n"
        "\n"
    )


def test_headlines_come_first_where_not_all_columns_fit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = shown(monkeypatch, capsys, 28)
    assert told.splitlines()[2:5] == [
        "User   Open        Win rate",
        "───────────────────────────",
        "Ana      12  50.0% (2 of 4)",
    ]
    assert told.endswith(
        "1 column is hidden because the terminal is too narrow. Show it with --all-columns, "
        "or choose columns with --columns.\n"
    )


@pytest.mark.parametrize("width", [5, 20, 24, 29, 40])
def test_all_columns_are_shown_in_tables_that_fit(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = shown(monkeypatch, capsys, width, TableOptions(is_whole=True))
    assert "is hidden" not in told
    assert "are hidden" not in told
    assert all(figure in told for column in (WON, OPEN, RATE) for figure in column.cells)
    # A terminal too narrow for one column shows it whole all the same.
    widest = max(width, len("Total") + len("  50.0% (2 of 4)"))
    assert max(map(len, told.splitlines())) <= widest


def test_a_heading_is_wrapped_between_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = shown(monkeypatch, capsys, 40, TableOptions(keys=("won",)))
    assert told.splitlines()[2:6] == [
        "          Won",
        "       amount",
        "User      (€)",
        "─────────────",
    ]


def test_columns_are_chosen_in_the_order_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = shown(monkeypatch, capsys, None, TableOptions(keys=("open", "won")))
    assert told.splitlines()[2] == "User   Open  Won amount (€)"


def test_an_unknown_column_is_refused_with_the_nearest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Stop, match=r"no column “opne”\. Did you mean open\?"):
        shown(monkeypatch, capsys, 80, TableOptions(keys=("opne",)))


def test_a_long_text_is_wrapped_and_its_figures_are_on_its_first_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(text_tables, "terminal_width", lambda: 60)
    title = TextColumn("title", "Lead", ("Glass roof of the old covered market",), is_figure=False)
    text_tables.show("T", title, [TextColumn("amount", "Amount", ("7,450",))], TableOptions())
    assert capsys.readouterr().out.splitlines()[4:6] == [
        "Glass roof of the    7,450",
        "old covered market",
    ]


def test_a_table_without_rows_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    text_tables.show("T", TextColumn("a", "A", ()), [TextColumn("b", "B", ())], TableOptions())
    assert capsys.readouterr().out == "T\nNone.\n"
