"""The reports and the hand-written SQL of the benchmark return the same figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils import timezone

from benchmark import by_hand, pages
from benchmark import company as bench_data
from leadlight.analytics.reports import EVERY_TABLE
from leadlight.replication import replica

YEAR = (date(2025, 2, 1), date(2026, 1, 31))


@pytest.fixture
def generated_company(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A generated company on the last expected close date of its leads."""
    bench_data.generate(700)
    new_year = datetime(2026, 1, 1, 12, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: new_year)
    monkeypatch.setattr(pages, "RUNS", 1)
    yield
    replica.forget()


def test_every_table_returns_the_figures_of_its_hand_written_sql(
    generated_company: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: dict[str, list[Any]] = {}
    must_agree = pages._must_agree

    def agree(name: str, ours: list[Any], theirs: tuple[Any, ...]) -> None:
        compared[name] = ours
        must_agree(name, ours, theirs)

    monkeypatch.setattr(pages, "_must_agree", agree)
    told = dict(pages.engine_figures(YEAR))
    assert {f"{pages._name(table)}_ratio" for table in EVERY_TABLE} <= told.keys()
    assert all(compared["forecast"])
    assert all(compared["forecast_steps"])


def test_different_figures_stop_the_benchmark(
    generated_company: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = by_hand.REPLICA["company"]
    wrong = replace(right, totals=right.totals.replace("'lost'", "'won'"))
    monkeypatch.setitem(by_hand.REPLICA, "company", wrong)
    with pytest.raises(AssertionError, match=r"^company: .* is not"):
        next(pages.engine_figures(YEAR))
