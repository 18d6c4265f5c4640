"""Reading of rows for the replica: by the index of the keys, whatever else the table has."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadlight.replication.extract import Ids, Range, write
from leadlight.replication.star import EVENTS

pytestmark = pytest.mark.database


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by the sizes of tables")
@pytest.mark.parametrize("keys", [Range(1, 2_000), Ids([3, 5])])
def test_the_events_of_leads_are_read_by_the_index_of_the_lead(keys, db, tmp_path):
    with CaptureQueriesContext(connection) as asked:
        write(connection, EVENTS, keys, tmp_path / "events.csv")
    assert len(asked) > 0
    with connection.cursor() as cursor:
        for query in asked:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            [(*_ids, plan)] = cursor.fetchall()
            assert "USING INDEX story (lead_id" in plan
