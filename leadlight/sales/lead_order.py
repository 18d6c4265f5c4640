"""Order of a list of leads, read a page at a time from a cursor (keyset paging).

A sort by a column of `INDEXED` reads an index (column, id) from the cursor on, for any number of
leads. The other sorts are offered for at most `MOST_COUNTED` leads, which are sorted in memory.
Names are sorted without regard to case and accents, the same on every database. Leads without a
value are last in both directions; equal leads are ordered by id in the direction of the sort.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Q, QuerySet

from leadlight.bounds import MOST_COUNTED
from leadlight.sales.models import CustomField, Lead, LeadFieldValue
from leadlight.sales.models.client_names import sort_name
from leadlight.sales.models.event_log import CLOSED, CUSTOM_FIELD_PREFIX, OPEN
from leadlight.sales.models.field_texts import MEASURED

LARGEST_ID = 2**63 - 1
STATUSES = (*OPEN, *CLOSED)
STEPS_OF_A_PIPELINE = 100_000  # larger than the position of any step


@dataclass(frozen=True)
class Position:
    """Position of a lead in an order: its sort value (None: no value), and its id."""

    value: Any
    pk: int

    @property
    def text(self) -> str:
        """Position as text for an address; `Sort.position_of` reads it."""
        if self.value is None:
            return str(self.pk)
        is_time = isinstance(self.value, date)  # a datetime is a date
        return f"{self.pk}.{self.value.isoformat() if is_time else self.value}"


@dataclass(frozen=True)
class Sort:
    """Sort by a value of leads.

    `value` computes the sort value from the columns named by `paths`; `read` parses it from a text.
    `field` is the custom field to sort by, if it is none of the columns.
    """

    key: str
    paths: tuple[str, ...]
    read: Callable[[str], Any]
    value: Callable[..., Any] = lambda value: value
    field: CustomField | None = None
    is_descending: bool = False

    @property
    def is_indexed(self) -> bool:
        return self.key in INDEXED

    @property
    def has_unknown(self) -> bool:
        """Whether leads can be without a value of the indexed column."""
        return bool(Lead._meta.get_field(self.paths[0]).null)

    @property
    def word(self) -> str:
        """Sort as a word of an address, with a minus sign for descending order."""
        return f"-{self.key}" if self.is_descending else self.key

    def position_of(self, text: str) -> Position:
        """Read a position. Raises ValueError for any other text."""
        number, dot, value = text.partition(".")
        if not (number.isascii() and number.isdecimal() and int(number) <= LARGEST_ID):
            raise ValueError(text)
        return Position(self.read(value) if dot else None, int(number))

    def is_after(self, one: Position, other: Position) -> bool:
        """Return whether a position is strictly after another one in this order."""
        if (one.value is None) != (other.value is None):
            return one.value is None
        pair = (one.pk,) if one.value is None else (one.value, one.pk)
        other_pair = (other.pk,) if other.value is None else (other.value, other.pk)
        return pair < other_pair if self.is_descending else pair > other_pair


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None or not 1900 <= instant.year < 9000:
        raise ValueError(text)
    return instant


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not number.is_finite() or abs(number) > LARGEST_ID:
        raise ValueError(text)
    return number


def _whole(text: str) -> int:
    number = int(text)
    if abs(number) > LARGEST_ID:
        raise ValueError(text)
    return number


def _name(*parts: str | None) -> str | None:
    return sort_name(" ".join(part for part in parts if part)) or None


def _step(pipeline_id: int, position: int) -> int:
    return pipeline_id * STEPS_OF_A_PIPELINE + position


# Sorts that an index of `LeadRow` serves.
INDEXED: dict[str, Sort] = {
    "created": Sort("created", ("created_at",), _instant),
    "updated": Sort("updated", ("updated_at",), _instant),
    "amount": Sort("amount", ("amount",), _decimal),
    "expected": Sort("expected", ("estimated_closing_on",), date.fromisoformat),
    "reminder": Sort("reminder", ("reminder_at",), _instant),
    "activity": Sort("activity", ("last_activity_at",), _instant),
    "status_days": Sort("status_days", ("status_since",), _instant),
    "step_days": Sort("step_days", ("step_since",), _instant),
    "postponements": Sort("postponements", ("postponements",), _whole),
}
# Sorts in memory, of at most `MOST_COUNTED` leads.
BOUNDED: dict[str, Sort] = {
    "title": Sort("title", ("title",), str, lambda title: sort_name(title)),
    "client": Sort("client", ("client__sort_name",), str, lambda name: name or None),
    "status": Sort("status", ("status",), _whole, STATUSES.index),
    "step": Sort("step", ("step__pipeline_id", "step__position"), _whole, _step),
    "owner": Sort("owner", ("owner__first_name", "owner__last_name"), str, _name),
    "team": Sort("team", ("team__name",), str, _name),
    "source": Sort("source", ("source",), str, _name),
    "probability": Sort("probability", ("probability",), _whole),
}
SORTS = INDEXED | BOUNDED
NEWEST = replace(SORTS["created"], is_descending=True)
# Sorts by an instant that pages show as a number of days: an earlier instant is a larger number.
AGES = ("status_days", "step_days")


def sort_of(word: str, fields: Iterable[CustomField]) -> Sort | None:
    """Return the sort of a word of an address, None if there is none."""
    key, is_descending = word.removeprefix("-"), word.startswith("-")
    if key in SORTS:
        return replace(SORTS[key], is_descending=is_descending)
    for field in fields:
        if key == CUSTOM_FIELD_PREFIX + field.key:
            is_measured = field.kind in MEASURED
            read: Callable[[str], Any] = _decimal if is_measured else str
            return Sort(key, (), read, field=field, is_descending=is_descending)
    return None


@dataclass(frozen=True)
class Order:
    """Leads in an order.

    `known` are the positions of all of them if there are at most `MOST_COUNTED`, else None.
    """

    leads: QuerySet[Lead]
    sort: Sort
    known: tuple[Position, ...] | None

    @property
    def count(self) -> int | None:
        """Number of leads; None if there are more than `MOST_COUNTED`."""
        return None if self.known is None else len(self.known)

    def after(self, position: Position | None, most: int) -> list[Position]:
        """Return the first `most` positions after a position, or of the list if it is None."""
        if self.known is not None:
            rest = self.known
            if position is not None:
                rest = tuple(one for one in rest if self.sort.is_after(one, position))
            return list(rest[:most])
        return self._read(position, most, is_descending=self.sort.is_descending, nulls_last=True)

    def before(self, position: Position, most: int) -> list[Position]:
        """Return the last `most` positions before a position, in the order of the list."""
        if self.known is not None:
            rest = [one for one in self.known if self.sort.is_after(position, one)]
            return rest[-most:]
        is_descending = not self.sort.is_descending
        found = self._read(position, most, is_descending=is_descending, nulls_last=False)
        return found[::-1]

    def number_of(self, position: Position) -> int | None:
        """Return the number of a position, from 1; None if it is not known without counting."""
        if self.known is None:
            return None
        return sum(self.sort.is_after(position, one) for one in self.known) + 1

    def _read(
        self, position: Position | None, most: int, *, is_descending: bool, nulls_last: bool
    ) -> list[Position]:
        """Read the positions with a value and those without from the index, one after the other."""
        found: list[Position] = []
        parts = (True, False) if nulls_last else (False, True)
        for has_value in parts if self.sort.has_unknown else (True,):
            start = position
            if position is not None and (position.value is not None) != has_value:
                is_passed = has_value == nulls_last
                if is_passed:
                    continue  # all leads of this part are on the other side of the position
                start = None
            if len(found) < most:
                found += self._part(start, most - len(found), is_descending, has_value)
        return found

    def _part(
        self, position: Position | None, most: int, is_descending: bool, has_value: bool
    ) -> list[Position]:
        [path] = self.sort.paths
        rows = self.leads.filter(**{f"{path}__isnull": not has_value})
        sign, way = ("-", "lt") if is_descending else ("", "gt")
        if position is not None and has_value:
            # The first condition bounds the part of the index to read, the second one breaks ties.
            rows = rows.filter(**{f"{path}__{way}e": position.value})
            rows = rows.filter(
                Q(**{f"{path}__{way}": position.value}) | Q(**{f"pk__{way}": position.pk})
            )
        elif position is not None:
            rows = rows.filter(**{f"pk__{way}": position.pk})
        ordered = rows.order_by(*([f"{sign}{path}"] if has_value else []), f"{sign}pk")
        return [Position(value, pk) for value, pk in ordered.values_list(path, "pk")[:most]]


def ordered(leads: QuerySet[Lead], sort: Sort) -> Order:
    """Return leads in an order; if there are too many for the sort, newest first."""
    rows = list(leads.order_by().values_list("pk", *sort.paths)[: MOST_COUNTED + 1])
    if len(rows) > MOST_COUNTED:
        return Order(leads, sort if sort.is_indexed else NEWEST, None)
    if sort.field is not None:
        texts = _values(sort.field, [row[0] for row in rows])
        positions = [Position(texts.get(pk), pk) for (pk,) in rows]
    else:
        positions = [_position(sort, pk, values) for pk, *values in rows]
    with_value = [one for one in positions if one.value is not None]
    without = [one for one in positions if one.value is None]
    with_value.sort(key=lambda one: (one.value, one.pk), reverse=sort.is_descending)
    without.sort(key=lambda one: one.pk, reverse=sort.is_descending)
    return Order(leads, sort, (*with_value, *without))


def position_of(lead: Lead, sort: Sort) -> Position:
    """Return the position of a lead in an order, from its row in the database."""
    if sort.field is not None:
        return Position(_values(sort.field, [lead.pk]).get(lead.pk), lead.pk)
    [values] = Lead.objects.filter(pk=lead.pk).values_list(*sort.paths)
    return _position(sort, lead.pk, values)


def _position(sort: Sort, pk: int, values: Sequence[Any]) -> Position:
    is_missing = all(value is None for value in values)
    return Position(None if is_missing else sort.value(*values), pk)


def _values(field: CustomField, ids: list[int]) -> dict[int, Any]:
    """Return the sort values of leads by a custom field, by id of the lead."""
    column = "number" if field.kind in MEASURED else "sort_text"
    rows = LeadFieldValue.objects.filter(field=field, owner__in=ids)
    values = rows.values_list("owner_id", column)
    return {pk: value for pk, value in values if value is not None}
