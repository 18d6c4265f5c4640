"""Events of one lead: found by the index of the lead, however many events of a kind there are."""

from __future__ import annotations

import pytest
from django.db import connection

from leadlight.sales.models import LeadEvent
from leadlight.sales.models.event_log import Kind

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by sizes of tables"),
]


@pytest.mark.parametrize(
    "conditions",
    [
        {"lead": 7},
        {"lead": 7, "kind": Kind.CREATED},
        {"lead": 7, "kind": Kind.COMMENT, "about": "x"},
        {"lead": 7, "kind__in": [Kind.STATUS, Kind.STEP]},
        {"lead__in": range(50), "kind": Kind.COMMENT, "about": ""},
        {"lead__in": range(50), "kind__in": [Kind.STATUS, Kind.STEP]},
    ],
)
def test_events_of_leads_are_read_by_the_index_of_the_lead(conditions):
    plan = LeadEvent.objects.filter(**conditions).order_by("pk").explain()
    assert "USING INDEX story (lead_id=?" in plan
    assert "event_feed_by_kind" not in plan
