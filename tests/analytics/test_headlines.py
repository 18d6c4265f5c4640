"""Headline figures are the same with and without the rows of the report."""

from __future__ import annotations

from dataclasses import replace

import pytest

from leadlight.analytics.engine.run import run
from leadlight.analytics.query.scope import ALL_LEADS, Scope
from leadlight.analytics.reports import CATALOGUE
from tests.analytics.asking import ReportClient
from tests.analytics.worked import BO, worked_company
from tests.analytics.world import Category

ASKED = (
    ({"start": "2026-02-01", "to": "2026-02-28", "compare": "previous"}, ALL_LEADS),
    (
        {"start": "2026-01-01", "to": "2026-02-28", "user": "bo", "as_of": "2026-03-01"},
        Scope(sees_all=False, user_id=BO),
    ),
)
# Filters added for the reports that need exactly one pipeline or category.
NEEDED = {"pipeline": {"pipeline": "p"}, "category": {"group_by": "category:c"}}


# One case per report, in rotation, since every report computes headlines in the same way.
CASES = [(report, *ASKED[place % 2]) for place, report in enumerate(CATALOGUE)]


@pytest.mark.parametrize(("report", "query", "scope"), CASES, ids=CATALOGUE)
def test_headlines_equal_the_totals_of_the_whole_report(engine, report, query, scope):
    company = ReportClient(engine, replace(worked_company(), categories=(Category(51, "c", "C"),)))
    for needed in CATALOGUE[report].needs:
        query = query | NEEDED[needed]
    whole = company.report(report, scope, **query)
    alone = run(*company.read(report, query), scope, engine, "EUR", only_totals=True)
    assert {column.key for column in alone.columns} == set(CATALOGUE[report].headlines) & {
        column.key for column in whole.columns
    }
    for some, every in ((alone, whole), (alone.compared, whole.compared)):
        if some is None or every is None:
            assert some is every
            continue
        assert dict(some.totals) == {key: every.totals[key] for key in some.totals}
        assert [row.further for row in some.rows] == [
            row.further for row in every.rows if row.further
        ]
