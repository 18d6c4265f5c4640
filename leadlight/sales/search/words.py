"""Words by which a row is found, the same on every database.

A word is a run of letters and digits, in lower case and without accents. Besides the words of its
texts, a row has marks: `^word` is the first word of its title, `=open` and `=closed` its state,
`=u1`, `=t2` and `=l3` its owner, its team and its prospecting list.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from leadlight.sales.contact_lines import national_number

LONGEST_WORD = 40
MOST_WORDS = 2_000  # of one row
SHORTEST = 2  # characters that a search needs
OPEN, CLOSED = "=open", "=closed"
# Letters that Unicode does not decompose into a base letter and an accent.
LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
# Characters from 0x20000 on are ideographs and marks that do not combine.
ACCENTS = {code: None for code in range(0x300, 0x20000) if unicodedata.combining(chr(code))}
WORD = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """Return the words of a text in order, each cut to `LONGEST_WORD`."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.casefold()).translate(LETTERS)
        text = decomposed.translate(ACCENTS)
    return [word[:LONGEST_WORD] for word in WORD.findall(text.lower())]


def first_word(title: str) -> str:
    """Return the mark of the first word of a title, "" for a title without words."""
    found = words_of(title)
    return f"^{found[0]}" if found else ""


def owner_mark(user_id: int) -> str:
    return f"=u{user_id}"


def team_mark(team_id: int) -> str:
    return f"=t{team_id}"


def list_mark(list_id: int) -> str:
    return f"=l{list_id}"


def phone_words(number: str) -> Iterator[str]:
    """Yield the digits of an E.164 number with the country code, and without it."""
    yield number.removeprefix("+")
    yield from national_number(number)


def joined(marks: Iterable[str], texts: Iterable[str]) -> str:
    """Return marks and the words of texts, each once, sorted; at most `MOST_WORDS` words.

    The texts come in order of importance: words beyond the limit are left out.
    """
    words: dict[str, None] = {}
    for text in texts:
        words |= dict.fromkeys(words_of(text))
        if len(words) > MOST_WORDS:
            break
    kept = list(words)[:MOST_WORDS]
    return " ".join(sorted({*filter(None, marks), *kept}))
