"""Query of the list of leads: the parsed query string, and the leads that it selects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from leadlight.accounts.models import User
from leadlight.analytics.query import query_params
from leadlight.analytics.query.dimensions import LEAD_FILTERS
from leadlight.analytics.query.lead_filter import LeadFilter
from leadlight.sales import access, field_filter
from leadlight.sales.field_filter import FieldFilter, parsed
from leadlight.sales.lead_filter import narrow
from leadlight.sales.models import CustomField, Lead
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX
from leadlight.sales.search.finding import matching
from leadlight.web.shell.field_columns import chosen, shown_fields
from leadlight.web.shell.query_string import params_of

LONGEST_SEARCH = 200
TAGS = ("any", "all")
# Views of the list: one line for each lead, several lines, or a board with a column for each step.
COMPACT, EXTENDED, BOARD = VIEWS = ("compact", "extended", "board")


@dataclass(frozen=True)
class ListQuery:
    """Query of the list of leads: filters, search, view and columns.

    `searched` are the words that every lead must contain. `columns` are the custom fields to show;
    `fields` are all custom fields that the list can show.
    """

    lead_filter: LeadFilter
    searched: str = ""
    field_filters: tuple[FieldFilter, ...] = ()
    columns: tuple[CustomField, ...] = ()
    fields: tuple[CustomField, ...] = ()
    view: str = COMPACT

    @classmethod
    def from_request(cls, request: HttpRequest, page_params: Iterable[str]) -> ListQuery:
        """Parse the query string of a request.

        Raises BadFilter for an invalid parameter, Refused for an invalid filter or column of a
        custom field.
        """
        params = params_of(request)
        own = {name for name in params if name.startswith(CUSTOM_FIELD_PREFIX)}
        names = {*LEAD_FILTERS, "tags", "q", "view", "columns", *page_params, *own}
        query_params.refuse_unknown_names(params, names)
        all_tags = query_params.one_of(params, "tags", TAGS) == "all"
        fields = shown_fields(CustomField.Subject.LEAD)
        return cls(
            LeadFilter.from_params(params, LEAD_FILTERS, all_tags=all_tags),
            request.GET.get("q", "").replace("\0", " ").strip()[:LONGEST_SEARCH],
            parsed(params, fields),
            tuple(chosen(params.get("columns", ()), fields)),
            tuple(fields),
            query_params.one_of(params, "view", VIEWS) or COMPACT,
        )

    def read_by(self, user: User) -> ListQuery:
        """Return the query with `me` replaced by the key of a user.

        Raises BadFilter for keys that do not exist or that the user may not see.
        """
        lead_filter = self.lead_filter.for_reader(user.key)
        lead_filter.refuse_unknown(lambda name, keys: _unknown(user, name, keys))
        return replace(self, lead_filter=lead_filter)

    def found(self, user: User) -> QuerySet[Lead]:
        """Return the leads that a user may see and that pass the filters, in no order."""
        lead_filter = self.lead_filter.resolved
        leads = access.visible_leads(user)
        leads = narrow(leads, lead_filter.chosen, all_tags=lead_filter.all_tags)
        leads = matching(leads, user, self.searched)
        return field_filter.narrowed(leads, self.field_filters)

    @property
    def dimension_pairs(self) -> list[tuple[str, str]]:
        """Query-string pairs of the filter by dimensions."""
        pairs = self.lead_filter.to_pairs()
        if self.lead_filter.all_tags and len(self.lead_filter.keys("tag")) > 1:
            pairs.append(("tags", "all"))
        return pairs

    @property
    def field_pairs(self) -> list[tuple[str, str]]:
        """Query-string pairs of the filters by custom fields, and of the columns."""
        pairs = [pair for one in self.field_filters for pair in one.to_pairs()]
        return pairs + [("columns", CUSTOM_FIELD_PREFIX + field.key) for field in self.columns]

    @property
    def other_pairs(self) -> list[tuple[str, str]]:
        """Query-string pairs without those of custom fields."""
        pairs = [("q", self.searched)] if self.searched else []
        pairs += [("view", self.view)] if self.view != COMPACT else []
        return pairs + self.dimension_pairs

    @property
    def address(self) -> str:
        """URL of the list; equal queries have equal URLs."""
        pairs = self.other_pairs + self.field_pairs
        return reverse("leads") + (f"?{urlencode(pairs)}" if pairs else "")


def _unknown(user: User, name: str, keys: tuple[str, ...]) -> Iterable[str]:
    if name == "status":
        return [key for key in keys if key not in Lead.Status.values]
    return access.unknown_keys(user, name, keys)
