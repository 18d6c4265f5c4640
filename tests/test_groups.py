"""Groups of tests that run on one worker, and the cases of pages that run on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.surroundings import EVERY_CASE, IMPORTED_ONCE, TESTS, further_cases, group_of

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
        ("tests/demo/test_files.py::test_any[2024-02-29]", "demo"),
        *((f"{module}::test_any", module) for module in sorted(IMPORTED_ONCE)),
    ],
)
def test_tests_are_grouped_by_report_or_by_module(test: str, group: str) -> None:
    assert group_of(test) == group


def test_the_modules_that_share_an_import_exist() -> None:
    assert all((Path(__file__).parent.parent / module).exists() for module in IMPORTED_ONCE)


def test_postgresql_runs_one_case_of_a_page_and_every_case_of_a_list() -> None:
    cases = [
        f"tests/{module}.py::test_any[{case}]"
        for module in ("web/test_feed", "web/overview/test_goals", "sales/test_undo")
        for case in "ab"
    ]
    assert further_cases(cases) == {"tests/web/overview/test_goals.py::test_any[b]"}
    assert (
        further_cases(["tests/web/test_goals.py::test_a", "tests/web/test_goals.py::test_b"])
        == set()
    )


def test_the_modules_with_every_case_on_postgresql_exist() -> None:
    assert all((TESTS / "web" / f"{module}.py").exists() for module in EVERY_CASE)
