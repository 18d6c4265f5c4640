"""Dataset of leads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.models import Team, User
from leadlight.accounts.readers import SYSTEM, Reader
from leadlight.analytics.query.lead_filter import LeadFilter
from leadlight.presentation import labels
from leadlight.presentation.datasets.dataset import (
    Convert,
    DataColumn,
    Dataset,
    attributes_of,
    labels_of,
    local_instants,
    names_of,
)
from leadlight.presentation.datasets.fields import field_columns
from leadlight.sales import access
from leadlight.sales.lead_filter import narrow
from leadlight.sales.models import CustomField, Lead, Pipeline, Step, Tag


def found(reader: Reader, lead_filter: LeadFilter) -> QuerySet[Lead]:
    """Return the leads that a reader may see and that pass a filter."""
    every = Lead.objects.filter(is_deleted=False)
    visible = every if reader is SYSTEM else access.visible_leads(reader)
    resolved = lead_filter.resolved
    return narrow(visible, resolved.chosen, all_tags=resolved.all_tags)


def are_all(reader: Reader, lead_filter: LeadFilter) -> bool:
    """Return whether `found` returns all leads outside the bin.

    The activities or events of the leads are then read without a subquery of leads.
    """
    return not lead_filter.chosen and (reader is SYSTEM or access.sees_all_leads(reader))


def _columns(_reader: Reader) -> tuple[DataColumn, ...]:
    instant, user = local_instants, names_of(User)
    return (
        DataColumn("key", _("Key"), "text", "key"),
        DataColumn("title", _("Title"), "text", "title"),
        DataColumn("pipeline", _("Pipeline"), "text", "pipeline_id", conversion=names_of(Pipeline)),
        DataColumn("step", _("Step"), "text", "step_id", conversion=names_of(Step)),
        DataColumn("status", _("Status"), "text", "status", conversion=labels_of(labels.status)),
        DataColumn("owner", _("Owner"), "text", "owner_id", conversion=user),
        DataColumn(
            "owner_email",
            _("Email of the owner"),
            "text",
            "owner_id",
            conversion=attributes_of(User, "email"),
        ),
        DataColumn("team", _("Team"), "text", "team_id", conversion=names_of(Team)),
        DataColumn("client", _("Client"), "text", "client__name"),
        DataColumn("amount", _("Amount"), "money", "amount"),
        DataColumn("probability", _("Probability"), "count", "probability"),
        DataColumn("created_at", _("Created"), "instant", "created_at", instant),
        DataColumn("created_by", _("Created by"), "text", "created_by_id", conversion=user),
        DataColumn("closed_at", _("Closed"), "instant", "closed_at", instant),
        DataColumn("estimated_closing_on", _("Expected close date"), "day", "estimated_closing_on"),
        DataColumn("reminder_at", _("Reminder"), "instant", "reminder_at", instant),
        DataColumn("source", _("Source"), "text", "source"),
        DataColumn(
            "prospecting_list", _("Prospecting list"), "text", "prospect__prospecting_list__name"
        ),
        DataColumn("tags", _("Tags"), "text", "pk", _tag_names),
        DataColumn("is_starred", _("Starred"), "flag", "is_starred"),
        DataColumn("status_since", _("Status since"), "instant", "status_since", instant),
        DataColumn("step_since", _("Step since"), "instant", "step_since", instant),
        DataColumn("last_activity_at", _("Last activity"), "instant", "last_activity_at", instant),
        DataColumn("postponements", _("Postponements"), "count", "postponements"),
        DataColumn("updated_at", _("Last change"), "instant", "updated_at", instant),
        DataColumn("description", _("Description"), "text", "description"),
        *field_columns(CustomField.Subject.LEAD),
    )


def _tag_names() -> Convert:
    """Convert the ids of leads to the names of their tags, separated by semicolons."""
    names = {tag.pk: str(tag) for tag in Tag.objects.select_related("category")}

    def convert(ids: Sequence[int]) -> Iterator[str]:
        links = Lead.tags.through.objects.filter(lead_id__in=ids).values_list("lead_id", "tag_id")
        found: dict[int, list[str]] = defaultdict(list)
        for lead, tag in links:
            found[lead].append(names.get(tag, ""))
        return ("; ".join(sorted(found[pk])) if pk in found else "" for pk in ids)

    return convert


DATASET = Dataset(
    "leads",
    _("Leads"),
    _("One row for each lead, without those in the bin."),
    _columns,
    found,
    {
        "created": ("created_at", _("Created")),
        "closed": ("closed_at", _("Closed")),
        "updated": ("updated_at", _("Last change")),
    },
)
