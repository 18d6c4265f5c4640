"""Rows of the page of prospecting lists, one page at a time."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.sales import access
from leadlight.sales.models import Prospect, ProspectingList
from leadlight.web.prospecting.list_query import SORTED_BY, ListQuery

LISTS_ON_A_PAGE = 50


@dataclass(frozen=True)
class Row:
    """List with the number of its rows that the user may see, and of those that were worked.

    A row is worked if its state is not “to qualify”.
    """

    list: ProspectingList
    count: int
    worked: int


@dataclass(frozen=True)
class Heading:
    """Heading of a column; `address` sorts by it, "" if the page cannot be sorted by it."""

    title: str
    address: str
    direction: str
    is_number: bool


@dataclass(frozen=True)
class Listing:
    query: ListQuery
    page: Page[ProspectingList]
    rows: tuple[Row, ...]

    @property
    def headings(self) -> list[Heading]:
        return [self._heading(key, title) for key, title in _titles().items()]

    @property
    def previous_address(self) -> str:
        return self.query.page_address(self.page.number - 1) if self.page.has_previous() else ""

    @property
    def next_address(self) -> str:
        return self.query.page_address(self.page.number + 1) if self.page.has_next() else ""

    def _heading(self, key: str, title: str) -> Heading:
        directions = {True: "descending", False: "ascending"}
        direction = directions[self.query.is_descending] if key == self.query.sort_key else ""
        address = self.query.sorted_by(key).address if key in SORTED_BY else ""
        return Heading(title, address, direction, key in ("rows", "worked", "cost"))


def listing_of(user: User, query: ListQuery, page: str) -> Listing:
    """Return a page of the lists that a user may see; the last one for a number out of range."""
    found = query.found(access.visible_prospecting_lists(user))
    found = found.select_related("user").prefetch_related("tags")
    shown = Paginator(found, LISTS_ON_A_PAGE).get_page(page)
    lists = list(shown.object_list)
    counts = _counts(user, lists)
    rows = tuple(Row(one, *counts[one.pk]) for one in lists)
    return Listing(query, shown, rows)


def _counts(user: User, lists: list[ProspectingList]) -> dict[int, tuple[int, int]]:
    """Return the number of rows and of worked rows of each list, by its id."""
    rows = access.visible_prospects(user).filter(prospecting_list__in=[one.pk for one in lists])
    found: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    counted = rows.order_by().values_list("prospecting_list", "state").annotate(Count("pk"))
    for list_id, state, count in counted:
        every, worked = found[list_id]
        is_worked = state != Prospect.State.TO_QUALIFY
        found[list_id] = (every + count, worked + count * is_worked)
    return found


def _titles() -> dict[str, str]:
    """Return key → title of the columns."""
    return {
        "name": _("Name"),
        "owner": _("Owner"),
        "rows": _("Rows"),
        "worked": _("Rows worked"),
        "source": _("Source"),
        "cost": _("Cost"),
        "tags": _("Tags"),
        "created": _("Created on"),
    }
