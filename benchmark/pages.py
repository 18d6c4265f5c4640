"""Benchmark of the reports: in the engine, against handwritten SQL, and over HTTP."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from time import monotonic, sleep
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from benchmark import by_hand, rebuilding
from benchmark.timing import WARM_RUNS, summary, timed
from leadlight.accounts.models import User
from leadlight.accounts.readers import SYSTEM
from leadlight.analytics.engine.queries import report_queries
from leadlight.analytics.engine.run import build_query, prefetch_queries, run_statement
from leadlight.analytics.metrics.columns import Rate
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.query_params import end_of
from leadlight.analytics.reports import EVERY_TABLE
from leadlight.analytics.reports.contract import Report, Result
from leadlight.replication import replica
from leadlight.reporting.reader import report_reader, scope_of
from leadlight.sales.models import Category, Pipeline

Days = tuple[date, date]
START_LIMIT_S = 120
# A server is idle if it uses less than this share of a core for this long.
IDLE_SHARE, IDLE_FOR_S, IDLE_LIMIT_S = 0.05, 2.0, 300
RUNS = 15


def _name(table: Report) -> str:
    return "_".join(part for part in (table.key, table.view) if part)


def _query(days: Days, table: Report, **more: str) -> dict[str, list[str]]:
    """Return the query of a table by month."""
    pairs = {"from": days[0].isoformat(), "to": days[1].isoformat(), "bucket": "month", **more}
    if table.view:
        pairs["view"] = table.view
    return {name: [value] for name, value in pairs.items()}


# In the engine


def engine_figures(days: Days) -> Iterator[tuple[str, Any]]:
    """Yield milliseconds of each table's statements and of its handwritten SQL, run in turns."""
    engine = replica.current().engine
    for table in EVERY_TABLE:
        name = _name(table)
        result = report_reader(SYSTEM).run(table, _query(days, table))
        ours = list(_own_statements(table, result.filters))
        hand = by_hand.REPLICA[name]
        places = _placeholders(days, result)
        texts = [text.format(**places) for text in (hand.totals, *hand.rest)]
        _must_agree(name, [_figure(result, key) for key in hand.figures], engine.run(texts[0])[0])
        theirs = [partial(engine.run, text) for text in texts]
        pairs = [(_taken(ours), _taken(theirs)) for _ in range(RUNS)]
        yield f"{name}_engine_ms", round(median(own for own, _ in pairs), 1)
        yield f"{name}_by_hand_ms", round(median(by for _, by in pairs), 1)
        yield f"{name}_ratio", round(median(own / by for own, by in pairs), 2)
        if name in by_hand.OPERATIONAL:
            texts = [text.format(**places) for text in by_hand.OPERATIONAL[name]]
            runs = [partial(_run_operational, text) for text in texts]
            yield f"{name}_operational_ms", round(_taken(runs), 1)


def _own_statements(table: Report, filters: Filters) -> Iterator[Callable[[], object]]:
    """Yield every statement that the engine runs for one result."""
    engine = replica.current().engine
    query = build_query(table, filters, scope_of(SYSTEM), engine)
    queries = report_queries(table, query, engine.dialect)
    statements = (
        *prefetch_queries(table, query, engine.dialect).values(),
        *queries.statements,
        *(text for text in (queries.all_rows, queries.category, queries.trend) if text),
    )
    for statement in statements:
        yield partial(run_statement, engine, statement, query)


def _placeholders(days: Days, result: Result) -> dict[str, object]:
    """Return the values of the placeholders of handwritten SQL."""
    zone = result.filters.zone
    ends = [end_of(day, zone).astimezone(UTC).replace(tzinfo=None) for day in days]
    return {
        "first": days[0],
        "last": days[1],
        "after": days[1] + timedelta(1),
        "today": result.filters.today,
        "first_end": ends[0],
        "last_end": ends[1],
        "pipeline": Pipeline.default().pk,
        "category": Category.objects.order_by("reason_for", "name", "pk")[0].pk,
    }


def _taken(runs: Sequence[Callable[[], object]]) -> float:
    return sum(timed(run, 1)[0] for run in runs)


def _figure(result: Result, name: str) -> Any:
    """Return a figure of the totals, or of a further row: `row.column`."""
    row_key, _, key = name.rpartition(".")
    further = {row.key: row.cells for row in result.rows if row.further}
    value = (further[row_key] if row_key else result.totals)[key]
    return value.numerator if isinstance(value, Rate) else value or 0


def _must_agree(name: str, ours: list[Any], theirs: tuple[Any, ...]) -> None:
    """Raise AssertionError if the handwritten SQL returns other figures than the report."""
    by_hand_ones = [value or 0 for value in theirs[: len(ours)]]
    if ours != by_hand_ones:
        raise AssertionError(f"{name}: {ours} is not {by_hand_ones}")


def _run_operational(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text)
        cursor.fetchall()


# Over HTTP


