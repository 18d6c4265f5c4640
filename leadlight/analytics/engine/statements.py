"""Disk cache of compiled statements, shared by the processes of one data folder.

The statement of an expression is stored under the fingerprint of the expression, the statements of
a query shape under the fingerprint of the shape. Each version of the code on which they depend has
its own subfolder. The folder may be deleted at any time.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import threading
from math import inf
from pathlib import Path
from typing import Any

from leadlight.analytics.engine.stored import from_json, to_json

logger = logging.getLogger(__name__)

MOST = 5_000  # files, about 30 MB of statements


class StatementFolder:
    """Compiled values by fingerprint, one file each. Thread-safe, and safe with many processes."""

    def __init__(self, folder: Path, version: str) -> None:
        """Open the subfolder of a version; delete other versions, and the oldest files over `MOST`.

        Raises OSError if the folder cannot be created.
        """
        self._folder = folder / version
        self._folder.mkdir(parents=True, exist_ok=True)
        for other in folder.iterdir():
            if other != self._folder:
                shutil.rmtree(other, ignore_errors=True)
        for path in sorted(self._folder.glob("*.json"), key=_written_at)[:-MOST]:
            path.unlink(missing_ok=True)

    def get(self, fingerprint: str) -> Any:
        """Return the value; None if it is missing or unreadable."""
        try:
            return from_json(json.loads(self._path(fingerprint).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, LookupError, TypeError) as error:
            logger.warning("%s cannot be read: %s", self._path(fingerprint), error)
            return None

    def put(self, fingerprint: str, value: Any) -> None:
        """Store a value. An error, for example a full disk, is logged and ignored."""
        path = self._path(fingerprint)
        part = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        try:
            part.write_text(json.dumps(to_json(value)), "utf-8")
            part.replace(path)
        except OSError as error:
            logger.warning("%s cannot be written: %s", path, error)

    def _path(self, fingerprint: str) -> Path:
        return self._folder / f"{fingerprint}.json"


def _written_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # deleted by another process: counted as the newest
        return inf
