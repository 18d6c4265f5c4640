"""Columns of reports: counts, sums, ratios, rates, medians and other figures.

A report passes *facts* to its columns: named tables with one row per lead, activity, prospect or
other fact. A `Column` declares the facts that its drill-down lists (`facts`, `where`), the
aggregates that the engine computes (`aggregates`), and its figure (`value`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Literal, NamedTuple

from ibis.expr.types import BooleanValue, Table, Value

from leadlight.analytics.metrics import evidence
from leadlight.analytics.metrics.evidence import QUARTILES, Aggregate, Aggregates, Evidence, Sums
from leadlight.analytics.metrics.kinds import UNITS, Kind
from leadlight.analytics.metrics.predicates import days_to_close, is_any, is_closed_before_creation
from leadlight.analytics.query.periods import Bucket, Period
from leadlight.analytics.query.phrases import Phrase, gettext_noop

CENT = Decimal("0.01")
Predicate = Callable[[Table], BooleanValue]


@dataclass(frozen=True)
class Rate:
    """Numerator and denominator of a fraction; `value` is None if the denominator is 0."""

    numerator: int | Decimal
    denominator: int | Decimal

    @property
    def value(self) -> float | None:
        return float(self.numerator / self.denominator) if self.denominator else None

    def __str__(self) -> str:
        return "–" if self.value is None else f"{self.value:.1%}"


class Span(NamedTuple):
    """Interval of a figure from `low` to `high`: shares, ranks (1 is best), or amounts."""

    low: float | Decimal
    high: float | Decimal


@dataclass(frozen=True, eq=False)
class Column:
    """One figure of a report.

    `kind` determines the type of the values: count is an int, money a Decimal with two decimals,
    rate a `Rate` shown as a share, ratio a `Rate` shown as a number, multiple a `Rate` shown as a
    number followed by ×, days a float, share a float from 0 to 1, interval, ranks and range (of
    amounts) a `Span`, estimate an `Estimate`. A value that cannot be computed is None, or for a
    rate, ratio or multiple, a `Rate` with the denominator 0.

    - `aggregates`: by name, the name of the facts and the aggregate over them.
    - `value`: function from the aggregates of the row and of the total to the figure.
    - `higher_is_better`: whether an increase is good (colour of a change); None for neutral.
    - `names`: values of the placeholders `%(name)s` in title and definition.
    - `distinct`: subject that counts once even if it has several facts; "" to count facts.
    - `is_final`: whether the figure of a bucket is final: time alone cannot change it.
    - `note`: sentence for users when the column is one of the report's warnings.
    - `unit_override`: unit that replaces the one of the `kind` in `UNITS`.
    - `is_proportion`: a rate whose numerator counts a part of the facts in the denominator.
    - `evidence`: samples for the significance test of a change; None if changes are not tested.
    - `median_values`: for a median, the values from which its confidence interval is computed.
    - `parts`: numerator and denominator of a fraction.
    - `is_share`: the denominator is the report's total, not that of the row.
    - `exclusions`: counts, each with a `note`, of facts that the figure leaves out or counts as 0.
    - `always_calendar_days`: calendar days even if durations are chosen in working days.
    - `has_total`: whether the row of totals has the figure; otherwise it is None there.
    - `total_title`: title on cards and in the row of totals, if it differs. Its placeholders can
      be `first_day`, `last_day`, and keys of columns, which stand for their totals.
    - `period`: days of the column's facts, if they are only a part of the report's period.
    """

    key: str
    kind: Kind
    title: str
    definition: str
    facts: str
    where: Predicate
    aggregates: Mapping[str, tuple[str, Aggregate]]
    value: Callable[[Sums, Sums], Any]
    higher_is_better: bool | None = True
    names: Mapping[str, str | Phrase | Bucket] = field(default_factory=dict)
    distinct: Literal["", "lead", "prospect", "cost"] = ""
    is_final: Callable[[Bucket], bool] = lambda bucket: True
    note: str = ""
    unit_override: str = ""
    is_proportion: bool = False
    evidence: Evidence | None = None
    median_values: Callable[[Table], Value] | None = None
    parts: tuple[Column, Column] | None = None
    is_share: bool = False
    exclusions: tuple[Column, ...] = ()
    always_calendar_days: bool = False
    has_total: bool = True
    total_title: str = ""
    period: Period | None = None

    def all_aggregates(self, *, with_samples: bool) -> Aggregates:
        """Return the aggregates and, if `with_samples`, those of the evidence."""
        if self.evidence is None or not with_samples:
            return self.aggregates
        return {**self.aggregates, **self.evidence.aggregates}

    @property
    def unit(self) -> str:
        return self.unit_override or UNITS[self.kind]

    @property
    def title_phrase(self) -> Phrase:
        return Phrase(self.title, self.names)

    @property
    def definition_phrase(self) -> Phrase:
        return Phrase(self.definition, self.names)

    @property
    def in_total(self) -> Column:
        """The column for the row of totals: its values are None unless `has_total`."""
        return self if self.has_total else replace(self, value=lambda sums, totals: None)


# Constructors of columns


def count(
    key: str, facts: str, where: Predicate, title: str, definition: str, **more: Any
) -> Column:
    """Return a column that counts facts, or with `distinct="lead"` their distinct leads."""
    distinct = more.get("distinct")

    def aggregate(rows: Table) -> Value:
        if distinct:
            return rows[f"{distinct}_id"].nunique(where=_unless_any(where, rows))
        return rows.count(where=_unless_any(where, rows))

    return Column(
        key,
        "count",
        title,
        definition,
        facts,
        where,
        {key: (facts, aggregate)},
        lambda sums, totals: sums.get(key) or 0,
        **({"evidence": evidence.of_count(key)} | more),
    )


def money(
    key: str,
    facts: str,
    where: Predicate,
    title: str,
    definition: str,
    *,
    amount: str = "amount",
    **more: Any,
) -> Column:
    """Return a column that sums the facts' column `amount`; a missing amount counts as 0."""
    return Column(
        key,
        "money",
        title,
        definition,
        facts,
        where,
        {key: (facts, lambda rows: rows[amount].sum(where=_unless_any(where, rows)))},
        lambda sums, totals: cents(sums.get(key) or Decimal(0)),
        exclusions=(_without_amount(key, facts, where, amount),),
        **({"evidence": evidence.of_amounts(key, facts, where, amount)} | more),
    )


