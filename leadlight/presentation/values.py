"""Texts of figures and of fields in lists, by kind of value.

A value has three texts: in a sentence (with its unit, exact), at a glance (with its unit, rounded
to three digits, for cards and charts), and in a table (without unit: the heading has it).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from leadlight.analytics.metrics.columns import Column, Rate
from leadlight.analytics.reports.contract import Value
from leadlight.analytics.stats.survival import Estimate
from leadlight.presentation import formats, labels

Formatter = Callable[[Any], str]
Values = Iterable[Any]


@dataclass(frozen=True)
class Texts:
    """Formatters of one kind of value.

    `table(values, is_exact)` returns the formatter of a column, with the same number of decimals
    for all values. If one amount reaches 1,000, all are rounded to whole units unless `is_exact`.
    """

    sentence: Formatter
    glance: Formatter
    table: Callable[[Values, bool], Formatter]


def text(kind: str, value: Any) -> str:
    """Return a value with its unit; “–” for None and for a rate whose denominator is 0."""
    return formats.NONE if has_no_value(value) else KINDS[kind].sentence(value)


def glance(kind: str, value: Any) -> str:
    """Return a value rounded to three digits, with its unit; “–” as for `text`."""
    return formats.NONE if has_no_value(value) else KINDS[kind].glance(value)


def table_formatter(kind: str, values: Values, *, is_exact: bool = False) -> Formatter:
    """Return the formatter of a column. It accepts no value for which `has_no_value` is True."""
    return KINDS[kind].table(values, is_exact)


def has_no_value(value: Any) -> bool:
    """Return whether there is no value: None, or a fraction whose denominator is 0."""
    return value is None or (isinstance(value, Rate) and not value.denominator)


def size_of(value: Any) -> float | None:
    """Return a figure as a number that can be compared; None for no value and for a span."""
    if has_no_value(value):
        return None
    if isinstance(value, Rate):
        return value.value
    if isinstance(value, Estimate):
        return value.share
    return None if isinstance(value, tuple) else float(value)


# Formatters by kind


def _alike(write: Formatter, table: Callable[[], Formatter] | None = None) -> Texts:
    """Return the formatters of a kind that looks the same everywhere.

    `table` makes the formatter of a column, which looks up separators once for all rows.
    """
    return Texts(write, write, lambda values, is_exact: table() if table else write)


def _amounts(values: Values, is_exact: bool) -> Formatter:
    amounts = [value for value in values if isinstance(value, Decimal)]
    decimals = formats.cents(*amounts) if is_exact else formats.cents_at_a_glance(*amounts)
    number = formats.signs().number
    return lambda value: number(value, decimals)


def _ratios(values: Values, is_exact: bool) -> Formatter:
    known = [value.value for value in values if isinstance(value, Rate) and value.denominator]
    decimals = formats.decimals_of_ratios(*known)
    number = formats.signs().number
    return lambda ratio: number(ratio.value, decimals)


def _ratio(ratio: Rate) -> str:
    return _ratios([ratio], True)(ratio)


def _multiples(values: Values, is_exact: bool) -> Formatter:
    write = _ratios(values, is_exact)
    return lambda multiple: f"{write(multiple)}×"


def _multiple(multiple: Rate) -> str:
    return _multiples([multiple], True)(multiple)


def _shares(part: Callable[[Any], float], decimals: int = 1) -> Callable[[], Formatter]:
    """Return a factory of formatters that show `part(value)`, from 0 to 1, in per cent."""

    def table() -> Formatter:
        share = formats.signs().share
        return lambda value: share(part(value), decimals)

    return table


def _share_texts(part: Callable[[Any], float]) -> Texts:
    table = _shares(part)
    return _alike(lambda value: table()(value), table)


def _spans(end: Callable[[], Formatter]) -> Texts:
    """Return the formatters of spans: from low to high, or one value if both are equal."""

    def table() -> Formatter:
        return span_formatter(end())

    return _alike(lambda value: table()(value), table)


def span_formatter(write: Formatter) -> Formatter:
    """Return the formatter of spans whose ends `write` formats."""
    between = _("%(low)s to %(high)s")

    def span(value: Any) -> str:
        if value.low == value.high:
            return write(value.low)
        return between % {"low": write(value.low), "high": write(value.high)}

    return span


def _ranges() -> Texts:
    """Return the formatters of ranges of amounts."""

    def table(values: Values, is_exact: bool) -> Formatter:
        known = [value for value in values if value is not None]
        return span_formatter(_amounts([end for value in known for end in value], is_exact))

    return Texts(
        lambda value: span_formatter(
            lambda end: formats.money(end, formats.cents_at_a_glance(*value))
        )(value),
        lambda value: span_formatter(formats.compact_money)(value),
        table,
    )


def _numbers() -> Formatter:
    return formats.signs().number


def _days() -> Formatter:
    number = formats.signs().number
    return lambda value: number(value, 1)


KINDS: Mapping[str, Texts] = {
    "count": Texts(formats.number, formats.compact_number, lambda values, is_exact: _numbers()),
    "money": Texts(formats.money, formats.compact_money, _amounts),
    "rate": _share_texts(lambda rate: rate.value),
    "share": _share_texts(lambda share: share),
    "estimate": _share_texts(lambda estimate: estimate.share),
    "ratio": Texts(_ratio, _ratio, _ratios),
    "multiple": Texts(_multiple, _multiple, _multiples),
    "days": Texts(formats.days, formats.days, lambda values, is_exact: _days()),
    "interval": _spans(_shares(lambda end: end, 0)),
    "ranks": _spans(_numbers),
    "range": _ranges(),
    "day": _alike(formats.day),
    "instant": _alike(formats.instant),
    "probability": _alike(formats.probability),
    "status": _alike(labels.status),
    "yes_no": _alike(lambda value: _("yes") if value else _("no")),
    "in_bin": _alike(lambda value: _("in the bin") if value else _("not in the bin")),
    "text": _alike(str),
}


# Figures with their parts


def fraction_words(column: Column) -> str:
    """Return the template of a fraction: “part of whole”, or “part for whole” for a ratio."""
    is_share = column.kind == "rate"
    return _("%(part)s of %(whole)s") if is_share else _("%(part)s for %(whole)s")


def parts(column: Column, value: Value) -> str:
    """Return the fraction of a rate, or the band of an estimate; empty for other figures."""
    if isinstance(value, Estimate):
        return band_formatter()(value)
    if not isinstance(value, Rate):
        return ""
    kind = "count" if isinstance(value.denominator, int) else "money"
    return fraction_words(column) % {
        "part": text(kind, value.numerator),
        "whole": text(kind, value.denominator),
    }


def with_parts(column: Column, value: Value) -> str:
    """Return a figure with its fraction if it is a rate, and its band if it is an estimate."""
    figure, within = text(column.kind, value), parts(column, value)
    return f"{figure} ({within})" if within else figure


def band_formatter() -> Callable[[Estimate], str]:
    """Return the formatter of an estimate's confidence band; empty text if it has no band."""
    share, between = formats.signs().share, _("%(low)s to %(high)s")

    def write(estimate: Estimate) -> str:
        low, high = estimate.low, estimate.high
        if low is None or high is None:
            return ""
        return between % {"low": share(low, 1), "high": share(high, 1)}

    return write
