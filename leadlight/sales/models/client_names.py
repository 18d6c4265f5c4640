"""Names of clients: the text to sort and search by, and similarity."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher

LONGEST_NAME = 300
# Words that say what kind of company it is. Two names that differ in them only are similar.
LEGAL_FORMS = frozenset(
    [
        "ab",
        "ag",
        "as",
        "bv",
        "co",
        "company",
        "corp",
        "corporation",
        "ei",
        "eurl",
        "gie",
        "gmbh",
        "inc",
        "kg",
        "limited",
        "llc",
        "llp",
        "ltd",
        "nv",
        "oy",
        "plc",
        "sa",
        "sarl",
        "sas",
        "sasu",
        "sci",
        "scop",
        "se",
        "selarl",
        "snc",
        "spa",
        "srl",
    ]
)
WORD = re.compile(r"\w+")
SIMILAR = 0.85


def sort_name(name: str) -> str:
    """Return the text by which clients are sorted and searched: without case and accents."""
    decomposed = unicodedata.normalize("NFKD", name)
    plain = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return " ".join(plain.casefold().split())[:LONGEST_NAME]


def words_of(name: str) -> list[str]:
    """Return the words that distinguish a name, without case, accents and legal forms."""
    words = WORD.findall(sort_name(name.replace(".", "")))
    return [word for word in words if word not in LEGAL_FORMS] or words


def most_similar(name: str, others: Iterable[str], most: int) -> list[str]:
    """Return the names that are very similar to `name`, most similar first, at most `most`."""
    wanted = " ".join(words_of(name))
    matcher = SequenceMatcher(b=wanted, autojunk=False)
    found = []
    for other in others:
        matcher.set_seq1(" ".join(words_of(other)))
        if matcher.real_quick_ratio() >= SIMILAR and matcher.quick_ratio() >= SIMILAR:
            ratio = matcher.ratio()
            if ratio >= SIMILAR:
                found.append((-ratio, other))
    return [other for _ratio, other in sorted(found)[:most]]
