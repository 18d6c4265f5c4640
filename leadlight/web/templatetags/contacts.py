"""Mail addresses and telephone numbers in a text become links to write and to call."""

from __future__ import annotations

import re

from django.template import Library
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from leadlight.presentation import formats

register = Library()

# Characters of one text on a page; the company folder has all of them.
LONGEST_SHOWN = 20_000
# The search takes time linear in the length of the text: a mail address is looked for only where a
# run of its signs begins, and what was read of it is not given back (possessive quantifiers).
# A number with its country begins with + or 00, and may be grouped as one likes. One without it
# begins with 0, is grouped by one and the same sign, and has more digits than a date.
CONTACT = re.compile(
    r"""
    (?<![\w.+-]) (?P<mail> [\w.+-]++ @ [\w-]++ (?:\.[\w-]++)+ )
    | (?<![\w+.,-]) (?P<phone>
        (?P<abroad> \+ | 00 ) [1-9] (?: [^\S\n]? [().-]{0,2} [^\S\n]? \d ){6,13}
        | 0 [1-9] \d{0,3}
          (?: (?P<sign> [^\S\n] | [.-] ) \d{2,4} (?: (?P=sign) \d{2,4} ){1,4} | \d{6,9} )
      ) (?!\w)
    """,
    re.VERBOSE,
)
DIGITS_AT_HOME = range(9, 12)


@register.filter
def with_contacts(text: str) -> SafeString:
    """The text, its contacts linked; cut at `LONGEST_SHOWN` characters, with a sentence."""
    shown, left = linked(text[:LONGEST_SHOWN]), max(len(text) - LONGEST_SHOWN, 0)
    if not left:
        return shown
    said = ngettext(
        "%(number)s further character is not shown.",
        "%(number)s further characters are not shown.",
        left,
    ) % {"number": formats.number(left)}
    return format_html('{}… <em class="muted">{}</em>', shown, said)


def linked(text: str) -> SafeString:
    """The whole text, its contacts linked."""
    parts, end = [], 0
    for found in CONTACT.finditer(text):
        parts += [(text[end : found.start()],), (_link(found),)]
        end = found.end()
    return format_html_join("", "{}", [*parts, (text[end:],)])


def _link(found: re.Match[str]) -> SafeString | str:
    written = found[0]
    if found["mail"]:
        return format_html('<a href="mailto:{}">{}</a>', written, written)
    # +33 (0)6 …: the 0 in brackets is dialled only from within the country.
    digits = re.sub(r"\(0\)|\D", "", written)
    if not found["abroad"] and len(digits) not in DIGITS_AT_HOME:
        return written
    plus = "+" if written.startswith("+") else ""
    return format_html('<a class="nowrap" href="tel:{}{}">{}</a>', plus, digits, written)
