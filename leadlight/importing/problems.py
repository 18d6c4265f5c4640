"""What is wrong with a folder, said so that whoever made it can put it right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MOST_SHOWN = 100
LONGEST_VALUE = 200

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


def silent(label: str, done: int, total: int) -> None:
    """A progress that nobody watches."""


class Mark:
    """Stands in a row for a cell that could not be read."""

    def __repr__(self) -> str:
        return "WRONG"


WRONG: Final = Mark()


@dataclass(frozen=True)
class Problem:
    """`line` is the line of the file in which the row begins; 0 and "" where there is none."""

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
        said = f" “{self.value}”" if self.value else ""
        return f"{place}:{said} {self.sentence}"


class Problems(Exception):
    """A folder is refused: the first problems, how many there are, and the warnings."""

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
    """Collects what is found while a folder is read and checked."""

    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0
    warnings: list[Problem] = field(default_factory=list)
    warning_count: int = 0
    spoiled: set[tuple[str, int]] = field(default_factory=set)
    """File and line of the rows with a problem: no more is concluded from them."""

    def problem(self, file: str, line: int, column: str, value: object, sentence: str) -> None:
        self.problem_count += 1
        self.spoiled.add((file, line))
        if self.problem_count <= MOST_SHOWN:
            self.problems.append(_problem(file, line, column, value, sentence))

    def warning(self, file: str, line: int, column: str, value: object, sentence: str) -> None:
        self.warning_count += 1
        if self.warning_count <= MOST_SHOWN:
            self.warnings.append(_problem(file, line, column, value, sentence))

    def is_spoiled(self, file: str, line: int) -> bool:
        return (file, line) in self.spoiled

    def is_untouched(self, file: str) -> bool:
        """Whether nothing is wrong with the file."""
        return all(file != spoiled for spoiled, _line in self.spoiled)

    def refuse_if_any(self) -> None:
        if self.problem_count:
            found = sorted(self.problems, key=lambda problem: (problem.file, problem.line))
            raise Problems(found, self.problem_count, self.warnings)


def _problem(file: str, line: int, column: str, value: object, sentence: str) -> Problem:
    return Problem(file, line, column, str(value)[:LONGEST_VALUE], sentence)
