"""Dimensions of leads in the operational database.

The keys equal those of `leadlight.analytics.query.dimensions`; a test compares the two. A custom
field is a dimension if it belongs to leads and its kind is "choice".
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from leadlight.accounts.keys import Keyed
from leadlight.accounts.models import Team, User
from leadlight.sales.models import (
    ActivityType,
    Client,
    CustomField,
    Outcome,
    Pipeline,
    ProspectingList,
    Step,
    Tag,
)
from leadlight.sales.models.field_texts import FieldKind


@dataclass(frozen=True)
class Dimension:
    """Dimension of leads.

    `path` is the lookup path from a lead, "" if leads do not have the dimension. `model` is the
    model of its rows; None means that a text field of the lead holds the value itself.
    """

    path: str
    model: type[Keyed] | None


DIMENSIONS: dict[str, Dimension] = {
    "user": Dimension("owner", User),
    "team": Dimension("team", Team),
    "pipeline": Dimension("pipeline", Pipeline),
    "tag": Dimension("tags", Tag),
    "source": Dimension("source", None),
    "prospecting_list": Dimension("prospect__prospecting_list", ProspectingList),
    "client": Dimension("client", Client),
    "step": Dimension("step", Step),
    "status": Dimension("status", None),
    "reason": Dimension("", Tag),
    "activity_type": Dimension("", ActivityType),
    "outcome": Dimension("", Outcome),
    "field": Dimension("field_values__field", CustomField),
}


def choice_fields(*, with_archived: bool = False) -> QuerySet[CustomField]:
    """Return the custom fields that are dimensions, by position."""
    fields = CustomField.objects.filter(subject=CustomField.Subject.LEAD, kind=FieldKind.CHOICE)
    return fields if with_archived else fields.filter(is_archived=False)
