"""Odd and hostile CSV files, made by hand, with what must come of each."""

from __future__ import annotations

import gzip

from leadlight.tables import Choices
from tests.tables.expected import Odd, Read, Refusal

FRENCH = "Société;Prénom\nÉlan créé à Sète;Zoë\n"
FRENCH_TABLE = Read(["Société", "Prénom"], [["Élan créé à Sète", "Zoë"]])
EMPTY = "This table is empty."
TWO = Read(["a", "b"], [["1", "2"]])


def french(encoding: str, **found: str) -> Read:
    return Read(FRENCH_TABLE.headers, FRENCH_TABLE.rows, {"encoding": encoding, **found})


def quotes(line: int) -> Refusal:
    return Refusal(
        f"The quotation marks of the row that begins in line {line} do not enclose whole cells, "
        "so the rest of the file cannot be read. Repair this row, or save the table again."
    )


ENCODINGS = {
    "utf-8": Odd(FRENCH.encode(), french("utf-8")),
    "utf-8 with mark": Odd(FRENCH.encode("utf-8-sig"), french("utf-8")),
    "utf-16 with mark": Odd(FRENCH.encode("utf-16"), french("utf-16")),
    "utf-16 little endian": Odd(FRENCH.encode("utf-16-le"), french("utf-16-le")),
    "utf-16 big endian": Odd(FRENCH.encode("utf-16-be"), french("utf-16-be")),
    "windows-1252": Odd(FRENCH.encode("cp1252"), french("cp1252")),
    "windows-1252 with euro, quotes and ligature": Odd(
        "nom;prix\nl’œuvre d’été;5 €\n".encode("cp1252"),
        Read(["nom", "prix"], [["l’œuvre d’été", "5 €"]], {"encoding": "cp1252"}),
    ),
    "windows-1252 after a megabyte of ascii": Odd(
        b"a;b\n" + b"x;y\n" * 300_000 + b"fin;\xe9t\xe9\n",
        Refusal("This table has more than 100,000 rows. Divide it into several."),
    ),
    "windows-1252 late in the file": Odd(
        b"a;b\n" + (b"x" * 70_000 + b";y\n") * 2 + "ça;été\n".encode("cp1252"),
        Read(
            ["a", "b"],
            [["x" * 70_000, "y"], ["x" * 70_000, "y"], ["ça", "été"]],
            {"encoding": "cp1252"},
        ),
    ),
    "mac roman": Odd(FRENCH.encode("mac-roman"), french("mac-roman")),
    "mac roman with old line ends": Odd(
        FRENCH.replace("\n", "\r").encode("mac-roman"), french("mac-roman")
    ),
    "dos code page, chosen": Odd(
        FRENCH.encode("cp850"), french("cp850"), Choices(encoding="cp850")
    ),
    "cyrillic, chosen": Odd(
        "имя;город\nИван;Киев\n".encode("cp1251"),
        Read(["имя", "город"], [["Иван", "Киев"]], {"encoding": "cp1251"}),
        Choices(encoding="cp1251"),
    ),
    "the wrong encoding chosen": Odd(
        FRENCH.encode("cp1252"),
        Refusal("This file is not in UTF-8."),
        Choices(encoding="utf-8"),
    ),
    "utf-8 with one windows byte": Odd(
        "nom;ville\nÉlan créé à Sète;Orléans\n".encode() + b"caf\xe9;Nice\n",
        Refusal(
            "Most of this file is in UTF-8, but byte 45 is not. Repair it, or choose the encoding "
            "of the file."
        ),
    ),
    "utf-8 cut in the middle of a letter": Odd(
        "nom;ville\nÉlan créé à Sète;é".encode()[:-1],
        Refusal(
            "Most of this file is in UTF-8, but byte 33 is not. Repair it, or choose the encoding "
            "of the file."
        ),
    ),
    "emoji, right to left and combining signs": Odd(
        "name;note\n👩🏽‍💻 Zoé;\u202eabc\u05d0\n".encode(),
        Read(["name", "note"], [["👩🏽‍💻 Zoé", "\u202eabc\u05d0"]]),
    ),
}

