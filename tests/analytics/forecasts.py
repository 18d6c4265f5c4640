"""The worked company with further open and closed leads, for tests of the forecast."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from leadlight.analytics.reports.contract import Result
from tests.analytics.worked import ANA, BO, CONTACT, DEAL, OFFER, SALES, worked_company
from tests.analytics.world import Fact, Lead, World

# Today is 15 March 2026 in Paris.
MARCH_TO_MAY = {"start": "2026-03-01", "to": "2026-05-31", "bucket": "month"}


def lead(number: int, *changes: tuple[str, str, Any], owner: int = ANA, **said: Any) -> Lead:
    """A lead created on 2 January; `changes` are (day, kind, value), recorded when they happen."""
    facts: list[tuple[str, str, Any]] = [
        ("01-02", "created", None),
        ("01-02", "pipeline", 31),
        ("01-02", "step", CONTACT),
        ("01-02", "status", "todo"),
        ("01-02", "owner", owner),
        ("01-02", "team", SALES),
        *(("01-02", kind, value) for kind, value in said.items()),
        *changes,
    ]
    recorded = tuple(Fact(kind, value, noon(day), noon(day)) for day, kind, value in facts)
    return Lead(200 + number, f"F{number}", recorded, creator_id=BO)


def noon(day: str) -> datetime:
    return datetime.strptime(f"2026-{day} 12", "%Y-%m-%d %H").replace(tzinfo=UTC)


def april(day: int) -> date:
    return date(2026, 4, day)


LEADS = (
    lead(1, amount=Decimal(1000), step=DEAL, expected=april(3)),  # at the 60 % of its step
    lead(2, amount=Decimal(1000), step=DEAL, expected=april(30), probability=25),
    lead(3, amount=Decimal(1000), step=DEAL, expected=date(2026, 5, 31), probability=0),
    lead(4, amount=Decimal("0.05"), expected=april(1), owner=BO),  # at 10 %, half a cent
    lead(5, expected=april(2)),  # no amount
    lead(6, amount=Decimal(70), expected=date(2026, 3, 14)),  # yesterday
    lead(7, amount=Decimal(80), expected=date(2026, 3, 15)),  # today
    lead(8, amount=Decimal(90)),
    lead(9, ("03-10", "status", "won"), amount=Decimal(500), expected=date(2026, 4, 1)),
    lead(10, ("03-10", "status", "lost"), amount=Decimal(500), expected=april(5)),
    lead(11, amount=Decimal(60), expected=date(2026, 6, 1)),  # after the period
    lead(12, ("03-10", "status", "standby"), amount=Decimal(30), expected=april(9), step=OFFER),
)


def to_come(*more: Lead) -> World:
    return replace(worked_company(), leads=(*LEADS, *more))


def figures(result: Result, column: str) -> dict[str | None, Any]:
    return {row.key: row.cells[column] for row in result.rows} | {"total": result.totals[column]}


def closed(won: int, lost: int, step: int, day: str = "02-20") -> tuple[Lead, ...]:
    """Closed leads that had reached a step; `day` is the day of closing."""
    return tuple(
        replace(
            lead(number, ("01-05", "step", step), (day, "status", status), amount=Decimal(1)),
            id=1000 * step + number,
            key=f"C{step}-{number}",
        )
        for number, status in enumerate(["won"] * won + ["lost"] * lost)
    )
