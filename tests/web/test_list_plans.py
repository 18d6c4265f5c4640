"""Plans of the list of leads on SQLite: a page of a long list is read in the order of an index.

SQLite has no statistics here, so that the plans are those of a company of any size.
"""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadlight.accounts.models import Organization
from leadlight.sales import lead_order
from leadlight.sales.lead_order import INDEXED
from leadlight.sales.models import Lead
from tests.web.conftest import at

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by sizes of tables"),
]

SORTS = [f"sort={sign}{key}" for key in INDEXED for sign in ("", "-")]
FILTERS = ["", "status=todo", "user=me", "idle_days=1&sort=activity", "untouched=yes"]
# The queries of a page, not those that try whether the leads are few.
A_PAGE = re.compile(r'^SELECT "sales_lead"\."\w+" AS "\w+", "sales_lead"."id" AS "pk" .* ORDER BY ')


@pytest.fixture
def long_list(cast, monkeypatch):
    """Add leads of Olga until her list is too long to be read whole; people see their own leads."""
    Organization.objects.update(privacy=Organization.Privacy.OWN)
    monkeypatch.setattr(lead_order, "MOST_COUNTED", 2)
    for number in range(4):
        Lead.create(title=f"House {number}", by=cast.olga, owner=cast.olga, at=at(10))
    return cast


@pytest.mark.parametrize("query", [*SORTS, *FILTERS])
@pytest.mark.parametrize("name", ["ada", "mona", "olga", "tom"])
def test_a_page_is_read_in_the_order_of_an_index(name, query, long_list, visit):
    if name == "tom":  # a member of the team who sees the leads of Olga
        Organization.objects.update(team_privacy="members")
    reader = long_list.olga if query == "user=me" else getattr(long_list, name)
    with CaptureQueriesContext(connection) as asked:
        assert visit(reader).get(f"/leads/?{query}").status_code == 200
    pages = [one["sql"] for one in asked if A_PAGE.match(one["sql"])]
    assert pages
    for sql in pages:
        plan = plan_of(sql)
        assert re.match(r"(SEARCH|SCAN) sales_lead USING (COVERING )?INDEX ", plan[0]), plan
        assert "USE TEMP B-TREE FOR ORDER BY" not in plan


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("starred=yes", "starred_newest_first"),
        ("reminder=late&sort=reminder", "open_by_reminder"),
        ("user=none", "unassigned_leads"),
        ("view=board", "board"),
    ],
)
def test_a_quick_filter_and_the_board_have_an_index(query, index, long_list, visit):
    with CaptureQueriesContext(connection) as asked:
        assert visit(long_list.ada).get(f"/leads/?{query}").status_code == 200
    sqls = [one["sql"] for one in asked if 'FROM "sales_lead" WHERE' in one["sql"]]
    plans = [line for sql in sqls for line in plan_of(sql)]
    assert [line for line in plans if f"USING INDEX {index} " in line or line.endswith(index)]
    assert not [line for line in plans if line == "SCAN sales_lead"]


def plan_of(sql):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}".replace("%", "%%"))
        return [detail for *_ids, detail in cursor.fetchall()]
