"""Contacts in free text: e-mail addresses, phone numbers, links and postal addresses.

The text is a description, an e-mail signature or a business card. Contacts come from labelled
lines (“Tél : 06 12 34 56 78”) and from bare addresses and numbers. A block of lines belongs to one
person; an empty line, a line of dashes or the name of another person separates blocks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from phonenumbers import (
    Leniency,
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberMatcher,
    PhoneNumberType,
    format_number,
    number_type,
    parse,
)

from leadlight.tables.notions import CONTACT_LABELS, labels_of
from leadlight.tables.values import is_email, phone_number

EMAIL, PHONE, WEB, ADDRESS = "email", "phone", "web", "address"
MOBILE, FAX = "mobile", "fax"
NAME, FIRST_NAME, LAST_NAME = "name", "first name", "last name"

# Characters of a text that are searched, characters of a line that are searched at once, and
# contacts of a text that are returned.
LONGEST_READ, LONGEST_LINE, MOST_CONTACTS = 20_000, 1_000, 50
LONGEST_EMAIL, LONGEST_LINK, LONGEST_NAME = 254, 300, 100


def _label_words() -> dict[str, str]:
    words: dict[str, str] = {}
    for label, listed in CONTACT_LABELS.items():
        words |= dict.fromkeys(labels_of(listed), label)
    return words


LABEL_OF = _label_words()
LABEL = re.compile(
    rf"(?<!\w)({'|'.join(map(re.escape, sorted(LABEL_OF, key=len, reverse=True)))})"
    r"\.?(?: ?\([^()]{0,20}\)| (?:pro|perso|personal|professionnel|personnel))? ?[:.=]? ?$"
)
LABELLED = re.compile(r"[ \t>*•-]{0,10}([^:\n]{1,40}?)[ \t]*:[ \t]*(.*)", re.DOTALL)
# Characters before a contact that are searched for its label.
LONGEST_LABEL = 40
# A run of address characters is matched only from its start, so that the search takes linear time.
ADDRESS_OF_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)+")
LINK = re.compile(r"(?<![\w@./-])(?:https?://|www\.)[^\s<>\"'(),;]+", re.IGNORECASE)
HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+(?:[:/?#][^\s<>\"']*)?")
RULE = re.compile(r"\s*[-–—_=*~#]{3,}\s*")
# A national number begins with 0 and has one separator throughout, and more digits than a date.
NATIONAL = re.compile(r"0[1-9]\d{0,3}(?:([^\S\n]|[.-])\d{2,4}(?:\1\d{2,4}){1,4}|\d{6,9})")
DATE = re.compile(r"(?<!\d)\d{1,2}([-./])\d{1,2}\1(?:19|20)\d\d(?!\d)")
FEWEST_DIGITS = 6  # of a number that is found without its label
DIGITS_AT_HOME = range(9, 12)  # of a national number that is found without its label
NOT_IN_A_NAME = re.compile(r"[\d@/:;,!?&|+_()\[\]{}<>\"]")
_CLOSINGS = "best kind regards sincerely thanks cordialement bien merci bonjour hello hi dear"
CLOSINGS = frozenset(_CLOSINGS.split())
FORMAT_CHARACTERS = dict.fromkeys((8206, 8207, 1564, *range(8234, 8239), *range(8294, 8298)))


@dataclass(frozen=True)
class Contact:
    """Way to reach a person: `value` is an address in lower case, an E.164 number or a link.

    `label` is one of the keys of `CONTACT_LABELS`, `name` the name of the person, "" if unknown.
    Contacts of one block have the same `block`.
    """

    kind: str
    value: str
    label: str
    name: str = ""
    block: int = 0


def contacts_in(text: str, country: str) -> tuple[Contact, ...]:
    """Return the contacts of a text in order, each value once.

    Numbers without a country code are read as numbers of `country` (two letters).
    """
    found: dict[tuple[str, str], Contact] = {}
    for block in _blocks(text, country):
        for contact in block:
            found.setdefault((contact.kind, contact.value), contact)
    return tuple(found.values())[:MOST_CONTACTS]


def contact_spans(text: str, country: str) -> Iterator[tuple[int, int, Contact]]:
    """Yield the e-mail addresses and phone numbers of a text with their start and end."""
    start = 0
    for line in _pieces(text):
        mails = list(_mails(line))
        spans = [*mails, *_phones(_masked(line, [*mails, *_links(line)]), country)]
        for first, last, contact in sorted(spans, key=lambda span: span[:2]):
            yield start + first, start + last, contact
        start += len(line)


def _pieces(text: str) -> Iterator[str]:
    """Yield the lines of a text; long ones in pieces, cut at a space where there is one.

    The time to find phone numbers in a line of digits grows faster than its length.
    """
    for line in text.splitlines(keepends=True):
        start = 0
        while len(line) - start > LONGEST_LINE:
            end = line.rfind(" ", start + 1, start + LONGEST_LINE)
            end = start + LONGEST_LINE if end < 0 else end
            yield line[start:end]
            start = end
        yield line[start:]


def shown_number(value: str, country: str) -> str:
    """Format an E.164 number: nationally within `country`, else internationally."""
    try:
        number = parse(value)
        is_national = number.country_code == parse("0000000", country).country_code
    except NumberParseException:
        return value
    style = PhoneNumberFormat.NATIONAL if is_national else PhoneNumberFormat.INTERNATIONAL
    return format_number(number, style)


def national_number(value: str) -> tuple[str, str]:
    """Return the digits of an E.164 number without country code, with and without trunk prefix."""
    try:
        number = parse(value)
    except NumberParseException:
        return "", ""
    national = format_number(number, PhoneNumberFormat.NATIONAL)
    return re.sub(r"\D", "", national), str(number.national_number)


# Blocks


def _blocks(text: str, country: str) -> Iterator[list[Contact]]:
    """Yield the contacts of each block, with the name of its person.

    The name of a block without contacts belongs to the next block.
    """
    name, contacts, number = _Name(), list[Contact](), 0
    for line in _pieces(text[:LONGEST_READ].translate(FORMAT_CHARACTERS)):
        if not line.strip() or RULE.fullmatch(line):
            if contacts:
                yield _named(contacts, name, number)
                name, contacts, number = _Name(), [], number + 1
            continue
        here = list(_contacts_of(line, country))
        part, named = ("", "") if here else _name_in(line)
        if named and contacts and name.has(part):
            yield _named(contacts, name, number)
            name, contacts, number = _Name(), [], number + 1
        if named:
            name.parts.setdefault(part, named)
        contacts += here
    if contacts:
        yield _named(contacts, name, number)


class _Name:
    """Name of the person of a block: label → part of the name; "" labels a line without label."""

    def __init__(self) -> None:
        self.parts: dict[str, str] = {}

    def has(self, part: str) -> bool:
        """Return whether a further name with this label is the name of another person."""
        return part in self.parts or NAME in self.parts or part in ("", NAME)

    def __str__(self) -> str:
        if FIRST_NAME in self.parts:
            last = self.parts.get(LAST_NAME) or self.parts.get(NAME, "")
            return f"{self.parts[FIRST_NAME]} {last}".strip()
        return next((self.parts[one] for one in (NAME, LAST_NAME, "") if one in self.parts), "")


def _named(contacts: list[Contact], name: _Name, block: int) -> list[Contact]:
    return [replace(one, name=str(name)[:LONGEST_NAME], block=block) for one in contacts]


def _name_in(line: str) -> tuple[str, str]:
    """Return the label and the name on a line; the label is "" for a line that is just a name."""
    labelled = LABELLED.fullmatch(line)
    if labelled:
        label = LABEL_OF.get(plain_label(labelled[1]), "")
        if label in (NAME, FIRST_NAME, LAST_NAME):
            return label, " ".join(labelled[2].split())
        return "", ""
    words = line.split()
    is_name = (
        2 <= len(words) <= 4
        and len(line) <= LONGEST_NAME
        and not NOT_IN_A_NAME.search(line)
        and words[0].strip(".").casefold() not in CLOSINGS
        and all(word[0].isalpha() and not word[0].islower() for word in words)
    )
    return "", " ".join(words) if is_name else ""


# Contacts of one line


def _contacts_of(line: str, country: str) -> Iterator[Contact]:
    spans = sorted([*_mails(line), *_links(line)])
    spans = sorted([*spans, *_phones(_masked(line, spans), country)], key=lambda span: span[:2])
    last = 0
    for start, end, contact in spans:
        label = _label_before(line[max(last, start - LONGEST_LABEL) : start])
        yield replace(contact, label=_fitting(label, contact))
        last = end
    if not spans:
        yield from _labelled(line, country)


def _masked(line: str, spans: Iterable[tuple[int, int, Contact]]) -> str:
    """Return the line with NUL characters in place of the contacts that are already found."""
    for start, end, _contact in spans:
        line = line[:start] + "\0" * (end - start) + line[end:]
    return line


def _mails(line: str) -> Iterator[tuple[int, int, Contact]]:
    for match in ADDRESS_OF_MAIL.finditer(line):
        if len(match[0]) <= LONGEST_EMAIL and is_email(match[0]):
            yield match.start(), match.end(), Contact(EMAIL, match[0].lower(), EMAIL)


def _links(line: str) -> Iterator[tuple[int, int, Contact]]:
    for match in LINK.finditer(line):
        written = match[0].rstrip(".:!?")
        if len(written) <= LONGEST_LINK and "." in written:
            yield match.start(), match.start() + len(written), Contact(WEB, _link(written), WEB)


def _phones(line: str, country: str) -> Iterator[tuple[int, int, Contact]]:
    if not _may_have_a_number(line):
        return
    found = [one for one in PhoneNumberMatcher(line, country) if not DATE.search(one.raw_string)]
    if found:
        rest = list(line)
        for match in found:
            rest[match.start : match.end] = "\0" * (match.end - match.start)
        line = "".join(rest)
    if _may_have_a_number(line):  # also numbers outside the assigned ranges
        possible = PhoneNumberMatcher(line, country, leniency=Leniency.POSSIBLE)
        found += [one for one in possible if _is_plain(one.raw_string)]
    for match in found:
        mobile = number_type(match.number) == PhoneNumberType.MOBILE
        contact = Contact(PHONE, _e164(match.number), MOBILE if mobile else PHONE)
        yield match.start, match.end, contact


def _may_have_a_number(line: str) -> bool:
    return sum(map(str.isdigit, line)) >= FEWEST_DIGITS


def _is_plain(written: str) -> bool:
    """Return whether a possible number is written as one: with +, or as a national number."""
    if written.startswith("+"):
        return True
    if DATE.search(written):
        return False
    return bool(NATIONAL.fullmatch(written)) and sum(map(str.isdigit, written)) in DIGITS_AT_HOME


def _labelled(line: str, country: str) -> Iterator[Contact]:
    """Yield the contact of a labelled line that is not recognised without its label."""
    match = LABELLED.fullmatch(line)
    if not match:
        return
    label, value = LABEL_OF.get(plain_label(match[1]), ""), match[2].strip()
    if label in (PHONE, MOBILE, FAX):
        number = phone_number(value, country)
        if number:
            yield Contact(PHONE, number, label)
    elif label == WEB and HOST.fullmatch(value) and len(value) <= LONGEST_LINK:
        yield Contact(WEB, _link(value), WEB)
    elif label == ADDRESS and value:
        yield Contact(ADDRESS, value[:LONGEST_LINK], ADDRESS)


def _label_before(text: str) -> str:
    match = LABEL.search(plain_label(text, keeps_end=True))
    return LABEL_OF[match[1]] if match else ""


def _fitting(label: str, contact: Contact) -> str:
    """Return the label if it fits the kind of contact, else the label that the contact has."""
    fits = label in (PHONE, MOBILE, FAX) if contact.kind == PHONE else label == contact.kind
    if label == PHONE and contact.label == MOBILE:
        return MOBILE
    return label if fits else contact.label


def plain_label(text: str, *, keeps_end: bool = False) -> str:
    """Return the text in lower case, without accents, with single spaces.

    Spaces and punctuation around it are removed unless `keeps_end`.
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(each for each in decomposed if not unicodedata.combining(each))
    spaced = re.sub(r"\s+", " ", plain)
    return spaced if keeps_end else spaced.strip(" .*•>-")


def _link(text: str) -> str:
    return text if "://" in text else f"https://{text}"


def _e164(number: PhoneNumber) -> str:
    return format_number(number, PhoneNumberFormat.E164)
