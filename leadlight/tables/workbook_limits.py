"""Limits on XLSX workbooks, checked before a sheet is read into memory.

The sizes that a ZIP archive declares may be wrong, so its parts are unpacked in small pieces and
counted. A sheet is read as a rectangle, so that two cells far apart need memory for all
cells between.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from django.utils.translation import gettext as _

from leadlight.bounds import MOST_SHEET_CELLS
from leadlight.tables.opening import Unreadable

MOST_PARTS = 10_000
MOST_BYTES = 400_000_000  # of all parts of XML, unpacked
MOST_BYTES_OF_TEXTS = 150_000_000  # of the texts that cells share, which are read into memory
# Unpacked bytes per packed byte, in parts above a size. Real sheets have a ratio of 5 to 60.
HIGHEST_RATIO, BYTES_WITHOUT_RATIO = 250, 10_000_000
BYTES_AT_ONCE = 1 << 18
TEXTS = "xl/sharedStrings.xml"
CELL = re.compile(rb"<(?:\w+:)?(?:(row)|c)(?=[\s/>])([^>]*)>")
REFERENCE = re.compile(rb"""\br=["']([A-Z]{0,3})(\d{1,8})["']""")
STYLE = re.compile(rb"""\bs=["'](\d{1,6})["']""")
KIND = re.compile(rb"""\bt=["'](\w+)["']""")


@dataclass
class Extent:
    """Last row and column of the cells of a sheet, from 1; its errors and padded numbers.

    `error_count` counts formula errors. `widths` holds the least number of digits that the
    format of a cell shows, by column and row from 0: the format 00000 shows 1234 as 01234.
    """

    rows: int = 0
    columns: int = 0
    error_count: int = 0
    widths: dict[int, bytearray] = field(default_factory=dict)


def refuse_too_large(path: Path, archive: ZipFile) -> None:
    """Refuse an archive whose parts of XML unpack to more than the limits."""
    total = 0
    parts = archive.infolist()
    if len(parts) > MOST_PARTS:
        raise Unreadable(_too_large())
    for part in parts:
        if not part.filename.endswith((".xml", ".rels")):
            continue
        most = MOST_BYTES_OF_TEXTS if part.filename == TEXTS else MOST_BYTES
        if part.file_size > most:
            raise Unreadable(_too_large())
        size = 0
        for piece in unpacked(path, part):
            size += len(piece)
            total += len(piece)
            is_dense = size > BYTES_WITHOUT_RATIO and size > HIGHEST_RATIO * part.compress_size
            if size > most or total > MOST_BYTES or is_dense:
                raise Unreadable(_too_large())


def unpacked(path: Path, part: ZipInfo) -> Iterator[bytes]:
    """Yield the content of a part in pieces, whatever size the archive declares."""
    with path.open("rb") as file:
        file.seek(part.header_offset)
        header = file.read(30)
        if len(header) < 30 or header[:4] != b"PK\x03\x04":
            raise BadZipFile(part.filename)
        lengths = header[26:28], header[28:30]
        file.seek(sum(int.from_bytes(length, "little") for length in lengths), 1)
        left = part.compress_size
        if part.compress_type == ZIP_STORED:
            while left > 0 and (piece := file.read(min(left, BYTES_AT_ONCE))):
                left -= len(piece)
                yield piece
            return
        if part.compress_type != ZIP_DEFLATED:
            raise BadZipFile(part.filename)
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        waiting = b""
        while not inflate.eof:
            if not waiting:
                waiting = file.read(min(left, BYTES_AT_ONCE))
                left -= len(waiting)
                if not waiting:
                    raise BadZipFile(part.filename)
            piece = inflate.decompress(waiting, BYTES_AT_ONCE)
            waiting = inflate.unconsumed_tail
            if piece:
                yield piece


def sheet_extent(pieces: Iterator[bytes], widths: dict[int, int]) -> Extent:
    """Return the extent of a sheet; `widths` maps a style to its least number of digits.

    Raises `Unreadable` if the rectangle of its cells has more rows or cells than allowed.
    """
    extent = Extent()
    row = column = 0
    for tag in _tags(pieces):
        attributes = tag[2]
        found = REFERENCE.search(attributes)
        if tag[1]:
            row, column = (int(found[2]) if found else row + 1), 0
            continue
        row = int(found[2]) if found else max(row, 1)
        column = _column(found[1]) if found and found[1] else column + 1
        if attributes.endswith(b"/"):
            continue  # a cell without a value
        extent.rows, extent.columns = max(extent.rows, row), max(extent.columns, column)
        _refuse_too_many(extent)
        kind = KIND.search(attributes)
        style = STYLE.search(attributes)
        if kind and kind[1] == b"e":
            extent.error_count += 1
        elif style and (width := widths.get(int(style[1]))) and (not kind or kind[1] == b"n"):
            marks = extent.widths.setdefault(column - 1, bytearray())
            marks.extend(bytes(row - len(marks)))
            marks[row - 1] = width
    return extent


def _refuse_too_many(extent: Extent) -> None:
    if extent.rows * extent.columns > MOST_SHEET_CELLS:
        raise Unreadable(
            _(
                "The cells of this sheet reach to row %(row)d and column %(column)d. Sheets of at "
                "most %(most)s cells, including empty ones, are read. Delete cells far from the "
                "table, or save it as CSV."
            )
            % {"row": extent.rows, "column": extent.columns, "most": f"{MOST_SHEET_CELLS:,}"}
        )


def _tags(pieces: Iterator[bytes]) -> Iterator[re.Match[bytes]]:
    rest = b""
    for piece in pieces:
        text = rest + piece
        end = text.rfind(b">") + 1
        yield from CELL.finditer(text, 0, end)
        rest = text[end:]
        if len(rest) > 2 * BYTES_AT_ONCE:
            rest = rest[-BYTES_AT_ONCE:]  # a long text, not a tag


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _too_large() -> str:
    return _("This workbook is too large when it is unpacked. Save the table as CSV, or split it.")
