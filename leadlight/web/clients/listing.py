"""Rows of the list of clients, one page at a time or all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.bounds import MOST_COUNTED
from leadlight.presentation import formats
from leadlight.sales import access
from leadlight.sales.client_totals import ClientTotals, totals_by_client
from leadlight.sales.models import Client, CustomField
from leadlight.web.clients.list_query import NAME, ClientQuery
from leadlight.web.shell.field_columns import Cells, cells_of

CLIENTS_ON_A_PAGE = 50
LARGEST_PAGE = 1_000_000
AT_ONCE = MOST_COUNTED

Totals = tuple[int, ClientTotals]  # id of a client, and its totals


@dataclass(frozen=True)
class Row:
    """Row of the list: a client with its totals and its texts in the chosen columns."""

    client: Client
    totals: ClientTotals
    cells: Cells = ()


@dataclass(frozen=True)
class Heading:
    """Heading of a column; `address` sorts by it, "" if the list cannot be sorted by it."""

    key: str
    title: str
    address: str
    direction: str

    @property
    def is_number(self) -> bool:
        return self.key != NAME


@dataclass(frozen=True)
class Listing:
    """One page of the list.

    `count` is at most `MOST_COUNTED` + 1, which stands for all higher numbers. Sorting by a figure
    needs the totals of every client found: it is offered for up to `MOST_COUNTED` clients.
    """

    query: ClientQuery
    rows: tuple[Row, ...]
    count: int
    number: int
    has_next: bool

    @property
    def is_cut(self) -> bool:
        return self.count > MOST_COUNTED

    @property
    def count_text(self) -> str:
        return formats.up_to(self.count, MOST_COUNTED)

    @property
    def most_sorted(self) -> int:
        return MOST_COUNTED

    @property
    def previous_address(self) -> str:
        return self.query.page_address(self.number - 1) if self.number > 1 else ""

    @property
    def next_address(self) -> str:
        return self.query.page_address(self.number + 1) if self.has_next else ""

    @property
    def headings(self) -> list[Heading]:
        return [self._heading(key, title) for key, title in titles().items()]

    def _heading(self, key: str, title: str) -> Heading:
        is_offered = key == NAME or not self.is_cut
        directions = {True: "descending", False: "ascending"}
        direction = directions[self.query.is_descending] if key == self.query.sort_key else ""
        address = self.query.sorted_by(key).address if is_offered else ""
        return Heading(key, title, address, direction)


def titles() -> dict[str, str]:
    """Return key → title of the columns."""
    return {
        NAME: _("Client"),
        "leads": _("Leads"),
        "open": _("Open"),
        "won": _("Won"),
        "lost": _("Lost"),
        "cancelled": _("Cancelled"),
        "open_amount": _("Open amount"),
        "won_amount": _("Won amount"),
        "changed_at": _("Last change"),
    }


def listing_of(user: User, query: ClientQuery, page: str) -> Listing:
    """Return a page of the list. Raises Http404 for a page that does not exist.

    If too many clients are found to sort them by a figure, they are sorted by name.
    """
    found = query.found(access.listed_clients(user))
    number = _number(page)
    first = (number - 1) * CLIENTS_ON_A_PAGE
    shown = slice(first, first + CLIENTS_ON_A_PAGE + 1)
    # The ids come from an index alone: rows that are skipped are not read.
    ids = list(_ids(query, found)[: MOST_COUNTED + 1])
    count = len(ids)
    if query.is_by_figure and count <= MOST_COUNTED:
        rows = list(_rows(_by_figure(user, query, ids)[shown]))
    else:
        query = replace(query, sort=NAME) if query.is_by_figure else query
        if shown.stop > count > MOST_COUNTED:
            rows = list(_rows(_with_totals(user, list(_ids(query, found)[shown]))))
        else:
            rows = list(_rows(_with_totals(user, ids[shown])))
    if number > 1 and not rows:
        raise Http404
    has_next = len(rows) > CLIENTS_ON_A_PAGE
    rows = _with_cells(rows[:CLIENTS_ON_A_PAGE], query.columns)
    return Listing(query, tuple(rows), count, number, has_next)


def every_row(user: User, query: ClientQuery) -> Iterator[Row]:
    """Yield all rows of the list in its order."""
    ids = list(_ids(query, query.found(access.visible_clients(user))))
    every = _by_figure(user, query, ids) if query.is_by_figure else _with_totals(user, ids)
    return _rows(every)


def _ids(query: ClientQuery, found: QuerySet[Client]) -> QuerySet[Client, int]:
    """Return the ids of the clients found, by name; descending only if this is the sort."""
    sign = "-" if query.is_descending and not query.is_by_figure else ""
    return found.order_by(f"{sign}sort_name", f"{sign}pk").values_list("pk", flat=True)


def _by_figure(user: User, query: ClientQuery, ids: list[int]) -> list[Totals]:
    """Return the clients sorted by a figure; equal ones by name, those without a value last."""
    every = list(_with_totals(user, ids))

    def value(one: Totals) -> Any:
        return getattr(one[1], query.sort_key)

    known = [one for one in every if value(one) is not None]
    unknown = [one for one in every if value(one) is None]
    return sorted(known, key=value, reverse=query.is_descending) + unknown


def _with_totals(user: User, ids: list[int]) -> Iterator[Totals]:
    none = ClientTotals()
    for start in range(0, len(ids), AT_ONCE):
        batch = ids[start : start + AT_ONCE]
        totals = totals_by_client(access.visible_leads(user), batch)
        yield from ((number, totals.get(number, none)) for number in batch)


def _rows(every: Iterable[Totals]) -> Iterator[Row]:
    """Yield the rows of these clients, except those deleted meanwhile."""
    shown = list(every)
    for start in range(0, len(shown), AT_ONCE):
        batch = shown[start : start + AT_ONCE]
        clients = Client.objects.in_bulk([number for number, _totals in batch])
        yield from (Row(clients[number], totals) for number, totals in batch if number in clients)


def _with_cells(rows: list[Row], columns: Sequence[CustomField]) -> list[Row]:
    cells = cells_of((row.client.pk for row in rows), columns)
    return [replace(row, cells=cells[row.client.pk]) for row in rows]


def _number(page: str) -> int:
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 8 else 0
    if not 1 <= number <= LARGEST_PAGE:
        raise Http404
    return number
