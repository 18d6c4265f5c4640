"""Copies of a lead: a second deal with the same client, or a part of the same deal."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.sales.models import Client, CustomField, Lead, LeadFieldValue, Relation
from leadlight.sales.models.event_log import Kind
from leadlight.sales.models.lead_changes import changing, locked
from leadlight.sales.models.relations import relate
from leadlight.sales.refusals import Refused


def copy_lead(lead: Lead, *, title: str, client: Client | None, by: User) -> Lead:
    """Create an open lead with the description, tags and custom fields of another one.

    It belongs to `by` and begins at the first step of the same pipeline, without amount and
    history. If the lead has no client, `client` becomes its client too, so that both leads have the
    same.
    """
    with locked(lead):
        copy = Lead.create(
            title=title,
            by=by,
            owner=by,
            step=lead.pipeline.first_step,
            description=lead.description,
            client=client,
        )
        _copy_values(lead, copy, by)
        if lead.client_id is None and client is not None:
            lead.set_client(client, by=by)
        relate(copy, lead.key, Relation.COPY_OF, by=by)
        relate(lead, copy.key, Relation.COPIED_TO, by=by)
    return copy


def split_lead(lead: Lead, *, title: str, amount: Decimal, by: User) -> Lead:
    """Move a part of the amount of an open lead to a new lead with the same client, owner and step.

    The sum of both amounts is the amount before.
    """
    with locked(lead):
        if lead.is_closed:
            raise Refused(_("“%(lead)s” is closed. Reopen it first.") % {"lead": lead})
        if lead.amount is None or not 0 < amount < lead.amount:
            raise Refused(_("Enter an amount between 0 and the amount of the lead."))
        part = Lead.create(
            title=title,
            by=by,
            owner=lead.owner,
            team=lead.team,
            step=lead.step,
            amount=amount,
            probability=lead.probability,
            estimated_closing_on=lead.estimated_closing_on,
            description=lead.description,
            client=lead.client,
            source=lead.source,
        )
        _copy_values(lead, part, by)
        lead.set_amount(lead.amount - amount, by=by)
        relate(part, lead.key, Relation.SPLIT_FROM, by=by)
        relate(lead, part.key, Relation.SPLIT_INTO, by=by)
    return part


def _copy_values(lead: Lead, copy: Lead, by: User) -> None:
    """Copy tags, and the values of the custom fields that are not archived."""
    values: Any = LeadFieldValue.objects.filter(owner=lead, field__is_archived=False)
    with transaction.atomic(), changing(copy, by) as changes:
        changes[Kind.TAGS] = lead.tag_ids
        for value in values.select_related("field"):
            text = value.field.checked(CustomField.Subject.LEAD, value.text)
            changes.of_fields[value.field] = text
