"""Query of the list of leads: the parsed query string, and the leads that it selects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.analytics.query import query_params
from leadlight.analytics.query.dimensions import LEAD_FILTERS
from leadlight.analytics.query.lead_filter import LeadFilter
from leadlight.presentation.lead_choices import unknown_choices
from leadlight.sales import access, field_filter
from leadlight.sales.field_filter import FieldFilter, parsed
from leadlight.sales.lead_conditions import is_open
from leadlight.sales.lead_filter import narrow
from leadlight.sales.lead_order import NEWEST, Order, Sort, ordered, sort_of
from leadlight.sales.models import CustomField, Lead
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX, OPEN
from leadlight.sales.refusals import Refused
from leadlight.sales.search.finding import matching
from leadlight.web.leads.columns import COLUMNS, DEFAULT
from leadlight.web.leads.work_filter import CRITERIA, WorkFilter
from leadlight.web.shell.field_columns import chosen, shown_fields
from leadlight.web.shell.query_string import params_of

LONGEST_SEARCH = 200
TAGS = ("any", "all")
# Views of the list: one line for each lead, several lines, or a board with a column for each step.
COMPACT, EXTENDED, BOARD = VIEWS = ("compact", "extended", "board")


LAST = "last"  # value of the parameter `closed`

NO_LIMITS = WorkFilter()
NAMES = {*LEAD_FILTERS, *CRITERIA, "tags", "q", "view", "columns", "sort", "saved", "closed"}
# Parameters of a page of the list; they are not part of the query.
PAGE_PARAMS = ("after", "before", "page", "count")


@dataclass(frozen=True)
class ListQuery:
    """Query of the list of leads: filters, search, sort, view and columns.

    `searched` are the words that every lead must contain. `columns` are the custom fields to show,
    `built_in` the keys of the other columns; `fields` are all custom fields that the list can show.
    `saved` is the key of the saved view that the query started from, "" for none. With
    `shows_closed`, the board shows the last closed leads beside the open ones.
    """

    lead_filter: LeadFilter
    searched: str = ""
    field_filters: tuple[FieldFilter, ...] = ()
    columns: tuple[CustomField, ...] = ()
    fields: tuple[CustomField, ...] = ()
    view: str = COMPACT
    work: WorkFilter = NO_LIMITS
    sort: Sort = NEWEST
    built_in: tuple[str, ...] = DEFAULT
    saved: str = ""
    shows_closed: bool = False

    @classmethod
    def from_request(cls, request: HttpRequest, page_params: Iterable[str]) -> ListQuery:
        """Parse the query string of a request.

        Raises BadFilter for an invalid parameter, Refused for an invalid filter or column of a
        custom field.
        """
        return cls.from_params(params_of(request), page_params)

    @classmethod
    def from_params(
        cls, params: Mapping[str, Sequence[str]], page_params: Iterable[str] = PAGE_PARAMS
    ) -> ListQuery:
        """Parse a query string, as `from_request` does."""
        own = {name for name in params if name.startswith(CUSTOM_FIELD_PREFIX)}
        query_params.refuse_unknown_names(params, {*NAMES, *page_params, *own})
        all_tags = query_params.one_of(params, "tags", TAGS) == "all"
        fields = shown_fields(CustomField.Subject.LEAD)
        words = [word for word in params.get("columns", ()) if word]
        searched = "".join(params.get("q", ())[-1:]).replace("\0", " ")
        return cls(
            LeadFilter.from_params(params, LEAD_FILTERS, all_tags=all_tags),
            searched.replace("\N{REPLACEMENT CHARACTER}", " ").strip()[:LONGEST_SEARCH],
            parsed(params, fields),
            tuple(chosen([word for word in words if word not in COLUMNS], fields)),
            tuple(fields),
            query_params.one_of(params, "view", VIEWS) or COMPACT,
            WorkFilter.from_params(params),
            _sort(params, fields),
            tuple(key for key in COLUMNS if key in words) or DEFAULT,
            query_params.one(params, "saved") or "",
            query_params.one_of(params, "closed", (LAST,)) == LAST,
        )

    def read_by(self, user: User) -> ListQuery:
        """Return the query with `me` replaced by the key of a user.

        Raises BadFilter for keys that do not exist or that the user may not see.
        """
        lead_filter = self.lead_filter.for_reader(user.key)
        lead_filter.refuse_unknown(lambda name, keys: unknown_choices(user, name, keys))
        return replace(self, lead_filter=lead_filter)

    def found(self, user: User) -> QuerySet[Lead]:
        """Return the leads that a user may see and that pass the filters, in no order."""
        lead_filter = self.lead_filter.resolved
        leads = access.visible_leads(user)
        leads = narrow(leads, lead_filter.chosen, all_tags=lead_filter.all_tags)
        leads = matching(leads, user, self.searched)
        return field_filter.narrowed(self.work.narrowed(leads), self.field_filters)

    def order(self, user: User) -> Order:
        """Return the leads found, in the order of the sort."""
        order = ordered(self.found(user), self.sort)
        if order.known is not None:
            return order
        # Too many leads to sort: read them in the order of an index and check each one. With the
        # conditions in the same query, the database would use their indexes and sort all leads.
        statuses = set(self.lead_filter.keys("status"))
        leads = self.work.narrowed(Lead.objects.all(), *order.sort.paths)
        if statuses and statuses <= {*OPEN}:
            leads = leads.filter(is_open())  # so that an index of open leads is used
        found = self.found(user).order_by().filter(pk=OuterRef("pk"))
        return replace(order, leads=leads.filter(Exists(found)))

    @property
    def dimension_pairs(self) -> list[tuple[str, str]]:
        """Query-string pairs of the filter by dimensions."""
        pairs = self.lead_filter.to_pairs()
        if self.lead_filter.all_tags and len(self.lead_filter.keys("tag")) > 1:
            pairs.append(("tags", "all"))
        return pairs

    @property
    def column_pairs(self) -> list[tuple[str, str]]:
        """Query-string pairs of the columns, none for the default ones."""
        keys = () if self.built_in == DEFAULT else self.built_in
        own = (CUSTOM_FIELD_PREFIX + field.key for field in self.columns)
        return [("columns", word) for word in (*keys, *own)]

    @property
    def field_pairs(self) -> list[tuple[str, str]]:
        """Query-string pairs of the filters by custom fields."""
        return [pair for one in self.field_filters for pair in one.to_pairs()]

    @property
    def kept_pairs(self) -> list[tuple[str, str]]:
        """Query-string pairs that both forms of filters keep, such as the sort and the view."""
        pairs = [("sort", self.sort.word)] if self.sort.word != NEWEST.word else []
        pairs += [("view", self.view)] if self.view != COMPACT else []
        pairs += [("closed", LAST)] if self.shows_closed else []
        return pairs + ([("saved", self.saved)] if self.saved else [])

    @property
    def bar_pairs(self) -> list[tuple[str, str]]:
        """Query-string pairs that the filter bar sets."""
        return ([("q", self.searched)] if self.searched else []) + self.dimension_pairs

    @property
    def panel_pairs(self) -> list[tuple[str, str]]:
        """Query-string pairs that the panel of columns and further filters sets."""
        return self.work.to_pairs() + self.field_pairs + self.column_pairs

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return self.bar_pairs + self.kept_pairs + self.panel_pairs

    @property
    def query_string(self) -> str:
        """Canonical query string; equal queries have equal ones."""
        return urlencode(self.pairs)

    @property
    def address(self) -> str:
        """URL of the list; equal queries have equal URLs."""
        return self.address_with()

    def address_with(self, *pairs: tuple[str, str]) -> str:
        """Return the URL of the list with more parameters, such as those of a page."""
        every = [*self.pairs, *pairs]
        return reverse("leads") + (f"?{urlencode(every)}" if every else "")


def _sort(params: Mapping[str, Sequence[str]], fields: Sequence[CustomField]) -> Sort:
    word = query_params.one(params, "sort")
    sort = NEWEST if word is None else sort_of(word, fields)
    if sort is None:
        raise Refused(_("The list cannot be sorted by “%(sort)s”.") % {"sort": word})
    return sort