def http_figures(days: Days) -> Iterator[tuple[str, Any]]:
    """Yield the times of whole pages for an admin.

    For each address: the first request; requests after a lead and an activity changed, so that the
    replica applies the change and every result is computed again; the same requests without a
    change; and requests with a filter that was not requested before: one seller, then others with
    other periods. The server has one process, so that all requests share its caches.
    """
    cookie = signed_in(_admin())
    addresses, others = dict(paths(days)), dict(_other_paths(days))
    replica.forget()
    with server(LEADLIGHT_WORKERS="1") as (port, process):
        for name, path in addresses.items():
            first = timed(partial(get, port, path, cookie), 1)[0]
            anew = [_after_a_change(port, path, cookie) for _ in range(WARM_RUNS)]
            again = timed(partial(get, port, path, cookie), WARM_RUNS)
            filtered = [
                timed(partial(get, port, other, cookie), 1)[0] for other in others.get(name, ())
            ]
            yield (
                name,
                {"first_ms": round(first, 1)}
                | summary(anew)
                | summary(again, "again_")
                | _filtered(filtered),
            )
        yield "server_peak_memory_mb", _peak_of(process)


def _after_a_change(port: int, path: str, cookie: str) -> float:
    rebuilding.change_all()
    return timed(partial(get, port, path, cookie), 1)[0]


def paths(days: Days) -> Iterator[tuple[str, str]]:
    """Yield name and address of the overview, and of each table plain, compared, and in the past.

    A table in the past is as of 30 days before the end of the period. The addresses are in
    canonical form, so that no page answers with a redirection.
    """
    yield "overview_page", "/reports/"
    as_of = datetime.combine(days[1] - timedelta(30), time(12), UTC).isoformat()
    kinds = {"": {}, "_compared": {"compare": "previous"}, "_as_of": {"as_of": as_of}}
    for table in EVERY_TABLE:
        for kind, more in kinds.items():
            filters = report_reader(SYSTEM).run(table, _query(days, table, **more)).filters
            yield f"{_name(table)}_page{kind}", f"/reports/{table.key}/?{filters.to_query()}"


def _other_paths(days: Days) -> Iterator[tuple[str, list[str]]]:
    """Yield names and addresses of tables for one seller, then for others and earlier periods."""
    sellers = User.objects.filter(is_active=True).order_by("pk").values_list("key", flat=True)
    for table in EVERY_TABLE:
        addresses = []
        for number, seller in enumerate(sellers[: WARM_RUNS + 1]):
            earlier = (days[0] - timedelta(number), days[1] - timedelta(number))
            params = _query(earlier, table, user=seller)
            filters = report_reader(SYSTEM).read(table, params)[1]
            addresses.append(f"/reports/{table.key}/?{filters.to_query()}")
        yield f"{_name(table)}_page", addresses


def _filtered(taken: list[float]) -> dict[str, float]:
    """Return the time of the first page with a filter, and a summary for its other values."""
    if len(taken) < 2:
        return {}
    return {"first_filter_ms": round(taken[0], 1)} | summary(taken[1:], "other_values_")


def _admin() -> User:
    admin = User.objects.filter(role=User.Role.ADMIN, is_active=True).first()
    if admin is None:
        raise AssertionError("the generated company has no admin")
    return admin


def signed_in(user: User) -> str:
    """Return the session cookie of a user, created without signing in."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def get(port: int, path: str, cookie: str, status: int = 200) -> None:
    """Request a page and read it. Raises AssertionError for another status."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    client.request("GET", path, headers={"Cookie": cookie})
    answer = client.getresponse()
    answer.read()
    client.close()
    if answer.status != status:
        raise AssertionError(f"{path} answered {answer.status}")


@contextmanager
def server(**variables: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Run `leadlight serve` on a free port of loopback until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"LEADLIGHT_LISTEN": f"127.0.0.1:{port}"} | variables
    process = subprocess.Popen(
        [sys.executable, "-m", "leadlight", "serve"],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for(port)
        yield port, process
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_for(port: int) -> None:
    """Wait until a server listens on the port. Raises AssertionError after `START_LIMIT_S`."""
    deadline = monotonic() + START_LIMIT_S
    while monotonic() < deadline:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        sleep(0.1)
    raise AssertionError("the server did not start")


def _peak_of(server: subprocess.Popen[bytes]) -> float | str:
    """Return the largest peak memory of the server's processes in megabytes, or "unknown"."""
    peaks = [memory_of(pid, "VmHWM") for pid in processes_of(server)]
    known = [peak for peak in peaks if peak is not None]
    return round(max(known)) if known else "unknown"


def processes_of(server: subprocess.Popen[bytes]) -> list[int]:
    """Return the ids of the server's process and of its children."""
    pid = server.pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:  # not Linux: only the server's own process
        return [pid]
    return [pid, *map(int, children.split())]


def memory_of(pid: int, field: str) -> float | None:
    """Return the memory of a process in megabytes, or None if unknown.

    `field` is a name in `/proc/PID/status`: VmRSS (resident now) or VmHWM (its peak).
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:  # not Linux, or the process has ended
        return None
    lines = dict(line.split(":", 1) for line in status.splitlines())
    return int(lines[field].split()[0]) / 1024


def processor_time_of(processes: Sequence[int]) -> float:
    """Return seconds of processor time that the processes used; 0 on other systems than Linux."""
    ticks = 0
    for pid in processes:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:  # not Linux, or the process has ended
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def wait_until_idle(server: subprocess.Popen[bytes]) -> None:
    """Wait until the server has compiled the SQL of reports in the background.

    Raises AssertionError if it still uses the processor after `IDLE_LIMIT_S`.
    """
    deadline = monotonic() + IDLE_LIMIT_S
    before = processor_time_of(processes_of(server))
    while monotonic() < deadline:
        sleep(IDLE_FOR_S)
        now = processor_time_of(processes_of(server))
        if now - before < IDLE_SHARE * IDLE_FOR_S:
            return
        before = now
    raise AssertionError("the server works without a request")
