"""New part of a text: without the quoted messages at its end and without the signature.

A text that answers between the quoted lines is kept whole.
"""

from __future__ import annotations

import re

LONGEST_READ = 100_000  # characters in which the quoted part is sought
SIGNATURE = re.compile(r"--[ \u00a0]?")
# Lines that mail programs of phones add.
ADDED = re.compile(
    r"(sent from my |sent from outlook|get outlook for |envoyé de mon |envoyé depuis |"
    r"envoyé à partir de |télécharger outlook pour |obtenir outlook pour ).{0,60}",
    re.IGNORECASE,
)
# “On …, Zoé wrote:” and “Le …, Zoé a écrit :”, on up to three lines.
INTRODUCTION = re.compile(
    r"^(?:>[ >]*)?(?:On|Le) [^\n]{0,200}(?:\n[^\n>]{0,200}){0,2}?"
    r"(?:wrote|a écrit) ?[:\u00a0]? ?:?[ \u00a0]*$",
    re.MULTILINE,
)
SEPARATOR = re.compile(
    r"^-{2,}[ ]?(?:original message|message d[’']origine|message original|"
    r"forwarded message|message transféré|message réexpédié)[ ]?-{2,}[ ]*$|^_{20,}[ ]*$",
    re.MULTILINE | re.IGNORECASE,
)
# Block of Outlook: “De :” or “From:”, then “Envoyé :”, “Sent:” or “Date:” within the next lines.
OUTLOOK = re.compile(
    r"^\*?(?:From|De)[ \u00a0\u202f]?:\*?[ \u00a0][^\n]{1,300}\n(?:[^\n]{0,300}\n)?"
    r"\*?(?:Sent|Envoyé|Date)[ \u00a0\u202f]?:",
    re.MULTILINE,
)


def new_part(text: str) -> str:
    """Return the text above the first quoted message, without the signature; "" for none."""
    read = text[:LONGEST_READ]
    starts = [found.start() for mark in (SEPARATOR, OUTLOOK) if (found := mark.search(read))]
    introduction = INTRODUCTION.search(read)
    if introduction and not _is_interleaved(read[introduction.end() :]):
        starts.append(introduction.start())
    end = min(starts, default=len(text))
    lines = text[:end].rstrip().split("\n")
    if end == len(text):
        lines = _without_last_quote(lines)
    return _without_signature(lines)


def _is_interleaved(quoted: str) -> bool:
    """Return whether somebody wrote between or below the quoted lines."""
    seen_quote = False
    for line in quoted.split("\n"):
        stripped = line.strip()
        if stripped.startswith(">"):
            seen_quote = True
        elif SIGNATURE.fullmatch(line.rstrip("\r")) or ADDED.fullmatch(stripped):
            return False
        elif stripped and seen_quote:
            return True
    return False


def _without_last_quote(lines: list[str]) -> list[str]:
    """Return the lines without the block of quoted lines at the end."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith(">")):
        end -= 1
    return lines[:end]


def _without_signature(lines: list[str]) -> str:
    for place, line in enumerate(lines):
        if SIGNATURE.fullmatch(line.rstrip("\r")) or ADDED.fullmatch(line.strip()):
            lines = lines[:place]
            break
    return "\n".join(lines).strip()
