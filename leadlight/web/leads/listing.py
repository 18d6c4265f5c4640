"""One page of the list of leads, read from a position in its order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.models import User
from leadlight.analytics.query import query_params
from leadlight.analytics.query.phrases import BadFilter, gettext_noop
from leadlight.bounds import MOST_COUNTED
from leadlight.presentation import formats
from leadlight.sales.lead_order import AGES, INDEXED, Order, Position, Sort, sort_of
from leadlight.sales.models import Lead
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX
from leadlight.web.leads.columns import COLUMNS
from leadlight.web.leads.extended import details_of
from leadlight.web.leads.list_query import EXTENDED, ListQuery
from leadlight.web.leads.list_rows import RELATED, Row, Rows
from leadlight.web.templatetags.own_fields import is_measured

LEADS_ON_A_PAGE = 50
EXTENDED_LEADS_ON_A_PAGE = 25  # a row of the extended view is about as high as two others
LARGEST_PAGE = 100_000
# Columns whose first click sorts ascending; figures and days begin with the largest.
ASCENDING = ("title", "client", "status", "step", "owner", "team", "source", "expected", "reminder")


@dataclass(frozen=True)
class Heading:
    """Heading of a column; `address` sorts by it, "" if there are too many leads for the sort."""

    title: Any
    address: str
    direction: str
    is_number: bool


@dataclass(frozen=True)
class PagePlace:
    """Place of a page: after or before a position, or the first page.

    `number` is for display only. With `is_exact`, the page shows the number of all leads found.
    """

    after: Position | None = None
    before: Position | None = None
    number: int = 1
    is_exact: bool = False

    @classmethod
    def from_params(cls, params: Mapping[str, Sequence[str]], sort: Sort) -> PagePlace:
        """Parse the parameters of a page. Raises BadFilter."""
        after, before = (_position(params, name, sort) for name in ("after", "before"))
        text = query_params.one(params, "page") or "1"
        if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= LARGEST_PAGE):
            raise BadFilter(
                gettext_noop("Page “%(page)s” does not exist. Go back to the first page."),
                page=text,
            )
        is_exact = query_params.one_of(params, "count", ["exact"]) is not None
        return cls(after, before, int(text) if after or before else 1, is_exact)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        named = (("after", self.after), ("before", self.before))
        pairs = [(name, position.text) for name, position in named if position]
        pairs += [("page", str(self.number))] if pairs else []
        return pairs + ([("count", "exact")] if self.is_exact else [])


def _position(params: Mapping[str, Sequence[str]], name: str, sort: Sort) -> Position | None:
    text = query_params.one(params, name)
    try:
        return None if text is None else sort.position_of(text)
    except ValueError as error:
        raise BadFilter(
            gettext_noop("Page “%(page)s” does not exist. Go back to the first page."), page=text
        ) from error


@dataclass(frozen=True)
class Listing:
    """One page of the list. `count` is None if there are more than `MOST_COUNTED` leads."""

    query: ListQuery
    place: PagePlace
    order: Order
    positions: tuple[Position, ...]
    leads: tuple[Lead, ...]
    rows: tuple[Row, ...]
    has_next: bool
    exact_count: int | None

    @property
    def count(self) -> int | None:
        return self.order.count if self.exact_count is None else self.exact_count

    @property
    def plural_count(self) -> int:
        return MOST_COUNTED if self.count is None else self.count

    @property
    def count_text(self) -> str:
        return count_text(self.count)

    @property
    def exact_address(self) -> str:
        """Address of the page with the number of all leads; "" if this page has it."""
        pairs = [*self.place.pairs, ("count", "exact")]
        return "" if self.count is not None else self.query.address_with(*pairs)

    @property
    def is_cut(self) -> bool:
        """Whether there are too many leads to sort the list by every column."""
        return self.order.known is None

    @property
    def other_sort(self) -> bool:
        """Whether there are too many leads for the sort of the address."""
        return self.order.sort.word != self.query.sort.word

    @property
    def most_sorted(self) -> int:
        return MOST_COUNTED

    @property
    def first_number(self) -> int:
        return (self.place.number - 1) * page_size(self.query) + 1

    @property
    def last_number(self) -> int:
        return self.first_number + len(self.leads) - 1

    @property
    def previous_address(self) -> str:
        if self.place.after is None and self.place.before is None:
            return ""
        number = max(self.place.number - 1, 1)
        place = replace(self.place, after=None, before=self.positions[0], number=number)
        return self.query.address_with(*place.pairs) if self.positions else self.query.address

    @property
    def next_address(self) -> str:
        if not self.has_next:
            return ""
        place = replace(
            self.place, after=self.positions[-1], before=None, number=self.place.number + 1
        )
        return self.query.address_with(*place.pairs)

    @property
    def source(self) -> str:
        """Query string of this page, from which its leads are opened."""
        return source_of(self.query, self.place)

    @property
    def common_values(self) -> dict[str, str]:
        """Values that each request from a row sends."""
        return {"return": "list", "from": self.source}

    @property
    def title_heading(self) -> Heading:
        return self._heading("title", _("Lead"), is_number=False)

    @cached_property
    def headings(self) -> list[Heading]:
        built_in = [
            self._heading(key, COLUMNS[key].title, COLUMNS[key].is_number)
            for key in self.query.built_in
        ]
        own = [
            self._heading(CUSTOM_FIELD_PREFIX + field.key, field.name, is_measured(field))
            for field in self.query.columns
        ]
        return built_in + own

    def _heading(self, key: str, title: Any, is_number: bool) -> Heading:
        sort = sort_of(key, self.query.fields)
        if sort is None or (self.is_cut and key not in INDEXED):
            return Heading(title, "", "", is_number)
        is_current = self.order.sort.key == key
        goes_down = self.order.sort.is_descending
        # More days in a step means that the lead entered it earlier.
        first_down = key not in ASCENDING and key not in AGES
        down = not goes_down if is_current else first_down
        address = replace(self.query, sort=replace(sort, is_descending=down)).address
        direction = ("descending" if goes_down != (key in AGES) else "ascending") * is_current
        return Heading(title, address, direction, is_number)


def count_text(count: int | None) -> str:
    """Return a count of leads as text, "1,000+" if they were not counted further."""
    return formats.up_to(MOST_COUNTED + 1, MOST_COUNTED) if count is None else formats.number(count)


def page_size(query: ListQuery) -> int:
    """Return the number of leads on a full page of a list."""
    return EXTENDED_LEADS_ON_A_PAGE if query.view == EXTENDED else LEADS_ON_A_PAGE


def source_of(query: ListQuery, place: PagePlace) -> str:
    return urlencode([*query.pairs, *place.pairs])


def listing_of(user: User, query: ListQuery, place: PagePlace, now: datetime) -> Listing:
    """Return a page of the list."""
    order, size = query.order(user), page_size(query)
    if order.sort.word != query.sort.word:
        place = replace(place, after=None, before=None, number=1)
    positions, has_next = _positions(order, place, size)
    if place.before is not None and len(positions) < size:
        place = replace(place, before=None, number=1)  # the first page is a full one
        positions, has_next = _positions(order, place, size)
    if order.known is not None and positions:
        number = (order.number_of(positions[0]) or 1) // size + 1
        place = replace(place, number=number)
    found = leads_with_details(Lead.objects.all(), query).in_bulk([one.pk for one in positions])
    shown = [one for one in positions if one.pk in found]
    leads = [found[one.pk] for one in shown]
    source = source_of(query, place)
    rows = Rows(user, query, leads, source, now)
    details = details_of(leads) if query.view == EXTENDED else {}
    start = (place.number - 1) * size + 1
    every = tuple(
        replace(rows.of(found[one.pk], one, start + index), details=details.get(one.pk))
        for index, one in enumerate(shown)
    )
    needs_count = place.is_exact and order.known is None
    exact = query.found(user).order_by().count() if needs_count else None
    return Listing(query, place, order, tuple(shown), tuple(leads), every, has_next, exact)


def leads_with_details(leads: QuerySet[Lead], query: ListQuery) -> QuerySet[Lead]:
    """Return leads with the related rows that the list shows."""
    leads = leads.select_related(*RELATED).defer("description")
    shows_tags = "tags" in query.built_in or query.view == EXTENDED
    return leads.prefetch_related("tags") if shows_tags else leads


def _positions(order: Order, place: PagePlace, size: int) -> tuple[list[Position], bool]:
    """Return the positions of a page, and whether there is a page after it."""
    if place.before is not None:
        return order.before(place.before, size), True
    found = order.after(place.after, size + 1)
    return found[:size], len(found) > size
