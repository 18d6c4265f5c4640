"""Dataset of activities."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.models import User
from leadlight.accounts.readers import SYSTEM, Reader
from leadlight.analytics.query.lead_filter import LeadFilter
from leadlight.presentation.datasets import leads
from leadlight.presentation.datasets.dataset import (
    DataColumn,
    Dataset,
    attributes_of,
    labels_of,
    local_instants,
    names_of,
)
from leadlight.sales import access
from leadlight.sales.models import Activity, ActivityType, Outcome, Prospect


def _found(reader: Reader, lead_filter: LeadFilter) -> QuerySet[Activity]:
    """Return the activities on leads and prospects that a reader may see.

    With a filter, these are the activities on the leads that pass it.
    """
    if leads.are_all(reader, lead_filter):
        of_leads = Q(lead__is_deleted=False)
    else:
        of_leads = Q(lead__in=leads.found(reader, lead_filter).values("pk"))
    if lead_filter.chosen:
        return Activity.objects.filter(of_leads)
    every = Prospect.objects.all() if reader is SYSTEM else access.visible_prospects(reader)
    of_prospects = Q(lead=None, prospect__in=every.order_by().values("pk"))
    return Activity.objects.filter(of_leads | of_prospects)


def _columns(_reader: Reader) -> tuple[DataColumn, ...]:
    return (
        DataColumn("key", _("Key"), "text", "key"),
        DataColumn("occurred_at", _("Date and time"), "instant", "occurred_at", local_instants),
        DataColumn("recorded_at", _("Recorded"), "instant", "recorded_at", local_instants),
        DataColumn("user", _("User"), "text", "user_id", conversion=names_of(User)),
        DataColumn(
            "user_email",
            _("Email of the user"),
            "text",
            "user_id",
            conversion=attributes_of(User, "email"),
        ),
        DataColumn(
            "activity_type",
            _("Activity type"),
            "text",
            "activity_type_id",
            conversion=names_of(ActivityType),
        ),
        DataColumn(
            "kind",
            _("Kind"),
            "text",
            "activity_type__kind",
            conversion=labels_of(lambda kind: ActivityType.Kind(kind).label),
        ),
        DataColumn("outcome", _("Result"), "text", "outcome_id", conversion=names_of(Outcome)),
        DataColumn("is_reached", _("Counts as reached"), "flag", "outcome__is_reached"),
        DataColumn("lead", _("Key of the lead"), "text", "lead__key"),
        DataColumn("lead_title", _("Lead"), "text", "lead__title"),
        DataColumn("prospect", _("Key of the prospect"), "text", "prospect__key"),
        DataColumn(
            "prospecting_list", _("Prospecting list"), "text", "prospect__prospecting_list__name"
        ),
        DataColumn("content", _("Note"), "text", "content"),
    )


DATASET = Dataset(
    "activities",
    _("Activities"),
    _("One row for each call, meeting or other activity on a lead or a prospect."),
    _columns,
    _found,
    {
        "occurred": ("occurred_at", _("Date and time")),
        "recorded": ("recorded_at", _("Recorded")),
    },
)
