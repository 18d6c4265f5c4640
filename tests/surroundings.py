"""What the tests run in, set before Django reads its settings: an instance of their own.

Loaded by pytest as a plugin (`-p tests.surroundings`), since a conftest comes too late.
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

import pytest

from leadlight.stack_room import with_room
from tests import clock, seeds

KEPT = {"LEADLIGHT_TEST_DATABASE", "LEADLIGHT_TEST_SEED", "LEADLIGHT_REAL_DATA"}
TESTS = Path(__file__).parent
STORING = {"accounts", "importing", "replication", "sales"}
# Questions to one report share what is compiled, for as long as they are asked by one process.
ASKING = {"analytics", "cli", "web"}
# Workers, runs and databases share what was compiled: it depends on the expression alone.
STATEMENTS = TESTS.parent / ".cache" / "statements"
DATA = tempfile.mkdtemp(prefix="leadlight-test-")

for knob in [name for name in os.environ if name.startswith("LEADLIGHT_") and name not in KEPT]:
    del os.environ[knob]
os.environ["LEADLIGHT_DATA"] = DATA
os.environ["DJANGO_SETTINGS_MODULE"] = "leadlight.settings"
# Never the developer's own DATABASE_URL: the server of this worker, or SQLite.
servers = os.environ.get("LEADLIGHT_TEST_DATABASE", "").split() or [""]
worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
os.environ["DATABASE_URL"] = servers[worker % len(servers)]


clock.install()
seeds.install()


def pytest_configure(config: pytest.Config) -> None:
    if not config.pluginmanager.has_plugin("django"):
        return
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what runs on both databases, and what is compiled for the same worker."""
    item.runtest = partial(with_room, item.runtest)  # type: ignore[method-assign]
    folder = item.path.relative_to(TESTS).parts[0]
    if folder in STORING:
        item.add_marker("database")
    if folder in ASKING:
        item.add_marker(pytest.mark.xdist_group(_report_of(item) or item.path.stem))


def _report_of(item: pytest.Item) -> str | None:
    """The report that an item is about: its parameter names one of its tables."""
    from leadlight.analytics.reports import CATALOGUE

    values = item.callspec.params.values() if hasattr(item, "callspec") else ()
    named = (str(value).partition(".")[0] for value in values if isinstance(value, str))
    return next((name for name in named if name in CATALOGUE), None)


def pytest_collection_finish() -> None:
    """Share compiled statements between all tests, and look for garbage among new objects only."""
    from leadlight.analytics.engine import compiler
    from leadlight.replication import replica

    compiler.keep_statements_in(STATEMENTS)
    replica.keep_statements_in = lambda folder: None  # type: ignore[attr-defined]
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def pytest_runtest_setup() -> None:
    """Start the clock anew, and forget the language of the last page, which a thread keeps."""
    clock.restart()
    if translation := sys.modules.get("django.utils.translation"):
        translation.deactivate()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let an interrupted run in which a test failed end as one that failed."""
    if session.exitstatus == pytest.ExitCode.INTERRUPTED and session.testsfailed:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_unconfigure() -> None:
    gc.unfreeze()
    shutil.rmtree(DATA, ignore_errors=True)
