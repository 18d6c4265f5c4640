"""Match the columns of a table to targets, by header and by content. A tie is never guessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

TEXT, NUMBER, AMOUNT, DAY, INSTANT, YES_NO = "text", "number", "amount", "day", "instant", "yes_no"
EMAIL, PHONE, LINK, ADDRESS, CHOICE = "email", "phone", "link", "address", "choice"
BY_HEADER, BY_CONTENT = "header", "content"


@dataclass(frozen=True)
class Target:
    """Field that a column may be.

    `labels` are headers that mean it, in every language; case, accents, plural and punctuation do
    not matter. `kind` is the kind of its values: one of the constants above, which include the
    kinds of the company's own fields. Several columns may be a target that is `is_repeatable`, such
    as a phone number; the others are matched to one column at most.
    """

    key: str
    labels: tuple[str, ...]
    kind: str = TEXT
    is_repeatable: bool = False


@dataclass(frozen=True)
class Match:
    """Target of one column.

    `target` is its key, "" if none is certain; `by` is `BY_HEADER` or `BY_CONTENT`, "" without a
    target. `candidates` are the keys that the column may be if a person has to choose, and `reason`
    is a sentence about that choice.
    """

    position: int
    header: str
    target: str = ""
    by: str = ""
    candidates: tuple[str, ...] = ()
    reason: str = ""

    @property
    def is_ambiguous(self) -> bool:
        return bool(self.candidates) and not self.target


def match_columns(
    headers: Sequence[str], rows: Sequence[Sequence[str]], targets: Sequence[Target]
) -> list[Match]:
    """Return the match of each column, in their order; `rows` are the cells of a sample."""
    raise NotImplementedError
