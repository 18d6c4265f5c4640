"""Headers of columns as words: without case, accents, plural, punctuation and small words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher

SMALL_WORDS = frozenset(
    ["a", "au", "d", "de", "des", "du", "et", "l", "la", "le", "les", "of", "the", "un", "une"]
)
CASE_CHANGES = re.compile(r"(?<=[a-z])(?=[A-Z])")
WORD = re.compile(r"[^\W_]+")
FEWEST_LETTERS = 6  # of a label in which a letter may be wrong
SIMILAR = 0.88  # least ratio of equal letters in a misspelt label
LONGEST_COMPARED = 60  # characters of a header that may be a misspelt label

EXACT, CONTAINED, MISSPELT = 3, 2, 1


@dataclass(frozen=True)
class HeaderWords:
    """Words of a header; `number` is the number at its end, as in “E-mail 2”, or 1."""

    words: tuple[str, ...]
    number: int = 1

    @property
    def joined(self) -> str:
        return "".join(self.words)


def header_words(text: str) -> HeaderWords:
    """Return the words of a header or a label."""
    spaced = CASE_CHANGES.sub(" ", text[:200]).casefold()
    decomposed = unicodedata.normalize("NFKD", spaced)
    plain = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    words = WORD.findall(plain)
    number = 1
    if len(words) > 1 and re.fullmatch(r"[1-9]\d?", words[-1], re.ASCII):
        number = int(words.pop())
    kept = [word for word in words if word not in SMALL_WORDS] or words
    singular = tuple(word[:-1] if len(word) > 3 and word[-1] == "s" else word for word in kept)
    return HeaderWords(_with_email(singular), number)


def _with_email(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words with “e-mail” as one word."""
    for place in range(len(words) - 1):
        if words[place : place + 2] == ("e", "mail"):
            return (*words[:place], "email", *words[place + 2 :])
    return words


def likeness(header: HeaderWords, label: HeaderWords) -> tuple[int, int]:
    """Return how a header matches a label, and the number of words of the label.

    The first number is `EXACT`, `CONTAINED` or `MISSPELT`. Returns (0, 0) without a match.
    """
    if header.joined == label.joined:
        return EXACT, len(label.words)
    size = len(label.words)
    if any(
        header.words[start : start + size] == label.words
        for start in range(len(header.words) - size + 1)
    ):
        return CONTAINED, size
    if len(label.joined) >= FEWEST_LETTERS and _is_misspelt(header.joined, label.joined):
        return MISSPELT, size
    return 0, 0


def _is_misspelt(one: str, other: str) -> bool:
    if len(one) > LONGEST_COMPARED:
        return False
    matcher = SequenceMatcher(a=one, b=other, autojunk=False)
    return (
        matcher.real_quick_ratio() >= SIMILAR
        and matcher.quick_ratio() >= SIMILAR
        and matcher.ratio() >= SIMILAR
    )
