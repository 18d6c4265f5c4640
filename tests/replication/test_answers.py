"""The query cache keeps results exactly as long as the replica does not change."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from leadlight.accounts.models import Holiday, Membership, Team, User
from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.star.schema import STAR
from leadlight.replication.query_cache import QueryCache
from leadlight.replication.replica import Replica
from leadlight.sales.models import (
    Activity,
    ActivityType,
    Category,
    Client,
    Cost,
    CustomField,
    Goal,
    Lead,
    Outcome,
    PastPosition,
    PastProbability,
    Pipeline,
    Prospect,
    ProspectingList,
    Step,
    Tag,
)
from tests.replication.conftest import make_lead
from tests.sales.conftest import Company, at

pytestmark = pytest.mark.answers

NUMBER = "SELECT number FROM numbers"


class Counting(Engine):
    """An engine that records the queries it runs."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.meanwhile = lambda: None

    def run(self, sql, values=None):
        self.asked.append(sql)
        rows = super().run(sql, values)
        self.meanwhile()
        return rows


@pytest.fixture
def engine():
    engine = Counting()
    writer = engine.writer()
    writer.run("CREATE TABLE numbers AS SELECT 1 AS number")
    yield engine
    writer.close()
    engine.close()


def change(engine: Engine) -> None:
    writer = engine.writer()
    writer.run("UPDATE numbers SET number = number + 1")
    writer.close()


def test_a_repeated_query_runs_once(engine):
    answers = QueryCache(engine)
    assert answers.run(NUMBER) == answers.run(NUMBER) == [(1,)]
    assert engine.asked == [NUMBER]


def test_a_query_runs_again_after_a_change(engine):
    answers = QueryCache(engine)
    answers.run(NUMBER)
    change(engine)
    answers.forget()
    assert answers.run(NUMBER) == [(2,)]


def test_a_change_invalidates_only_results_from_the_changed_tables(engine):
    for table in ("leads", "lead_steps"):
        engine.connection.execute(f"CREATE TABLE {table} AS SELECT 1 AS lead_id")
    both = 'SELECT count(*) FROM "leads" JOIN lead_steps USING (lead_id)'
    texts = (both, "SELECT count(*) FROM leads", 'SELECT count(*) FROM "lead_steps"')
    answers = QueryCache(engine)
    for tables, asked in (
        ({"leads"}, texts[:2]),
        ({"lead_steps", "days"}, texts[::2]),
        (set(), ()),
    ):
        for text in texts:
            answers.run(text)
        answers.forget(tables)
        engine.asked.clear()
        for text in texts:
            answers.run(text)
        assert engine.asked == list(asked)


def test_a_result_read_before_a_change_is_not_cached_after_it(engine):
    """The change happens between reading the result and caching it."""
    answers = QueryCache(engine)

    def meanwhile() -> None:
        engine.meanwhile = lambda: None
        change(engine)
        answers.forget()

    engine.meanwhile = meanwhile
    assert answers.run(NUMBER) == [(1,)]
    assert answers.run(NUMBER) == [(2,)]


def test_modifying_a_returned_list_does_not_modify_the_cache(engine):
    answers = QueryCache(engine)
    answers.run(NUMBER).clear()
    answers.run(NUMBER).clear()
    assert answers.run(NUMBER) == [(1,)]


def test_the_least_recently_used_result_is_evicted(engine):
    answers = QueryCache(engine, most_cells=4)
    one, two, three = (f"SELECT {n}, {n} FROM numbers" for n in (1, 2, 3))
    for question in (one, two, one, three):
        answers.run(question)
    assert engine.asked == [one, two, three]
    answers.run(one)
    assert engine.asked == [one, two, three]
    answers.run(two)
    assert engine.asked == [one, two, three, two]


def test_a_result_larger_than_the_cache_is_not_cached(engine):
    answers = QueryCache(engine, most_cells=1)
    for _ in range(2):
        answers.run("SELECT number, number FROM numbers")
    assert len(engine.asked) == 2


