"""What the frame of every page says: the company, the menu, where the reader is."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.template import Context, Library
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from leadlight.accounts.models import Organization
from leadlight.analytics.reports import CATALOGUE
from leadlight.web import formats, wording

register = Library()

# Nothing that the content security policy forbids, no page of a company kept in the browser's
# storage, and refusals shown like any other answer.
HTMX = {
    "allowEval": False,
    "allowScriptTags": False,
    "historyCacheSize": 0,
    "includeIndicatorStyles": False,
    "refreshOnHistoryMiss": True,
    "responseHandling": [
        {"code": "204", "swap": False},
        {"code": "[23]..", "swap": True},
        {"code": "[45]..", "swap": True, "error": True},
    ],
    "selfRequestsOnly": True,
}


@register.simple_tag
def htmx_config() -> str:
    return json.dumps(HTMX)


@register.simple_tag(takes_context=True)
def organization(context: Context) -> Organization:
    """The company of this instance; not asked for by the page that says that something broke."""
    return formats.company() if "request" in context else Organization()


@register.simple_tag
def report_menu() -> list[tuple[str, str]]:
    """Every report: its key and its title in the reader's language."""
    return [(report.key, gettext(report.title)) for report in CATALOGUE.values()]


@register.simple_tag(takes_context=True)
def is_here(context: Context, name: str, key: str | None = None) -> SafeString | str:
    """Marks the entry of the menu that the page belongs to."""
    match: Any = getattr(context.get("request"), "resolver_match", None)
    if match is None or match.view_name != name:
        return ""
    if key is not None and key not in match.kwargs.values():
        return ""
    return format_html('aria-current="{}"', "page")


@register.filter
def status_name(status: str) -> str:
    return wording.status(status)


@register.filter
def per_cent(probability: int | None) -> str:
    return formats.percent(None if probability is None else probability / 100, 0)


@register.filter
def local_day(instant: datetime | None) -> str:
    """The day of an instant in the company's zone."""
    return formats.day(instant and instant.astimezone(formats.company().zone).date())
