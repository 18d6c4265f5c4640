"""Contents of attached files, in the folder `files` of the data folder.

A content is stored once, under the SHA-256 of its bytes, and never changes. It is written to a
temporary file, which is then renamed, so that a content is whole or absent even after a crash. It
is stored before the row that names it is written.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from django.conf import settings

PART = ".part"  # suffix of a content that is being written
ABANDONED_AFTER_S = 24 * 3600
DIGEST = re.compile(r"[0-9a-f]{64}")
BYTES_AT_ONCE = 1 << 20


def folder() -> Path:
    return Path(settings.LEADLIGHT_DATA) / "files"


def path_of(digest: str) -> Path:
    """Return the path of a content. Raises ValueError for a text that is no digest."""
    if not DIGEST.fullmatch(digest):
        raise ValueError(f"{digest!r} is no digest")
    return folder() / digest[:2] / digest


def store(chunks: Iterable[bytes]) -> tuple[str, int]:
    """Store a content and return its digest and its size in bytes."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    sha, size = hashlib.sha256(), 0

    def write(part: IO[bytes]) -> Path:
        nonlocal size
        for chunk in chunks:
            sha.update(chunk)
            size += len(chunk)
            part.write(chunk)
        return path_of(sha.hexdigest())

    _write_aside(write)
    return sha.hexdigest(), size


def store_beside(path: Path, content: bytes) -> None:
    """Store bytes derived from a content under a path beside it."""

    def write(part: IO[bytes]) -> Path:
        part.write(content)
        return path

    _write_aside(write)


def chunks_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(BYTES_AT_ONCE):
            yield chunk


def digest_of(path: Path) -> str:
    """Return the digest of a file, computed from its content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove_abandoned(now: float | None = None) -> None:
    """Delete the temporary files of uploads that were interrupted a day ago or earlier."""
    limit = (time.time() if now is None else now) - ABANDONED_AFTER_S
    for part in folder().glob(f"*{PART}"):
        if part.stat().st_mtime < limit:
            part.unlink(missing_ok=True)


def _write_aside(write: Callable[[Any], Path]) -> None:
    """Call `write` with a new file, and rename the file to the path that it returns."""
    with NamedTemporaryFile(dir=folder(), suffix=PART, delete=False) as part:
        aside = Path(part.name)
        try:
            path = write(part)
            part.flush()
            os.fsync(part.fileno())
            path.parent.mkdir(mode=0o700, exist_ok=True)
            aside.rename(path)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
    _sync(path.parent)
    _sync(path.parent.parent)


def _sync(directory: Path) -> None:
    """Write the entries of a directory to the disk, so that they survive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
