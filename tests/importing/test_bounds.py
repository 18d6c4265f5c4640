"""Files that never end or exceed a size limit are refused with a message."""

from __future__ import annotations

import gzip
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from leadlight.importing import reading
from leadlight.tables import opening
from tests.importing.refusing import only_problem, problems_of
from tests.importing.small import COMPANY, ROWS, write_folder

pytestmark = pytest.mark.django_db
BIG = 50_000_000


def pipe(path: Path) -> None:
    os.mkfifo(path)


def endless_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def listening(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(path))


def dangling(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere"))


def circular(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize("name", ["teams.csv", "teams.csv.gz", "company.toml"])
@pytest.mark.parametrize("make", [pipe, endless_device, listening, dangling, circular, Path.mkdir])
def test_only_regular_files_are_read(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[Path], None],
    name: str,
) -> None:
    folder = write_folder(tmp_path / "f", {"users": ROWS["users"]}, COMPANY)
    monkeypatch.chdir(folder)  # the path of a Unix socket must be short
    (folder / name).unlink(missing_ok=True)
    make(folder / name)
    problem = only_problem(folder)
    assert (problem.file, problem.line) == (name, 0)
    assert "not a regular file" in problem.sentence or "cannot be read" in problem.sentence


def test_a_symlink_to_a_regular_file_is_read(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "f", {})
    (tmp_path / "elsewhere.csv").write_text("team,name\nnorth,\n")
    (folder / "teams.csv").symlink_to(tmp_path / "elsewhere.csv")
    assert only_problem(folder).column == "name"


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lower the limits, so that small files exceed them."""
    monkeypatch.setattr(opening, "LONGEST_ROW", 1_000)
    monkeypatch.setattr(opening, "LARGEST_FILE", 5_000)
    monkeypatch.setattr(reading, "MOST_ROWS", 400)
    monkeypatch.setattr(reading, "MOST_PROBLEMS", 50)
    monkeypatch.setattr(reading, "ROWS_BETWEEN_REPORTS", 10)


HEADER = "team,name\n"
TOO_MUCH = {
    "a header without an end": ("x" * 2_000, 1, "more than 1000 characters"),
    "a row without an end": (HEADER + "x" * 2_000, 2, "more than 1000 characters"),
    "a text without an end": (HEADER + 'a,"' + "x\n" * 1_000, 2, "more than 1000 characters"),
    "cells without an end": (HEADER + '"\n",' * 400, 2, "more than 1000 characters"),
    "rows without an end": (HEADER + "\n" * 500, 402, "more than 400 rows"),
    "problems without an end": (HEADER + "a\n" * 200, 0, "more than 50 problems"),
    "rows of one key": (HEADER + "a,b\n" * 200, 0, "more than 50 problems"),
    "text without an end": (HEADER + f"a,{'b' * 900}\n" * 9, 7, "more than 5000 characters"),
}


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
@pytest.mark.parametrize("said", TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_reading_beyond_a_limit_stops_with_a_message(
    tmp_path: Path, said: tuple[str, int, str], packed: bool
) -> None:
    text, line, part = said
    folder = write_folder(tmp_path / "f", {})
    if packed:
        (folder / "teams.csv.gz").write_bytes(gzip.compress(text.encode()))
    else:
        (folder / "teams.csv").write_text(text, newline="")
    last = [problem for problem in problems_of(folder) if part in problem.sentence]
    assert [line in (0, problem.line) for problem in last] == [True]


def test_a_header_with_too_many_columns_is_one_problem(tmp_path: Path) -> None:
    own = ",".join(f"cell:{number}" for number in range(300_000))
    header = f"prospect,prospecting_list,created_at,{own}\n"
    problem = only_problem(write_folder(tmp_path / "f", {"prospects": header}))
    assert problem.line == 1
    assert "300003 columns. At most 1000 are allowed" in problem.sentence


def test_a_header_with_the_maximum_of_columns_is_read(tmp_path: Path) -> None:
    own = ",".join(f"cell:{number}" for number in range(997))
    header = f"prospect,prospecting_list,created_at,{own}\n,,,{',' * 996}\n"
    found = problems_of(write_folder(tmp_path / "f", {"prospects": header}))
    assert {problem.line for problem in found} == {2}


READ = """
import sys, resource
from pathlib import Path
import django; django.setup()
from leadlight.importing.problems import Ledger, silent
from leadlight.importing.reading import read_files
read_files(Path(sys.argv[1]), Ledger(), silent)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
ledger = Ledger()
read_files(Path(sys.argv[2]), ledger, silent)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
print(*ledger.problems)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in kilobytes on Linux")
@pytest.mark.parametrize("end", [b"", b"\xff"], ids=["zeros", "not UTF-8"])
def test_a_small_compressed_file_with_a_huge_line_uses_little_memory(
    tmp_path: Path, end: bytes
) -> None:
    assert resource.RUSAGE_SELF == 0
    empty = write_folder(tmp_path / "empty", {})
    folder = write_folder(tmp_path / "f", {})
    with gzip.open(folder / "clients.csv.gz", "wb", 1) as packed:
        packed.write(b"client,name\n" + end)
        for _ in range(6):
            packed.write(bytes(BIG))
    surroundings = os.environ | {
        "LEADLIGHT_DATA": str(tmp_path / "data"),
        "DJANGO_SETTINGS_MODULE": "leadlight.settings",
    }
    ended = subprocess.run(
        [sys.executable, "-c", READ, str(empty), str(folder)],
        env=surroundings,
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    kilobytes, said = ended.stdout.split("\n", 1)
    assert int(kilobytes) < 150_000
    assert "more than 10000000 characters" in said or "not valid UTF-8" in said


TOO_MUCH_TOML = {
    "nested lists": ("name = " + "[" * 4_000 + "]" * 4_000, "nested too deeply"),
    "nested tables": ("a." * 4_000 + "b = 1\n", "Unknown setting"),
    "a long number": ("name = " + "9" * 9_000, "The TOML is not valid"),
    "a long number in hexadecimal": ("name = 0x" + "f" * 9_000, "Enter some text"),
    "a long number as a day": ("first_weekday = 0x" + "f" * 9_000, "too many digits"),
    "a long number in a list": ("weekend = [0x" + "f" * 9_000 + "]", "too many digits"),
    "a large file": ("# " + "x" * 10_000, "larger than 10000 bytes"),
    "an endless number": ("name = " + "9" * 1_000_000, "larger than 10000 bytes"),
}


@pytest.mark.parametrize("said", TOO_MUCH_TOML.values(), ids=TOO_MUCH_TOML.keys())
def test_an_excessive_company_toml_is_refused(tmp_path: Path, said: tuple[str, str]) -> None:
    text, part = said
    problem = only_problem(write_folder(tmp_path / "f", {}, text))
    assert problem.file == "company.toml"
    assert part in problem.sentence
