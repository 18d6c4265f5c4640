"""Answers are kept exactly as long as the replica is the same."""

from __future__ import annotations

import pytest

from leadlight.analytics.engines.duckdb import Engine
from leadlight.replication.answers import Answers
from leadlight.replication.replica import Replica
from tests.replication.conftest import make_lead
from tests.sales.conftest import Company

NUMBER = "SELECT number FROM numbers"


class Counting(Engine):
    """An engine that remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.meanwhile = lambda: None

    def run(self, sql):
        self.asked.append(sql)
        rows = super().run(sql)
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


def test_a_question_is_asked_once(engine):
    answers = Answers(engine)
    assert answers.run(NUMBER) == answers.run(NUMBER) == [(1,)]
    assert engine.asked == [NUMBER]


def test_after_a_change_it_is_asked_anew(engine):
    answers = Answers(engine)
    answers.run(NUMBER)
    change(engine)
    answers.forget()
    assert answers.run(NUMBER) == [(2,)]


def test_what_was_read_before_a_change_is_not_kept_after_it(engine):
    """The change comes between reading and keeping."""
    answers = Answers(engine)

    def meanwhile() -> None:
        engine.meanwhile = lambda: None
        change(engine)
        answers.forget()

    engine.meanwhile = meanwhile
    assert answers.run(NUMBER) == [(1,)]
    assert answers.run(NUMBER) == [(2,)]


def test_who_takes_rows_out_of_an_answer_does_not_change_it(engine):
    answers = Answers(engine)
    answers.run(NUMBER).clear()
    answers.run(NUMBER).clear()
    assert answers.run(NUMBER) == [(1,)]


def test_what_was_not_asked_for_the_longest_time_makes_room(engine):
    answers = Answers(engine, most_cells=4)
    one, two, three = (f"SELECT {n}, {n} FROM numbers" for n in (1, 2, 3))
    for question in (one, two, one, three):
        answers.run(question)
    assert engine.asked == [one, two, three]
    answers.run(one)
    assert engine.asked == [one, two, three]
    answers.run(two)
    assert engine.asked == [one, two, three, two]


def test_an_answer_that_is_too_large_is_not_kept(engine):
    answers = Answers(engine, most_cells=1)
    for _ in range(2):
        answers.run("SELECT number, number FROM numbers")
    assert len(engine.asked) == 2


def test_a_failed_question_is_not_an_answer(engine):
    answers = Answers(engine)
    for _ in range(2):
        with pytest.raises(Exception, match="nothing"):
            answers.run("SELECT * FROM nothing")
    assert len(engine.asked) == 2


def test_a_replica_forgets_when_it_changes(company: Company, replica: Replica) -> None:
    count = "SELECT count(*) FROM leads"
    replica.catch_up()
    assert replica.answers.run(count) == [(0,)]
    make_lead(company)
    replica.catch_up()
    assert replica.answers.run(count) == [(1,)]
    make_lead(company)
    replica.rebuild()
    assert replica.answers.run(count) == [(2,)]
