"""Open files and read their text in pieces of bounded size.

Only regular files are read, because a pipe or a device may never end. A compressed file may expand
to more than fits in memory, so the limits apply to the data read, not to the size of the file.
"""

from __future__ import annotations

import gzip
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TextIO

from django.utils.translation import gettext as _

from leadlight.accounts.refusals import Refused

LONGEST_ROW = 10_000_000  # characters, including line ends within quotes
LARGEST_FILE = 2_000_000_000  # characters
BYTES_OF_A_PIECE = 5 * LONGEST_ROW


class Unreadable(Refused):
    """A file that cannot be read any further; the message gives the reason."""


class Lines:
    """Lines of a text for `csv.reader`, with limits on the length of a row and of the file.

    The caller calls `row_ended` after each row. Raises `Unreadable` beyond a limit.
    """

    def __init__(self, text: TextIO, longest_row: int | None = None) -> None:
        self._text = text
        self._longest_row = LONGEST_ROW if longest_row is None else longest_row
        self._read = 0
        self._row_begins = 0

    def row_ended(self) -> None:
        self._row_begins = self._read

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(self._longest_row + 1)
        if not line:
            raise StopIteration
        self._read += len(line)
        if self._read - self._row_begins > self._longest_row:
            sentence = _(
                "This row has more than %(most)d characters. The rest of the file was not read."
            )
            raise Unreadable(sentence % {"most": self._longest_row})
        if self._read > LARGEST_FILE:
            sentence = _("The file has more than %(most)d characters. The rest was not read.")
            raise Unreadable(sentence % {"most": LARGEST_FILE})
        return line


def pieces(binary: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines of a file as bytes; long lines in pieces of `BYTES_OF_A_PIECE` at most."""
    while piece := binary.readline(BYTES_OF_A_PIECE):
        yield piece


@contextmanager
def opened(path: Path) -> Iterator[tuple[IO[bytes], Callable[[], int]]]:
    """Open a file; yield its decompressed stream and a function that returns the raw position.

    The raw position is the number of bytes read from the file, before decompression.
    """
    with open_regular(path) as raw:
        if path.suffix == ".gz":
            with gzip.GzipFile(fileobj=raw) as unpacked:
                yield unpacked, raw.tell  # type: ignore[misc]
        else:
            yield raw, raw.tell


def open_regular(path: Path) -> IO[bytes]:
    """Open a regular file, or raise `Unreadable`.

    `O_NONBLOCK` is needed because opening a pipe would wait for a writer.
    """
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    if stat.S_ISREG(os.fstat(file).st_mode):
        return os.fdopen(file, "rb")
    os.close(file)
    raise Unreadable(_("This is not a regular file."))
