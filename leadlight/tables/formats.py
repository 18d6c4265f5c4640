"""Formats of a column: the order of day and month, and the decimal mark.

A format is found only if the values of the column leave no other: 12/05/2026 allows two days, and
1,234 allows two numbers.
"""

from __future__ import annotations

import re

from leadlight.tables.table_file import AMBIGUOUS, COMMA, DAY_FIRST, ISO, MONTH_FIRST, POINT

DAY = re.compile(r"(\d{1,4})([-/. ])(\d{1,2})\2(\d{1,4})(?:[T ,]+\d{1,2}[:hH].{0,20})?", re.ASCII)
MARKED = re.compile(r"\d*(?:[.,]\d+)+")
AROUND_A_NUMBER = re.compile(r"^[^\d.,]{0,6}|[^\d.,]{0,6}$")
BETWEEN_DIGITS = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f'’](?=\d)")
# Values after which a column is ignored if none of them looks like a day or a number with a mark.
VALUES_COMPARED = 500


class FormatFinder:
    """Formats of the values of one column, added one by one."""

    def __init__(self) -> None:
        self.count = self.days = self.iso_days = self.numbers = 0
        self.orders = {DAY_FIRST, MONTH_FIRST}
        self.is_order_needed = False
        self.marks = set[str]()
        self.is_mark_asked = False

    def add(self, text: str) -> None:
        if not text or (self.count > VALUES_COMPARED and not self.days and not self.numbers):
            return
        self.count += 1
        if self.days * 2 >= self.count - 1 and self._add_day(text.strip()):
            return
        if "," in text or "." in text:
            self._add_number(text.strip())

    def day_order(self) -> str:
        """Return the order of day and month; "" unless half of the values look like days."""
        if not self.days or self.days * 2 < self.count:
            return ""
        if self.iso_days == self.days:
            return ISO
        if len(self.orders) == 1:
            return next(iter(self.orders))
        return AMBIGUOUS if self.is_order_needed else DAY_FIRST

    def decimal_mark(self) -> str:
        """Return the decimal mark; "" if no value has a comma or a point."""
        if len(self.marks) == 1:
            return next(iter(self.marks))
        return AMBIGUOUS if self.marks or self.is_mark_asked else ""

    def _add_day(self, text: str) -> bool:
        match = DAY.fullmatch(text)
        if not match:
            return False
        first, second, last = match[1], int(match[3]), match[4]
        if len(first) == 4:
            self.days += 1
            self.iso_days += 1
            return True
        if len(first) == 3 or len(last) not in (2, 4):
            return False
        self.days += 1
        possible = set[str]()
        if int(first) <= 31 and second <= 12:
            possible.add(DAY_FIRST)
        if int(first) <= 12 and second <= 31:
            possible.add(MONTH_FIRST)
        self.is_order_needed |= int(first) != second
        if possible:
            self.orders &= possible
        return True

    def _add_number(self, text: str) -> None:
        grouped = BETWEEN_DIGITS.sub("\0", AROUND_A_NUMBER.sub("", text))
        number = grouped.replace("\0", "")
        if not MARKED.fullmatch(number):
            return
        self.numbers += 1
        mark = max(COMMA, POINT, key=number.rfind)
        other = POINT if mark == COMMA else COMMA
        before, _mark, after = number.rpartition(mark)
        if other in number:
            self.marks.add(mark)
        elif mark in before:
            self.marks.add(other)
        elif len(after) != 3 or "\0" in grouped or not 1 <= len(before) <= 3 or before[0] == "0":
            self.marks.add(mark)
        else:
            self.is_mark_asked = True
