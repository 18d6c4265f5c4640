"""Names of clients: the text to sort and search by, and similarity."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import TypeVar

LONGEST_NAME = 300
# Legal forms of companies. Two names that differ only in these words are similar.
LEGAL_FORMS = {
    *("ab", "ag", "as", "bv", "co", "company", "corp", "corporation", "ei", "eurl", "gie", "gmbh"),
    *("inc", "kg", "limited", "llc", "llp", "ltd", "nv", "oy", "plc", "sa", "sarl", "sas", "sasu"),
    *("sci", "scop", "se", "selarl", "snc", "spa", "srl"),
}
WORD = re.compile(r"\w+")
SIMILAR = 0.85
Named = TypeVar("Named")


def sort_name(name: str) -> str:
    """Return the text by which clients are sorted and searched: without case and accents."""
    decomposed = unicodedata.normalize("NFKD", name)
    plain = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return " ".join(plain.casefold().split())[:LONGEST_NAME]


def words_of(name: str) -> list[str]:
    """Return the words that distinguish a name, without case, accents and legal forms."""
    words = WORD.findall(sort_name(name.replace(".", "")))
    return [word for word in words if word not in LEGAL_FORMS] or words


def most_similar(name: str, others: Iterable[Named]) -> list[Named]:
    """Return the rows whose name is very similar to `name`, most similar first."""
    wanted = " ".join(words_of(name))
    matcher = SequenceMatcher(b=wanted, autojunk=False)
    found = []
    for place, other in enumerate(others):
        matcher.set_seq1(" ".join(words_of(str(other))))
        if matcher.real_quick_ratio() >= SIMILAR and matcher.quick_ratio() >= SIMILAR:
            found.append((-matcher.ratio(), place, other))
    return [other for ratio, _place, other in sorted(found) if -ratio >= SIMILAR]
