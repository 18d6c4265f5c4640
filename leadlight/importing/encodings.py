"""Guess the encoding of a file that is not UTF-8, and find its first invalid byte."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
# Printable characters in Windows-1252, but control characters in Latin-1.
WINDOWS_ONLY = bytes(range(0x80, 0xA0))


def not_utf_8(lines: Iterable[bytes]) -> tuple[int, str]:
    """Return the number of the first line that is not UTF-8, and a message with the guess.

    Raises `ValueError` if all lines are UTF-8.
    """
    offset = 0
    for number, line in enumerate(lines, start=1):
        try:
            line.decode()
        except UnicodeDecodeError as error:
            return number, _(
                "The file is not valid UTF-8 at byte %(byte)d and seems to be in "
                "%(guess)s. Save it as UTF-8."
            ) % {"byte": offset + error.start + 1, "guess": _guess(line, offset, error.start)}
        offset += len(line)
    raise ValueError("The file is UTF-8.")


def _guess(line: bytes, offset: int, start: int) -> str:
    if offset == 0 and line.startswith(UTF_16_MARKS):
        return "UTF-16"
    return "Windows-1252" if line[start] in WINDOWS_ONLY else "Latin-1 (ISO-8859-1)"
