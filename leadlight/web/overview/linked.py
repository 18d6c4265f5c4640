"""Figure in a sentence, with a link to its list or its explanation."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from leadlight.analytics.query.filters import Filters
from leadlight.analytics.reports.contract import Report, Row, Value
from leadlight.presentation import values
from leadlight.presentation.links import ListAddresses, explain_address

EXPLAIN = mark_safe(" data-explain")


@dataclass(frozen=True)
class Linked:
    """A figure as rounded and as exact text, with the address of its list or of its explanation."""

    text: str
    exact: str
    address: str
    is_explained: bool = False

    @property
    def html(self) -> SafeString:
        """Link with the exact text as its tooltip."""
        explain = EXPLAIN if self.is_explained else ""
        return format_html(
            '<a href="{}" title="{}"{}>{}</a>', self.address, self.exact, explain, self.text
        )


def linked(kind: str, value: Value, address: str, *, is_explained: bool = False) -> Linked:
    return Linked(values.glance(kind, value), values.text(kind, value), address, is_explained)


def listed(
    report: Report, filters: Filters, key: str, value: Value, row: Row | None = None
) -> Linked:
    """Return an amount with the address of its list."""
    return linked("money", value, ListAddresses(report, filters).address(key, row))


def explained(report: Report, filters: Filters, key: str, value: Value, kind: str) -> Linked:
    """Return a figure with the address of its explanation."""
    address = explain_address(report, filters, column=key)
    return linked(kind, value, address, is_explained=True)