def _without_amount(key: str, facts: str, where: Predicate, amount: str) -> Column:
    return count(
        f"{key}_missing",
        facts,
        lambda rows: where(rows) & rows[amount].isnull(),
        gettext_noop("Without amount"),
        gettext_noop("Entries without an amount. Their amount counts as 0."),
        note=gettext_noop("Without an amount, counted as 0: %(count)s."),
    )


def _before_creation(number: Column) -> Column:
    return count(
        f"{number.key}_before_creation",
        number.facts,
        lambda rows: number.where(rows) & is_closed_before_creation(rows),
        gettext_noop("Closed before creation"),
        gettext_noop("Leads closed before their creation date: their cycle counts as 0 days."),
        distinct=number.distinct,
        note=gettext_noop("Leads closed before their creation date, counted as 0 days: %(count)s."),
    )


def rate(key: str, top: Column, bottom: Column, title: str, definition: str, **more: Any) -> Column:
    """Return a column with `top` ÷ `bottom`, two counts or amounts, shown as a share.

    Its drill-down lists the denominator. Two counts of the same facts make a proportion: `top` must
    then count a part of the facts that `bottom` counts.
    """
    is_proportion = top.kind == bottom.kind == "count" and top.facts == bottom.facts
    is_tested = is_proportion and top.evidence is not None and bottom.evidence is not None
    cases = evidence.of_proportion(_number(top), _number(bottom)) if is_tested else None
    return _fraction(
        "rate",
        key,
        top,
        bottom,
        title,
        definition,
        is_proportion=is_proportion,
        **({"evidence": cases} | more),
    )


def ratio(
    key: str, top: Column, bottom: Column, title: str, definition: str, **more: Any
) -> Column:
    """Return a column with `top` ÷ `bottom`, shown as a number. Its drill-down lists `top`."""
    fraction = _fraction("ratio", key, top, bottom, title, definition, **more)
    return replace(fraction, facts=top.facts, where=top.where, distinct=top.distinct)


