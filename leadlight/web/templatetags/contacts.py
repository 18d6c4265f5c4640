"""Template filter that links email addresses and telephone numbers in a text."""

from __future__ import annotations

import re

from django.template import Library
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from leadlight.presentation import formats

register = Library()

# Characters of one text on a page; the export to a company folder has the whole text.
LONGEST_SHOWN = 20_000
# The search takes linear time: an email address is matched only from the start of a run of its
# characters, and possessive quantifiers prevent backtracking.
# An international number begins with + or 00, with any grouping. A national number begins with 0,
# has one separator throughout, and more digits than a date.
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
    """Link the contacts of a text; truncate at `LONGEST_SHOWN` characters, with a notice."""
    shown, left = linked(text[:LONGEST_SHOWN]), max(len(text) - LONGEST_SHOWN, 0)
    if not left:
        return shown
    more = ngettext(
        "%(number)s further character is not shown.",
        "%(number)s further characters are not shown.",
        left,
    ) % {"number": formats.number(left)}
    return format_html('{}… <em class="muted">{}</em>', shown, more)


def linked(text: str) -> SafeString:
    """Link the contacts of a text, without truncation."""
    parts, end = [], 0
    for found in CONTACT.finditer(text):
        parts += [(text[end : found.start()],), (_link(found),)]
        end = found.end()
    return format_html_join("", "{}", [*parts, (text[end:],)])


def _link(found: re.Match[str]) -> SafeString | str:
    written = found[0]
    if found["mail"]:
        return format_html('<a href="mailto:{}">{}</a>', written, written)
    # +33 (0)6 …: the 0 in parentheses is dialled only within the country.
    digits = re.sub(r"\(0\)|\D", "", written)
    if not found["abroad"] and len(digits) not in DIGITS_AT_HOME:
        return written
    plus = "+" if written.startswith("+") else ""
    return format_html('<a class="nowrap" href="tel:{}{}">{}</a>', plus, digits, written)
