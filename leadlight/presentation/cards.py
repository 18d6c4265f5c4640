"""Cards above a report: its headline figures and their change from the compared period."""

from __future__ import annotations

from dataclasses import dataclass

from leadlight.analytics.metrics.columns import Column, Rate, Span
from leadlight.analytics.reports.contract import Result, Value
from leadlight.analytics.stats.survival import Estimate
from leadlight.presentation import formats, labels
from leadlight.presentation.cells import band_writer, fraction_words, is_few, writer
from leadlight.presentation.comparisons import Change, ColumnComparison, days_of
from leadlight.presentation.links import ListAddresses


@dataclass(frozen=True)
class Card:
    """One figure as text: its fraction if it is a rate, its drill-down, its compared value.

    `fraction` and `before` are empty and `change` is None if they do not apply.
    """

    column: Column
    title: str
    definition: str
    value: str
    fraction: str
    is_few: bool
    address: str
    change: Change | None
    before: str
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
    days = (days_of(result), days_of(compared)) if compared else None
    return Card(
        column=column,
        title=labels.say(column.title_phrase),
        definition=labels.say(column.definition_phrase),
        value=formatted(column, now),
        fraction=_parts(column, now),
        is_few=is_few(now),
        address=ListAddresses(result.report, result.filters).address(column.key),
        change=ColumnComparison(column).between(now, before, days) if days else None,
        before=with_parts(column, before) if compared else "",
        before_address=(
            ListAddresses(result.report, compared.filters).address(column.key) if compared else ""
        ),
    )


def formatted(column: Column, value: Value) -> str:
    """Format a figure outside a table, with its unit."""
    if column.kind == "ratio" and isinstance(value, Rate):
        return formats.number(value.value, 2)
    if isinstance(value, Rate):
        return formats.percent(value.value)
    if isinstance(value, Span | Estimate) or column.kind in ("share", "estimate"):
        return formats.NONE if value is None else writer(column, ())(value)
    if column.kind == "money":
        return formats.money(value, formats.cents_at_a_glance(value))
    return formats.days(value) if isinstance(value, float) else formats.number(value)


def _parts(column: Column, value: Value) -> str:
    if isinstance(value, Estimate):
        return band_writer()(value)
    if not isinstance(value, Rate):
        return ""
    write = formats.number if isinstance(value.denominator, int) else formats.money
    parts = {"part": write(value.numerator), "whole": write(value.denominator)}
    return fraction_words(column) % parts


def with_parts(column: Column, value: Value) -> str:
    """Format a figure, with its fraction if it is a rate and its band if it is an estimate."""
    parts = _parts(column, value)
    return f"{formatted(column, value)} ({parts})" if parts else formatted(column, value)
