"""Environment of the tests: an instance of their own, set before Django reads its settings.

Loaded by pytest as a plugin (`-p tests.surroundings`), because a conftest is loaded too late.
"""

from __future__ import annotations

import gc
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from leadlight.stack_chunk import with_large_chunk
from tests import clock, seeds

KEPT = {"LEADLIGHT_TEST_DATABASE", "LEADLIGHT_TEST_SEED", "LEADLIGHT_REAL_DATA"}
TESTS = Path(__file__).parent
# Folders whose tests depend on the database, so they also run on PostgreSQL.
STORING = {"accounts", "importing", "replication", "sales"}
# Folders whose tests run report queries. The tests of a report run in one process, because each
# process compiles a query once.
ASKING = {"analytics", "cli", "web"}
# Modules, and tests, whose cases differ in their SQL or in what they store, so that PostgreSQL runs
# all of them. Of the other tests it runs one case: those differ in readers, languages or refused
# texts, and SQLite has tested them (docs/decisions/0042).
EVERY_CASE = {
    "importing/test_custom_fields.py::test_hostile_texts_survive_export_and_import",
    "importing/test_export.py",
    "replication/test_changes.py",
    "replication/test_damage.py::test_a_dropped_feed_is_recreated",
    "replication/test_damage.py::test_a_feed_row_without_an_id_causes_a_rebuild",
    "replication/test_working_days.py",
    "sales/test_bulk_verbs.py::test_a_job_makes_the_same_changes_as_the_verbs_one_by_one",
    "sales/test_derived_columns.py",
    "sales/test_event_plans.py",
    "sales/test_field_filter.py",
    "sales/test_lead_order.py",
    "sales/test_privacy.py",
    "sales/test_search_index.py",
    "sales/test_undo.py::test_an_undo_restores_every_value",
    "sales/test_work_queue.py",
    "web/test_board.py",
    "web/test_clients.py",
    "web/test_double_clicks.py",
    "web/test_feed.py",
    "web/test_feed_news.py",
    "web/test_feed_pages.py",
    "web/test_filter_names.py",
    "web/test_lead_filters.py",
    "web/test_lead_list.py",
    "web/test_leads.py",
    "web/test_leads_by_field.py",
    "web/test_search.py",
    "web/test_today.py::test_after_a_change_that_leaves_a_lead_the_next_one_is_shown",
    "web/test_today.py::test_unknown_people_and_leads_are_not_found",
    "web/test_work_filter.py",
}
# Fixtures through which a test reaches the database.
DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "instance"}
# Folders whose modules share companies that take seconds to make.
MAKING = {"demo"}
# Modules whose tests share a company that takes seconds to make.
MADE_ONCE = {
    "tests/real_data/test_figures.py",
    "tests/real_data/test_forecast.py",
    "tests/replication/test_lead_filter.py",
    "tests/sales/test_field_filter.py",
    "tests/sales/test_lead_order.py",
}
# Compiled statements are shared by workers, runs and databases: they depend on the query alone.
STATEMENTS = TESTS.parent / ".cache" / "statements"
DATA = tempfile.mkdtemp(prefix="leadlight-test-")

for knob in [name for name in os.environ if name.startswith("LEADLIGHT_") and name not in KEPT]:
    del os.environ[knob]
os.environ["LEADLIGHT_DATA"] = DATA
os.environ["DJANGO_SETTINGS_MODULE"] = "leadlight.settings"
# The server of this worker, or SQLite, and never the developer's own DATABASE_URL.
servers = os.environ.get("LEADLIGHT_TEST_DATABASE", "").split() or [""]
worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
os.environ["DATABASE_URL"] = servers[worker % len(servers)]

# Both cores have a worker, and DuckDB splits no table below 122,880 rows between its threads: a
# second one only costs time. The real companies are large enough to need it.
if "LEADLIGHT_REAL_DATA" not in os.environ:
    os.environ["LEADLIGHT_ANALYTICS_THREADS"] = "1"


clock.install()
seeds.install()


def pytest_configure(config: pytest.Config) -> None:
    if not config.pluginmanager.has_plugin("django"):
        return
    from django.conf import settings

    from tests import migrated_database

    migrated_database.install()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item: pytest.Item) -> None:
    """Run each test with room on the stack, and mark the tests that run on both databases."""
    item.runtest = partial(with_large_chunk, item.runtest)  # type: ignore[method-assign]
    folder = item.path.relative_to(TESTS).parts[0]
    if folder in STORING:
        item.add_marker("database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL, leave out what SQLite has tested: see `EVERY_CASE` and `uses_database`."""
    if not servers[0] or any("::" in argument for argument in config.args):
        return
    left_out = further_cases([item.nodeid for item in items])
    left_out |= {item.nodeid for item in items if not uses_database(item)}
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in left_out])
    items[:] = [item for item in items if item.nodeid not in left_out]


def uses_database(item: pytest.Item) -> bool:
    """Return whether a test reaches the database, itself or by programs that it starts."""
    names = getattr(item, "fixturenames", ())
    return bool(DATABASE_FIXTURES.intersection(names) or item.get_closest_marker("django_db"))


def further_cases(nodeids: Iterable[str]) -> set[str]:
    """Return the tests that differ from an earlier one in their parameters only."""
    seen, found = set(), set()
    for nodeid in nodeids:
        test = nodeid.partition("[")[0].removeprefix(f"{TESTS.name}/")
        if EVERY_CASE.isdisjoint({test, test.partition("::")[0]}):
            if test in seen:
                found.add(nodeid)
            seen.add(test)
    return found


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Schedule the tests of one group on one worker.

    The marks `xdist_group` have no effect: pytest-xdist 3.8 writes them to an attribute that pytest
    9.2 does not read.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    return ByGroup(config, log)


def group_of(nodeid: str) -> str:
    """Return the group of a test: a report in its parameters, its folder or module, or itself."""
    from leadlight.analytics.reports import CATALOGUE

    module, _, test = nodeid.partition("::")
    folder = module.removeprefix(f"{TESTS.name}/").partition("/")[0]
    if folder in ASKING:
        words = re.split(r"\W", test.partition("[")[2])
        return next((word for word in words if word in CATALOGUE), module)
    if folder in MAKING:
        return folder
    return module if module in MADE_ONCE else nodeid


def pytest_collection_finish() -> None:
    """Share compiled statements between tests; exempt loaded objects from garbage collection."""
    from leadlight.analytics.engine import compiler
    from leadlight.replication import replica

    compiler.store_statements_in(STATEMENTS)
    replica.store_statements_in = lambda folder: None  # type: ignore[attr-defined]
    gc.freeze()
    gc.set_threshold(500_000, 20, 50)


def pytest_runtest_setup() -> None:
    """Reset the clock, and the language that the last page activated in this thread."""
    clock.restart()
    if translation := sys.modules.get("django.utils.translation"):
        translation.deactivate()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Exit an interrupted run as failed if a test failed."""
    if session.exitstatus == pytest.ExitCode.INTERRUPTED and session.testsfailed:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_unconfigure() -> None:
    gc.unfreeze()
    if ready := sys.modules.get("tests.migrated_database"):
        ready.close()
    shutil.rmtree(DATA, ignore_errors=True)
