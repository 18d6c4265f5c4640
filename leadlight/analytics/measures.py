"""The words of the reports, each defined once: what a figure counts, sums or divides.

A report lays *facts* before these: named tables of what happened to leads, one row per lead with
its `amount` and `seconds_to_close`, and its `status` where it was closed. A `Column` says of which
facts a figure is made (`of` and `behind`: exactly these open when one clicks on it), what the
engine must add up (`aggregates`), and how the figure follows from the sums (`value`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Literal

from ibis.expr.types import BooleanValue, FloatingValue, Table, Value

from leadlight.analytics.phrases import gettext_noop

SECONDS_PER_DAY = 86_400
CENT = Decimal("0.01")

Kind = Literal["count", "money", "rate", "days"]
UNITS: dict[Kind, str] = {"count": "leads", "money": "currency", "rate": "fraction", "days": "days"}
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


@dataclass(frozen=True, eq=False)
class Column:
    """One figure of a report.

    `kind` is the contract of its values: count is an int, money a Decimal with two decimals, rate
    a `Rate`, days a float; money and days are None where there is nothing to divide by.
    `aggregates` are sums by name, each with the facts it is over: a rate may need those of two.
    `longer_is_better`: how to colour a change; None when it is neither.
    """

    key: str
    kind: Kind
    title: str
    definition: str
    of: str
    behind: Predicate
    aggregates: Mapping[str, tuple[str, Aggregate]]
    value: Callable[[Sums, Sums], Any]
    longer_is_better: bool | None = True

    @property
    def unit(self) -> str:
        return UNITS[self.kind]


# Predicates


def is_any(facts: Table) -> BooleanValue:
    """Every row counts."""
    return facts.lead_id.notnull()


def is_won(closed: Table) -> BooleanValue:
    return closed.status == "won"


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
    """Days from creation to closing, exact; 0 for a lead closed before it was created."""
    return closed.seconds_to_close.clip(lower=0) / SECONDS_PER_DAY


# Kinds of columns


def count(key: str, of: str, behind: Predicate, title: str, definition: str, **more: Any) -> Column:
    """How many leads."""
    return Column(
        key,
        "count",
        title,
        definition,
        of,
        behind,
        {key: (of, lambda facts: facts.count(where=_unless_any(behind, facts)))},
        lambda sums, totals: sums.get(key) or 0,
        **more,
    )


def money(key: str, of: str, behind: Predicate, title: str, definition: str, **more: Any) -> Column:
    """The sum of their amounts; a lead without amount adds 0."""
    return Column(
        key,
        "money",
        title,
        definition,
        of,
        behind,
        {key: (of, lambda facts: facts.amount.sum(where=_unless_any(behind, facts)))},
        lambda sums, totals: _cents(sums.get(key) or Decimal(0)),
        **more,
    )


def rate(key: str, top: Column, bottom: Column, title: str, definition: str) -> Column:
    """One count or amount in another; opens the list of the denominator."""
    return Column(
        key,
        "rate",
        title,
        definition,
        bottom.of,
        bottom.behind,
        {**top.aggregates, **bottom.aggregates},
        lambda sums, totals: Rate(top.value(sums, totals), bottom.value(sums, totals)),
    )


def share(key: str, part: Column, title: str, definition: str) -> Column:
    """A row's count or amount in the report's total."""
    return Column(
        key,
        "rate",
        title,
        definition,
        part.of,
        part.behind,
        part.aggregates,
        lambda sums, totals: Rate(part.value(sums, totals), part.value(totals, totals)),
        longer_is_better=None,
    )


def mean_money(key: str, amount: Column, number: Column, title: str, definition: str) -> Column:
    """An amount divided by a count, rounded to the cent, halves to the even one."""

    def value(sums: Sums, totals: Sums) -> Decimal | None:
        leads = number.value(sums, totals)
        return _cents(amount.value(sums, totals) / leads) if leads else None

    aggregates = {**amount.aggregates, **number.aggregates}
    return Column(key, "money", title, definition, number.of, number.behind, aggregates, value)


QUARTILES = (0.25, 0.5, 0.75)


def quartile_days(key: str, quartile: float, number: Column, title: str, definition: str) -> Column:
    """A quartile of the days to close, interpolated linearly between the neighbouring leads."""
    name = f"{number.key}_quartiles"
    place = QUARTILES.index(quartile)

    def value(sums: Sums, totals: Sums) -> float | None:
        quartiles = sums.get(name)
        return quartiles[place] if quartiles else None

    def aggregate(facts: Table) -> Value:
        return days_to_close(facts).quantile(list(QUARTILES), where=number.behind(facts))

    return _days(key, number, title, definition, {name: (number.of, aggregate)}, value)


def mean_days(key: str, number: Column, title: str, definition: str) -> Column:
    """The mean of the days to close."""
    name = f"{number.key}_days"

    def value(sums: Sums, totals: Sums) -> float | None:
        leads = number.value(sums, totals)
        return sums[name] / leads if leads else None

    def aggregate(facts: Table) -> Value:
        return days_to_close(facts).sum(where=number.behind(facts))

    aggregates = {**number.aggregates, name: (number.of, aggregate)}
    return _days(key, number, title, definition, aggregates, value)


def _days(
    key: str,
    number: Column,
    title: str,
    definition: str,
    aggregates: Mapping[str, tuple[str, Aggregate]],
    value: Callable[[Sums, Sums], float | None],
) -> Column:
    return Column(
        key,
        "days",
        title,
        definition,
        number.of,
        number.behind,
        aggregates,
        value,
        longer_is_better=False,
    )


def _unless_any(behind: Predicate, facts: Table) -> BooleanValue | None:
    """No condition where every row counts: engines add up faster without one."""
    return None if behind is is_any else behind(facts)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_EVEN)


# The columns that several reports share

CREATED_LEADS = count(
    "created_leads",
    "created",
    is_any,
    gettext_noop("Created"),
    gettext_noop("Leads created in these days."),
    longer_is_better=None,
)
WON_LEADS = count(
    "won_leads",
    "closed",
    is_won,
    gettext_noop("Won"),
    gettext_noop("Leads won in these days and not re-opened since."),
)
LOST_LEADS = count(
    "lost_leads",
    "closed",
    is_lost,
    gettext_noop("Lost"),
    gettext_noop("Leads lost in these days and not re-opened since."),
    longer_is_better=False,
)
CANCELLED_LEADS = count(
    "cancelled_leads",
    "closed",
    is_cancelled,
    gettext_noop("Cancelled"),
    gettext_noop("Leads cancelled in these days and not re-opened since."),
    longer_is_better=False,
)
CLOSED_LEADS = count(
    "closed_leads",
    "closed",
    is_any,
    gettext_noop("Closed"),
    gettext_noop("Leads won, lost or cancelled in these days."),
)
DECIDED_LEADS = count(
    "decided_leads",
    "closed",
    is_decided,
    gettext_noop("Decided"),
    gettext_noop("Leads won or lost in these days."),
)
WON_AMOUNT = money(
    "won_amount",
    "closed",
    is_won,
    gettext_noop("Won amount"),
    gettext_noop("The amounts of the leads won, as last recorded; no amount counts as 0."),
)
LOST_AMOUNT = money(
    "lost_amount",
    "closed",
    is_lost,
    gettext_noop("Lost amount"),
    gettext_noop("The amounts of the leads lost, as last recorded; no amount counts as 0."),
    longer_is_better=False,
)
WIN_RATE = rate(
    "win_rate",
    WON_LEADS,
    CLOSED_LEADS,
    gettext_noop("Win rate"),
    gettext_noop("Won leads among the closed ones: a cancelled lead counts as not won."),
)
WIN_RATE_OF_DECIDED = rate(
    "win_rate",
    WON_LEADS,
    DECIDED_LEADS,
    gettext_noop("Win rate"),
    gettext_noop("Won leads among those won or lost: cancelled leads are left out."),
)
MEAN_DEAL = mean_money(
    "mean_deal",
    WON_AMOUNT,
    WON_LEADS,
    gettext_noop("Mean deal"),
    gettext_noop("Won amount divided by won leads; those without amount count as 0."),
)
MEDIAN_DAYS_TO_WIN = quartile_days(
    "median_days_to_win",
    0.5,
    WON_LEADS,
    gettext_noop("Median days to win"),
    gettext_noop("Half of the won leads took fewer days from creation to closing."),
)
P25_DAYS_TO_WIN = quartile_days(
    "p25_days_to_win",
    0.25,
    WON_LEADS,
    gettext_noop("Fastest quarter"),
    gettext_noop("A quarter of the won leads took fewer days from creation to closing."),
)
P75_DAYS_TO_WIN = quartile_days(
    "p75_days_to_win",
    0.75,
    WON_LEADS,
    gettext_noop("Slowest quarter"),
    gettext_noop("A quarter of the won leads took more days from creation to closing."),
)
MEAN_DAYS_TO_WIN = mean_days(
    "mean_days_to_win",
    WON_LEADS,
    gettext_noop("Mean days to win"),
    gettext_noop("The mean of the days from creation to closing of the won leads."),
)
OPEN_LEADS = count(
    "open_leads",
    "open",
    is_any,
    gettext_noop("Open at the end"),
    gettext_noop("Leads created by the last day and not closed by then, credited to their owner."),
    longer_is_better=None,
)
OPEN_AMOUNT = money(
    "open_amount",
    "open",
    is_any,
    gettext_noop("Open amount"),
    gettext_noop("The amounts of the leads open at the end, as last recorded."),
    longer_is_better=None,
)
WON_AMOUNT_SHARE = share(
    "won_amount_share",
    WON_AMOUNT,
    gettext_noop("Share of won amount"),
    gettext_noop("The row's part of the total won amount."),
)
WON_WITHOUT_AMOUNT = count(
    "won_without_amount",
    "closed",
    is_won_without_amount,
    gettext_noop("Won without amount"),
    gettext_noop("Won leads that have no amount and count as 0."),
)
CLOSED_BEFORE_CREATION = count(
    "closed_before_creation",
    "closed",
    is_closed_before_creation,
    gettext_noop("Closed before creation"),
    gettext_noop("Leads whose closing is dated before their creation; they took 0 days."),
)
