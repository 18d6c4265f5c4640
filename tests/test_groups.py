"""The tests of one group run on one worker, which compiles what they ask once."""

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
def test_a_group_is_a_report_or_a_module_of_those_that_ask(test: str, group: str) -> None:
    assert group_of(test) == group


def test_modules_that_are_imported_once_are_there() -> None:
    assert all((Path(__file__).parent.parent / module).exists() for module in IMPORTED_ONCE)
