"""Comparison of two clients: their values, and the client whose value a merge would keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.presentation import formats
from leadlight.sales import client_merging
from leadlight.sales.client_merging import ACTIVE, DESCRIPTION, NAME
from leadlight.sales.models import Client, CustomField
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX
from leadlight.web.duplicates.rows import KEPT, OTHER, Choices, fixed_row, value_row, was_shown


@dataclass(frozen=True)
class ClientComparison(Choices):
    """Comparison of two clients.

    `leads` is the number of leads that move to the kept client, including those in the bin.
    """

    kept: Client
    other: Client
    leads: int


def comparison(
    user: User, kept: Client, other: Client, sent: Mapping[str, Any]
) -> ClientComparison:
    """Return the comparison of two clients, with the choices of the form `sent`, or none."""
    choosable = client_merging.choosable(kept, other, user)
    ours, theirs = client_merging.values_of(kept), client_merging.values_of(other)
    fields = CustomField.objects.filter(subject=CustomField.Subject.CLIENT)
    own = {CUSTOM_FIELD_PREFIX + field.key: field.name for field in fields}
    titles = {NAME: _("Name"), ACTIVE: _("Active"), DESCRIPTION: _("Description")} | own
    rows = [
        value_row(
            sent,
            name,
            title,
            (ours.get(name, ""), theirs.get(name, "")),
            (_in_words(name, ours.get(name, "")), _in_words(name, theirs.get(name, ""))),
            is_choosable=name in choosable,
            proposed=KEPT if ours.get(name) else OTHER,
        )
        for name, title in titles.items()
        if ours.get(name) or theirs.get(name) or was_shown(sent, name)
    ]
    leads = {client.pk: client.leads.count() for client in (kept, other)}
    fixed = [
        fixed_row(_("Key"), kept.key, other.key),
        fixed_row(_("Created on"), _created(kept), _created(other)),
        fixed_row(
            _("Leads (those of both are kept)"),
            formats.number(leads[kept.pk]),
            formats.number(leads[other.pk]),
        ),
    ]
    return ClientComparison((*rows, *fixed), kept, other, leads[other.pk])


def _in_words(name: str, text: str) -> str | None:
    if name == ACTIVE:
        return _("Yes") if text else _("No")
    return text or None


def _created(client: Client) -> str | None:
    return formats.instant(client.created_at) if client.created_at else None
