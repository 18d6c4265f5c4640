"""Sheets of an XLSX workbook as text."""

from __future__ import annotations

import html
import posixpath
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from leadlight.tables.opening import Unreadable, open_regular
from leadlight.tables.table_file import WORKBOOK, Choices
from leadlight.tables.workbook_limits import Extent, refuse_too_large, sheet_extent, unpacked

ZIP_MARK = b"PK\x03\x04"
# Beginning of old workbooks (.xls) and of workbooks with a password.
COMPOUND_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PARTS_OF_WORKBOOK = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
STYLES = "xl/styles.xml"
LARGEST_LIST = 10_000_000  # bytes of a part that lists sheets or styles

TAG = re.compile(r"<(?:\w+:)?(sheet|Relationship|numFmt|xf|cellXfs)\s([^>]*)>")
ATTRIBUTE = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
# Parts of a number format that are no digits: texts, escaped characters, colours, spaces.
NO_DIGITS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|[_*].|[ \u00a0\u202f()-]')
DIGITS = re.compile(r"#*(0[0#]*)")


@dataclass(frozen=True)
class SheetSource:
    """Sheet of a workbook, held in memory as a rectangle of values."""

    sheet: str
    sheets: tuple[str, ...]
    notes: tuple[str, ...]
    numeric_columns: frozenset[int]
    values: CalamineSheet = field(repr=False)
    extent: Extent = field(repr=False)
    kind: ClassVar[str] = WORKBOOK
    encoding: ClassVar[str] = ""
    separator: ClassVar[str] = ""

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the number of each row, from 1, and its cells from the first used column on."""
        first = self.values.start[1] if self.values.start else 0
        padded = [(column - first, marks) for column, marks in self.extent.widths.items()]
        for row, values in enumerate(self.values.iter_rows()):
            cells = [text_of(value) for value in values]
            for column, marks in padded:
                if row < len(marks) and marks[row] and cells[column].isdigit():
                    cells[column] = cells[column].zfill(marks[row])
            yield row + 1, cells


def is_workbook(path: Path) -> bool:
    """Return whether a file is a ZIP archive, which is then read as a workbook.

    Raises `Unreadable` for an old workbook or one with a password.
    """
    with open_regular(path) as binary:
        start = binary.read(len(COMPOUND_MARK))
    if start == COMPOUND_MARK:
        raise Unreadable(
            _(
                "This is an old workbook (.xls) or one with a password. Save it as XLSX or CSV, "
                "without a password."
            )
        )
    return start.startswith(ZIP_MARK)


def workbook_source(path: Path, choices: Choices) -> SheetSource:
    """Return the chosen sheet, or the first visible one that has cells."""
    try:
        return _source(path, choices)
    except (CalamineError, BadZipFile, zlib.error, NotImplementedError) as error:
        raise Unreadable(_broken()) from error


def _source(path: Path, choices: Choices) -> SheetSource:
    with ZipFile(path) as archive:
        names = set(archive.namelist())
        if not names.issuperset(PARTS_OF_WORKBOOK):
            raise Unreadable(
                _("This is a ZIP archive, but not an XLSX workbook. Save the table as XLSX or CSV.")
            )
        refuse_too_large(path, archive)
        parts = _parts_of_sheets(archive)
        widths = _shown_digits(_read(archive, STYLES)) if STYLES in names else {}
        with CalamineWorkbook.from_path(path) as workbook:
            sheets = tuple(
                sheet.name
                for sheet in workbook.sheets_metadata
                if sheet.typ == SheetTypeEnum.WorkSheet
                and sheet.visible == SheetVisibleEnum.Visible
                and parts.get(sheet.name) in names
            )
            if choices.sheet and choices.sheet not in sheets:
                raise Unreadable(_("This workbook has no visible sheet with this name."))
            for name in [choices.sheet] if choices.sheet else sheets:
                part = archive.getinfo(parts[name])
                extent = sheet_extent(unpacked(path, part), widths)
                if extent.rows or name == choices.sheet:
                    values = workbook.get_sheet_by_name(name)
                    notes = _notes(extent)
                    return SheetSource(name, sheets, notes, _numeric(values), values, extent)
    raise Unreadable(_("This workbook has no cells on a visible sheet."))


def text_of(value: Any) -> str:
    """Return a value as text: days as 2026-01-31, whole numbers without a decimal point."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{Decimal(repr(value)):f}"
    if isinstance(value, datetime):
        rounded = (value + timedelta(microseconds=500_000)).replace(microsecond=0)
        return rounded.isoformat(" ", "seconds" if rounded.second else "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("seconds" if value.second else "minutes")
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        shown = f"{minutes // 60}:{minutes % 60:02}"
        return f"{shown}:{seconds:02}" if seconds else shown
    return str(value)


def _numeric(values: CalamineSheet) -> frozenset[int]:
    """Return the columns that have numbers with decimals."""
    return frozenset(
        column
        for row in values.iter_rows()
        for column, value in enumerate(row)
        if isinstance(value, float) and not value.is_integer()
    )


def _notes(extent: Extent) -> tuple[str, ...]:
    if not extent.error_count:
        return ()
    sentence = ngettext(
        "One cell contains a formula error and is read as empty.",
        "%(count)d cells contain formula errors and are read as empty.",
        extent.error_count,
    )
    return (sentence % {"count": extent.error_count},)


def _read(archive: ZipFile, name: str) -> str:
    part = archive.getinfo(name)
    if part.file_size > LARGEST_LIST:
        raise Unreadable(_broken())
    return archive.read(part).decode("utf-8", "replace")


def _parts_of_sheets(archive: ZipFile) -> dict[str, str]:
    """Return the part of the archive that holds each sheet, by the name of the sheet."""
    workbook, relations = (_read(archive, name) for name in PARTS_OF_WORKBOOK)
    targets = {
        found.get("Id", ""): posixpath.normpath(posixpath.join("/xl", found.get("Target", "")))
        for tag, found in _elements(relations)
        if tag == "Relationship"
    }
    return {
        found.get("name", ""): targets.get(found.get("r:id", ""), "").lstrip("/")
        for tag, found in _elements(workbook)
        if tag == "sheet"
    }


def _shown_digits(styles: str) -> dict[int, int]:
    """Return the digits that each style shows at least, by its number; only styles with zeros."""
    codes, widths = dict[str, str](), dict[int, int]()
    number, is_inside = 0, False
    for tag, found in _elements(styles):
        if tag == "numFmt":
            codes[found.get("numFmtId", "")] = found.get("formatCode", "")
        elif tag == "cellXfs":
            is_inside = True
        elif is_inside and tag == "xf":
            digits = DIGITS.fullmatch(
                NO_DIGITS.sub("", codes.get(found.get("numFmtId", ""), "").partition(";")[0])
            )
            if digits and 2 <= len(digits[1]) <= 30:
                widths[number] = len(digits[1])
            number += 1
    return widths


def _elements(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    for tag in TAG.finditer(text):
        yield (
            tag[1],
            {
                name: html.unescape(double or single)
                for name, double, single in ATTRIBUTE.findall(tag[2])
            },
        )


def _broken() -> str:
    return _("This workbook is damaged. Open it, save it as XLSX or CSV, and try again.")
