"""What a figure can be: something counted, added up, divided or put in order.

A report lays *facts* before these: named tables of what happened to leads, one row per lead with
its `amount` and `seconds_to_close`, and its `status` where it was closed. A `Column` says of which
facts a figure is made (`facts` and `where`: exactly these open when one clicks on it), what the
engine must add up (`aggregates`), and how the figure follows from the sums (`value`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Literal, NamedTuple

import ibis
from ibis.expr.types import BooleanValue, FloatingValue, Table, Value

from leadlight.analytics.query.periods import Bucket
from leadlight.analytics.query.phrases import Phrase, gettext_noop
from leadlight.analytics.star.schema import OPEN_STATUSES

SECONDS_PER_DAY = 86_400
CENT = Decimal("0.01")

Kind = Literal["count", "money", "rate", "ratio", "days", "share", "interval", "ranks", "estimate"]
UNITS: dict[Kind, str] = {
    "count": "leads",
    "money": "currency",
    "rate": "fraction",
    "ratio": "ratio",
    "days": "days",
    "share": "fraction",
    "interval": "fraction",
    "ranks": "rank",
    "estimate": "fraction",
}
Sums = Mapping[str, Any]
Predicate = Callable[[Table], BooleanValue]
Aggregate = Callable[[Table], Value]


@dataclass(frozen=True)
class Rate:
    """A fraction that keeps both its parts; `value` is None when nothing is divided by."""

    numerator: int | Decimal
    denominator: int | Decimal

    @property
    def value(self) -> float | None:
        return float(self.numerator / self.denominator) if self.denominator else None

    def __str__(self) -> str:
        return "–" if self.value is None else f"{self.value:.1%}"


class Span(NamedTuple):
    """From the lowest to the highest that a figure may truly be: shares, or ranks (1 is best)."""

    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Column:
    """One figure of a report.

    `kind` is the contract of its values: count is an int, money a Decimal with two decimals, rate a
    `Rate` shown as a share, ratio a `Rate` shown as a number (10.23 calls for each sale), days a
    float, share a float from 0 to 1, interval and ranks a `Span`, estimate an `Estimate`; all but
    rates, ratios and counts of facts are None where there is nothing to divide by. `aggregates` are
    sums by name, each with the facts it is over: a rate may need those of two. Title and definition
    may have places, `%(name)s`, for the `names` of what the company defines. `higher_is_better`:
    how to colour a change; None when it is neither. `distinct` subject counts once where the facts
    may repeat it. `is_finished` tells of a bucket whether its figure will not change any more by
    itself. `note` is what a reader is told where the column is noted, and `counted_unit` the unit
    of a count that is not of leads. `is_proportion`: a rate of cases among cases, to which the
    statistics of proportions apply. `is_stock`: what stood on a day, not what happened in some.
    `in_order` are the values of which a median is the middle one. `parts` are what a fraction
    divides, and by what. `exclusions` are counts, each with a `note`, of what a figure leaves out
    or counts as 0. `always_calendar_days`: its days are those of the calendar, whatever the switch
    of durations says.
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
    names: Mapping[str, str | Phrase] = field(default_factory=dict)
    distinct: Literal["", "lead", "prospect"] = ""
    is_finished: Callable[[Bucket], bool] = lambda bucket: True
    note: str = ""
    counted_unit: str = ""
    is_proportion: bool = False
    is_stock: bool = False
    in_order: Callable[[Table], Value] | None = None
    parts: tuple[Column, Column] | None = None
    exclusions: tuple[Column, ...] = ()
    always_calendar_days: bool = False

    @property
    def unit(self) -> str:
        return self.counted_unit or UNITS[self.kind]

    @property
    def title_phrase(self) -> Phrase:
        return Phrase(self.title, self.names)

    @property
    def definition_phrase(self) -> Phrase:
        return Phrase(self.definition, self.names)


# Predicates


def is_any(rows: Table) -> BooleanValue:
    """Every row counts."""
    return ibis.literal(True)


def is_won(closed: Table) -> BooleanValue:
    return closed.status == "won"


def is_open(leads: Table) -> BooleanValue:
    return leads.status.isin(OPEN_STATUSES)


def is_standby(leads: Table) -> BooleanValue:
    return leads.status == "standby"


def is_lost(closed: Table) -> BooleanValue:
    return closed.status == "lost"


def is_cancelled(closed: Table) -> BooleanValue:
    return closed.status == "cancelled"


def is_decided(closed: Table) -> BooleanValue:
    """Won or lost."""
    return closed.status.isin(("won", "lost"))


def is_won_without_amount(closed: Table) -> BooleanValue:
    return is_won(closed) & closed.amount.isnull()


def is_closed_before_creation(closed: Table) -> BooleanValue:
    return closed.seconds_to_close < 0


