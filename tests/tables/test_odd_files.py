"""Each file of the corpus is read right, or refused with the expected sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadlight.tables import Unreadable, open_table
from tests.tables.expected import Odd, Read, Refusal
from tests.tables.odd_csv_files import CSV_FILES
from tests.tables.odd_workbooks import WORKBOOKS

CORPUS = {**CSV_FILES, **WORKBOOKS}


def test_the_corpus_has_at_least_sixty_files() -> None:
    assert len(CORPUS) == len(CSV_FILES) + len(WORKBOOKS) >= 60


@pytest.mark.parametrize("odd", CORPUS.values(), ids=CORPUS)
def test_a_file_is_read_right_or_refused_with_a_sentence(tmp_path: Path, odd: Odd) -> None:
    path = tmp_path / "table"
    odd.write(path)
    if isinstance(odd.outcome, Refusal):
        with pytest.raises(Unreadable) as refused:
            open_table(path, "table", choices=odd.choices)
        assert str(refused.value) == odd.outcome.sentence
    else:
        check(path, odd, odd.outcome)


def check(path: Path, odd: Odd, expected: Read) -> None:
    table = open_table(path, "table", choices=odd.choices)
    rows = list(table.rows())
    assert table.headers == expected.headers
    assert [row.cells for row in rows] == expected.rows
    found = {name: getattr(table.found, name) for name in expected.found}
    assert found == expected.found
    assert table.found.row_count == len(rows)
    assert list(table.sample) == rows[:200]
    if expected.numbers is not None:
        assert [row.number for row in rows] == expected.numbers
    if expected.problems is not None:
        assert [row.problem for row in rows] == expected.problems
    else:
        assert table.found.problem_count == sum(bool(row.problem) for row in rows)