SEPARATORS = {
    "comma": Odd(b"a,b\n1,2\n", Read(["a", "b"], [["1", "2"]], {"separator": ","})),
    "semicolon": Odd(b"a;b\n1;2\n", Read(["a", "b"], [["1", "2"]], {"separator": ";"})),
    "tab": Odd(b"a\tb\n1\t2\n", Read(["a", "b"], [["1", "2"]], {"separator": "\t"})),
    "bar": Odd(b"a|b\n1|2\n", Read(["a", "b"], [["1", "2"]], {"separator": "|"})),
    "decimal commas between semicolons": Odd(
        b"nom;prix;taux\nA;1,50;0,2\nB;2,25;0,5\n",
        Read(["nom", "prix", "taux"], [["A", "1,50", "0,2"], ["B", "2,25", "0,5"]]),
    ),
    "semicolons inside quotes": Odd(
        b'name,tags\nA,"x;y;z"\nB,"x;y"\n',
        Read(["name", "tags"], [["A", "x;y;z"], ["B", "x;y"]], {"separator": ","}),
    ),
    "announced by the first line": Odd(
        b"sep=|\r\na,x|b,y\r\n1,0|2,0\r\n",
        Read(["a,x", "b,y"], [["1,0", "2,0"]], {"separator": "|", "header_row": 2}),
    ),
    "one column": Odd(
        b"E-mail\na@b.fr\nc@d.fr\n", Read(["E-mail"], [["a@b.fr"], ["c@d.fr"]], {"separator": ""})
    ),
    "one column with a comma in each row": Odd(
        b"Address\n12, Main Street\n8, High Street\n",
        Read(["Address"], [["12, Main Street"], ["8, High Street"]], {"separator": ""}),
    ),
    "chosen": Odd(
        b"a;b,c\n1;2,3\n",
        Read(["a;b", "c"], [["1;2", "3"]], {"separator": ","}),
        Choices(separator=","),
    ),
}

QUOTES = {
    "line ends within quotes": Odd(
        b'name;note\r\nA;"first\r\nsecond\n\nlast"\r\nB;x\r\n',
        Read(["name", "note"], [["A", "first\r\nsecond\n\nlast"], ["B", "x"]], numbers=[2, 6]),
    ),
    "doubled quotes": Odd(
        b'name;note\nA;"he said ""yes"""\n', Read(["name", "note"], [["A", 'he said "yes"']])
    ),
    "inches": Odd(b'name;size\nscreen;12"\n', Read(["name", "size"], [["screen", '12"']])),
    "a quote that is never closed": Odd(b'a;b\n1;2\n3;"4\n5;6\n', quotes(3)),
    "quotes within quotes that are not doubled": Odd(b'a;b\n1;"say "yes" now"\n', quotes(2)),
    "everything quoted": Odd(b'"a","b"\n"1","2"\n', TWO),
    "header with a line end": Odd(
        b'"first\nname";b\n1;2\n', Read(["first name", "b"], [["1", "2"]], {"header_row": 1})
    ),
}

