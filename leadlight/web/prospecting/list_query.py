"""Query of the page of prospecting lists: the parsed query string."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import NullIf
from django.urls import reverse

from leadlight.analytics.query import query_params
from leadlight.sales.models import ProspectingList

LONGEST_SEARCH = 200
ACTIVE, ARCHIVED, ALL = "active", "archived", "all"
STATES = (ACTIVE, ARCHIVED, ALL)
# Columns that the page is sorted by: their keys, and the fields of the model.
SORTED_BY = {
    "name": "name",
    "owner": "user__last_name",
    "source": "source",
    "cost": "cost",
    "created": "created_at",
}
SORTS = tuple(sign + key for key in SORTED_BY for sign in ("", "-"))
DEFAULT_SORT = "-created"
PARAMS = ("q", "state", "sort", "page")


@dataclass(frozen=True)
class ListQuery:
    """Filters and sort; `sort` is the key of a column, with a minus sign for descending order."""

    searched: str = ""
    state: str = ACTIVE
    sort: str = DEFAULT_SORT

    @classmethod
    def from_params(cls, params: Mapping[str, Sequence[str]]) -> ListQuery:
        """Parse a query string. Raises BadFilter for an invalid parameter."""
        query_params.refuse_unknown_names(params, set(PARAMS))
        return cls(
            " ".join(params.get("q", ())).replace("\0", " ").strip()[:LONGEST_SEARCH],
            query_params.one_of(params, "state", STATES) or ACTIVE,
            query_params.one_of(params, "sort", SORTS) or DEFAULT_SORT,
        )

    def found(self, lists: QuerySet[ProspectingList]) -> QuerySet[ProspectingList]:
        """Return the lists that pass the filters, in order; those without a value come last."""
        if self.state != ALL:
            lists = lists.filter(is_archived=self.state == ARCHIVED)
        for word in self.searched.split():
            lists = lists.filter(Q(name__icontains=word) | Q(source__icontains=word))
        field: Any = F(SORTED_BY[self.sort_key])
        if self.sort_key == "source":
            field = NullIf(field, Value(""))
        order = field.desc if self.is_descending else field.asc
        return lists.order_by(order(nulls_last=True), "name", "pk")

    @property
    def is_filtered(self) -> bool:
        return bool(self.searched or self.state != ACTIVE)

    @property
    def sort_key(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def is_descending(self) -> bool:
        return self.sort.startswith("-")

    def sorted_by(self, key: str) -> ListQuery:
        """Return the query after a click on the heading of a column."""
        first = f"-{key}" if key in ("cost", "created") else key
        second = key if first != key else f"-{key}"
        return replace(self, sort=second if self.sort == first else first)

    @property
    def address(self) -> str:
        """URL of the first page; equal queries have equal URLs."""
        return self.page_address(1)

    def page_address(self, page: int) -> str:
        given = (
            ("q", self.searched, ""),
            ("state", self.state, ACTIVE),
            ("sort", self.sort, DEFAULT_SORT),
            ("page", str(page), "1"),
        )
        pairs = [(name, value) for name, value, default in given if value != default]
        return reverse("prospecting") + (f"?{urlencode(pairs)}" if pairs else "")
