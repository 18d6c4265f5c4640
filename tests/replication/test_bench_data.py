"""The company that the benchmark generates."""

from __future__ import annotations

import pytest
from django.db import connection

from benchmark.company import generate
from leadlight.replication import triggers
from leadlight.replication.checks import check
from leadlight.replication.replica import Replica
from leadlight.sales.models import Activity, Lead, LeadEvent
from tests.sales.conftest import Company

pytestmark = pytest.mark.django_db


def test_the_generated_company_has_the_requested_size_and_shape(replica: Replica) -> None:
    generate(400)
    replica.catch_up()
    versions = replica.engine.run("SELECT count(*) FROM lead_versions")[0][0]
    closed = Lead.objects.exclude(closed_at=None).count()
    assert Lead.objects.count() == 400
    assert 4 < versions / 400 < 5
    assert 3.5 < Activity.objects.count() / 400 < 4.5
    assert 0.75 < closed / 400 < 0.9


def test_generated_histories_are_consistent_with_their_leads(replica: Replica) -> None:
    generate(150)
    assert [str(difference) for difference in check(replica)] == []


def test_the_same_seed_gives_the_same_leads() -> None:
    told = []
    for seed in (1, 1, 2):
        LeadEvent.objects.all().delete()
        empty()
        generate(30, seed=seed)
        facts = LeadEvent.objects.order_by("pk").values_list("occurred_at", "kind")
        told.append(list(facts))
    assert told[0] == told[1] != told[2]


def empty() -> None:
    with connection.cursor() as cursor:
        for table in reversed([*triggers.FEEDS]):
            cursor.execute(f"DELETE FROM {table}")


def test_the_triggers_are_restored(replica: Replica) -> None:
    generate(20)
    assert not triggers.install(connection)
    replica.catch_up()
    Lead.objects.filter(pk=1).update(source="Moon")
    replica.catch_up()
    assert replica.engine.run("SELECT source FROM leads WHERE lead_id = 1") == [("Moon",)]


def test_a_database_with_users_is_not_modified(company: Company) -> None:
    with pytest.raises(ValueError, match="not empty"):
        generate(10)
    assert not Lead.objects.exists()
