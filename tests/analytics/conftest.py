"""A shared engine for the tests of this folder; each test fills it with its own company."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from leadlight.analytics.engine.duckdb import Engine
from tests.analytics.star import empty_star

pytest.register_assert_rewrite("tests.analytics.agreeing")


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    engine = empty_star()
    yield engine
    engine.close()
