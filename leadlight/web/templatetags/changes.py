"""Template tags of forms that change something."""

from __future__ import annotations

from json import dumps
from typing import Any
from urllib.parse import urlencode

from django.template import Context, Library
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from leadlight.accounts.keys import new_key
from leadlight.web.shell.addresses import current_page as address_of_page

register = Library()


@register.simple_tag(takes_context=True)
def action_key(context: Context) -> SafeString:
    """Return the hidden fields of a form: the key of its action, so that a form sent twice acts
    once, and the parameters of the page to return to (`return_params`), unless that is the lead's.
    """
    params: list[tuple[str, str]] = context.get("return_params") or []
    fields = [("action", new_key()), *params]
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', fields)


@register.simple_tag(takes_context=True)
def return_query(context: Context, start: str = "?") -> str:
    """Return the query string with the page to return to, "" for the page of the lead."""
    params = context.get("return_params", ())
    return start + urlencode(params) if params else ""


@register.simple_tag(takes_context=True)
def current_page(context: Context) -> str:
    """Return the address of the page that the user sees."""
    return address_of_page(context["request"])


@register.simple_tag
def json(values: dict[str, Any]) -> str:
    """Return values as JSON, escaped for an attribute."""
    return dumps(values)