def days_to_close(closed: Table) -> FloatingValue:
    """Days from creation to closing, exact, of the calendar or working days as the facts have them
    (`working_time`); 0 for a lead closed before it was created."""
    return closed.seconds_to_close.clip(lower=0) / SECONDS_PER_DAY


# Kinds of columns


def count(
    key: str, facts: str, where: Predicate, title: str, definition: str, **more: Any
) -> Column:
    """How many facts; with `distinct="lead"`, on how many different leads."""
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
        **more,
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
    """The sum of their amounts (of the facts' column `amount`); a lead without amount adds 0."""
    return Column(
        key,
        "money",
        title,
        definition,
        facts,
        where,
        {key: (facts, lambda rows: rows[amount].sum(where=_unless_any(where, rows)))},
        lambda sums, totals: _cents(sums.get(key) or Decimal(0)),
        exclusions=(_without_amount(key, facts, where, amount),),
        **more,
    )


def _without_amount(key: str, facts: str, where: Predicate, amount: str) -> Column:
    return count(
        f"{key}_missing",
        facts,
        lambda rows: where(rows) & rows[amount].isnull(),
        gettext_noop("Without amount"),
        gettext_noop("What has no amount and counts as 0."),
        note=gettext_noop("Without an amount, counted as 0: %(count)s."),
    )


def _before_creation(number: Column) -> Column:
    return count(
        f"{number.key}_before_creation",
        number.facts,
        lambda rows: number.where(rows) & is_closed_before_creation(rows),
        gettext_noop("Closed before creation"),
        gettext_noop("Leads whose closing is dated before their creation; they took 0 days."),
        distinct=number.distinct,
        note=gettext_noop("Leads closed before they were created, counted as 0 days: %(count)s."),
    )


def rate(key: str, top: Column, bottom: Column, title: str, definition: str, **more: Any) -> Column:
    """One count or amount as a share of another; opens the list of the denominator.

    It is one of cases where both count the same facts, so that the one are some of the other.
    """
    is_proportion = top.kind == bottom.kind == "count" and top.facts == bottom.facts
    return _fraction(
        "rate", key, top, bottom, title, definition, is_proportion=is_proportion, **more
    )


def ratio(
    key: str, top: Column, bottom: Column, title: str, definition: str, **more: Any
) -> Column:
    """How many of one for each of another; opens the list of the numerator."""
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


def share(key: str, part: Column, title: str, definition: str) -> Column:
    """A row's count or amount in the report's total."""
    return Column(
        key,
        "rate",
        title,
        definition,
        part.facts,
        part.where,
        part.aggregates,
        lambda sums, totals: Rate(part.value(sums, totals), part.value(totals, totals)),
        higher_is_better=None,
        parts=(part, part),
        exclusions=part.exclusions,
    )


def mean_money(key: str, amount: Column, number: Column, title: str, definition: str) -> Column:
    """An amount divided by a count, rounded to the cent, halves to the even one."""

    def value(sums: Sums, totals: Sums) -> Decimal | None:
        leads = number.value(sums, totals)
        return _cents(amount.value(sums, totals) / leads) if leads else None

    aggregates = {**amount.aggregates, **number.aggregates}
    return Column(
        key,
        "money",
        title,
        definition,
        number.facts,
        number.where,
        aggregates,
        value,
        exclusions=amount.exclusions,
    )


QUARTILES = (0.25, 0.5, 0.75)


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
    """A quartile of the `days` of what is counted, interpolated linearly between neighbours."""
    name = f"{number.key}_quartiles"
    place = QUARTILES.index(quartile)

    def value(sums: Sums, totals: Sums) -> float | None:
        quartiles = sums.get(name)
        return quartiles[place] if quartiles else None

    def aggregate(rows: Table) -> Value:
        return days(rows).quantile(list(QUARTILES), where=number.where(rows))

    in_order = days if quartile == 0.5 else None
    exclusions = (_before_creation(number),) if days is days_to_close else ()
    return _days(
        key,
        number,
        title,
        definition,
        {name: (number.facts, aggregate)},
        value,
        **({"in_order": in_order, "exclusions": exclusions} | more),
    )


def mean_days(key: str, number: Column, title: str, definition: str) -> Column:
    """The mean of the days to close."""
    name = f"{number.key}_days"

    def value(sums: Sums, totals: Sums) -> float | None:
        leads = number.value(sums, totals)
        return sums[name] / leads if leads else None

    def aggregate(rows: Table) -> Value:
        return days_to_close(rows).sum(where=number.where(rows))

    aggregates = {**number.aggregates, name: (number.facts, aggregate)}
    exclusions = (_before_creation(number),)
    return _days(key, number, title, definition, aggregates, value, exclusions=exclusions)


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


def _unless_any(where: Predicate, rows: Table) -> BooleanValue | None:
    """No condition where every row counts: engines add up faster without one."""
    return None if where is is_any else where(rows)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_EVEN)
