"""Rows of long tables that are added to a prospecting list in the background."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from leadlight.accounts.keys import new_key
from leadlight.sales.models import Action, PendingRows, ProspectingList
from leadlight.sales.models.actions import acting
from leadlight.sales.prospecting import lists, pending_rows
from leadlight.sales.prospecting.columns import delete_column
from leadlight.sales.prospecting.pending_rows import FIRST_ROWS, add_all, folder
from leadlight.sales.refusals import Refused
from leadlight.sales.search import finding
from leadlight.sales.undo import undo
from leadlight.tables import Choices
from tests.sales.conftest import Company

pytestmark = pytest.mark.django_db

ROWS = 2_400
Make = Callable[..., ProspectingList]


@pytest.fixture
def make(company: Company, settings: object, tmp_path: Path) -> Make:
    """Return a function that makes a list of a table with `ROWS` rows as one action."""
    settings.LEADLIGHT_DATA = tmp_path / "data"  # type: ignore[attr-defined]

    def make(**replaced: str) -> ProspectingList:
        lines = [f"Company {number};06 12 34 {number:04};{number}" for number in range(ROWS)]
        for number, line in replaced.items():
            lines[int(number.removeprefix("row_"))] = line
        path = tmp_path / new_key()
        path.write_text("\n".join(["Company;Phone;Note", *lines, ""]))
        choices = Choices(separator=";")
        with acting(new_key(), company.ana):
            return pending_rows.make_list_of_table(
                company.ana,
                "Bought",
                pending_rows.read_table(path, "bought.csv", choices),
                path,
                choices,
            )

    return make


def names(made: ProspectingList) -> list[str]:
    return [str(row) for row in made.prospects.order_by("pk")]


def files() -> list[str]:
    return [path.name for path in folder().iterdir()] if folder().is_dir() else []


def test_the_first_rows_are_there_at_once_and_the_others_follow_in_order(
    company: Company, make: Make
) -> None:
    made = make()
    every = [f"Company {number}" for number in range(ROWS)]
    assert names(made) == every[:FIRST_ROWS]
    assert len(files()) == 1
    add_all()
    assert names(made) == every
    assert not PendingRows.objects.exists()
    assert files() == []
    found = finding.prospects(company.ana, finding.Search.of("06 12 34 23 99"))
    assert [str(row) for row in found.rows] == ["Company 2399"]


def test_rows_are_added_once_by_a_process_that_goes_on_after_another(make: Make) -> None:
    made = make()
    batches = count()
    add_all(is_stopped=lambda: next(batches) == 2)
    assert made.prospects.count() == FIRST_ROWS + lists.ROWS_AT_ONCE
    pending = PendingRows.objects.get()
    add_all()
    assert not pending_rows._add_batch(pending, [["Again", "", ""]])
    assert names(made) == [f"Company {number}" for number in range(ROWS)]


def test_the_list_is_undone_while_rows_are_added_and_afterwards(
    company: Company, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = count()
    for stops in (lambda: True, lambda: next(batches) == 2, lambda: False):
        make()
        add_all(is_stopped=stops)
        undo(Action.objects.latest("pk"), by=company.ana)
        assert not ProspectingList.objects.exists()
        assert not PendingRows.objects.exists()
    add_all()
    assert len(files()) == 2
    monkeypatch.setattr(pending_rows, "ABANDONED_AFTER_S", -1)
    add_all()
    assert files() == []


def test_a_list_with_another_change_is_not_undone(company: Company, make: Make) -> None:
    made = make()
    action = Action.objects.latest("pk")
    delete_column(made.columns.get(header="Note"))
    add_all()
    with pytest.raises(Refused, match="another one since"):
        undo(action, by=company.ana)
    assert {len(row.cells) for row in made.prospects.all()[FIRST_ROWS:]} == {2}


def test_a_table_with_a_bad_row_makes_no_list(make: Make) -> None:
    with pytest.raises(Refused, match=r"10,?000"):
        make(row_2300="Company;" + "x" * 10_001)
    assert not ProspectingList.objects.exists()
    assert files() == []


def test_a_list_that_became_full_keeps_its_rows_and_says_so(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make()
    monkeypatch.setattr(lists, "MOST_ROWS", FIRST_ROWS + 10)
    add_all()
    assert made.prospects.count() == FIRST_ROWS
    assert "at most" in PendingRows.objects.get().failure
    add_all()
    assert made.prospects.count() == FIRST_ROWS


def test_no_more_rows_are_added_after_a_stop(make: Make) -> None:
    made = make()
    pending_rows.stop(made)
    add_all()
    assert made.prospects.count() == FIRST_ROWS
    assert files() == []
