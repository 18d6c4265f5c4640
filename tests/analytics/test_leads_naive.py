"""Engine and oracle agree on what became of the leads of random companies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time

import pytest

from leadlight.analytics.engines.duckdb import Engine
from tests.analytics import agreeing, naive_leads, naive_work
from tests.analytics.agreeing import Oracle
from tests.analytics.questions import Question
from tests.analytics.strategies import DAYS
from tests.analytics.strategies_work import experienced
from tests.analytics.world import World

pytestmark = pytest.mark.search

# With the numbers of the questions: every grouping twice, and cohorts more often.
ORACLES: dict[str, tuple[Oracle, Sequence[int]]] = {
    "leads": (naive_leads.main, (*range(16), *range(24, 136, 16))),
    "leads.triangle": (naive_leads.triangle, range(6)),
}


@pytest.mark.parametrize("table", ORACLES)
def test_every_figure_and_list_is_what_counting_one_by_one_gives(
    engine: Engine, table: str
) -> None:
    oracle, questions = ORACLES[table]
    marked = 0

    def agree(world: World, question: Question) -> None:
        nonlocal marked
        counted = agreeing.agree(engine, oracle, world, question)
        marked += any(line.unfinished for line in counted.rows)

    agreeing.put(table, agree, questions, 4)
    assert marked > 3


def test_so_it_is_of_the_leads_that_wait_beside_business_as_usual(
    engine: Engine,
) -> None:
    waiting = Counter[str]()

    def agree(world: World, question: Question) -> None:
        since = datetime.combine(DAYS[question.zone.key][1], time(12), question.zone)
        company = experienced(world, since)
        totals = agreeing.agree(engine, naive_work.work, company, question).totals
        for name in naive_work.LISTS.values():
            waiting[name] += totals.cells[name] > 0

    agreeing.put("leads.work", agree, range(12), 3)
    assert min(waiting[name] for name in naive_work.LISTS.values()) > 5
