"""The cache of compiled statements on disk: exact keys, corrupt files and removal."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import ibis
import ibis.expr.datashape as ds
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import pytest

from leadlight.analytics.engine import compiler, statements
from leadlight.analytics.engine.compiler import compile_sql, store_statements_in
from leadlight.analytics.engine.fingerprint import NoFingerprint, fingerprint
from leadlight.analytics.engine.statements import StatementFolder
from leadlight.analytics.query.bound_values import bound
from leadlight.analytics.query.statement import Statement

LEADS = ibis.table({"lead_id": "int64", "amount": "float64", "status": "string"}, name="leads")
FLOOR = bound("floor_of_these_tests", "float64")


class OfAnything(ops.Value):
    """An expression whose argument has a memory address in its repr."""

    thing: object
    dtype: dt.DataType
    shape = ds.scalar


PRINT_ONE = """
import ibis
from leadlight.analytics.engine.fingerprint import fingerprint
leads = ibis.table({"lead_id": "int64", "status": "string"}, name="leads")
some = leads.filter(leads.status.isin(["won", "lost", "open"]))
print(fingerprint(some.op()))
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Statement cache folder of this test."""
    monkeypatch.setattr(compiler, "_folder", None)
    monkeypatch.setattr(compiler, "_shapes", None)
    store_statements_in(tmp_path / "statements")
    return tmp_path / "statements"


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/*.json"))


def large(floor: float = 5.0) -> ibis.Table:
    return LEADS.filter(LEADS.amount >= floor).select("lead_id")


@pytest.fixture
def no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> Statement:
        raise AssertionError("compiled")

    monkeypatch.setattr(compiler, "_compile", refuse)


def test_a_statement_is_read_back_and_not_compiled_again(
    folder: Path, request: pytest.FixtureRequest
) -> None:
    table = LEADS.filter(LEADS.amount >= FLOOR).select("lead_id")
    compiled = compile_sql(table, "duckdb")
    assert compiled.names == ("floor_of_these_tests",)
    request.getfixturevalue("no_compiler")
    again = LEADS.filter(LEADS.amount >= FLOOR).select("lead_id")
    assert compile_sql(again, "duckdb") == compiled


@pytest.mark.parametrize(
    "other",
    [
        large(5.5),
        large(5),  # an int is compiled differently from a float
        LEADS.filter(LEADS.amount > 5.0).select("lead_id"),
        LEADS.filter(LEADS.amount >= 5.0).select(other="lead_id"),
        LEADS.filter(LEADS.amount >= FLOOR).select("lead_id"),
        LEADS.filter(LEADS.amount >= bound("another_floor", "float64")).select("lead_id"),
        LEADS.filter(LEADS.amount >= bound("floor_of_these_tests", "int64")).select("lead_id"),
        LEADS.filter(LEADS.amount >= 5.0, LEADS.status == "won").select("lead_id"),
        LEADS.filter(LEADS.amount >= 5.0).select("lead_id").distinct(),
        LEADS.filter(LEADS.amount >= 5.0).select("lead_id").order_by("lead_id"),
        ibis.table(dict(LEADS.schema().items()), name="others")
        .filter(lambda table: table.amount >= 5.0)
        .select("lead_id"),
    ],
)
def test_another_expression_has_another_fingerprint(other: ibis.Table) -> None:
    assert fingerprint(large().op()) == fingerprint(large().op())
    assert fingerprint(other.op()) != fingerprint(large().op())


def test_dialect_and_total_are_part_of_the_fingerprint(folder: Path) -> None:
    table = large().op()
    assert len({fingerprint(table, "duckdb", one) for one in (False, True)}) == 2
    assert fingerprint(table, "spark", False) != fingerprint(table, "duckdb", False)


def test_a_fingerprint_is_the_same_in_every_process() -> None:
    def fingerprint_in_process(seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", PRINT_ONE]
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    first = fingerprint_in_process("1")
    assert len(first) == 32
    assert fingerprint_in_process("2") == first


@pytest.mark.parametrize(
    "table",
    [
        LEADS.mutate(age=LEADS.lead_id.as_interval("us")),
        LEADS.mutate(age=ibis.interval(days=3)),
        LEADS.mutate(day=ibis.date("2026-01-05")),
        LEADS.mutate(at=ibis.timestamp("2026-01-05 10:00:00")),
        LEADS.mutate(part=LEADS.amount.cast("decimal(14, 2)") * Decimal("0.1")),
        LEADS.filter(LEADS.status.isin(["won", "lost"])),
    ],
)
def test_every_kind_of_value_has_a_fingerprint(table: ibis.Table) -> None:
    assert len(fingerprint(table.op())) == 32


def test_an_expression_without_fingerprint_is_compiled_each_time(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_args: object) -> str:
        return fingerprint(OfAnything(object(), dt.int64))

    with pytest.raises(NoFingerprint, match="no fingerprint of"):
        unknown()
    monkeypatch.setattr(compiler, "fingerprint", unknown)
    assert compile_sql(large(), "duckdb").sql
    assert files(folder) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"sql": "SELECT 1"}', "\0\0\0", '{"sql": 1,'])
def test_a_corrupt_file_is_compiled_again_and_replaced(
    folder: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    compiled = compile_sql(large(), "duckdb")
    [path] = files(folder)
    before = path.read_text()
    path.write_text(text)
    with caplog.at_level(logging.WARNING):
        assert compile_sql(large(), "duckdb") == compiled
    assert "cannot be read" in caplog.text
    assert path.read_text() == before


def test_statements_of_another_version_are_removed(folder: Path) -> None:
    compile_sql(large(), "duckdb")
    other = StatementFolder(folder, "another version")
    assert files(folder) == []
    other.put("a" * 32, Statement("SELECT 1", ()))
    assert other.get("a" * 32) == Statement("SELECT 1", ())


def test_the_oldest_statements_beyond_the_maximum_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "MOST", 2)
    kept = StatementFolder(tmp_path, "version")
    for number in range(4):
        kept.put(str(number), Statement(f"SELECT {number}", ()))
        os.utime(tmp_path / "version" / f"{number}.json", (number, number))
    again = StatementFolder(tmp_path, "version")
    assert [again.get(str(number)) is not None for number in range(4)] == [False, False, True, True]


def test_statements_are_compiled_when_the_folder_cannot_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(compiler, "_folder", None)
    monkeypatch.setattr(compiler, "_shapes", None)
    (tmp_path / "statements").touch()  # a file where a folder should be
    with caplog.at_level(logging.WARNING):
        store_statements_in(tmp_path / "statements")
    assert "are not cached" in caplog.text
    assert compile_sql(large(), "duckdb").sql


def test_statements_are_compiled_when_the_folder_disappears(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.rmtree(folder)
    with caplog.at_level(logging.WARNING):
        assert compile_sql(large(), "duckdb").sql
    assert "cannot be written" in caplog.text
