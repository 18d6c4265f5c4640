"""Benchmark of the replica: building it, and applying changes to it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from benchmark import company as bench_data
from benchmark.timing import stopwatch, timed, year_before
from leadlight.accounts.models import Organization
from leadlight.replication import replica
from leadlight.sales.models import Lead
from leadlight.sales.search import writing as search

CHANGED = (1, 100, 10_000)


def fill(leads: int) -> None:
    """Generate the company and its search index, unless the data folder has a company."""
    if not Organization.objects.exists():
        bench_data.generate(leads)
        search.fill()


def measured() -> Iterator[tuple[str, Any]]:
    """Yield time and memory of a build in a new process, and times of `catch_up` in this one."""
    built = subprocess.run(
        [sys.executable, "-m", "benchmark.building"],
        check=True,
        capture_output=True,
        text=True,
    )
    seconds, peak = built.stdout.split()
    yield "replica_build_s", float(seconds)
    yield "replica_build_peak_memory_mb", float(peak)
    copy = replica.current()
    with stopwatch() as opened:
        copy.catch_up()
    yield "open_ms", round(opened() * 1000, 1)
    yield "catch_up_nothing_ms", round(min(timed(copy.catch_up, 20)), 3)
    for count in CHANGED:
        yield f"catch_up_{count}_ms", round(min(_caught_up_after(count) for _ in range(5)), 1)


def _caught_up_after(count: int) -> float:
    """Return the milliseconds in which the replica applies that many changed leads."""
    change(count)
    with stopwatch() as watch:
        replica.current().catch_up()
    return watch() * 1000


def change(count: int) -> None:
    """Change that many leads, five hundred per statement."""
    keys = list(Lead.objects.order_by("?").values_list("pk", flat=True)[:count])
    with connection.cursor() as cursor:
        for start in range(0, len(keys), 500):
            some = ",".join(str(key) for key in keys[start : start + 500])
            cursor.execute(
                f"UPDATE sales_lead SET is_starred = NOT is_starred WHERE id IN ({some})"
            )


def change_all() -> None:
    """Change a lead and an activity, which invalidates the cached results of nearly all reports."""
    change(1)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE sales_activity SET occurred_at = occurred_at "
            "WHERE id = (SELECT max(id) FROM sales_activity)"
        )


def last_year() -> tuple[date, date]:
    """Return the first and last day of the twelve whole months before the newest lead."""
    newest = replica.current().engine.run("SELECT max(created_on) FROM leads")[0][0]
    return year_before(newest)


def sizes() -> Iterator[tuple[str, Any]]:
    """Yield file sizes in megabytes."""
    folder: Path = settings.LEADLIGHT_DATA
    for path in sorted(folder.glob("*.duckdb")) + sorted(folder.glob("*.sqlite3")):
        yield f"size_{path.name}_mb", round(path.stat().st_size / 1e6)
