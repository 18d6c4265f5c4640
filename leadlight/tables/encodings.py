"""Encodings of text files: detection, and search for the first byte that is not UTF-8."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from pathlib import Path

from django.utils.translation import gettext as _

from leadlight.tables.opening import Unreadable, open_regular

UTF_8, UTF_16 = "utf-8", "utf-16"
WINDOWS, MAC = "cp1252", "mac-roman"
# Encodings that a user may choose, with their names; the first four are detected.
ENCODINGS = {
    UTF_8: "UTF-8",
    UTF_16: "UTF-16",
    WINDOWS: "Windows-1252",
    MAC: "Mac OS Roman",
    "iso8859-15": "Latin-9 (ISO-8859-15)",
    "cp850": "DOS (CP850)",
    "cp1250": "Windows-1250",
    "cp1251": "Windows-1251",
    "cp1253": "Windows-1253",
    "cp1254": "Windows-1254",
    "shift_jis": "Shift JIS",
    "gb18030": "GB 18030",
    "big5": "Big5",
}
UTF_8_MARK = codecs.BOM_UTF8
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Printable characters in Windows-1252, but control characters in Latin-1.
WINDOWS_ONLY = bytes(range(0x80, 0xA0))
# Beginnings of other files: gzip, PNG, PDF, HTML, XML, RTF.
OTHER_STARTS = (b"\x1f\x8b", b"\x89png", b"%pdf-", b"<!doctype", b"<html", b"<?xml", b"{\\rtf")
CONTROL_BYTES = [bytes([code]) for code in range(32) if code not in b"\t\n\r"]
# A text has at most this number of control characters, or at most this share of its bytes.
FEW_CONTROLS, CONTROL_SHARE = 4, 0.05
BYTES_AT_ONCE = 1 << 20
BYTES_OF_A_GUESS = 1 << 16

# Letters and signs of Western European texts. Of two encodings, the one in which more of the bytes
# are such characters is chosen.
COMMON = frozenset("àâäáãåæçéèêëíîïñóôöõøœùûüúÿßÀÂÄÅÆÇÉÈÊËÎÏÑÓÔÖØŒÙÛÜ’‘“”«»–—…€°")
NOT_ASCII = re.compile(rb"[\x80-\xff]")
VALID_UTF_8 = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)


def encoding_of(path: Path) -> str:
    """Return the name of a file's encoding for `codecs`, or raise `Unreadable`.

    The whole file is read, because one byte of the last line can rule UTF-8 out.
    """
    with open_regular(path) as binary:
        start = binary.read(BYTES_OF_A_GUESS)
        refuse_other_contents(start)
        if start.startswith(UTF_8_MARK):
            return "utf-8-sig"
        if start.startswith(UTF_16_MARKS):
            return UTF_16
        if half := _utf_16_without_mark(start):
            return half
        decoder = codecs.getincrementaldecoder(UTF_8)()
        chunk, offset = start, 0
        while chunk:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                return _eight_bits(chunk, offset + error.start)
            offset += len(chunk)
            chunk = binary.read(BYTES_AT_ONCE)
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            return _eight_bits(start, offset - len(error.object))
    return UTF_8


def refuse_other_contents(start: bytes) -> None:
    """Refuse the beginning of a file that is not text, or that is markup such as HTML."""
    is_text_of_16_bits = start.startswith(UTF_16_MARKS) or _utf_16_without_mark(start)
    control = sum(map(start.count, CONTROL_BYTES))
    is_binary = not is_text_of_16_bits and control > max(FEW_CONTROLS, CONTROL_SHARE * len(start))
    if is_binary or start.lstrip().lower().startswith(OTHER_STARTS):
        raise Unreadable(_("This file is not a table. Save it as CSV or XLSX."))


def _utf_16_without_mark(start: bytes) -> str:
    """Return the byte order of UTF-16 text without a mark: every other byte of Latin text is 0."""
    pairs = len(start) // 2
    if pairs < 2:
        return ""
    for first, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros = start[first : 2 * pairs : 2].count(0)
        others = start[1 - first : 2 * pairs : 2].count(0)
        if zeros > 0.7 * pairs and others < 0.1 * pairs:
            return name
    return ""


def _eight_bits(chunk: bytes, offset: int) -> str:
    """Return the encoding of text that is not UTF-8, from a piece of it.

    `offset` is the position of the first invalid byte in the file.
    """
    rest = VALID_UTF_8.sub(b"", chunk)
    if len(chunk) - len(rest) > 2 * len(NOT_ASCII.findall(rest)):
        raise Unreadable(
            _(
                "Most of this file is in UTF-8, but byte %(byte)d is not. Repair it, or choose the "
                "encoding of the file."
            )
            % {"byte": offset + 1}
        )
    scores = {name: _common(chunk, name) for name in (WINDOWS, MAC)}
    if scores[WINDOWS] < 0 or scores[MAC] > scores[WINDOWS]:
        return MAC
    return WINDOWS


def _common(chunk: bytes, encoding: str) -> int:
    """Return the number of common characters that are not ASCII; -1 if a byte is invalid.

    A capital after a small letter does not count: “cafÈ” is a wrong decoding of “café”.
    """
    try:
        text = chunk.decode(encoding)
    except UnicodeDecodeError:
        return -1
    return sum(
        1
        for before, sign in zip(" " + text, text, strict=False)
        if sign in COMMON and not (sign.isupper() and before.islower())
    )


def not_utf_8(lines: Iterable[bytes]) -> tuple[int, str]:
    """Return the number of the first line that is not UTF-8, and a message about its encoding.

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
