"""Dataset of clients."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.models import User
from leadlight.accounts.readers import SYSTEM, Reader
from leadlight.analytics.query.lead_filter import EVERY_LEAD, LeadFilter
from leadlight.presentation.datasets import leads
from leadlight.presentation.datasets.dataset import (
    DataColumn,
    Dataset,
    local_instants,
    names_of,
    of_ids,
)
from leadlight.presentation.datasets.fields import field_columns
from leadlight.sales import access
from leadlight.sales.client_totals import ClientTotals, totals_by_client
from leadlight.sales.models import Client, CustomField

TOTALS = (
    ("leads", _("Leads"), "count"),
    ("open", _("Open"), "count"),
    ("won", _("Won"), "count"),
    ("lost", _("Lost"), "count"),
    ("cancelled", _("Cancelled"), "count"),
    ("open_amount", _("Open amount"), "money"),
    ("won_amount", _("Won amount"), "money"),
)


def _found(reader: Reader, lead_filter: LeadFilter) -> QuerySet[Client]:
    """Return the clients that a reader may see; with a filter, those of leads that pass it."""
    clients = Client.unmerged() if reader is SYSTEM else access.visible_clients(reader)
    if lead_filter.chosen:
        clients = clients.filter(pk__in=leads.found(reader, lead_filter).values("client_id"))
    return clients


def _columns(reader: Reader) -> tuple[DataColumn, ...]:
    return (
        DataColumn("key", _("Key"), "text", "key"),
        DataColumn("name", _("Name"), "text", "name"),
        DataColumn("is_active", _("Active"), "flag", "is_active"),
        DataColumn("created_at", _("Created"), "instant", "created_at", local_instants),
        DataColumn(
            "created_by", _("Created by"), "text", "created_by_id", conversion=names_of(User)
        ),
        *_total_columns(reader),
        DataColumn("description", _("Description"), "text", "description"),
        *field_columns(CustomField.Subject.CLIENT),
    )


def _total_columns(reader: Reader) -> list[DataColumn]:
    """Return the columns with totals of the leads that the reader may see."""
    known: dict[tuple[int, ...], Mapping[int, ClientTotals]] = {}

    def totals_of(ids: Sequence[int]) -> Mapping[int, ClientTotals]:
        """Return the totals of clients; the columns of one batch share one query."""
        if tuple(ids) not in known:
            known.clear()
            known[tuple(ids)] = totals_by_client(leads.found(reader, EVERY_LEAD), ids)
        return known[tuple(ids)]

    def values(key: str) -> Callable[[Sequence[int]], Mapping[int, Any]]:
        def of_rows(ids: Sequence[int]) -> Mapping[int, Any]:
            totals = totals_of(ids)
            return {pk: getattr(totals.get(pk, ClientTotals()), key) for pk in ids}

        return of_rows

    return [DataColumn(key, title, kind, "pk", of_ids(values(key))) for key, title, kind in TOTALS]


DATASET = Dataset(
    "clients",
    _("Clients"),
    _("One row for each client, with totals of the leads that you may see."),
    _columns,
    _found,
    {"created": ("created_at", _("Created"))},
)