def test_a_failed_query_is_not_cached(engine):
    answers = QueryCache(engine)
    for _ in range(2):
        with pytest.raises(Exception, match="nothing"):
            answers.run("SELECT * FROM nothing")
    assert len(engine.asked) == 2


def changes_of(company: Company, lead: Lead) -> Iterator[Callable[[], object]]:
    """Yield changes that together touch every table of the star."""
    fair = ProspectingList.objects.create(name="Fair")
    call = ActivityType.objects.create(name="Call", kind="call")
    glass = Tag.objects.create(name="Glass")
    deal, ana = company.deal, company.ana
    yield lambda: Prospect.objects.create(prospecting_list=fair)
    yield lambda: Lead.objects.filter(pk=lead.pk).update(prospect=Prospect.objects.get())
    yield lambda: Prospect.objects.update(
        prospecting_list=ProspectingList.objects.create(name="Mail")
    )
    yield lambda: Activity.objects.create(
        activity_type=call, lead=lead, user=ana, occurred_at=at(1, 6)
    )
    yield lambda: lead.set_amount(9, by=ana)
    yield lambda: lead.move_to(deal, by=ana)
    yield lambda: lead.tags.add(glass)
    yield lambda: Lead.objects.filter(pk=lead.pk).update(title="Doors")
    yield lambda: Step.objects.filter(pk=deal.pk).update(probability=90)
    yield lambda: Step.objects.filter(pk=deal.pk).update(position=0)
    yield lambda: PastProbability.objects.create(step=deal, probability=5, replaced_at=at(1, 9))
    yield lambda: PastPosition.objects.create(step=deal, position=4, replaced_at=at(1, 9))
    yield lambda: Pipeline.objects.create(name="Rents")
    yield lambda: User.objects.create(email="zoe@example.com", first_name="Zoe")
    yield lambda: Team.objects.create(name="West")
    yield lambda: Membership.objects.create(user=ana, team=Team.objects.get(name="West"))
    yield lambda: Category.objects.create(name="Product")
    yield lambda: Category.objects.update(reason_for="lost")
    yield lambda: Tag.objects.create(name="Wood")
    yield lambda: CustomField.define("lead", "Sector", "choice", choices=["retail"])
    yield lambda: lead.set_field(CustomField.objects.get(), "retail", by=ana)
    yield lambda: Client.objects.create(name="Hotel")
    yield lambda: ActivityType.objects.create(name="Visit", kind="meeting")
    yield lambda: Outcome.objects.create(activity_type=call, name="Spoken", is_reached=True)
    yield lambda: Goal.objects.create(
        user=ana, measure="won_amount", period="month", starts_on="2026-01-01", target=1000
    )
    yield lambda: Cost.objects.create(
        name="Stand", tag=glass, amount=100, first_on="2026-01-02", last_on="2026-01-03"
    )
    yield lambda: Cost.objects.update(amount=120)
    yield lambda: Holiday.objects.create(day="2026-01-02", name="Feast")
    yield lambda: lead.bin(by=ana)
    yield lambda: Lead.objects.all().delete()


def test_cached_results_equal_fresh_ones_after_each_change(
    company: Company, replica: Replica
) -> None:
    asked = {table: f'SELECT * FROM "{table}" ORDER BY ALL' for table in STAR}
    changed: set[str] = set()
    for change in changes_of(company, make_lead(company)):
        replica.catch_up()
        before = {table: replica.query_cache.run(text) for table, text in asked.items()}
        change()
        replica.catch_up()
        after = {table: replica.engine.run(text) for table, text in asked.items()}
        assert {table: replica.query_cache.run(text) for table, text in asked.items()} == after
        assert after != before
        changed |= {table for table in STAR if after[table] != before[table]}
    assert changed == STAR.keys()


def test_catching_up_and_rebuilding_invalidate_the_cache(
    company: Company, replica: Replica
) -> None:
    count = "SELECT count(*) FROM leads"
    replica.catch_up()
    assert replica.query_cache.run(count) == [(0,)]
    make_lead(company)
    replica.catch_up()
    assert replica.query_cache.run(count) == [(1,)]
    make_lead(company)
    replica.rebuild()
    assert replica.query_cache.run(count) == [(2,)]
