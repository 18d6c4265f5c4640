"""The engine parses a statement once; each run binds its values and reads the current tables."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pytest

from leadlight.analytics.engine.duckdb import Engine

COUNT = "SELECT count(*), max(amount) FROM sold WHERE amount >= CAST($floor AS INTEGER)"


@pytest.fixture
def own_engine() -> Iterator[Engine]:
    engine = Engine()
    engine.run("CREATE TABLE sold AS SELECT unnest([1, 2, 3]) AS amount")
    yield engine
    engine.close()


def test_a_parsed_statement_runs_with_other_values(own_engine: Engine) -> None:
    answers = [own_engine.run(COUNT, {"floor": floor}) for floor in (1, 3, 4, 1)]
    assert answers == [[(3, 3)], [(1, 3)], [(0, None)], [(3, 3)]]


def test_a_parsed_statement_reads_a_table_that_was_replaced(own_engine: Engine) -> None:
    assert own_engine.run(COUNT, {"floor": 1}) == [(3, 3)]
    own_engine.run("INSERT INTO sold VALUES (9)")
    assert own_engine.run(COUNT, {"floor": 1}) == [(4, 9)]
    own_engine.run("DROP TABLE sold")
    with pytest.raises(duckdb.CatalogException):
        own_engine.run(COUNT, {"floor": 1})
    own_engine.run("CREATE TABLE sold AS SELECT 'x' AS title, 5.5 AS amount")
    assert own_engine.run(COUNT, {"floor": 1}) == [(1, 5.5)]


def test_threads_share_a_parsed_statement(own_engine: Engine) -> None:
    floors = [1, 2, 3, 4] * 50
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda floor: own_engine.run(COUNT, {"floor": floor}), floors))
    assert [count for [(count, _)] in answers] == [4 - floor for floor in floors]


def test_several_statements_run_in_order(own_engine: Engine) -> None:
    assert own_engine.run("INSERT INTO sold VALUES (4); SELECT max(amount) FROM sold") == [(4,)]
