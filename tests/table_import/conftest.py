"""A small company into which tests import tables."""

from __future__ import annotations

import pytest

from tests.sales.conftest import company as company
from tests.table_import.given import Tables


@pytest.fixture
def tables(company: object, settings: object, tmp_path: object) -> Tables:
    settings.LEADLIGHT_DATA = tmp_path  # type: ignore[attr-defined]
    return Tables.of(company)  # type: ignore[arg-type]
