"""Cards above a report: its headline figures and their change from the compared period."""

from __future__ import annotations

from dataclasses import dataclass

from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.reports.contract import Result
from leadlight.presentation import labels, values
from leadlight.presentation.cells import is_few
from leadlight.presentation.comparisons import Change, ColumnComparison, basis_of
from leadlight.presentation.links import ListAddresses


@dataclass(frozen=True)
class Card:
    """One figure as text: its fraction if it is a rate, its drill-down, its compared value.

    `exact` and `before_exact` are the values before rounding.

    `fraction` and `before` are empty and `change` is None if they do not apply.
    """

    column: Column
    title: str
    definition: str
    value: str
    exact: str
    fraction: str
    is_few: bool
    address: str
    change: Change | None
    before: str
    before_exact: str
    before_address: str


def cards(result: Result) -> tuple[Card, ...]:
    """Return the cards of a report's headlines; for a report without any, of six columns."""
    named = result.report.headlines
    headlines = [column for column in result.columns if column.key in named]
    return tuple(card(result, column) for column in headlines or result.columns[:6])


def card(result: Result, column: Column) -> Card:
    now = result.totals[column.key]
    compared = result.compared
    before = compared.totals[column.key] if compared else None
    basis = basis_of(result, column.key)
    return Card(
        column=column,
        title=labels.say(column.title_phrase),
        definition=labels.say(column.definition_phrase),
        value=values.glance(column.kind, now),
        exact=values.text(column.kind, now),
        fraction=values.parts(column, now),
        is_few=is_few(now),
        address=ListAddresses(result.report, result.filters).address(column.key),
        change=ColumnComparison(column).between(now, before, basis) if compared else None,
        before=values.glance(column.kind, before) if compared else "",
        before_exact=values.with_parts(column, before) if compared else "",
        before_address=(
            ListAddresses(result.report, compared.filters).address(column.key) if compared else ""
        ),
    )
