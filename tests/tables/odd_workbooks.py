"""Odd and hostile workbooks, made by hand, with what must come of each."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import xlsxwriter

from leadlight.tables import Choices
from tests.tables.expected import Odd, Read, Refusal

DAMAGED = Refusal("This workbook is damaged. Open it, save it as XLSX or CSV, and try again.")
TOO_LARGE = Refusal(
    "This workbook is too large when it is unpacked. Save the table as CSV, or split it."
)
TWO = Read(["a", "b"], [["1", "2"]])
PACKAGE = "http://schemas.openxmlformats.org/package/2006/"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

ROOT = (
    f'<Relationships xmlns="{PACKAGE}relationships"><Relationship Id="r0" '
    f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)


def written(fill: Callable[[Any], None], **options: Any) -> bytes:
    """Return a workbook that `fill` writes with xlsxwriter."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, **options}) as workbook:
        fill(workbook)
    return content.getvalue()


def of_rows(*rows: list[Any]) -> bytes:
    def fill(workbook: Any) -> None:
        sheet = workbook.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)

    return written(fill, strings_to_formulas=False)


def by_hand(sheet: str, **more: str) -> bytes:
    """Return a workbook with one sheet of the given XML between the tags of its data."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}content-types"/>',
        "_rels/.rels": ROOT,
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}relationships">'
        f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="One" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{sheet}</sheetData>'
        "</worksheet>",
        **more,
    }
    return packed(parts)


def packed(parts: dict[str, str]) -> bytes:
    content = io.BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return content.getvalue()


def text(reference: str, value: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{value}</t></is></c>'


def values_of_every_kind(workbook: Any) -> None:
    sheet = workbook.add_worksheet()
    formats = [workbook.add_format({"num_format": code}) for code in ("dd/mm/yyyy", "hh:mm", "0%")]
    sheet.write_row(0, 0, ["day", "instant", "time", "whole", "number", "rate", "yes", "text"])
    sheet.write_datetime(1, 0, date(2026, 5, 12), formats[0])
    instant = datetime.fromisoformat("2026-05-12T14:30")
    sheet.write_datetime(1, 1, instant, workbook.add_format({"num_format": "d/m/yy h:mm"}))
    sheet.write_datetime(1, 2, time(9, 5), formats[1])
    sheet.write_row(1, 3, [12, 1.234])
    sheet.write_number(1, 5, 0.2, formats[2])
    sheet.write_boolean(1, 6, True)
    sheet.write_string(1, 7, "007")


def formulas(workbook: Any) -> None:
    sheet = workbook.add_worksheet()
    sheet.write_row(0, 0, ["a", "b", "c"])
    sheet.write_formula(1, 0, "=1+1", None, 2)
    sheet.write_formula(1, 1, "=1/0", None, "#DIV/0!")
    sheet.write_formula(1, 2, '="x"&"y"', None, "xy")


def zeros_by_format(workbook: Any) -> None:
    sheet = workbook.add_worksheet()
    codes = ("00000", '0#" "##" "##" "##" "##', "0.00")
    formats = [workbook.add_format({"num_format": code}) for code in codes]
    sheet.write_row(0, 1, ["zip", "phone", "amount"])
    for column, (value, code) in enumerate(
        zip((1000, 612345678, 5), formats, strict=True), start=1
    ):
        sheet.write_number(1, column, value, code)
    sheet.write_row(2, 1, ["2A004", 33612345678, 6])


def merged_cells(workbook: Any) -> None:
    sheet = workbook.add_worksheet()
    sheet.write_row(0, 0, ["region", "city"])
    sheet.merge_range(1, 0, 2, 0, "North")
    sheet.write(1, 1, "Lille")
    sheet.write(2, 1, "Arras")


def styled_columns(workbook: Any) -> None:
    sheet = workbook.add_worksheet()
    bold = workbook.add_format({"bold": True})
    sheet.write_row(0, 0, ["a", "b"])
    sheet.write_row(1, 0, [1, 2])
    for column in range(2, 16_384):
        sheet.write_blank(0, column, None, bold)
    for row in range(2, 400):  # with the columns, more cells than a sheet with values may have
        sheet.write_blank(row, 0, None, bold)


def wide(workbook: Any) -> None:
    sheet = workbook.add_worksheet()
    for column in range(16_384):
        sheet.write(0, column, f"c{column}")


def several_sheets(workbook: Any) -> None:
    workbook.add_worksheet("Empty")
    secret = workbook.add_worksheet("Secret")
    secret.write_row(0, 0, ["x", "y"])
    secret.hide()
    for name, value in (("Clients & <co>", 1), ("Second", 3)):
        sheet = workbook.add_worksheet(name)
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_row(1, 0, [value, value + 1])


def chart_alone(workbook: Any) -> None:
    sheet = workbook.add_worksheet("Hidden")
    sheet.write(0, 0, 1)
    sheet.hide()
    chart = workbook.add_chart({"type": "line"})
    chart.add_series({"values": "=Hidden!$A$1"})
    page = workbook.add_chartsheet()
    page.set_chart(chart)
    page.activate()


def old_epoch(workbook: Any) -> None:
    sheet = workbook.add_worksheet()
    day = workbook.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, ["name", "day"])
    sheet.write(1, 0, "x")
    sheet.write_datetime(1, 1, date(2026, 5, 12), day)


def million_cells() -> bytes:
    """Return a workbook of 20 columns and 50,000 rows below their headers."""
    letters = "ABCDEFGHIJKLMNOPQRST"
    headers = "".join(text(f"{letter}1", f"c{place}") for place, letter in enumerate(letters))
    row = "".join(f'<c r="{letter}{{0}}"><v>{{1}}</v></c>' for letter in letters)
    rows = (f'<row r="{n + 1}">{row.format(n + 1, n)}</row>' for n in range(1, 50_001))
    return by_hand(f'<row r="1">{headers}</row>' + "".join(rows))


def lying_about_size(content: bytes, name: bytes, size: int) -> bytes:
    """Return an archive that declares another unpacked size for one of its parts."""
    changed = bytearray(content)
    place = content.find(b"PK\x01\x02")
    while place >= 0:
        length = int.from_bytes(content[place + 28 : place + 30], "little")
        if content[place + 46 : place + 46 + length] == name:
            changed[place + 24 : place + 28] = size.to_bytes(4, "little")
        place = content.find(b"PK\x01\x02", place + 4)
    return bytes(changed)


def bomb() -> bytes:
    return by_hand(f'<row r="1">{text("A1", "a")}</row>' + " " * 60_000_000)


CELLS = [text(f"{letter}1", "0123456789" * 10) for letter in "ABC"]

WORKBOOKS = {
    "workbook of values of every kind": Odd(
        written(values_of_every_kind),
        Read(
            ["day", "instant", "time", "whole", "number", "rate", "yes", "text"],
            [["2026-05-12", "2026-05-12 14:30", "09:05", "12", "1.234", "0.2", "true", "007"]],
            {"kind": "xlsx", "encoding": "", "separator": "", "sheet": "Sheet1"},
        ),
    ),
    "workbook with formulas and errors": Odd(
        written(formulas),
        Read(
            ["a", "b", "c"],
            [["2", "", "xy"]],
            {"notes": ("One cell contains a formula error and is read as empty.",)},
        ),
    ),
    "workbook with zeros by format": Odd(
        written(zeros_by_format),
        Read(
            ["zip", "phone", "amount"],
            [["01000", "0612345678", "5"], ["2A004", "33612345678", "6"]],
        ),
    ),
    "workbook with merged cells": Odd(
        written(merged_cells), Read(["region", "city"], [["North", "Lille"], ["", "Arras"]])
    ),
    "workbook with several sheets": Odd(
        written(several_sheets),
        Read(
            ["a", "b"],
            [["1", "2"]],
            {"sheet": "Clients & <co>", "sheets": ("Empty", "Clients & <co>", "Second")},
        ),
    ),
    "workbook with a chosen sheet": Odd(
        written(several_sheets), Read(["a", "b"], [["3", "4"]]), Choices(sheet="Second")
    ),
    "workbook with a chosen sheet that is hidden": Odd(
        written(several_sheets),
        Refusal("This workbook has no visible sheet with this name."),
        Choices(sheet="Secret"),
    ),
    "workbook with a chosen sheet that is empty": Odd(
        written(several_sheets), Refusal("This table is empty."), Choices(sheet="Empty")
    ),
    "workbook with a chart sheet alone": Odd(
        written(chart_alone), Refusal("This workbook has no cells on a visible sheet.")
    ),
    "workbook without cells": Odd(
        written(lambda workbook: workbook.add_worksheet()),
        Refusal("This workbook has no cells on a visible sheet."),
    ),
    "workbook that counts days from 1904": Odd(
        written(old_epoch, date_1904=True), Read(["name", "day"], [["x", "2026-05-12"]])
    ),
    "workbook with a title and empty rows": Odd(
        of_rows(["Report"], [], ["a", "b", "c"], [1, 2, 3], [], [4, 5, 6], [], []),
        Read(
            ["a", "b", "c"],
            [["1", "2", "3"], ["4", "5", "6"]],
            {"header_row": 3, "empty_count": 1},
            numbers=[4, 6],
        ),
    ),
    "workbook with equal and empty headers": Odd(
        of_rows(["Mail", "", "Mail"], ["1", "2", "3"]),
        Read(["Mail", "Column 2", "Mail (2)"], [["1", "2", "3"]]),
    ),
    "workbook with line ends, tabs and signs": Odd(
        of_rows(["a", "b"], ["x\ny\tz", "=1+1 é 👩🏽‍💻"]),
        Read(["a", "b"], [["x\ny\tz", "=1+1 é 👩🏽‍💻"]]),
    ),
    "workbook with a text of 32,767 characters": Odd(
        of_rows(["a", "b"], ["x" * 32_767, "y"]), Read(["a", "b"], [["x" * 32_767, "y"]])
    ),
    "workbook with styles and no values": Odd(lambda: written(styled_columns), TWO),
    "workbook of 16,384 columns": Odd(
        lambda: written(wide),
        Refusal("This table has more than 500 columns. Remove those that are not needed."),
    ),
    "workbook with a cell in the last corner": Odd(
        by_hand(
            f'<row r="1">{text("A1", "a")}</row><row r="1048576">{text("XFD1048576", "b")}</row>'
        ),
        Refusal(
            "The cells of this sheet reach to row 1048576 and column 16384. Sheets of at most "
            "5,000,000 cells, including empty ones, are read. Delete cells far from the table, or "
            "save it as CSV."
        ),
    ),
    "workbook of a million cells": Odd(
        million_cells,
        Read(
            [f"c{column}" for column in range(20)],
            [[str(row)] * 20 for row in range(1, 50_001)],
            {"row_count": 50_000},
        ),
    ),
    "workbook with cells without references": Odd(
        by_hand(
            '<row><c t="inlineStr"><is><t>a</t></is></c><c t="inlineStr"><is><t>b</t></is></c>'
            "</row>"
            "<row><c><v>1</v></c><c><v>2</v></c></row>"
        ),
        TWO,
    ),
    "workbook with unknown characters in its names": Odd(
        by_hand(
            f'<row r="1">{text("A1", "a")}{text("B1", "b")}</row>'
            '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>2</v></c></row>',
            **{"xl/media/\u202eévil.bin": "x"},
        ),
        TWO,
    ),
    "workbook that unpacks to sixty megabytes of spaces": Odd(bomb, TOO_LARGE),
    "workbook that hides its unpacked size": Odd(
        lambda: lying_about_size(bomb(), b"xl/worksheets/sheet1.xml", 1_000), TOO_LARGE
    ),
    "workbook with entities that grow": Odd(
        by_hand(
            "",
            **{
                "xl/worksheets/sheet1.xml": '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
                '<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
                f'<worksheet xmlns="{MAIN}"><sheetData><row r="1">{text("A1", "&b;")}</row>'
                "</sheetData></worksheet>"
            },
        ),
        DAMAGED,
    ),
    "workbook whose sheet is no XML": Odd(by_hand("<row><c>"), DAMAGED),
    "workbook that is cut": Odd(of_rows(["a", "b"], [1, 2])[:-200], DAMAGED),
    "workbook with damaged bytes": Odd(
        (lambda content: content[:600] + bytes(200) + content[800:])(of_rows(["a", "b"], [1, 2])),
        DAMAGED,
    ),
    "archive that is no workbook": Odd(
        packed({"readme.txt": "x"}),
        Refusal("This is a ZIP archive, but not an XLSX workbook. Save the table as XLSX or CSV."),
    ),
    "workbook without its sheet": Odd(
        packed(
            {
                "_rels/.rels": ROOT,
                "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
                '<sheet name="One" sheetId="1" r:id="r1"/></sheets></workbook>',
                "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}relationships"/>',
            }
        ),
        DAMAGED,
    ),
}
