"""Migration of an instance of an earlier release: back to its schema, and forward again.

Going back and forward takes 18 s, so one walk tests every migration that converts rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps.registry import Apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from leadlight.accounts.models import User
from leadlight.automation import triggers
from leadlight.importing import import_folder
from leadlight.replication.checks import check
from leadlight.sales.models import (
    ActivityType,
    Lead,
    LeadEvent,
    Pipeline,
    Prospect,
    ProspectColumn,
)
from leadlight.sales.prospecting.lists import make_list
from leadlight.sales.refusals import Refused
from tests.sales.conftest import Company, found
from tests.sales.test_derived_columns import computed, stored, verbs
from tests.seeds import drawn
from tests.worked_company import STORIES, write_worked_company

pytestmark = pytest.mark.django_db(transaction=True)

SHEETS = ("sales", "0028_sheets")
CELLS_BY_ROW = ("sales", "0027_counts_of_bulk_jobs")  # lists without columns
NO_OLD_VALUES = ("sales", "0005_one_goal_of_a_kind")  # nor channels, versions, derived columns
EVENT = ("key", "kind", "value", "old_value", "channel", "version", "occurred_at", "recorded_at")


@contextmanager
def earlier_schema() -> Iterator[None]:
    # Of all apps: those that depend on this one are migrated back with it.
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        yield
    finally:
        MigrationExecutor(connection).migrate(newest)
        triggers.after_migrate()


def migrate_back_to(target: tuple[str, str]) -> Apps:
    """Return the models of the schema."""
    triggers.before_migrate(plan=[target])  # as the command does, by a signal
    MigrationExecutor(connection).migrate([target])
    return MigrationExecutor(connection).loader.project_state([target]).apps


def work_at_random(company: Company) -> None:
    call, chance = ActivityType.objects.create(name="Call"), drawn("derived columns of migrations")
    Lead.create(title="First", by=company.ana, at=timezone.now() - timedelta(days=30))
    work = verbs(company, chance, call)
    for _ in range(60):
        with suppress(Refused):
            next(work)()


def test_an_instance_of_an_earlier_release_keeps_its_leads_and_lists(tmp_path: Path) -> None:
    company = found()
    work_at_random(company)
    # The worked company has users with the same addresses, and a default pipeline.
    User.objects.filter(pk=company.ana.pk).update(email="a@example.com")
    User.objects.filter(pk=company.bo.pk).update(email="b@example.com")
    Pipeline.objects.update(is_default=False)
    import_folder(write_worked_company(tmp_path / "worked"))
    worked_events = LeadEvent.objects.filter(lead__key__in=STORIES).order_by("pk")
    events, number = list(worked_events.values_list(*EVENT)), LeadEvent.objects.count()
    titles, derived = dict(Lead.objects.values_list("key", "title")), stored()
    made = make_list(company.ana, "Old", ["Company", "Size"], [["Dupont", "5"]])
    made.prospects.update(key="old")

    with earlier_schema():
        old = migrate_back_to(SHEETS)
        cells = dict(old.get_model("sales", "Prospect").objects.values_list("key", "cells"))
        assert cells == {"old": [["Company", "Dupont"], ["Size", "5"]]}
        old = migrate_back_to(CELLS_BY_ROW)
        fair = old.get_model("sales", "ProspectingList").objects.create(key="fair", name="Fair")
        create = old.get_model("sales", "Prospect").objects.create
        create(key="a", prospecting_list=fair, cells=[["Company", "Dupont"], ["Size", ""]])
        create(key="b", prospecting_list=fair, cells=[["Size", "5"], ["Phone", "+33 1"]])
        create(key="c", prospecting_list=fair, cells=[])
        migrate_back_to(NO_OLD_VALUES)

    # Old values, channels and versions of events
    assert any(event[3] for event in events)
    assert list(worked_events.values_list(*EVENT)) == events
    assert LeadEvent.objects.count() == number
    for lead in Lead.objects.all():
        last = lead.events.order_by("recorded_at").values_list("recorded_at", flat=True).last()
        assert (lead.version, lead.updated_at) == (1, last)
    assert dict(Lead.objects.values_list("key", "title")) == titles
    # Derived columns of leads
    assert stored() == derived == computed()
    assert len({values[0] for values in derived.values()}) > 3
    # Columns of lists
    columns = ProspectColumn.objects.filter(prospecting_list__key="fair")
    listed = list(columns.values_list("header", "position", "notion"))
    assert listed == [("Company", 1, "company"), ("Size", 2, ""), ("Phone", 3, "phone")]
    texts = {prospect.key: prospect.texts for prospect in Prospect.objects.all()}
    assert texts == {
        "a": {"Company": "Dupont"},
        "b": {"Size": "5", "Phone": "+33 1"},
        "c": {},
        "old": {"Company": "Dupont", "Size": "5"},
    }
    assert [str(one) for one in check()] == []
