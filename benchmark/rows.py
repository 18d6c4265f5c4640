"""Rows of a generated company, collected and inserted in batches."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection

from leadlight.sales.models import Activity, Lead, LeadEvent, Prospect

START = date(2023, 1, 2)
DAYS = 3 * 365
DAY = 86_400

# Instants are seconds since START; inserted timestamps are composed of these texts.
DAY_TEXTS = [f"{START + timedelta(days=day)} " for day in range(DAYS + 2)]
TIME_TEXTS = [
    f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}" for second in range(DAY)
]

Columns = tuple[str, ...]
LEAD_COLUMNS: Columns = (
    "id", "key", "title", "description", "pipeline_id", "step_id", "status", "owner_id",
    "team_id", "amount", "probability", "created_at", "created_by_id", "closed_at",
    "estimated_closing_on", "source", "prospect_id", "is_starred", "is_deleted", "has_history",
)  # fmt: skip
EVENT_COLUMNS: Columns = (
    "id", "key", "lead_id", "occurred_at", "recorded_at", "actor_id", "kind", "value",
)  # fmt: skip
ACTIVITY_COLUMNS: Columns = (
    "id", "key", "occurred_at", "recorded_at", "user_id", "activity_type_id", "outcome_id",
    "lead_id", "prospect_id", "content",
)  # fmt: skip
PROSPECT_COLUMNS: Columns = (
    "id", "key", "prospecting_list_id", "created_at", "user_id", "converted_at", "cells",
)  # fmt: skip
TAG_COLUMNS: Columns = ("lead_id", "tag_id")


def text_of(second: int) -> str:
    return DAY_TEXTS[second // DAY] + TIME_TEXTS[second % DAY]


@dataclass
class Company:
    """Ids of the records that leads refer to."""

    users: list[int]
    team_of: dict[int, int]
    steps: dict[int, list[int]]  # pipeline → its steps in order
    tags: list[list[int]]  # by category
    lists: list[int]
    outcomes: dict[int, list[int]]  # activity type → its outcomes


@dataclass
class Batch:
    """Rows to insert, by table."""

    leads: list[tuple[Any, ...]] = field(default_factory=list)
    events: list[tuple[Any, ...]] = field(default_factory=list)
    activities: list[tuple[Any, ...]] = field(default_factory=list)
    prospects: list[tuple[Any, ...]] = field(default_factory=list)
    tags: list[tuple[Any, ...]] = field(default_factory=list)

    def write(self) -> None:
        _insert(Prospect._meta.db_table, PROSPECT_COLUMNS, self.prospects)
        _insert(Lead._meta.db_table, LEAD_COLUMNS, self.leads)
        _insert(LeadEvent._meta.db_table, EVENT_COLUMNS, self.events)
        _insert(Lead.tags.through._meta.db_table, TAG_COLUMNS, self.tags)
        _insert(Activity._meta.db_table, ACTIVITY_COLUMNS, self.activities)


def _insert(table: str, columns: Columns, rows: list[tuple[Any, ...]]) -> None:
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        places = ", ".join(["%s"] * len(columns))
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)
