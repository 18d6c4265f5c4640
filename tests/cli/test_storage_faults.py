"""A missing, corrupt or read-only database and a full disk: every command prints a message."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from django.db import DatabaseError, connection

from leadlight import cli
from leadlight.analytics.engine.duckdb import DiskFull
from leadlight.cli import console
from leadlight.replication.storage_faults import is_disk_full, message_of
from tests.importing.small import ROWS, write_folder
from tests.seeds import IS_SEARCH

# Runs commands one after the other as `leadlight` would, and prints their exit codes and errors.
RUN = """
import io, os, sys
from leadlight.cli import main
from django.db import connections
for words in sys.argv[1].split(","):
    sys.argv = ["leadlight", *words.split()]
    try:
        main()
        code = 0
    except SystemExit as ended:
        code = ended.code
    except BaseException as error:
        code = type(error).__name__
    connections.close_all()
    print("ended", code, flush=True)
"""
COMMANDS = (
    "company,import folder,demo,serve,user add ada@example.com,user list,check,report company,"
    "export out"
)


def ended(folder: Path, commands: str) -> tuple[list[str], list[str]]:
    """Return the exit codes of the commands, and their error output."""
    write_folder(folder / "folder", ROWS)
    ran = subprocess.run(
        [sys.executable, "-c", RUN, commands],
        env=os.environ
        | {
            "LEADLIGHT_DATA": str(folder / "data"),
            "DATABASE_URL": "",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        },
        cwd=folder,
        capture_output=True,
        text=True,
        input="a pane of green glass\n",
        check=True,
    )
    codes = [line for line in ran.stdout.splitlines() if line.startswith("ended")]
    return codes, ran.stderr.splitlines()


def test_a_command_in_an_empty_folder_suggests_the_next_step(tmp_path: Path) -> None:
    codes, said = ended(tmp_path, "user list,user close ada@example.com,check,export out")
    assert codes == ["ended 2"] * 4
    assert len(said) == 4
    assert all("has no company yet" in line for line in said)
    assert all("“leadlight serve”" in line for line in said)


def broken(path: Path) -> None:
    path.write_bytes(b"nothing of use" * 1000)


def cut(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE django_migrations (id, app, name, applied)")
        database.executemany(
            "INSERT INTO django_migrations VALUES (?, 'x', 'y', 'z')", [(n,) for n in range(5000)]
        )
        database.commit()
    path.write_bytes(path.read_bytes()[:8192])


def folder_in_its_place(path: Path) -> None:
    path.mkdir()


@pytest.mark.search
@pytest.mark.parametrize(
    ("spoil", "part", "some"),
    [
        (broken, "is not an SQLite database, or is damaged. Replace it with a backup", COMMANDS),
        (cut, "is damaged. Replace it with a backup", "serve,check,report company"),
        (folder_in_its_place, "Cannot open the database", "import folder,user list"),
    ],
)
def test_every_command_reports_the_fault_of_the_file(
    tmp_path: Path, spoil: Callable[[Path], None], part: str, some: str
) -> None:
    commands = COMMANDS if IS_SEARCH else some
    (tmp_path / "data").mkdir(mode=0o700)
    spoil(tmp_path / "data" / "leadlight.sqlite3")
    codes, said = ended(tmp_path, commands)
    assert codes == ["ended 2"] * (commands.count(",") + 1)
    assert [line for line in said if part not in line] == []


def raised(act: Callable[[sqlite3.Connection], object], path: str) -> DatabaseError:
    """Return Django's exception for an error raised by SQLite."""
    with (
        closing(sqlite3.connect(path, uri=True, timeout=0, isolation_level=None)) as database,
        pytest.raises(DatabaseError) as error,
        connection.wrap_database_errors,
    ):
        act(database)
    return error.value


@pytest.mark.skipif(connection.vendor != "sqlite", reason="errors of SQLite")
def test_a_read_only_database_is_recognized(tmp_path: Path) -> None:
    path = tmp_path / "one.sqlite3"
    path.touch()
    error = raised(lambda database: database.execute("CREATE TABLE t (x)"), f"file:{path}?mode=ro")
    assert "is read-only. Give this user write access to the file" in str(message_of(error))


@pytest.mark.skipif(connection.vendor != "sqlite", reason="errors of SQLite")
def test_a_full_disk_is_distinguished_from_other_errors(tmp_path: Path) -> None:
    def fill(database: sqlite3.Connection) -> None:
        database.execute("PRAGMA max_page_count = 2")
        database.execute("CREATE TABLE t (x)")
        database.execute("INSERT INTO t VALUES (zeroblob(1000000))")

    error = raised(fill, f"file:{tmp_path / 'one.sqlite3'}")
    assert is_disk_full(error)
    assert is_disk_full(OSError(errno.ENOSPC, "No space left on device"))
    assert is_disk_full(DiskFull("No space left on device"))
    assert not is_disk_full(OSError(errno.EACCES, "Permission denied"))
    assert not is_disk_full(DatabaseError("syntax error"))
    assert message_of(ValueError("no such table")) is None


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), DiskFull("No space left")]
)
def test_a_command_on_a_full_disk_ends_with_a_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    def full() -> None:
        raise error

    monkeypatch.setattr(console, "set_up", full)
    with pytest.raises(SystemExit) as exit_:
        cli.main()
    assert exit_.value.code == 2
    expected = "The disk is full, and nothing was written. Free some space and try again.\n"
    assert capsys.readouterr().err == expected


def test_programming_errors_are_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong() -> None:
        raise KeyError("user")

    monkeypatch.setattr(console, "set_up", wrong)
    with pytest.raises(KeyError):
        cli.main()