SHAPES = {
    "empty": Odd(b"", Refusal(EMPTY)),
    "a mark alone": Odd(b"\xef\xbb\xbf", Refusal(EMPTY)),
    "line ends and spaces": Odd(b"\n \n\r\n;;;\n", Refusal(EMPTY)),
    "a header alone": Odd(b"a;b\n", Read(["a", "b"], [], {"row_count": 0})),
    "blank lines before the header": Odd(
        b"\n\n;;\na;b\n1;2\n", Read(["a", "b"], [["1", "2"]], {"header_row": 4}, numbers=[5])
    ),
    "a title above the header": Odd(
        b"Export of 12/05/2026\n\na;b;c;d\n1;2;3;4\n",
        Read(["a", "b", "c", "d"], [["1", "2", "3", "4"]], {"header_row": 3}),
    ),
    "empty rows in between": Odd(
        b"a;b\n1;2\n;\n\n3;4\n;\n",
        Read(["a", "b"], [["1", "2"], ["3", "4"]], {"empty_count": 2}, numbers=[2, 5]),
    ),
    "no header": Odd(
        b"Ann;ann@acme.example\nBob;bob@acme.example\n",
        Read(
            ["Column 1", "Column 2"],
            [["Ann", "ann@acme.example"], ["Bob", "bob@acme.example"]],
            {"header_row": 0},
        ),
    ),
    "no header, chosen": Odd(
        b"Ann;Acme\n", Read(["Column 1", "Column 2"], [["Ann", "Acme"]]), Choices(header_row=0)
    ),
    "a header row, chosen": Odd(
        b"x;y\na;b\n1;2\n", Read(["a", "b"], [["1", "2"]], {"header_row": 2}), Choices(header_row=2)
    ),
    "years as headers": Odd(
        b"name;2024;2025\nA;1;2\n", Read(["name", "2024", "2025"], [["A", "1", "2"]])
    ),
    "equal headers": Odd(
        b"Mail;Mail;Mail (2);Mail\n1;2;3;4\n",
        Read(["Mail", "Mail (3)", "Mail (2)", "Mail (4)"], [["1", "2", "3", "4"]]),
    ),
    "empty headers": Odd(
        b"a;;c;\n1;2;3;4\n", Read(["a", "Column 2", "c", "Column 4"], [["1", "2", "3", "4"]])
    ),
    "empty columns at the end": Odd(b"a;b;;;\n1;2;;;\n", TWO),
    "longer and shorter rows": Odd(
        b"a;b\n1\n1;2;3\n4;5\n",
        Read(
            ["a", "b"],
            [["1", ""], ["1", "2", "3"], ["4", "5"]],
            {"problem_count": 1, "short_count": 1, "row_count": 3},
            problems=["", "This row has 3 cells, but the header has 2 columns.", ""],
        ),
    ),
    "NUL in a cell": Odd(
        b"a;b\n1;x\0y\n3;4\n",
        Read(
            ["a", "b"],
            [["1", "x\ufffdy"], ["3", "4"]],
            {"problem_count": 1},
            problems=["This row contains the NUL character. Remove it.", ""],
        ),
    ),
    "NUL in the header": Odd(b"a\0;b\n1;2\n", TWO),
    "a file of NUL": Odd(
        b"\0" * 5_000, Refusal("This file is not a table. Save it as CSV or XLSX.")
    ),
    "formula cells": Odd(
        b"a;b\n=1+1;@SUM(A1)\n",
        Read(["a", "b"], [["=1+1", "@SUM(A1)"]]),
    ),
    "leading zeros and long numbers": Odd(
        b"zip;phone;siret\n01000;0612345678;12345678901234567890\n",
        Read(["zip", "phone", "siret"], [["01000", "0612345678", "12345678901234567890"]]),
    ),
    "ten thousand characters": Odd(
        b"a;b\n" + b"x" * 10_000 + b";2\n", Read(["a", "b"], [["x" * 10_000, "2"]])
    ),
    "more characters than a cell may have": Odd(
        b"a;b\n" + b"x" * 100_001 + b";2\n",
        Read(
            ["a", "b"],
            [["x" * 100_001, "2"]],
            problems=["A cell of this row has more than 100,000 characters."],
        ),
    ),
    "a row of eleven million characters": Odd(
        b"a;b\n" + b"x" * 11_000_000 + b";2\n",
        Refusal("This row has more than 1000000 characters. The rest of the file was not read."),
    ),
    "501 columns": Odd(
        ";".join(f"c{number}" for number in range(501)).encode() + b"\n",
        Refusal("This table has more than 500 columns. Remove those that are not needed."),
    ),
    "16,384 columns": Odd(
        b"x;" * 16_384 + b"\n" + b"1;" * 16_384,
        Refusal("This table has more than 500 columns. Remove those that are not needed."),
    ),
    "16,384 columns, two of them used": Odd(b"a;b" + b";" * 16_382 + b"\n1;2\n", TWO),
    "100,000 rows": Odd(
        b"a\n" + b"1\n" * 100_000, Read(["a"], [["1"]] * 100_000, {"row_count": 100_000})
    ),
    "100,001 rows": Odd(
        b"a\n" + b"1\n" * 100_001,
        Refusal("This table has more than 100,000 rows. Divide it into several."),
    ),
    "an old workbook": Odd(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        Refusal(
            "This is an old workbook (.xls) or one with a password. Save it as XLSX or CSV, "
            "without a password."
        ),
    ),
    "compressed text, which is no table": Odd(
        gzip.compress(b"a;b\n1;2\n"),
        Refusal("This file is not a table. Save it as CSV or XLSX."),
    ),
    "a picture": Odd(
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 4,
        Refusal("This file is not a table. Save it as CSV or XLSX."),
    ),
    "a PDF": Odd(
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
        Refusal("This file is not a table. Save it as CSV or XLSX."),
    ),
    "a web page": Odd(
        b"<!DOCTYPE html><html><table><tr><td>a</td></tr></table></html>",
        Refusal("This file is not a table. Save it as CSV or XLSX."),
    ),
}
CSV_FILES = {**ENCODINGS, **SEPARATORS, **QUOTES, **SHAPES}
