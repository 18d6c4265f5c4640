"""Names of steps and pipelines in the histories of leads: those of the day."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.utils import timezone

from leadlight.sales import pipeline_settings
from leadlight.sales.models import PastName
from leadlight.sales.past_names import PastNames
from leadlight.web.leads.timeline import timeline_of

pytestmark = pytest.mark.database


@pytest.fixture
def renamed(cast):
    """Rename the step Offer and the pipeline of Olga's lead, which was moved to Offer before."""
    offer, deal = cast.steps[1:]
    pipeline_settings.change_step(offer, "Proposal", 40, by=cast.ada)
    pipeline_settings.rename(offer.pipeline, "New business", by=cast.ada)
    cast.lead.move_to(deal, by=cast.olga)
    return cast


def changes(lead, kind: str) -> list[tuple[str | None, str | None]]:
    """Return the changes of a kind in the history of a lead, the first one first."""
    entries = [entry for entry in timeline_of(lead) if entry.changes]
    found = [one for entry in entries[::-1] for one in entry.changes if one.kind == kind]
    return [(one.before, one.after) for one in found]


def test_the_history_of_a_lead_has_the_names_of_the_day(renamed, visit):
    moves = [(None, "Contact"), ("Contact", "Offer"), ("Proposal", "Deal")]
    assert changes(renamed.lead, "step") == moves
    assert changes(renamed.lead, "pipeline") == [(None, "Direct sales")]
    page = visit(renamed.olga).get(f"/leads/{renamed.lead.key}/").content.decode()
    assert "Offer" in page


def test_the_exported_history_has_the_names_of_the_day(renamed, visit):
    response = visit(renamed.ada).get("/export/csv?table=events")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    moves = [(row["old_value"], row["value"]) for row in rows if row["kind"] == "Step"]
    assert sorted(moves) == [("", "Contact"), ("Contact", "Offer"), ("Proposal", "Deal")]
    assert [row["value"] for row in rows if row["kind"] == "Pipeline"] == ["Direct sales"]


def test_a_name_that_stays_is_no_past_name(cast):
    pipeline_settings.change_step(cast.steps[1], "Offer", 55, by=cast.ada)
    assert not PastName.objects.exists()


def test_each_of_several_names_has_its_days(cast):
    step, now = cast.steps[1], timezone.now()
    for name, days in (("First", 20), ("Second", 10)):
        step.past_names.create(name=name, replaced_at=now - timedelta(days=days))
    names = PastNames({step.pk}, set())
    found = [names.at(type(step), step.pk, now - timedelta(days=n)) for n in (30, 20, 5)]
    assert found == ["First", "Second", None]
    assert names.at(type(step.pipeline), step.pk, now - timedelta(days=30)) is None
