"""The bridge from one credit to another."""

from __future__ import annotations

from dataclasses import replace

import ibis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadlight.analytics.bridge import MovedLeads, bridge, is_bridged, moved
from leadlight.analytics.engines.duckdb import Engine
from leadlight.analytics.filters import WITHOUT
from leadlight.analytics.phrases import BadFilter
from leadlight.analytics.run import run
from leadlight.analytics.scope import EVERYTHING
from tests.analytics.asking import Asked
from tests.analytics.laws import QUESTIONS, WORLDS
from tests.analytics.laws import Asked as Question
from tests.analytics.questions import TABLES
from tests.analytics.worked import worked_company
from tests.analytics.world import World
from tests.seeds import examples

pytestmark = pytest.mark.search

TRIED = [name for name, table in TABLES.items() if is_bridged(table)]


@pytest.fixture
def company(engine: Engine) -> Asked:
    return Asked(engine, worked_company())


JANUARY = {"start": "2026-01-01", "to": "2026-01-31"}


def test_januarys_creations_move_from_ana_to_bo(company: Asked) -> None:
    """L3, which Ana created, belongs to Bo now."""
    report, filters = company.read("team", JANUARY)
    found = bridge(report, filters, EVERYTHING, company.engine, "created_leads")
    steps = {step.key: (step.before, step.taken, step.given, step.after) for step in found.steps}
    assert steps == {"ana": (3, 0, 1, 2), "bo": (0, 1, 0, 1)}
    assert (found.total.taken, found.total.given, found.total.after) == (1, 1, 3)
    given_by_ana = moved(found, EVERYTHING, company.engine, "ana", "given")
    assert given_by_ana.count == 1
    assert [(lead.lead, lead.amount) for lead in given_by_ana.leads] == [("L3", 1)]
    assert moved(found, EVERYTHING, company.engine, "ana", "taken").leads == ()
    assert moved(found, EVERYTHING, company.engine, "bo", "taken").leads == given_by_ana.leads


def test_to_the_creator_nothing_moves_in_january(company: Asked) -> None:
    report, filters = company.read("team", {**JANUARY, "credit": "creator"})
    found = bridge(report, filters, EVERYTHING, company.engine, "created_leads")
    assert [(step.key, step.taken, step.given) for step in found.steps] == [("ana", 0, 0)]


def test_a_figure_that_does_not_add_up_has_no_bridge(company: Asked) -> None:
    report, filters = company.read("team", JANUARY)
    with pytest.raises(BadFilter):
        bridge(report, filters, EVERYTHING, company.engine, "win_rate")


def test_a_bridge_asked_again_is_not_compiled_again(
    company: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, filters = company.read("team", JANUARY)

    def asked() -> MovedLeads:
        found = bridge(report, filters, EVERYTHING, company.engine, "created_leads")
        return moved(found, EVERYTHING, company.engine, "ana", "given")

    first = asked()
    monkeypatch.setattr(ibis, "to_sql", None)
    assert asked().leads == first.leads


@pytest.mark.parametrize("name", TRIED)
def test_both_ends_are_the_report_and_nothing_is_lost_on_the_way(engine: Engine, name: str) -> None:
    @examples(12)
    @given(st.data(), QUESTIONS[name], WORLDS)
    def law(data: st.DataObject, asked: Question, world: World) -> None:
        asked.answer(engine, world)
        scope = data.draw(st.sampled_from((EVERYTHING, asked.scope)))
        first = bridge(asked.report, asked.filters, scope, engine)
        column = data.draw(st.sampled_from(first.columns))
        found = bridge(asked.report, asked.filters, scope, engine, column.key)
        for side, filters in (("before", found.before), ("after", found.after)):
            by_user = replace(filters, group_by="user")
            rows = run(asked.report, by_user, scope, engine, "EUR").rows
            said = {row.key: row.cells[column.key] for row in rows}
            ends = {step.key: getattr(step, side) for step in found.steps}
            assert {key: end for key, end in ends.items() if end} == {
                key: cell for key, cell in said.items() if cell
            }
        for step in found.steps:
            assert step.before + step.taken - step.given == step.after
        assert found.total.taken == found.total.given
        assert found.total.before == found.total.after
        if found.steps:
            step = data.draw(st.sampled_from(found.steps))
            whole = moved(found, scope, engine, step.key or WITHOUT, "given")
            assert whole.count == len(whole.leads)
            assert sum(lead.amount for lead in whole.leads) == step.given
            rest = moved(found, scope, engine, step.key or WITHOUT, "given", limit=5, offset=1)
            assert (rest.count, rest.leads) == (whole.count, whole.leads[1:6])

    law()
