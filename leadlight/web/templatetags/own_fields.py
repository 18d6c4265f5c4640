"""Template tags for values of custom fields: `{% field_value field text %}`."""

from __future__ import annotations

import re
from decimal import Decimal
from urllib.parse import quote

from django.template import Library
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from leadlight.presentation import formats
from leadlight.sales.models import CustomField
from leadlight.sales.models.field_texts import FieldKind, value_of
from leadlight.web.templatetags.contacts import phone_link, with_contacts

register = Library()

LONGEST_IN_A_CELL = 100


@register.simple_tag
def field_value(field: CustomField, text: str | None) -> SafeString | str:
    """Format a value; URLs, email addresses and phone numbers are links.

    Texts are isolated (`bdi`), so that their writing direction does not affect their surroundings.
    """
    if not text:
        return formats.NONE
    match field.kind:
        case FieldKind.NUMBER:
            return formats.number(Decimal(text), len(text.partition(".")[2]))
        case FieldKind.AMOUNT:
            return formats.money(Decimal(text))
        case FieldKind.DAY:
            return formats.day(value_of(field, text))  # type: ignore[arg-type]
        case FieldKind.EMAIL:
            return format_html('<a href="mailto:{}"><bdi>{}</bdi></a>', quote(text, "@"), text)
        case FieldKind.PHONE:
            return phone_link(_dialled(text), text)
        case FieldKind.LINK:
            return format_html(
                '<a href="{}" rel="noopener noreferrer" target="_blank"><bdi>{}</bdi></a>',
                text,
                _cut(text),
            )
    return format_html('<bdi class="prose">{}</bdi>', with_contacts(text))


@register.simple_tag
def field_cell(field: CustomField, text: str | None) -> SafeString | str:
    """Format a value for a cell of a table: long texts are truncated and contain no links."""
    if text and field.kind in (FieldKind.TEXT, FieldKind.ADDRESS, FieldKind.CHOICE):
        return format_html("<bdi>{}</bdi>", _cut(text))
    return field_value(field, text)


@register.filter
def is_measured(field: CustomField) -> bool:
    """Return whether values are aligned to the right of their column."""
    return field.kind in (FieldKind.NUMBER, FieldKind.AMOUNT, FieldKind.DAY)


def _cut(text: str) -> str:
    return Truncator(text).chars(LONGEST_IN_A_CELL)


def _dialled(text: str) -> str:
    """Return the digits of a phone number, without “(0)”, which is dialled only domestically."""
    digits = re.sub(r"\(0\)|\D", "", text)
    return f"+{digits}" if text.startswith("+") else digits
