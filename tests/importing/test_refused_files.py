"""Invalid files of a company folder: names, headers, encodings, CSV and TOML."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.importing.refusing import only_problem, problems_of
from tests.importing.small import COMPANY, ROWS, with_row, write_folder

pytestmark = pytest.mark.django_db


def test_unknown_columns_and_missing_ones_are_named(tmp_path: Path) -> None:
    leads = ROWS["leads"].replace("lead,title,", "lead,name,", 1)
    found = problems_of(write_folder(tmp_path / "f", ROWS | {"leads": leads}))
    assert [(p.file, p.line, p.column) for p in found] == [
        ("leads.csv", 1, "name"),
        ("leads.csv", 1, "title"),
    ]
    assert "Unknown column. The columns are: lead, title," in found[0].sentence


def test_extra_columns_of_prospects_need_the_prefix_cell(tmp_path: Path) -> None:
    prospects = ROWS["prospects"].replace("cell:Phone", "Phone", 1)
    problem = only_problem(write_folder(tmp_path / "f", ROWS | {"prospects": prospects}))
    assert problem.column == "Phone"
    assert "cell:HEADER" in problem.sentence


def test_a_repeated_column_is_refused(tmp_path: Path) -> None:
    teams = "team,name,name\nnorth,North,\nsouth,South,\n"
    problem = only_problem(write_folder(tmp_path / "f", ROWS | {"teams": teams}))
    assert (problem.line, problem.column) == (1, "name")


def test_a_file_without_its_key_column_is_one_problem(tmp_path: Path) -> None:
    teams = "name\nNorth\nSouth\n"
    problem = only_problem(write_folder(tmp_path / "f", ROWS | {"teams": teams}))
    assert (problem.file, problem.column) == ("teams.csv", "team")


def test_a_row_with_too_many_cells_is_refused(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "f", with_row("teams", "west", "West", "", "", "too much"))
    problem = only_problem(folder)
    assert (problem.file, problem.line) == ("teams.csv", 4)
    assert "has 5 cells, but the header has 4 columns" in problem.sentence


def test_line_numbers_count_line_breaks_within_cells(tmp_path: Path) -> None:
    files = with_row("clients", "beta", "", "", "")
    problem = only_problem(write_folder(tmp_path / "f", files))
    assert (problem.file, problem.line) == ("clients.csv", 4), "one client fills two lines"


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert only_problem(write_folder(tmp_path / "f", ROWS | {"teams": ""})).file == "teams.csv"


def test_an_unclosed_quote_is_refused(tmp_path: Path) -> None:
    teams = 'team,name\nnorth,"North\nsouth,South\n'
    problem = only_problem(write_folder(tmp_path / "f", ROWS | {"teams": teams}))
    assert (problem.file, problem.line) == ("teams.csv", 2)
    assert "The CSV is not valid" in problem.sentence


@pytest.mark.parametrize(
    ("encoding", "guess"),
    [("cp1252", "Windows-1252"), ("latin-1", "Latin-1"), ("utf-16", "UTF-16")],
)
def test_another_encoding_is_refused_with_a_guess(
    tmp_path: Path, encoding: str, guess: str
) -> None:
    folder = write_folder(tmp_path / "f", ROWS)
    last = "Zo’é" if encoding == "cp1252" else "Zoé"
    text = ROWS["teams"] + f"west,{last}\n"
    (folder / "teams.csv").write_bytes(text.encode(encoding))
    problem = only_problem(folder)
    assert problem.file == "teams.csv"
    assert "not valid UTF-8" in problem.sentence
    assert guess in problem.sentence
    if guess != "UTF-16":
        byte = text.index("’" if "’" in text else "é") + 1
        assert f"byte {byte} " in problem.sentence
        assert problem.line == 4


def test_utf_16_without_byte_order_mark_is_recognised(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "f", ROWS)
    (folder / "teams.csv").write_bytes(ROWS["teams"].encode("utf-16-le"))
    assert "UTF-16" in only_problem(folder).sentence


def test_a_truncated_gzip_file_is_refused(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "f", ROWS)
    (folder / "teams.csv").unlink()
    (folder / "teams.csv.gz").write_bytes(gzip.compress(ROWS["teams"].encode())[:-9])
    problem = only_problem(folder)
    assert problem.file == "teams.csv.gz"
    assert "cannot be read" in problem.sentence


def test_a_misspelt_file_name_is_refused_with_a_suggestion(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "f", ROWS)
    (folder / "lead.csv").write_text("lead\n")
    (folder / "Leads.CSV").write_text("lead\n")
    found = problems_of(folder)
    assert [problem.file for problem in found] == ["Leads.CSV", "lead.csv"]
    assert "Did you mean leads.csv?" in found[0].sentence


TOML = [
    ('time_zone = "Europe/Paris"', 'time_zone = "Paris"', "time_zone", "no", 2),
    ('currency = "EUR"', 'currency = "€"', "currency", "capital", 3),
    ('locale = "fr"', 'locale = "de"', "locale", "not a valid choice", 4),
    ("first_weekday = 1", "first_weekday = 8", "first_weekday", "less than or equal to 7", 5),
    ("first_weekday = 1", 'first_weekday = "1"', "first_weekday", "whole number", 5),
    ("weekend = [5, 6]", "weekend = 6", "weekend", "list of days", 7),
    ("weekend = [5, 6]", "weekend = [6, 5]", "weekend", "in order", 7),
    ("weekend = [5, 6]", "weekend = [0, 6]", "weekend", "in order", 7),
    ("weekend = [5, 6]", "weekend = [1, 2, 3, 4, 5, 6, 7]", "weekend", "At least one day", 7),
    ("first_weekday = 1", "first_week_day = 1", "first_week_day", "Unknown setting", 5),
]


@pytest.mark.parametrize(("right", "wrong", "key", "part", "line"), TOML)
def test_a_wrong_setting_is_refused(
    tmp_path: Path, right: str, wrong: str, key: str, part: str, line: int
) -> None:
    folder = write_folder(tmp_path / "f", ROWS, COMPANY.replace(right, wrong))
    problem = only_problem(folder)
    assert (problem.file, problem.line, problem.column) == ("company.toml", line, key)
    assert part in problem.sentence


def test_invalid_toml_is_refused(tmp_path: Path) -> None:
    problem = only_problem(write_folder(tmp_path / "f", ROWS, "name = Étude\n"))
    assert "TOML" in problem.sentence
    assert "line 1" in problem.sentence


def test_a_first_import_needs_company_toml(tmp_path: Path) -> None:
    assert only_problem(write_folder(tmp_path / "f", ROWS, None)).file == "company.toml"


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    assert "This folder does not exist" in only_problem(tmp_path / "nowhere").sentence
