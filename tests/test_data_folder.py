"""Permissions of the data folder: private to its owner, or to its group if group-writable."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from leadlight.data_folder import keep_private

FILES = ("leadlight.sqlite3", "leadlight.sqlite3-wal", "replica-0.duckdb", "demo-sign-in.txt")


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder whose permissions are open to everybody."""
    made = tmp_path / "data"
    made.mkdir(mode=0o755)
    (made / "replica-0.reading").mkdir(mode=0o755)
    for name in FILES:
        (made / name).touch(mode=0o644)
    return made


def modes(folder: Path) -> set[str]:
    return {oct(stat.S_IMODE(path.stat().st_mode)) for path in [folder, *folder.iterdir()]}


def test_starting_removes_the_permissions_of_group_and_others(folder: Path) -> None:
    keep_private(folder)
    assert modes(folder) == {"0o700", "0o600"}
    (folder / "later").touch()
    assert modes(folder) == {"0o700", "0o600"}


def test_a_group_writable_folder_stays_shared_with_its_group(folder: Path) -> None:
    folder.chmod(0o2775)
    (folder / "leadlight.sqlite3").chmod(0o664)
    keep_private(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o2770
    assert modes(folder) == {"0o2770", "0o660", "0o640", "0o750"}
    (folder / "later").touch()
    assert stat.S_IMODE((folder / "later").stat().st_mode) == 0o660


def test_a_folder_with_foreign_files_keeps_its_permissions(folder: Path) -> None:
    (folder / "of-somebody-else.txt").touch(mode=0o644)
    keep_private(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755
    assert stat.S_IMODE((folder / "of-somebody-else.txt").stat().st_mode) == 0o644
    assert {stat.S_IMODE((folder / name).stat().st_mode) for name in FILES} == {0o600}


def test_permissions_are_not_changed_through_a_symbolic_link(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.touch(mode=0o644)
    (folder / "replica-1.duckdb").symlink_to(elsewhere)
    keep_private(folder)
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o644


def test_a_new_instance_creates_private_files(tmp_path: Path) -> None:
    """Database and journal, replica and its folder, and demo passwords are private."""
    data = tmp_path / "data"
    for words in (["demo", "--size", "0.01", "--today", "2026-03-31"], ["check"]):
        subprocess.run(
            [sys.executable, "-m", "leadlight", *words],
            env=os.environ | {"LEADLIGHT_DATA": str(data), "DATABASE_URL": ""},
            cwd=Path(__file__).parents[1],
            stdout=subprocess.DEVNULL,
            check=True,
        )
    names = {path.name for path in data.iterdir()}
    assert names >= {"leadlight.sqlite3", "replica-0.duckdb", "secret-key", "demo-sign-in.txt"}
    found = [data, *data.rglob("*")]
    assert [path for path in found if path.stat().st_mode & 0o077] == []
