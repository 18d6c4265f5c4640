"""Addresses of report pages and of the drill-downs of their figures."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from django.urls import reverse

from leadlight.analytics.query.filters import NO_COMPARISON, Filters
from leadlight.analytics.query.lead_filter import WITHOUT
from leadlight.analytics.reports.contract import Report, Row
from leadlight.sales.models import Shortcut
from leadlight.sales.models.shortcuts import LEADS


@lru_cache(maxsize=1024)
def path_of(name: str, key: str) -> str:
    """Return the path of a page with a key. Cached: a page contains a hundred of them."""
    return reverse(name, args=[key])


PageParam = str | list[str] | None
PageParams = dict[str, PageParam]


def report_address(report: Report, filters: Filters, **page_params: PageParam) -> str:
    """Return the address of a report; `page_params` that are None are omitted.

    Some reports open with a comparison if their address has no parameters. For them, an address
    that would have no parameters gets `compare=none`.
    """
    path = path_of("report", report.key)
    address = address_of(path, filters, page_params)
    return f"{path}?compare={NO_COMPARISON}" if _is_bare(report, address) else address


def _is_bare(report: Report, address: str) -> bool:
    return report.compares_at_first and "?" not in address


def leads_address(report: Report, filters: Filters, **page_params: str | None) -> str:
    """Return the address of a drill-down."""
    return address_of(path_of("report_leads", report.key), filters, page_params)


def explain_address(report: Report, filters: Filters, **page_params: str | None) -> str:
    """Return the address of the explanation of a figure."""
    return address_of(path_of("report_explain", report.key), filters, page_params)


def changes_address(report: Report, filters: Filters, since: str | None = None) -> str:
    """Return the address of the changes since an earlier instant."""
    return address_of(path_of("report_changes", report.key), filters, {"since": since})


def quality_address(report: Report, filters: Filters) -> str:
    """Return the address of the data-quality page of a report."""
    return address_of(path_of("report_quality", report.key), filters, {})


def credit_address(report: Report, filters: Filters, **page_params: str | None) -> str:
    """Return the address of the bridge from one attribution to another."""
    return address_of(path_of("report_credit", report.key), filters, dict(page_params))


def shortcut_address(shortcut: Shortcut) -> str:
    """Return the address of the report or the list of leads of a shortcut."""
    if shortcut.report == LEADS:
        pairs = [*parse_qsl(shortcut.query), ("saved", shortcut.key)]
        return f"{reverse('leads')}?{urlencode(pairs)}"
    path = path_of("report", shortcut.report)
    return f"{path}?{shortcut.query}" if shortcut.query else path


def address_of(path: str, filters: Filters, page_params: dict[str, Any]) -> str:
    """Return a path with filters as its query string; `page_params` that are None are omitted.

    A parameter that is a list is repeated for each of its values.
    """
    params = {name: value for name, value in page_params.items() if value is not None}
    query = filters.to_query(**params)
    return f"{path}?{query}" if query else path


def is_same_page(one: str, other: str) -> bool:
    """Return whether two addresses are equal after decoding percent-encoded characters."""
    first, second = urlsplit(one), urlsplit(other)
    return first.path == second.path and parse_qsl(first.query) == parse_qsl(second.query)


def row_key(row: Row) -> str:
    """Return the key of a row in addresses."""
    return WITHOUT if row.key is None else row.key


def row_part(row: Row) -> str:
    """Return the part of a drill-down address that names the row, after the column."""
    return f"&row={quote(row_key(row), safe='')}"


class ListAddresses:
    """Drill-down addresses of one result; their common start is computed once for all."""

    def __init__(self, report: Report, filters: Filters) -> None:
        address = leads_address(report, filters)
        self.start = address + ("&" if "?" in address else "?")

    def address(self, column: str, row: Row | None = None) -> str:
        """Return the drill-down address of a cell; without a row, of the total."""
        address = f"{self.start}column={quote(column, safe='')}"
        return address if row is None else address + row_part(row)
