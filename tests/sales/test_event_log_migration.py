"""Migration of an instance whose events had no old values, channels and versions."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from leadlight.importing import import_folder
from leadlight.replication.checks import check
from leadlight.sales.models import Lead, LeadEvent
from tests.worked_company import write_worked_company

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = [("sales", "0005_one_goal_of_a_kind")]
NAMES = ("key", "kind", "value", "old_value", "channel", "version", "occurred_at", "recorded_at")


def migrate_to(targets: list[tuple[str, str]]) -> None:
    MigrationExecutor(connection).migrate(targets)


def test_the_migration_fills_in_old_values_and_versions(tmp_path: Path) -> None:
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes("sales")
    import_folder(write_worked_company(tmp_path / "worked"))
    events = list(LeadEvent.objects.order_by("pk").values_list(*NAMES))
    leads = {lead.pk: lead for lead in Lead.objects.all()}
    try:
        migrate_to(BEFORE)
    finally:
        migrate_to(newest)
    assert any(event[3] for event in events)
    assert list(LeadEvent.objects.order_by("pk").values_list(*NAMES)) == events
    for lead in Lead.objects.all():
        last = lead.events.order_by("recorded_at").values_list("recorded_at", flat=True).last()
        assert (lead.version, lead.updated_at) == (1, last)
        assert lead.title == leads[lead.pk].title
    assert [str(one) for one in check()] == []
