"""Template tags of forms that change something."""

from __future__ import annotations

from django.template import Context, Library
from django.utils.html import format_html
from django.utils.safestring import SafeString

from leadlight.accounts.keys import new_key
from leadlight.web.shell.addresses import current_page as address_of_page

register = Library()


@register.simple_tag
def action_key() -> SafeString:
    """Return the hidden field with the key of the action of a form, so that it acts once."""
    return format_html('<input type="hidden" name="action" value="{}">', new_key())


@register.simple_tag(takes_context=True)
def current_page(context: Context) -> str:
    """Return the address of the page that the user sees."""
    return address_of_page(context["request"])
