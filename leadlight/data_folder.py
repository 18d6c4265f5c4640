"""File permissions of the data folder: owner only, unless the operator shares it with a group."""

from __future__ import annotations

import os
import stat
from fnmatch import fnmatch
from pathlib import Path

OURS = (
    "leadlight.sqlite3*",
    "replica-*",
    "statements",
    "secret-key*",
    "demo-sign-in.txt",
    "static",
)
OTHERS = stat.S_IRWXO
GROUP_AND_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def keep_private(folder: Path) -> None:
    """Remove access for group and others from existing files and, by the umask, from new ones.

    A group-writable folder counts as shared on purpose: the group keeps its access. If the folder
    contains other files than Leadlight's (`OURS`), these files and the folder are not changed.
    """
    closed = OTHERS if folder.stat().st_mode & stat.S_IWGRP else GROUP_AND_OTHERS
    os.umask(closed)
    inside = list(folder.iterdir())
    ours = [path for path in inside if any(fnmatch(path.name, name) for name in OURS)]
    for path in ours if len(ours) < len(inside) else [*ours, folder]:
        _close(path, closed)


def _close(path: Path, closed: int) -> None:
    try:
        mode = path.lstat().st_mode
        if mode & closed and not stat.S_ISLNK(mode):
            path.chmod(stat.S_IMODE(mode) & ~closed)
    except OSError:
        return  # deleted meanwhile, or owned by another user
