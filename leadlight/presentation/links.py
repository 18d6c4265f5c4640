"""The addresses of a report: of itself with other filters, and of the lists behind its numbers."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from django.urls import reverse

from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.lead_filter import WITHOUT
from leadlight.analytics.reports.contract import Report, Row
from leadlight.sales.models import Shortcut


@lru_cache(maxsize=1024)
def path_of(name: str, key: str) -> str:
    """The path of a page about something with a key; a page has a hundred of them to itself."""
    return reverse(name, args=[key])


def report_address(report: Report, filters: Filters, **page_params: str | None) -> str:
    """The page of a report; those of the `page_params` that are None are left out."""
    return address_of(path_of("report", report.key), filters, page_params)


def leads_address(report: Report, filters: Filters, **page_params: str | None) -> str:
    """The page of the list behind a number."""
    return address_of(path_of("report_leads", report.key), filters, page_params)


def explain_address(report: Report, filters: Filters, **page_params: str | None) -> str:
    """The page that explains a number."""
    return address_of(path_of("report_explain", report.key), filters, page_params)


def changes_address(report: Report, filters: Filters, since: str | None = None) -> str:
    """The page about what changed since an earlier instant."""
    return address_of(path_of("report_changes", report.key), filters, {"since": since})


def quality_address(report: Report, filters: Filters) -> str:
    """The page about the faults of the leads that a report is asked about."""
    return address_of(path_of("report_quality", report.key), filters, {})


def credit_address(report: Report, filters: Filters, **page_params: str | None) -> str:
    """The page that leads a figure from one credit to another."""
    return address_of(path_of("report_credit", report.key), filters, dict(page_params))


def shortcut_address(shortcut: Shortcut) -> str:
    """The page that a shortcut stands for."""
    path = path_of("report", shortcut.report)
    return f"{path}?{shortcut.query}" if shortcut.query else path


def address_of(path: str, filters: Filters, page_params: dict[str, Any]) -> str:
    """A page about a question; what is beside it is left out where it is None."""
    params = {name: value for name, value in page_params.items() if value is not None}
    query = filters.to_query(**params)
    return f"{path}?{query}" if query else path


def is_same_page(one: str, other: str) -> bool:
    """Whether two addresses ask for the same, however their characters are escaped."""
    first, second = urlsplit(one), urlsplit(other)
    return first.path == second.path and parse_qsl(first.query) == parse_qsl(second.query)


def row_key(row: Row) -> str:
    """How addresses name a row."""
    return WITHOUT if row.key is None else row.key


def row_part(row: Row) -> str:
    """What an address says of its row, after what it says of its column."""
    return f"&row={quote(row_key(row), safe='')}"


class ListAddresses:
    """The lists behind the numbers of one answer, made by the thousand."""

    def __init__(self, report: Report, filters: Filters) -> None:
        address = leads_address(report, filters)
        self.start = address + ("&" if "?" in address else "?")

    def address(self, column: str, row: Row | None = None) -> str:
        """The list of a cell; without a row, of the total."""
        address = f"{self.start}column={quote(column, safe='')}"
        return address if row is None else address + row_part(row)
