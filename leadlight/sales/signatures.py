"""Extraction of name, job, company and contacts from e-mail signatures and business cards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from leadlight.sales.contact_lines import (
    ADDRESS,
    CLOSINGS,
    EMAIL,
    FAX,
    LONGEST_NAME,
    LONGEST_READ,
    MOBILE,
    PHONE,
    WEB,
    contacts_in,
    shown_number,
)
from leadlight.sales.models.client_names import LEGAL_FORMS, sort_name

NAME, COMPANY, JOB = "name", "company", "job"
ORDER = (NAME, JOB, COMPANY, PHONE, MOBILE, FAX, EMAIL, WEB, ADDRESS)
LONGEST_PART = 200  # characters of a part of a line; a longer part is prose
MOST_LINES = 30  # of a signature; a longer text is searched for contacts only
PUBLIC_HOSTS = frozenset(
    (
        *("gmail", "googlemail", "hotmail", "outlook", "live", "msn", "yahoo", "icloud", "me"),
        *("aol", "gmx", "mail", "orange", "wanadoo", "free", "sfr", "laposte", "bbox", "neuf"),
        *("proton", "protonmail", "pm"),
    )
)
POSTAL_CODE = re.compile(
    r"\b(?:F-|B-|CH-|L-)?\d{4,5}\b(?=[\s,]+[^\W\d])|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"
)
STREET = re.compile(
    r"(?:\b\d{1,4}(?: ?(?:bis|ter|[a-d]))?,? +(?:rue|avenue|av|bd|boulevard|place|chemin|route|"
    r"quai|allee|impasse|cours|square|faubourg)\b|^(?:zi|za|zac|bp|cs)\b|"
    r"\b\d{1,4}[a-z]?,? +[\w' ]+ (?:street|st|road|rd|avenue|ave|lane|square|drive|way|court|"
    r"place|close|row|terrace)\b)"
)
JOBS = re.compile(
    r"\b(?:directeur|directrice|responsable|charge|chargee|chef|gerant|gerante|president|"
    r"presidente|associe|associee|ingenieur|ingenieure|commercial|commerciale|acheteur|acheteuse|"
    r"assistant|assistante|consultant|consultante|technicien|technicienne|fondateur|fondatrice|"
    r"conducteur|conductrice|architecte|dirigeant|dirigeante|pdg|dg|ceo|cto|cfo|coo|manager|"
    r"director|head of|engineer|founder|partner|owner|officer|buyer|sales|executive|lead|"
    r"architect|secretary|chairman|vp|vice president)\b"
)
JOINTS = re.compile(r"\s+[|•·–—/-]\s+|\s*\|\s*|\t+| {3,}")
LABEL = re.compile(r"^\s*([^:]{1,25}?)\s*:\s*(.+)$")
COMPANY_LABELS = frozenset(
    (
        *("societe", "entreprise", "raison", "sociale", "company", "firm"),
        *("organisation", "organization"),
    )
)
SKIPPED = re.compile(r"https?://|www\.|@|\d{6}")


@dataclass(frozen=True)
class Proposal:
    """Value found in a signature: `kind` is one of `ORDER`, `value` the text to show."""

    kind: str
    value: str


def read_signature(text: str, country: str) -> list[Proposal]:
    """Return the proposals of a text in the order of `ORDER`, each value once.

    The name, the company and the job are guesses from the lines without contacts; at most one each.
    """
    text = text[:LONGEST_READ]
    contacts = contacts_in(text, country)
    found = [
        Proposal(one.label if one.kind == PHONE else one.kind, _shown(one.kind, one.value, country))
        for one in contacts
    ]
    mails = [one.value for one in contacts if one.kind == EMAIL]
    lines = [*_lines(text)]
    if not any(one.kind == ADDRESS for one in found):
        found += [Proposal(ADDRESS, address) for address in _address(lines)]
    if len(lines) <= MOST_LINES:
        names = (one.name for one in contacts if one.name and not one.name.isupper())
        named = next((name for name in names if not _has_form(name)), "")
        found += _people_and_company(lines, named, mails)
    unique = dict.fromkeys(found)
    return sorted(unique, key=lambda one: ORDER.index(one.kind))


def _shown(kind: str, value: str, country: str) -> str:
    return shown_number(value, country) if kind == PHONE else value


def _lines(text: str) -> Iterator[str]:
    """Yield the parts of each line, split at separators such as “|” and “·”."""
    for line in text.splitlines():
        for part in JOINTS.split(line):
            plain = " ".join(part.strip(" *_>•·|,;–—-").split())
            if plain and len(plain) <= LONGEST_PART:
                yield plain


def _people_and_company(lines: list[str], named: str, mails: list[str]) -> Iterator[Proposal]:
    rest = [line for line in lines if _may_be_words(line)]
    labelled = next((value for line in lines if (value := _labelled_company(line))), "")
    job = next((line for line in rest if JOBS.search(sort_name(line)) and line != named), "")
    rest = [line for line in rest if line not in (job, named)]
    job, _comma, behind = job.partition(", ") if not named else (job, "", "")
    if job and behind and not named and _is_name(job):
        named, job = job, behind  # "Jo Walker, Sales Director"
    elif behind:
        job = f"{job}, {behind}"
    company = labelled or _company(rest, mails, named)
    if not named:
        names = [line for line in rest if line != company and _is_name(line)]
        named = next(iter(sorted(names, key=str.isupper)), "")
    for kind, value in ((NAME, named), (JOB, job), (COMPANY, company)):
        if value:
            yield Proposal(kind, value[:LONGEST_NAME])


def _may_be_words(line: str) -> bool:
    plain = sort_name(line)
    words = plain.split()
    return (
        len(line) <= LONGEST_NAME
        and not SKIPPED.search(line)
        and not LABEL.match(line)
        and not POSTAL_CODE.search(line)
        and not STREET.search(plain)
        and words[0].strip(".,!") not in CLOSINGS
        and len(words) <= 8
        and (not line.endswith((".", "!", "?", ",")) or _has_form(line))
    )


def _labelled_company(line: str) -> str:
    match = LABEL.match(line)
    is_company = match and COMPANY_LABELS.issuperset(sort_name(match[1]).split())
    return match[2].strip() if match and is_company else ""


def _company(rest: list[str], mails: list[str], named: str) -> str:
    """Return a line with a legal form, else one like the domain of a mail, else one in capitals."""
    formed = next((line for line in rest if _has_form(line)), "")
    if formed:
        return formed
    hosts = [mail.rpartition("@")[2].split(".")[-2] for mail in mails if "." in mail]
    for host in hosts:
        if host in PUBLIC_HOSTS:
            continue
        for line in rest:
            squashed = re.sub(r"\W", "", sort_name(line))
            if len(squashed) > 2 and (
                squashed in host.replace("-", "") or host.replace("-", "") in squashed
            ):
                return line
    others = [line for line in rest if line != named]
    capitals = [line for line in others if line.isupper() and len(line) > 2]
    return capitals[0] if capitals and (named or len(others) > 1) else ""


def _has_form(line: str) -> bool:
    words = re.findall(r"\w+", sort_name(line.replace(".", "")))
    return len(words) > 1 and any(
        word in LEGAL_FORMS and word not in ("as", "se", "co", "ei") for word in words
    )


def _is_name(line: str) -> bool:
    words = line.split()
    return (
        2 <= len(words) <= 4
        and not any(map(str.isdigit, line))
        and all(word[0].isalpha() and not word[0].islower() for word in words)
    )


def _address(lines: list[str]) -> Iterator[str]:
    """Yield the first line with a postal code, joined to the line before if that is the street."""
    for place, line in enumerate(lines):
        if not POSTAL_CODE.search(line) or SKIPPED.search(line):
            continue
        before = lines[place - 1] if place else ""
        if STREET.search(sort_name(line)) or not STREET.search(sort_name(before)):
            yield line
        else:
            yield f"{before}, {line}"
        return
