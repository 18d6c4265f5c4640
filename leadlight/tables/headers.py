"""Headers of a table: the row that holds them, and one name for each column."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from statistics import median_low

from django.utils.translation import gettext as _

from leadlight.tables.formats import DAY
from leadlight.tables.opening import Unreadable

ROWS_SEARCHED = 20
LONGEST_HEADER = 200
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Texts that are a value and not a header: e-mail and web addresses, phone numbers, amounts.
VALUE = re.compile(r"[^@\s]+@[^@\s]+\.\w+|https?://.*|[+(]?\d[\d ().,/-]{7,}|-?\d+[.,]\d+.{0,3}")


@dataclass(frozen=True)
class Header:
    """Row of the headers; `number` is 0 and `cells` are empty if the table has none."""

    number: int
    cells: list[str]


NO_HEADER = Header(0, [])


def find_header(records: Iterable[tuple[int, list[str]]], chosen: int | None) -> Header:
    """Return the chosen row, or the first row that is not a title above the table.

    A title has fewer than half as many cells as the rows below. A row with a value, such as an
    e-mail address, is not a header. Raises `Unreadable` for a table without cells.
    """
    filled = ((number, cells) for number, cells in records if any(map(str.strip, cells)))
    if chosen:
        return next((Header(*one) for one in filled if one[0] >= chosen), NO_HEADER)
    first = list(islice(filled, ROWS_SEARCHED))
    if not first:
        raise Unreadable(_("This table is empty."))
    if chosen == 0:
        return NO_HEADER
    widths = [sum(bool(cell.strip()) for cell in cells) for _number, cells in first]
    usual = median_low(widths)
    number, cells = next(one for one, width in zip(first, widths, strict=True) if 2 * width > usual)
    return NO_HEADER if any(map(_is_value, cells)) else Header(number, cells)


def headers_of(cells: list[str], width: int) -> list[str]:
    """Return the unique headers of `width` columns.

    A column without a header is named by its position; equal headers are numbered.
    """
    headers = list[str]()
    used = set[str]()
    taken = {_clean(cell) for cell in cells}
    for position in range(width):
        header = _clean(cells[position]) if position < len(cells) else ""
        header = header or _("Column %(number)d") % {"number": position + 1}
        unique, number = header, 1
        while unique in used or (number > 1 and unique in taken):
            number += 1
            unique = f"{header} ({number})"
        used.add(unique)
        headers.append(unique)
    return headers


def _clean(text: str) -> str:
    return " ".join(CONTROL.sub(" ", text).split())[:LONGEST_HEADER]


def _is_value(text: str) -> bool:
    plain = text.strip()
    return bool(VALUE.fullmatch(plain) or DAY.fullmatch(plain))
