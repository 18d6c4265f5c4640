"""The cache on disk of what a shape compiles to: exact keys, exact values, versions of the code."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import pytest

from leadlight.analytics.engine import compiler, versions
from leadlight.analytics.engine.compiler import Compiled, compiled, store_statements_in
from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.engine.fingerprint import NoFingerprint, shape_fingerprint
from leadlight.analytics.engine.queries import ReportQueries
from leadlight.analytics.engine.run import run
from leadlight.analytics.engine.statements import StatementFolder
from leadlight.analytics.engine.stored import from_json, to_json
from leadlight.analytics.insight.attribution_bridge import build_bridge
from leadlight.analytics.insight.changes.changes import report_changes
from leadlight.analytics.insight.drilldown import drilldown
from leadlight.analytics.query.no_value import NO_VALUE
from leadlight.analytics.query.periods import Calendar
from leadlight.analytics.query.query_params import Clock
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.scope import ALL_LEADS, Scope
from leadlight.analytics.query.statement import Statement
from leadlight.analytics.reports import CATALOGUE
from tests.analytics.asking import ReportClient
from tests.analytics.busy import NOW, at, busy_company
from tests.analytics.questions import TABLES, completed, groupings

COMPANY = CATALOGUE["company"]
ANSWER = Statement("SELECT 1", ("first_day",))
PRINT_ONE = """
from leadlight.analytics.engine.fingerprint import shape_fingerprint
from leadlight.analytics.query.no_value import NO_VALUE
from leadlight.analytics.reports import CATALOGUE
print(shape_fingerprint((CATALOGUE["team"], frozenset({"won", "lost", "open"}), NO_VALUE)))
"""
PRINT_MODULES = """
import sys
import leadlight.analytics.export.results
import leadlight.analytics.insight.attribution_bridge
import leadlight.analytics.insight.changes.changes
import leadlight.analytics.insight.explain
for name, module in sys.modules.items():
    if name.startswith("leadlight."):
        print(module.__file__)
"""


@pytest.fixture
def shapes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Cache folder of this test for shapes, and an empty memory."""
    monkeypatch.setattr(compiler, "_shapes", StatementFolder(tmp_path, "version"))
    monkeypatch.setattr(compiled, "_slots", OrderedDict())
    return tmp_path / "version"


def in_another_process(key: Hashable, build: Callable[[], Any]) -> Any:
    """Return the value that a process with an empty memory gets for a key."""
    return Compiled(most=1)(key, build)


def refuse(*_arguments: object, **_more: object) -> NoReturn:
    raise AssertionError("built")


