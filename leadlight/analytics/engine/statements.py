"""Disk cache of compiled statements, shared by the processes of one data folder.

A statement is stored under the fingerprint of its expression, in a subfolder for each version of
the compiler. The folder may be deleted at any time.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import threading
from math import inf
from pathlib import Path

from leadlight.analytics.query.statement import Statement

logger = logging.getLogger(__name__)

MOST = 5_000  # files, about 30 MB


class StatementFolder:
    """Statements by fingerprint, one file each. Safe to use from many threads and processes."""

    def __init__(self, folder: Path, version: str) -> None:
        """Open the subfolder of a version; delete other versions, and the oldest excess files.

        Raises OSError if the folder cannot be created.
        """
        self._folder = folder / version
        self._folder.mkdir(parents=True, exist_ok=True)
        for other in folder.iterdir():
            if other != self._folder:
                shutil.rmtree(other, ignore_errors=True)
        for path in sorted(self._folder.iterdir(), key=_written_at)[:-MOST]:
            path.unlink(missing_ok=True)

    def get(self, fingerprint: str) -> Statement | None:
        """Return the statement; None if it is missing or unreadable."""
        try:
            held = json.loads(self._path(fingerprint).read_text(encoding="utf-8"))
            return Statement(held["sql"], tuple(held["names"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, LookupError, TypeError) as error:
            logger.warning("%s cannot be read: %s", self._path(fingerprint), error)
            return None

    def put(self, fingerprint: str, statement: Statement) -> None:
        """Store a statement. An error, for example a full disk, is logged and ignored."""
        path = self._path(fingerprint)
        part = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        try:
            part.write_text(json.dumps({"sql": statement.sql, "names": statement.names}), "utf-8")
            part.replace(path)
        except OSError as error:
            logger.warning("%s cannot be written: %s", path, error)

    def _path(self, fingerprint: str) -> Path:
        return self._folder / f"{fingerprint}.json"


def _written_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # renamed by another process: counted as the newest
        return inf
