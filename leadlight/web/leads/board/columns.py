"""Columns of the board: the leads of each step, their number and amount, and pages of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet, Sum

from leadlight.bounds import MOST_COUNTED
from leadlight.sales.models import Lead, Step

# A column begins with fewer cards than it reads later: a screen holds about eight.
FIRST_CARDS = 20
CARDS_AT_A_TIME = 50
# Up to this number of leads, one query reads a `Row` of each. For more, only the first cards of
# each column are read, and the columns are counted by another request.
MOST_READ = 1000
# The lead that entered a step last stands first. The index "board" has this order.
ORDER = ("-step_since", "-pk")
# Values of a lead: id of its step, instant at which it entered the step, its id and its amount.
Row = tuple[int, datetime, int, Decimal | None]
BETWEEN = "~"  # between the instant and the lead of a position in an address


class Position(NamedTuple):
    """Place of a lead in its column."""

    step_since: datetime
    lead_id: int

    def __str__(self) -> str:
        at = self.step_since.astimezone(UTC).replace(tzinfo=None)
        return f"{at.isoformat()}{BETWEEN}{self.lead_id}"

    @classmethod
    def parse(cls, text: str) -> Position | None:
        """Return the position in an address, None if the text is no position."""
        instant, _, number = text.partition(BETWEEN)
        try:
            at = datetime.fromisoformat(instant)
        except ValueError:
            return None
        if at.tzinfo or not (number.isascii() and number.isdecimal() and len(number) < 19):
            return None
        return cls(at.replace(tzinfo=UTC), int(number))


@dataclass(frozen=True)
class Total:
    """Number of leads, and the sum of their amounts.

    With `is_more`, there are more leads than `count`, and `amount` is None: it is not known.
    """

    count: int = 0
    amount: Decimal | None = Decimal(0)
    is_more: bool = False


@dataclass(frozen=True)
class Page:
    """Ids of the leads of a column, in its order; `end` is the last one if there are more."""

    ids: tuple[int, ...] = ()
    end: Position | None = None


@dataclass(frozen=True)
class Column:
    step: Step
    total: Total
    page: Page


def columns_of(leads: QuerySet[Lead], steps: Sequence[Step]) -> list[Column]:
    """Return the column of each step with the first leads of it.

    If there are more than `MOST_READ` leads, they are not counted: the total of a column with
    further leads is the number of those that it shows, with `is_more`. The number of queries
    depends on the number of steps, but not on that of leads.
    """
    rows = _few_rows(leads)
    if rows is not None:
        return _of_rows(rows, steps)
    return [_first_of(leads.filter(step=step), step) for step in steps]


def counted_columns(
    leads: QuerySet[Lead], steps: Sequence[Step], *, counts_all: bool
) -> list[Column]:
    """Return the column of each step with its total, but without leads.

    Leads are counted up to `MOST_COUNTED` in a column, with `counts_all` all of them.
    """
    rows = _few_rows(leads)
    if rows is not None:
        return _of_rows(rows, steps)
    totals = _exact_totals(leads) if counts_all else _capped_totals(leads, steps)
    return [Column(step, totals.get(step.pk, Total()), Page()) for step in steps]


def page_of(leads: QuerySet[Lead], after: Position) -> Page:
    """Return the leads of one step after a position."""
    older = Q(step_since__lt=after.step_since) | Q(pk__lt=after.lead_id)
    leads = leads.filter(older, step_since__lte=after.step_since)
    rows = leads.order_by(*ORDER).values_list("step_since", "pk")[: CARDS_AT_A_TIME + 1]
    return _page([Position(*row) for row in rows], CARDS_AT_A_TIME)


def _few_rows(leads: QuerySet[Lead]) -> list[Row] | None:
    """Return the rows of the leads, unordered; None if there are more than `MOST_READ`."""
    rows = leads.order_by().values_list("step_id", "step_since", "pk", "amount")[: MOST_READ + 1]
    return None if len(rows) > MOST_READ else list(rows)


def _first_of(leads: QuerySet[Lead], step: Step) -> Column:
    """Return the column of a step with its first leads, whose number is not known."""
    values = leads.order_by(*ORDER).values_list("step_since", "pk", "amount")
    rows = list(values[: FIRST_CARDS + 1])
    page = _page([Position(*row[:2]) for row in rows], FIRST_CARDS)
    if page.end is not None:
        return Column(step, Total(FIRST_CARDS, None, is_more=True), page)
    return Column(
        step, Total(len(rows), sum((row[2] or Decimal(0) for row in rows), Decimal(0))), page
    )


def _page(positions: Sequence[Position], most: int) -> Page:
    shown = positions[:most]
    end = shown[-1] if len(positions) > most else None
    return Page(tuple(one.lead_id for one in shown), end)


def _of_rows(rows: Iterable[Row], steps: Sequence[Step]) -> list[Column]:
    positions: dict[int, list[Position]] = defaultdict(list)
    amounts: dict[int, Decimal] = defaultdict(Decimal)
    for step_id, since, pk, amount in rows:
        positions[step_id].append(Position(since, pk))
        amounts[step_id] += amount or 0
    return [
        Column(
            step,
            Total(len(positions[step.pk]), amounts[step.pk]),
            _page(sorted(positions[step.pk], reverse=True), FIRST_CARDS),
        )
        for step in steps
    ]


def _exact_totals(leads: QuerySet[Lead]) -> dict[int, Total]:
    rows = leads.order_by().values("step_id").annotate(count=Count("pk"), sum=Sum("amount"))
    return {row["step_id"]: Total(row["count"], row["sum"] or Decimal(0)) for row in rows}


def _capped_totals(leads: QuerySet[Lead], steps: Iterable[Step]) -> dict[int, Total]:
    totals = {}
    for step in steps:
        first = leads.filter(step=step).order_by()[: MOST_COUNTED + 1]
        found = first.aggregate(count=Count("pk"), sum=Sum("amount"))
        is_more = found["count"] > MOST_COUNTED
        amount = None if is_more else found["sum"] or Decimal(0)
        totals[step.pk] = Total(min(found["count"], MOST_COUNTED), amount, is_more)
    return totals
