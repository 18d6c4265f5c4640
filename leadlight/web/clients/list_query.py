"""Query of the list of clients: the parsed query string."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from leadlight.analytics.query import query_params
from leadlight.sales.field_filter import FieldFilter, narrowed, parsed
from leadlight.sales.models import Client, CustomField
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX
from leadlight.sales.similar_clients import matching
from leadlight.web.shell.field_columns import chosen, shown_fields

LONGEST_SEARCH = 200
ACTIVE, INACTIVE, ALL = "active", "inactive", "all"
STATES = (ACTIVE, INACTIVE, ALL)
NAME = "name"
# Figures of `ClientTotals` that the list can be sorted by.
FIGURES = ("leads", "open", "won", "lost", "cancelled", "open_amount", "won_amount", "changed_at")
SORTS = tuple(sign + key for key in (NAME, *FIGURES) for sign in ("", "-"))
PARAMS = ("q", "state", "sort", "page", "columns")


@dataclass(frozen=True)
class ClientQuery:
    """Filters and sort of the list of clients.

    `sort` is the key of a column, with a minus sign for descending order. `columns` are the custom
    fields to show; `fields` are all custom fields that the list can show.
    """

    searched: str = ""
    state: str = ACTIVE
    sort: str = NAME
    field_filters: tuple[FieldFilter, ...] = ()
    columns: tuple[CustomField, ...] = ()
    fields: tuple[CustomField, ...] = ()

    @classmethod
    def from_params(cls, params: Mapping[str, Sequence[str]]) -> ClientQuery:
        """Parse a query string.

        Raises BadFilter for an invalid parameter, Refused for an invalid filter or column of a
        custom field.
        """
        own = {name for name in params if name.startswith(CUSTOM_FIELD_PREFIX)}
        query_params.refuse_unknown_names(params, {*PARAMS, *own})
        fields = shown_fields(CustomField.Subject.CLIENT)
        return cls(
            " ".join(params.get("q", ())).strip()[:LONGEST_SEARCH],
            query_params.one_of(params, "state", STATES) or ACTIVE,
            query_params.one_of(params, "sort", SORTS) or NAME,
            parsed(params, fields, CustomField.Subject.CLIENT),
            tuple(chosen(params.get("columns", ()), fields)),
            tuple(fields),
        )

    def found(self, clients: QuerySet[Client]) -> QuerySet[Client]:
        """Return the clients that pass the filters."""
        if self.state != ALL:
            # On SQLite, Django compiles `is_active=True` to a bare column, which uses no index.
            clients = clients.filter(is_active__in=(self.state == ACTIVE,))
        return narrowed(matching(clients, self.searched), self.field_filters)

    @property
    def is_filtered(self) -> bool:
        return bool(self.searched or self.field_filters or self.state != ACTIVE)

    @property
    def sort_key(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def is_descending(self) -> bool:
        return self.sort.startswith("-")

    @property
    def is_by_figure(self) -> bool:
        return self.sort_key in FIGURES

    def sorted_by(self, key: str) -> ClientQuery:
        """Return the query after a click on the heading of a column.

        The first click sorts names ascending and figures descending, the second reverses the order.
        """
        first, second = (key, f"-{key}") if key == NAME else (f"-{key}", key)
        return replace(self, sort=second if self.sort == first else first)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Query-string pairs without defaults."""
        return self.other_pairs + self.field_pairs

    @property
    def field_pairs(self) -> list[tuple[str, str]]:
        """Query-string pairs of the filters by custom fields, and of the columns."""
        pairs = [pair for one in self.field_filters for pair in one.to_pairs()]
        return pairs + [("columns", CUSTOM_FIELD_PREFIX + field.key) for field in self.columns]

    @property
    def other_pairs(self) -> list[tuple[str, str]]:
        """Query-string pairs without those of custom fields, and without defaults."""
        given = (("q", self.searched, ""), ("state", self.state, ACTIVE), ("sort", self.sort, NAME))
        return [(name, value) for name, value, default in given if value != default]

    @property
    def address(self) -> str:
        """URL of the first page of the list; equal queries have equal URLs."""
        return self.page_address(1)

    def page_address(self, page: int) -> str:
        return _address(
            reverse("clients"), self.pairs + ([("page", str(page))] if page > 1 else [])
        )

    def export_address(self, kind: str) -> str:
        return _address(reverse("clients_export", args=[kind]), self.pairs)


def _address(path: str, pairs: list[tuple[str, str]]) -> str:
    return path + (f"?{urlencode(pairs)}" if pairs else "")
