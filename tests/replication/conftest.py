from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from leadlight.analytics.star.schema import STAR
from leadlight.replication import build
from leadlight.replication.replica import Replica
from leadlight.sales.models import Lead
from tests.sales.conftest import Company, at, company

__all__ = ["company"]


@pytest.fixture
def replica(db: None) -> Iterator[Replica]:
    """An empty replica in memory."""
    made = Replica.in_memory()
    yield made
    made.close()


@pytest.fixture
def rebuilds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record one entry for each rebuild from scratch."""
    seen: list[str] = []
    build_all = build.build_all

    def count_rebuild(*arguments: Any) -> None:
        seen.append("rebuilt")
        build_all(*arguments)

    monkeypatch.setattr(build, "build_all", count_rebuild)
    return seen


def make_lead(company: Company, title: str = "Windows") -> Lead:
    return Lead.create(title=title, by=company.ana, owner=company.ana, at=at(1, 5))


def column(replica: Replica, table: str, name: str, order: str = "1") -> list[Any]:
    """Return the values of one column, ordered by another."""
    rows = replica.engine.run(f"SELECT {name} FROM {table} ORDER BY {order}")
    return [value for (value,) in rows]


def contents(replica: Replica) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table of the star."""
    return {name: sorted(replica.engine.run(f"FROM {name}"), key=repr) for name in STAR}
