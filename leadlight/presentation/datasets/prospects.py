"""Dataset of prospects: the rows of prospecting lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.models import User
from leadlight.accounts.readers import SYSTEM, Reader
from leadlight.analytics.query.lead_filter import EVERY_LEAD, WITHOUT, LeadFilter
from leadlight.presentation.datasets import leads
from leadlight.presentation.datasets.dataset import (
    Convert,
    DataColumn,
    Dataset,
    labels_of,
    local_instants,
    names_of,
    of_ids,
)
from leadlight.sales import access
from leadlight.sales.models import Prospect, ProspectColumn, ProspectingList
from leadlight.sales.models.prospecting import CELL_HEADER

# Maximum number of exported columns over all lists; further ones are left out.
MOST_HEADERS = 500


def _found(reader: Reader, lead_filter: LeadFilter) -> QuerySet[Prospect]:
    """Return the prospects that a reader may see, and those that became a lead which they may see.

    Filters by list and by source apply to the lists, the other filters to the leads that the
    prospects became.
    """
    found = Prospect.objects.all()
    if reader is not SYSTEM and not access.sees_all_leads(reader):
        own = access.visible_prospects(reader).order_by().values("pk")
        became = leads.found(reader, EVERY_LEAD).order_by().values("prospect_id")
        found = found.filter(Q(pk__in=own) | Q(pk__in=became))
    if lists := lead_filter.keys("prospecting_list"):
        found = found.filter(prospecting_list__key__in=lists)
    if sources := lead_filter.keys("source"):
        is_none = Q(prospecting_list__source="") if WITHOUT in sources else Q(pk__in=())
        found = found.filter(Q(prospecting_list__source__in=sources) | is_none)
    chosen = tuple(
        (name, keys)
        for name, keys in lead_filter.chosen
        if name not in ("prospecting_list", "source")
    )
    if chosen:
        passing = leads.found(reader, replace(lead_filter, chosen=chosen))
        found = found.filter(lead__in=passing.order_by().values("pk"))
    return found


def _columns(reader: Reader) -> tuple[DataColumn, ...]:
    return (
        DataColumn("key", _("Key"), "text", "key"),
        DataColumn(
            "prospecting_list",
            _("Prospecting list"),
            "text",
            "prospecting_list_id",
            names_of(ProspectingList),
        ),
        DataColumn("source", _("Source"), "text", "prospecting_list__source"),
        DataColumn("user", _("User"), "text", "user_id", names_of(User)),
        DataColumn("created_at", _("Created"), "instant", "created_at", local_instants),
        DataColumn(
            "state",
            _("State"),
            "text",
            "state",
            labels_of(lambda state: Prospect.State(state).label),
        ),
        DataColumn("call_back_on", _("Call back on"), "day", "call_back_on"),
        DataColumn("converted_at", _("Converted"), "instant", "converted_at", local_instants),
        DataColumn("lead", _("Key of the lead"), "text", "pk", of_ids(_of_leads(reader, "key"))),
        DataColumn("lead_title", _("Lead"), "text", "pk", of_ids(_of_leads(reader, "title"))),
        *_cell_columns(reader),
    )


def _of_leads(reader: Reader, attribute: str) -> Callable[[Sequence[int]], Mapping[int, str]]:
    """Return the function from ids of prospects to an attribute of their visible leads."""

    def of_rows(ids: Sequence[int]) -> Mapping[int, str]:
        became = leads.found(reader, EVERY_LEAD).filter(prospect__in=ids).order_by()
        return dict(became.values_list("prospect_id", attribute))

    return of_rows


def _cell_columns(reader: Reader) -> Iterator[DataColumn]:
    """Yield a column for each header of the lists that a reader may see, in their order."""
    every = ProspectColumn.objects.order_by("prospecting_list_id", "position", "pk")
    if reader is not SYSTEM:
        every = every.filter(prospecting_list__in=access.visible_prospecting_lists(reader))
    by_header: dict[str, dict[int, str]] = defaultdict(dict)
    for column in every:
        by_header[column.header][column.prospecting_list_id] = column.cell_key
    for header, keys in list(by_header.items())[:MOST_HEADERS]:
        paths = ("prospecting_list_id", "cells")
        yield DataColumn(f"{CELL_HEADER}{header}", header, "text", paths, _texts(keys))


def _texts(keys: Mapping[int, str]) -> Callable[[], Convert]:
    """Return the conversion of pairs (list id, cells) to the texts of one header.

    `keys` has the key of the header's cells in each list, by list id.
    """

    def convert(values: Any) -> Iterator[str]:
        return (cells.get(keys.get(list_id, ""), "") for list_id, cells in values)

    return lambda: convert


DATASET = Dataset(
    "prospects",
    _("Prospects"),
    _("One row for each row of a prospecting list, with its columns."),
    _columns,
    _found,
    {
        "created": ("created_at", _("Created")),
        "converted": ("converted_at", _("Converted")),
    },
)
