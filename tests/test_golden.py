"""Golden copies of answers: reproducible byte for byte, and compared cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from leadlight import importing
from leadlight.replication import replica
from leadlight.sales.models import LeadEvent
from tests.worked_company import write_worked_company
from tools.golden import __main__ as command
from tools.golden import answers
from tools.golden.comparing import Comparison, Difference
from tools.golden.queries import GoldenQuery, queries
from tools.golden.writing import write_answers

Write = Callable[[str], Path]
Copies = Callable[[Any, Any], tuple[Path, Path]]


@pytest.fixture
def write(db: None, tmp_path: Path) -> Iterator[Write]:
    """Write a golden copy of a few queries to the worked company: `write("old")`."""
    write_worked_company(tmp_path)
    importing.import_folder(tmp_path)

    def written(name: str) -> Path:
        for cached in (answers.report_reader, answers.choices, answers.readers):
            cached.cache_clear()
        table = answers.tables()["team"]
        days = {"from": ("2026-01-01",), "to": ("2026-03-15",)}
        asked = [GoldenQuery(days, about=("some_lists",))]
        folder = tmp_path / name
        folder.mkdir()
        write_answers(folder / "team.json.gz", answers.answers_to(table, asked))
        return folder

    yield written
    replica.forget()


@pytest.fixture
def copies(tmp_path: Path) -> Copies:
    """Two copies with one answer each."""

    def written(*values: Any) -> tuple[Path, Path]:
        for name, value in zip(("old", "new"), values, strict=True):
            (tmp_path / name).mkdir(exist_ok=True)
            answer = {"values": value, "words": {"title": name}}
            write_answers(tmp_path / name / "team.json.gz", {"answer": answer})
        return tmp_path / "old", tmp_path / "new"

    return written


def differences(old: Path, new: Path, **how: Any) -> list[Difference]:
    return list(Comparison(**how).differences(old, new))


def places(found: list[Difference]) -> dict[str, tuple[Any, Any]]:
    return {"/".join(one.place): (one.old, one.new) for one in found}


def test_two_copies_of_the_same_company_are_identical_bytes(write: Write) -> None:
    old, new = write("old"), write("new")
    assert (old / "team.json.gz").read_bytes() == (new / "team.json.gz").read_bytes()
    assert differences(old, new) == []


def test_a_changed_amount_differs_in_its_row_its_total_and_its_list(write: Write) -> None:
    old = write("old")
    LeadEvent.objects.filter(lead__key="L3", kind="amount").update(value="201.00")
    found = differences(old, write("new"))
    answer = places([one for one in found if one.query.startswith("answer from")])
    assert answer["rows/bo/lost_amount"] == ("200.00", "201.00")
    assert answer["totals/lost_amount"] == ("200.00", "201.00")
    listed = [one for one in found if one.query.startswith("list column=lost_leads&row=bo")]
    assert places(listed)["leads/L3/amount"] == ("200.00", "201.00")


def test_each_figure_of_a_missing_row_is_reported(copies: Copies) -> None:
    rows = [{"key": "ana", "won": 1}, {"key": "bo", "won": 2}]
    found = places(differences(*copies({"rows": rows}, {"rows": rows[:1]})))
    assert found["rows/bo/won"] == (2, "(missing)")
    assert found["rows/(order)"] == ("ana bo", "ana")


def test_a_different_order_of_rows_is_a_difference(copies: Copies) -> None:
    rows = [{"key": "ana", "won": 1}, {"key": "bo", "won": 2}]
    found = places(differences(*copies({"rows": rows}, {"rows": rows[::-1]})))
    assert found == {"rows/(order)": ("ana bo", "bo ana")}


def test_floats_are_compared_exactly_unless_a_precision_is_given(copies: Copies) -> None:
    both = copies({"rate": 0.1 + 0.2}, {"rate": 0.3})
    assert len(differences(*both)) == 1
    assert differences(*both, float_digits=12) == []
    assert len(differences(*copies({"rate": 0.31}, {"rate": 0.3}), float_digits=12)) == 1


@pytest.mark.parametrize(("old", "new"), [(1, 1.0), (1, True), (None, 0), ("1", 1)])
def test_a_value_of_a_different_type_is_a_difference(copies: Copies, old: Any, new: Any) -> None:
    assert len(differences(*copies({"won": old}, {"won": new}))) == 1


def test_texts_are_compared_only_on_request(copies: Copies) -> None:
    both = copies({"won": 1}, {"won": 1})
    assert differences(*both) == []
    assert places(differences(*both, with_words=True)) == {"title": ("old", "new")}


def test_a_query_or_file_missing_from_one_copy_is_a_difference(copies: Copies) -> None:
    old, new = copies({"won": 1}, {"won": 1})
    write_answers(old / "team.json.gz", {})
    write_answers(new / "leads.json.gz", {"answer": {"values": {}, "words": {}}})
    found = [(one.file, one.old, one.new) for one in differences(old, new)]
    assert found == [
        ("leads.json.gz", "(missing)", "(there)"),
        ("team.json.gz", "(missing)", "(there)"),
    ]


def test_the_command_fails_when_a_cell_differs(
    copies: Copies, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["compare", *map(str, copies({"won": 1}, {"won": 1}))]) == 0
    assert command.main(["compare", *map(str, copies({"won": 1}, {"won": 2}))]) == 1
    assert "won: 1 → 2\n1 differences" in capsys.readouterr().out


def test_every_grouping_switch_and_dimension_of_a_table_is_queried(write: Write) -> None:
    choices = answers.choices()
    for table in answers.tables().values():
        asked = [query.params for query in queries(table, choices)]
        names = {(name, value) for params in asked for name in params for value in params[name]}
        assert {("group_by", name) for name in table.groupings if name != "category"} <= names
        assert set(table.switches) <= {name for name, _value in names}
        assert ("team", "none") in names
