"""Expected outcome of reading a file of the corpus."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leadlight.tables import Choices

NO_CHOICES = Choices()


@dataclass(frozen=True)
class Read:
    """Table with these headers and cells; `found` are attributes of what is found."""

    headers: list[str]
    rows: list[list[str]]
    found: dict[str, Any] = field(default_factory=dict)
    numbers: list[int] | None = None
    problems: list[str] | None = None


@dataclass(frozen=True)
class Refusal:
    """The table is refused with this sentence."""

    sentence: str


@dataclass(frozen=True)
class Odd:
    """File of the corpus: its bytes, the choices of a person, and the expected outcome.

    Bytes that take long to make come from a function, so that collecting the tests is quick.
    """

    content: bytes | Callable[[], bytes]
    outcome: Read | Refusal
    choices: Choices = NO_CHOICES

    def write(self, path: Path) -> None:
        path.write_bytes(self.content() if callable(self.content) else self.content)
