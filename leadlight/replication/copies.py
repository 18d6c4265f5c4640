"""Replicas for several serving processes, so that only the first of them is ever built."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from django.conf import settings

from leadlight.analytics.engine.duckdb import Locked
from leadlight.replication import replica
from leadlight.replication.replica import Progress, Replica


def prepare(count: int, progress: Progress) -> None:
    """Have so many replica files that can be followed on from, and close them.

    Files that another server has open are left alone.
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
    """Whether a replica can go on from there, or is another's."""
    try:
        opened = Replica(path)
    except Locked:
        return True
    is_built = opened.is_built
    opened.close()
    return is_built


def _copy(path: Path, other: Path) -> None:
    """Put a copy in its place in one step: who opens it meanwhile has the one or the other."""
    fresh = other.with_name(f"{other.name}.{os.getpid()}")
    try:
        shutil.copy(path, fresh)
        fresh.replace(other)
    finally:
        fresh.unlink(missing_ok=True)
