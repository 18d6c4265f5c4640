"""Template filters that link e-mail addresses and telephone numbers."""

from __future__ import annotations

from django.template import Library
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from leadlight.accounts.organization import organization
from leadlight.presentation import formats
from leadlight.presentation.lead_entries import Comment
from leadlight.sales.contact_lines import EMAIL, PHONE, WEB, contact_spans, shown_number
from leadlight.sales.models import ContactPoint
from leadlight.sales.models.comments import spans

register = Library()

# Characters of one text on a page; the export to a company folder has the whole text.
LONGEST_SHOWN = 20_000


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


@register.filter
def with_mentions(comment: Comment) -> SafeString:
    """Link the contacts of a comment and mark the people whom it mentions."""
    text, names = comment.text, dict.fromkeys(map(str.casefold, comment.mentions), 0)
    found = list(spans(text[:LONGEST_SHOWN], names)) if names else []
    parts, end = [], 0
    for span in found:
        parts.append((linked(text[end : span.start]),))
        parts.append((format_html('<mark class="mention">{}</mark>', text[span.start : span.end]),))
        end = span.end
    return format_html_join("", "{}", [*parts, (with_contacts(text[end:]),)])


def linked(text: str) -> SafeString:
    """Link the contacts of a text, without truncation; numbers stay as they are written."""
    parts, end = [], 0
    for start, stop, contact in contact_spans(text, organization().phone_country):
        written = text[start:stop]
        parts += [(text[end:start],), (_link(contact.kind, contact.value, written),)]
        end = stop
    return format_html_join("", "{}", [*parts, (text[end:],)])


@register.filter
def contact_link(contact: ContactPoint) -> SafeString | str:
    """Link a contact point; phone numbers are formatted as in the company's country."""
    shown = contact.value
    if contact.kind == PHONE:
        shown = shown_number(contact.value, organization().phone_country)
    return _link(contact.kind, contact.value, shown)


def _link(kind: str, value: str, shown: str) -> SafeString | str:
    if kind == EMAIL:
        return format_html('<a href="mailto:{}">{}</a>', value, shown)
    if kind == PHONE:
        return phone_link(value, shown)
    if kind == WEB:
        return format_html('<a href="{}" rel="noopener noreferrer">{}</a>', value, shown)
    return shown


def phone_link(number: str, shown: str) -> SafeString:
    """Link a phone number with the company's dialler."""
    address = organization().dialler.replace("%s", number)
    return format_html('<a class="nowrap" href="{}" data-call>{}</a>', address, shown)
