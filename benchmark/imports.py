"""Benchmark of imports: checking and writing a file of new leads, and pages meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmark.pages import get, server, signed_in
from benchmark.timing import peak_memory_mb, stopwatch, summary, timed
from leadlight.accounts.models import User
from leadlight.accounts.organization import organization
from leadlight.sales.models import BulkJob, TableImport
from leadlight.table_import import jobs
from leadlight.table_import.files import upload
from leadlight.table_import.mappings import set_mapping

TARGETS = ("key", "title", "client", "owner", "amount", "created")
MOST_MEANWHILE = 20_000  # rows that a server writes while pages are requested
PAUSE_S = 0.2  # between two pages


def figures(rows: int) -> Iterator[tuple[str, Any]]:
    """Yield rows per second of processor time, seconds, memory, and page times during writing.

    The file has new leads with a key, title, client, owner, amount and day of creation; about
    twenty rows have the same client.
    """
    organization()
    admin = User.objects.filter(role=User.Role.ADMIN, is_active=True).order_by("pk")[0]
    given = _uploaded(admin, rows, "file")
    for name, work in (("check", _check), ("write", _write)):
        began = time.process_time()
        with stopwatch() as watch:
            work(given)
        yield f"{name}_rows_per_cpu_s", round(rows / (time.process_time() - began))
        yield f"{name}_s", round(watch(), 1)
    yield "peak_memory_mb", round(peak_memory_mb())
    meanwhile = _uploaded(admin, min(rows, MOST_MEANWHILE), "meanwhile")
    _check(meanwhile)
    jobs.start(meanwhile)
    cookie, taken = signed_in(admin), list[float]()
    with server(LEADLIGHT_WORKERS="1") as (port, _process), stopwatch() as watch:
        while _is_running(meanwhile):
            taken += timed(lambda: get(port, "/leads/", cookie), 1)
            time.sleep(PAUSE_S)
    yield "meanwhile_write_s", round(watch(), 1)
    yield "meanwhile_page", summary(taken)


def _uploaded(admin: User, rows: int, name: str) -> TableImport:
    text = "Key,Title,Client,Owner,Amount,Created\n" + "".join(
        f"{name}-{time.time_ns()}-{row},Lead {row},Client {row % (rows // 20 + 1)},{admin.email},"
        f"{row % 900}.50,2026-0{1 + row % 9}-1{row % 9}\n"
        for row in range(rows)
    )
    given = upload(admin, TableImport.Kind.LEADS, f"{name}.csv", [text.encode()])
    mapping = {str(place): target for place, target in enumerate(TARGETS)}
    set_mapping(given, mapping, "key", {"create_clients": True})
    jobs.begin_check(given)
    return given


def _check(given: TableImport) -> None:
    jobs.check(given.job_id or 0)
    given.refresh_from_db()


def _write(given: TableImport) -> None:
    jobs.start(given)
    _repeat(lambda: jobs.run_batch(given.job_id or 0))


def _repeat(work: Callable[[], bool]) -> None:
    while work():
        pass


def _is_running(given: TableImport) -> bool:
    return BulkJob.objects.filter(pk=given.job_id, state=BulkJob.State.RUNNING).exists()
