"""Problem reports about a folder, with file, line and column of each problem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MOST_SHOWN = 100
LONGEST_VALUE = 200

Progress = Callable[[str, int, int], None]
"""Callback with the label of the current task, the amount done and the total."""


def silent(label: str, done: int, total: int) -> None:
    """Ignore progress."""


class Mark:
    """Type of `WRONG`, the placeholder in a row for a cell with an invalid value or unknown key."""

    def __repr__(self) -> str:
        return "WRONG"


WRONG: Final = Mark()


@dataclass(frozen=True)
class Problem:
    """One problem or warning of a folder.

    `line` is the line of the file in which the row begins, or 0 if the problem is not about a
    line. `column` and `value` are "" if it is not about a column or a value.
    """

    file: str
    line: int
    column: str
    value: str
    sentence: str

    def __str__(self) -> str:
        place = self.file
        if self.line:
            place = _("%(file)s, line %(line)d") % {"file": self.file, "line": self.line}
        if self.column:
            place = _("%(place)s, column %(column)s") % {"place": place, "column": self.column}
        value = f" “{self.value}”" if self.value else ""
        return f"{place}:{value} {self.sentence}"


class Problems(Exception):
    """Refusal of a folder, with its first problems, their total count, and the warnings."""

    def __init__(
        self,
        problems: list[Problem],
        count: int | None = None,
        warnings: list[Problem] | None = None,
    ) -> None:
        self.problems = problems
        self.count = len(problems) if count is None else count
        self.warnings = warnings or []
        super().__init__(problems, self.count)

    def __str__(self) -> str:
        lines = [str(problem) for problem in self.problems]
        more = self.count - len(lines)
        if more:
            lines.append(
                ngettext("… and one more problem.", "… and %(more)d more problems.", more)
                % {"more": more}
            )
        return "\n".join(lines)


@dataclass
class Ledger:
    """Collector of the problems and warnings found while a folder is read and checked."""

    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0
    warnings: list[Problem] = field(default_factory=list)
    warning_count: int = 0
    places: set[tuple[str, int]] = field(default_factory=set)
    """File and line of the rows with a problem; histories of leads with such rows are skipped."""

    def problem(self, file: str, line: int, column: str, value: object, sentence: str) -> None:
        self.problem_count += 1
        self.places.add((file, line))
        if self.problem_count <= MOST_SHOWN:
            self.problems.append(_problem(file, line, column, value, sentence))

    def warning(self, file: str, line: int, column: str, value: object, sentence: str) -> None:
        self.warning_count += 1
        if self.warning_count <= MOST_SHOWN:
            self.warnings.append(_problem(file, line, column, value, sentence))

    def has_problem(self, file: str, line: int) -> bool:
        return (file, line) in self.places

    def has_no_problem(self, file: str) -> bool:
        """Return whether no problem of the file has been reported; warnings do not count."""
        return all(file != other for other, _line in self.places)

    def refuse_if_any(self) -> None:
        if self.problem_count:
            found = sorted(self.problems, key=lambda problem: (problem.file, problem.line))
            raise Problems(found, self.problem_count, self.warnings)


def _problem(file: str, line: int, column: str, value: object, sentence: str) -> Problem:
    return Problem(file, line, column, str(value)[:LONGEST_VALUE], sentence)
