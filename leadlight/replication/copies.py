"""Replica files for several serving processes: the first is built, the others are copies."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from django.conf import settings

from leadlight.analytics.engine.duckdb import Locked
from leadlight.replication import replica
from leadlight.replication.replica import Progress, Replica


def prepare(count: int, progress: Progress) -> None:
    """Create `count` replica files that the serving processes can update incrementally.

    Files that another process has open are left unchanged. All files are closed afterwards.
    """
    first = replica.current()
    first.catch_up(progress)
    path = first.path
    replica.forget()
    if path is None:
        return
    others = [settings.LEADLIGHT_DATA / f"replica-{slot}.duckdb" for slot in range(count)]
    for other in others:
        if other != path and not _is_built(other):
            _copy(path, other)


def _is_built(path: Path) -> bool:
    """Return whether the file holds a usable replica, or is open in another process."""
    try:
        opened = Replica(path)
    except Locked:
        return True
    is_built = opened.is_built
    opened.close()
    return is_built


def _copy(path: Path, other: Path) -> None:
    """Replace `other` by a copy of `path`, atomically: no process can open a partial copy."""
    fresh = other.with_name(f"{other.name}.{os.getpid()}")
    try:
        shutil.copy(path, fresh)
        fresh.replace(other)
    finally:
        fresh.unlink(missing_ok=True)
