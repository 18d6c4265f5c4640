"""Groups of tests that run on one worker, and the cases of pages that run on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.surroundings import (
    EVERY_CASE,
    MADE_ONCE,
    TESTS,
    further_cases,
    group_of,
    uses_database,
)

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
        *((f"{module}::test_any", module) for module in sorted(MADE_ONCE)),
    ],
)
def test_tests_are_grouped_by_report_or_by_module(test: str, group: str) -> None:
    assert group_of(test) == group


def test_the_modules_that_share_a_company_exist() -> None:
    assert all((Path(__file__).parent.parent / module).exists() for module in MADE_ONCE)


def test_postgresql_runs_one_case_of_a_test_and_every_case_of_those_listed() -> None:
    cases = [
        f"tests/{test}[{case}]"
        for test in (
            "web/test_feed.py::test_any",
            "web/overview/test_goals.py::test_any",
            "sales/test_undo.py::test_any",
            "sales/test_undo.py::test_an_undo_restores_every_value",
        )
        for case in "ab"
    ]
    assert further_cases(cases) == {
        "tests/web/overview/test_goals.py::test_any[b]",
        "tests/sales/test_undo.py::test_any[b]",
    }
    assert (
        further_cases(["tests/web/test_goals.py::test_a", "tests/web/test_goals.py::test_b"])
        == set()
    )


def test_the_tests_with_every_case_on_postgresql_exist() -> None:
    for place in EVERY_CASE:
        module, _, test = place.partition("::")
        assert f"def {test}" in (TESTS / module).read_text()


def test_a_test_uses_the_database_by_a_fixture_or_a_mark(request: pytest.FixtureRequest) -> None:
    assert not uses_database(request.node)
    request.node.add_marker("django_db")
    assert uses_database(request.node)
