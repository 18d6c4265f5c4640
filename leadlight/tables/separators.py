"""Detection of the separator of cells in a text table, from its first rows."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter

from leadlight.tables.opening import LONGEST_ROW

SEPARATORS = (";", ",", "\t", "|")
ROWS_COMPARED = 200
# First line by which Excel announces the separator.
ANNOUNCED = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


def announced_separator(text: str) -> str:
    """Return the separator that the first line `sep=;` announces, "" without one."""
    found = ANNOUNCED.match(text)
    return found[1] if found and found[1] in SEPARATORS else ""


def separator_of(text: str, is_whole: bool) -> str:
    """Return the separator that divides the most rows of a text into equally many cells.

    It is "" if no separator does, so that the table has one column. `is_whole` is False if the
    text is the beginning of a longer one: its last row is then left out.
    """
    if not text.strip("".join(SEPARATORS) + '"\r\n '):
        return next((separator for separator in SEPARATORS if separator in text), "")
    best, best_score = "", (0.0, 0)
    for separator in SEPARATORS:
        score = _score(_widths(text, separator, is_whole))
        if score > best_score:
            best, best_score = separator, score
    return best


def _score(widths: list[int]) -> tuple[float, int]:
    """Return the share of rows with the most frequent number of cells, and that number."""
    if not widths:
        return 0.0, 0
    # Lines of prose under a title may have one comma each.
    if widths[0] == 1 and len(widths) > 1 and max(widths) <= 2:
        return 0.0, 0
    several = Counter(width for width in widths if width > 1)
    if not several:
        return 0.0, 0
    width, count = max(several.items(), key=lambda item: (item[1], item[0]))
    return count / len(widths), width


def _widths(text: str, separator: str, is_whole: bool) -> list[int]:
    """Return the number of cells of the first rows that are not empty."""
    csv.field_size_limit(LONGEST_ROW)
    widths = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                widths.append(len(cells))
            if len(widths) > ROWS_COMPARED:
                return widths
    except csv.Error:
        return widths
    return widths if is_whole else widths[:-1]