def _fraction(
    kind: Kind, key: str, top: Column, bottom: Column, title: str, definition: str, **more: Any
) -> Column:
    return Column(
        key,
        kind,
        title,
        definition,
        bottom.facts,
        bottom.where,
        {**top.aggregates, **bottom.aggregates},
        lambda sums, totals: Rate(top.value(sums, totals), bottom.value(sums, totals)),
        distinct=bottom.distinct,
        parts=(top, bottom),
        **more,
    )


def share(
    key: str, part: Column, title: str, definition: str, *, whole: Column | None = None
) -> Column:
    """Return a column with the row's `part` ÷ the report's total of `whole` (default: `part`)."""
    whole = whole or part
    return Column(
        key,
        "rate",
        title,
        definition,
        part.facts,
        part.where,
        {**part.aggregates, **whole.aggregates},
        lambda sums, totals: Rate(part.value(sums, totals), whole.value(totals, totals)),
        higher_is_better=None,
        parts=(part, whole),
        is_share=True,
        exclusions=part.exclusions,
    )


def mean_money(key: str, amount: Column, number: Column, title: str, definition: str) -> Column:
    """Return a column with amount ÷ number, rounded half to even to cents; None if number is 0."""

    def value(sums: Sums, totals: Sums) -> Decimal | None:
        leads = number.value(sums, totals)
        return cents(amount.value(sums, totals) / leads) if leads else None

    return Column(
        key,
        "money",
        title,
        definition,
        number.facts,
        number.where,
        {**amount.aggregates, **number.aggregates},
        value,
        exclusions=amount.exclusions,
        evidence=evidence.of_mean_amount(amount.evidence, _number(number))
        if amount.evidence and amount.facts == number.facts
        else None,
    )


def quartile_days(
    key: str,
    quartile: float,
    number: Column,
    title: str,
    definition: str,
    *,
    days: Callable[[Table], Value] = days_to_close,
    **more: Any,
) -> Column:
    """Return a column with a quartile of `days` over the facts of `number`, interpolated."""
    name = f"{number.key}_quartiles"
    place = QUARTILES.index(quartile)

    def value(sums: Sums, totals: Sums) -> float | None:
        quartiles = sums.get(name)
        return quartiles[place] if quartiles else None

    def aggregate(rows: Table) -> Value:
        return days(rows).quantile(list(QUARTILES), where=number.where(rows))

    median_values = days if quartile == 0.5 else None
    ends = evidence.of_quartile(name, place, number.facts, number.where, days)
    exclusions = (_before_creation(number),) if days is days_to_close else ()
    return _days(
        key,
        number,
        title,
        definition,
        {name: (number.facts, aggregate)},
        value,
        **({"median_values": median_values, "exclusions": exclusions, "evidence": ends} | more),
    )


def mean_days(key: str, number: Column, title: str, definition: str) -> Column:
    """Return a column with the mean number of days to close."""
    name = f"{number.key}_days"

    def value(sums: Sums, totals: Sums) -> float | None:
        leads = number.value(sums, totals)
        return sums[name] / leads if leads else None

    def aggregate(rows: Table) -> Value:
        return days_to_close(rows).sum(where=number.where(rows))

    return _days(
        key,
        number,
        title,
        definition,
        {**number.aggregates, name: (number.facts, aggregate)},
        value,
        exclusions=(_before_creation(number),),
        evidence=evidence.of_mean(name, number.facts, number.where, days_to_close, _number(number)),
    )


def _days(
    key: str,
    number: Column,
    title: str,
    definition: str,
    aggregates: Mapping[str, tuple[str, Aggregate]],
    value: Callable[[Sums, Sums], float | None],
    **more: Any,
) -> Column:
    return Column(
        key,
        "days",
        title,
        definition,
        number.facts,
        number.where,
        aggregates,
        value,
        **({"higher_is_better": False} | more),
    )


def _number(column: Column) -> Callable[[Sums], int]:
    """Return a function that computes a count from the aggregates of a row."""
    return lambda sums: column.value(sums, sums)


def _unless_any(where: Predicate, rows: Table) -> BooleanValue | None:
    """Return the condition, or None if every row counts: engines aggregate faster without one."""
    return None if where is is_any else where(rows)


def cents(amount: Decimal) -> Decimal:
    """Return the amount rounded half to even to cents."""
    return amount.quantize(CENT, ROUND_HALF_EVEN)
