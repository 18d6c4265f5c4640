"""Template tags of the frame of every page: company, menu and current entry."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.template import Context, Library
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from leadlight.accounts.models import Organization
from leadlight.analytics.reports import CATALOGUE
from leadlight.analytics.reports.contract import Report
from leadlight.presentation import formats, labels
from leadlight.presentation.links import is_same_page, path_of, shortcut_address
from leadlight.reporting import shortcuts
from leadlight.sales.models.shortcuts import LEADS
from leadlight.web.shell.unread_mentions import count_text, unread_count

register = Library()

# Complies with the content security policy, stores no page in the browser's history cache, and
# shows error responses like any other response. There is no settle delay, because a key pressed
# during it would follow the links of a new part of the page without htmx.
HTMX = {
    "allowEval": False,
    "allowScriptTags": False,
    "defaultSettleDelay": 0,
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

# Beginnings of the addresses of settings pages; the first one is that of their home.
SETTINGS = ("/settings/", "/working-days/")


@register.simple_tag
def htmx_config() -> str:
    return json.dumps(HTMX)


@register.simple_tag(takes_context=True)
def organization(context: Context) -> Organization:
    """Return the company; without a request, as on the error page 500, one with default settings.

    That page must not query the database, which may be the cause of the error.
    """
    return formats.company() if "request" in context else Organization()


@dataclass(frozen=True)
class Entry:
    """Menu entry of a report or a pinned shortcut.

    The address of a report is that of the user's default shortcut for it, if there is one.
    """

    key: str
    title: str
    address: str
    is_here: bool = False


@dataclass(frozen=True)
class ReaderMenu:
    """Entries of the menu.

    `leads` is the address of the list of leads, and `views` are its pinned views.
    """

    reports: tuple[Entry, ...]
    pinned: tuple[Entry, ...]
    leads: str
    views: tuple[Entry, ...]


@register.simple_tag(takes_context=True)
def reader_menu(context: Context) -> ReaderMenu:
    """Return the entries of all reports and of the user's pinned shortcuts."""
    menu = list(shortcuts.in_menu(context["user"]))
    defaults = {one.report: _opening(one) for one in menu if one.is_default}
    here = context.get("here") or context["request"].get_full_path()
    pins = [
        (
            one.report,
            Entry(one.key, one.name, _opening(one), is_same_page(shortcut_address(one), here)),
        )
        for one in menu
        if one.place is not None
    ]
    return ReaderMenu(
        tuple(
            Entry(key, gettext(report.title), defaults.get(key) or _first_page(report))
            for key, report in CATALOGUE.items()
        ),
        tuple(entry for report, entry in pins if report != LEADS),
        defaults.get(LEADS) or reverse("leads"),
        tuple(entry for report, entry in pins if report == LEADS),
    )


@dataclass(frozen=True)
class UnreadMentions:
    count: int
    text: str


@register.simple_tag(takes_context=True)
def unread_mentions(context: Context) -> UnreadMentions:
    """Return the number of the user's unread mentions."""
    count = unread_count(context["request"])
    return UnreadMentions(count, count_text(count))


def _first_page(report: Report) -> str:
    path = path_of("report", report.key)
    return f"{path}?view={report.first_view}" if report.first_view else path


def _opening(shortcut: Any) -> str:
    return path_of("shortcut", shortcut.key)


@register.simple_tag(takes_context=True)
def is_here(context: Context, name: str, key: str | None = None) -> SafeString | str:
    """Return the attribute `aria-current` if the page belongs to this menu entry."""
    match: Any = getattr(context.get("request"), "resolver_match", None)
    if match is None or match.view_name != name:
        return ""
    if key is not None and key not in match.kwargs.values():
        return ""
    return format_html('aria-current="{}"', "page")


@register.simple_tag(takes_context=True)
def is_in_settings(context: Context) -> SafeString | str:
    """Return the attribute `aria-current` on the settings pages of admins."""
    path = getattr(context.get("request"), "path", "")
    if not path.startswith(SETTINGS):
        return ""
    here = "page" if path == SETTINGS[0] else "true"
    return format_html('aria-current="{}"', here)


@register.filter
def status_name(status: str) -> str:
    return labels.status(status)


@register.filter
def per_cent(probability: int | None) -> str:
    return formats.probability(probability)


@register.filter
def local_day(instant: datetime | None) -> str:
    """Format the day of an instant in the company's time zone."""
    return formats.day(instant and instant.astimezone(formats.company().zone).date())
