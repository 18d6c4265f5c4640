"""Precompilation of the statements that each page runs first."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.test import Client as Browser

from leadlight.accounts.models import User
from leadlight.analytics.engine.compiler import compiled
from leadlight.analytics.reports import EVERY_TABLE
from leadlight.reporting.precompile import open_pages, precompile
from leadlight.reporting.reader import report_reader
from leadlight.web.overview.views import figures_of
from tests.web.worked import Readers


def test_after_precompiling_no_table_compiles_a_statement(readers: Readers) -> None:
    assert precompile(threading.Event()) >= len(EVERY_TABLE)
    before = compiled.count
    for reader in (readers.ada, readers.mona, readers.bo):
        reports = report_reader(reader)
        for table in EVERY_TABLE:
            params = {"view": [table.view]} if table.view else {}
            reports.run(table, params)
            reports.headlines(table, params)
    assert compiled.count == before


def test_after_precompiling_no_comparison_with_a_statistical_test_compiles_a_statement(
    readers: Readers,
) -> None:
    assert precompile(threading.Event()) >= len(EVERY_TABLE)
    before, reports = compiled.count, report_reader(readers.ada)
    for table in EVERY_TABLE:
        params = {"view": [table.view]} if table.view else {}
        if table.tests_changes(reports.read(table, params)[1]):
            reports.run(table, params | {"compare": ["previous"]})
            reports.headlines(table, params | {"compare": ["previous"]})
    assert compiled.count == before


def test_after_opening_the_overview_in_advance_no_role_compiles_a_statement(
    readers: Readers, visit: Callable[..., Browser]
) -> None:
    open_pages(threading.Event(), figures_of)
    before = compiled.count
    for reader in (readers.ada, readers.mona, readers.bo, readers.ana):
        assert visit(reader).get("/reports/").status_code == 200
    assert compiled.count == before


def test_precompiling_stops_on_request(readers: Readers) -> None:
    stop = threading.Event()
    stop.set()
    assert precompile(stop) == 0
    opened: list[User] = []
    open_pages(stop, opened.append)
    assert not opened