def printed(program: str, **environment: str) -> str:
    command = [sys.executable, "-c", program]
    done = subprocess.run(
        command, env=os.environ | environment, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


# Keys


@dataclass(frozen=True)
class Inch:
    size: int


@dataclass(frozen=True)
class Mile:
    size: int


VALUES = [
    None,
    0,
    1,
    True,
    1.0,
    Decimal(1),
    Decimal("1.0"),
    "1",
    "",
    "None",
    "NO_VALUE",
    NO_VALUE,
    (),
    (1,),
    ((1,),),
    (1, 1),
    ("1, 1",),
    frozenset(),
    frozenset({1}),
    frozenset({True, 2}),
    frozenset({1, 2}),
    date(2026, 1, 1),
    datetime(2026, 1, 1),  # noqa: DTZ001
    datetime(2026, 1, 1, tzinfo=UTC),
    Inch(1),
    Mile(1),
    Mile(2),
    Scope(sees_all=True),
    Scope(sees_all=False),
    Scope(sees_all=False, user_id=1),
    Scope(sees_all=False, user_id=1, team_ids=frozenset({1})),
    *TABLES.values(),
]


def test_every_value_of_a_key_has_a_fingerprint_of_its_own() -> None:
    found = [shape_fingerprint(value) for value in VALUES]
    assert len(set(found)) == len(VALUES)
    assert found == [shape_fingerprint(value) for value in VALUES]


@pytest.mark.parametrize("table", TABLES)
def test_every_part_of_a_query_shape_is_in_its_fingerprint(table: str) -> None:
    report = TABLES[table]
    clock = Clock(NOW, busy_company().zone, Calendar(), at("01-01").date())

    def of(scope: Scope = ALL_LEADS, **params: list[str]) -> str:
        query = ReportQuery(report.read(completed(table, params), clock), scope)
        return shape_fingerprint((report, report.shape_of(query)))

    plain = of()
    assert of(**{"from": ["2024-02-01"], "to": ["2024-02-29"], "bucket": ["month"]}) == of(
        **{"from": ["2024-02-02"], "to": ["2024-03-09"], "bucket": ["month"]}
    )
    others = [
        of(Scope(sees_all=False, user_id=11)),
        of(Scope(sees_all=False, user_id=11, team_ids=frozenset({21}))),
        of(as_of=["2024-04-01T12:00+00:00"]),
        *(of(**{name: ["none"]}) for name in ("user", "team", "tag", "source")),
        *(of(**{name: ["a"]}) for name in ("user", "team", "tag", "source")),
        *(of(group_by=[grouping]) for grouping in groupings(table)[1:2]),
    ]
    assert len({plain, *others}) == 1 + len(others)


def test_a_fingerprint_is_the_same_in_every_process() -> None:
    first = printed(PRINT_ONE, PYTHONHASHSEED="1")
    assert len(first) == 32
    assert printed(PRINT_ONE, PYTHONHASHSEED="2") == first


@pytest.mark.parametrize("part", [replace(COMPANY), object(), Mile, len, [1]])
def test_a_key_with_a_part_of_another_kind_has_no_fingerprint(part: Any) -> None:
    with pytest.raises(NoFingerprint):
        shape_fingerprint(("report", part))


# Values


def test_a_value_is_stored_and_read_back_exactly() -> None:
    value = (
        None,
        1,
        True,
        "text",
        ANSWER,
        frozenset({"a", "b"}),
        {("a", "b"): ANSWER, "c": {}},
        ReportQueries(
            {}, frozenset(), (), {}, {"x": ANSWER}, {}, frozenset(), {}, None, ANSWER, None
        ),
    )
    assert from_json(json.loads(json.dumps(to_json(value)))) == value


@pytest.mark.parametrize("value", [1.5, [1], Mile(1), (len,), date(2026, 1, 1)])
def test_a_value_of_another_kind_is_not_stored(value: object) -> None:
    with pytest.raises(TypeError, match="cannot be stored"):
        to_json(value)


def test_a_shape_is_built_by_one_process_and_read_by_the_next(shapes: Path) -> None:
    assert in_another_process(("kind", COMPANY), lambda: ANSWER) == ANSWER
    assert in_another_process(("kind", COMPANY), refuse) == ANSWER
    assert in_another_process(("kind", CATALOGUE["team"]), lambda: "another") == "another"
    assert len(list(shapes.iterdir())) == 2


def test_a_shape_that_is_read_from_disk_counts_as_compiled(shapes: Path) -> None:
    """So that a test of other values does not pass because of an earlier run of the tests."""
    one, other = Compiled(most=2), Compiled(most=2)
    one("key", lambda: ANSWER)
    other("key", refuse)
    other("key", refuse)
    assert other.count == 1


def test_a_report_outside_the_catalogue_is_built_in_each_process(shapes: Path) -> None:
    mine = replace(COMPANY, facts=lambda query: {})
    assert in_another_process(("kind", mine), lambda: ANSWER) == ANSWER
    assert in_another_process(("kind", mine), lambda: "another") == "another"
    assert list(shapes.iterdir()) == []


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", "null", "7", '["tuple", {}]', '["Statement"]']
)
def test_a_corrupt_file_is_built_again_and_replaced(
    shapes: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    in_another_process("key", lambda: (ANSWER,))
    [path] = shapes.iterdir()
    before = path.read_text()
    path.write_text(text)
    with caplog.at_level(logging.WARNING):
        assert in_another_process("key", lambda: (ANSWER,)) == (ANSWER,)
    assert "cannot be read" in caplog.text
    assert path.read_text() == before


# Building the expressions of a table takes a third of a second: some tables, not all.
@pytest.mark.parametrize(
    "table", ["company", "team.ranking", "activities.goals", "pipeline", "prospecting", "forecast"]
)
def test_answers_are_the_same_from_shapes_on_disk(
    engine: Engine, shapes: Path, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    company = ReportClient(engine, busy_company(), NOW)
    clock = Clock(NOW, company.world.zone, Calendar(), at("01-01").date())
    params = {"from": ["2024-01-01"], "to": ["2024-03-31"], "group_by": groupings(table)[:1]}
    params = completed(table, params)
    query = TABLES[table], TABLES[table].read(params, clock), ALL_LEADS, engine

    def answers() -> Any:
        result = run(*query, "EUR")
        column = next(one.key for one in result.columns if one.facts and one.kind == "count")
        found = drilldown(*query, column_key=column, limit=3)
        figures = [(row.key, dict(row.cells), row.trend) for row in result.rows]
        return (
            (result.statements, figures, dict(result.totals), result.notes),
            (found.subject, found.spec.keys, found.rows, found.count, found.amount),
            report_changes(*query[:2], at("02-20"), *query[2:], clock, limit=3).changed,
            build_bridge(*query).rows if table == "company" else None,
        )

    built = answers()
    monkeypatch.setattr(compiled, "_slots", OrderedDict())
    monkeypatch.setattr(compiler, "_compile", refuse)
    monkeypatch.setattr(compiler, "fingerprint", refuse)
    assert answers() == built


# Versions


def test_the_version_covers_every_module_that_analytics_imports() -> None:
    modules = {Path(line) for line in printed(PRINT_MODULES).splitlines()}
    assert len(modules) > 50
    assert modules <= set(versions.sources())


def test_another_text_of_a_module_is_another_version(tmp_path: Path) -> None:
    module = versions.ANALYTICS / "reports" / "company.py"
    before = versions.version_of([module])
    text = module.read_bytes()
    changed = tmp_path / "analytics" / "reports" / "company.py"
    changed.parent.mkdir(parents=True)
    changed.write_bytes(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(versions, "ANALYTICS", tmp_path / "analytics")
        assert versions.version_of([changed]) == before
        changed.write_bytes(text + b"\n")
        assert versions.version_of([changed]) != before


def test_nothing_is_stored_once_a_module_was_edited(
    shapes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process runs the old code, and would store its statements for the new one."""
    edited = tmp_path / "edited.py"
    edited.write_text("")
    monkeypatch.setattr(versions, "sources", lambda: (edited,))
    assert in_another_process("key", lambda: ANSWER) == ANSWER
    assert list(shapes.iterdir()) == []
    store_statements_in(tmp_path / "statements")
    assert compiler._shapes is None
