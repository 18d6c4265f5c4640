"""Groups of tests that run on the same worker, which compiles their report queries once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.surroundings import IMPORTED_ONCE, group_of

WEB = "tests/web/test_charts.py"


@pytest.mark.parametrize(
    ("test", "group"),
    [
        ("tests/analytics/test_catalogue.py::test_any[leads.curves]", "leads"),
        (f"{WEB}::test_any[pdf-company]", "company"),
        (f"{WEB}::test_any[other]", WEB),
        (f"{WEB}::test_company", WEB),
        (
            "tests/sales/test_verbs.py::test_any[leads]",
            "tests/sales/test_verbs.py::test_any[leads]",
        ),
        *((f"{module}::test_any", module) for module in sorted(IMPORTED_ONCE)),
    ],
)
def test_tests_are_grouped_by_report_or_by_module(test: str, group: str) -> None:
    assert group_of(test) == group


def test_the_modules_that_share_an_import_exist() -> None:
    assert all((Path(__file__).parent.parent / module).exists() for module in IMPORTED_ONCE)
