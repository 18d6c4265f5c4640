"""The reports: in the engine, against SQL written by hand, and over HTTP on loopback."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
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

from leadlight.accounts.models import User
from leadlight.analytics.reports import CATALOGUE
from leadlight.analytics.run import question_of
from leadlight.analytics.texts import texts_of
from leadlight.cli.benchmark import by_hand
from leadlight.cli.benchmark.measuring import WARM_RUNS, summary, timed
from leadlight.replication import asking, replica

Days = tuple[date, date]
START_LIMIT_S = 120


def _query(days: Days, **more: str) -> dict[str, list[str]]:
    pairs = {"from": days[0].isoformat(), "to": days[1].isoformat(), "bucket": "month", **more}
    return {name: [value] for name, value in pairs.items()}


# In the engine


def engine_figures(days: Days) -> Iterator[tuple[str, Any]]:
    """Engine time of each report beside the same figures in SQL by hand, run in turns."""
    engine = replica.current().engine
    for key, report in CATALOGUE.items():
        if key not in by_hand.REPLICA:
            continue
        result = asking.ask(None, report, _query(days))
        question = question_of(report, result.filters, asking.scope_of(None), engine)
        asked = texts_of(report, question, engine.dialect)
        ours = [*asked.texts, *([asked.trend] if asked.trend else [])]
        theirs = _texts(by_hand.REPLICA[key], days)
        _must_agree(result.totals, engine.run(theirs[3])[0], key)
        pairs = [(_taken(engine.run, ours), _taken(engine.run, theirs)) for _ in range(15)]
        yield f"{key}_engine_ms", round(median(own for own, _ in pairs), 1)
        yield f"{key}_by_hand_ms", round(median(hand for _, hand in pairs), 1)
        yield f"{key}_ratio", round(median(own / hand for own, hand in pairs), 2)
        yield f"{key}_operational_ms", round(_operational(key, days), 1)


def _texts(templates: tuple[str, ...], days: Days) -> list[str]:
    after = days[1] + timedelta(1)
    return [text.format(first=days[0], last=days[1], after=after) for text in templates]


def _taken(run: Callable[[str], object], texts: list[str]) -> float:
    return sum(timed(partial(run, text), 1)[0] for text in texts)


def _must_agree(totals: Any, closed: tuple[Any, ...], key: str) -> None:
    """What is measured against must give the same numbers, or the ratio says nothing."""
    ours = [totals[name] for name in ("won_leads", "lost_leads", "cancelled_leads", "won_amount")]
    if ours != list(closed[:4]):
        raise AssertionError(f"{key}: {ours} is not {closed[:4]}")


def _operational(key: str, days: Days) -> float:
    def run(text: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(text)
            cursor.fetchall()

    return _taken(run, _texts(by_hand.OPERATIONAL[key], days))


# Over HTTP


def http_figures(days: Days) -> Iterator[tuple[str, Any]]:
    """Whole pages: the first one of a fresh server, then warm ones, as an admin sees them."""
    cookie = _signed_in()
    paths = dict(_paths(days))
    replica.forget()
    with _server() as (port, server):
        for name, path in paths.items():
            first = timed(partial(_get, port, path, cookie), 1)[0]
            warm = timed(partial(_get, port, path, cookie), WARM_RUNS)
            yield name, {"first_ms": round(first, 1)} | summary(warm)
        yield "server_peak_memory_mb", _peak_of(server)


def _paths(days: Days) -> Iterator[tuple[str, str]]:
    """Each report plain, compared, and as of a month before the period's end; its further tables.

    Addresses are written as the pages write them, so that none is answered by a redirection.
    """
    as_of = datetime.combine(days[1] - timedelta(30), time(12), UTC).isoformat()
    kinds = {"": {}, "_compared": {"compare": "previous"}, "_as_of": {"as_of": as_of}}
    for key, report in CATALOGUE.items():
        for name, more in kinds.items():
            filters = asking.ask(None, report, _query(days, **more)).filters
            yield f"{key}_page{name}", f"/reports/{key}/?{filters.to_query()}"
        for view in report.views:
            filters = asking.ask(None, report, _query(days, view=str(view.view))).filters
            yield f"{key}_{view.view}_page", f"/reports/{key}/?{filters.to_query()}"


def _signed_in() -> str:
    """The session cookie of an admin, made here as signing in would make it."""
    admin = User.objects.filter(role=User.Role.ADMIN, is_active=True).first()
    if admin is None:
        raise AssertionError("the generated company has no admin")
    session = SessionStore()
    session[SESSION_KEY] = str(admin.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = admin.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def _get(port: int, path: str, cookie: str) -> None:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    client.request("GET", path, headers={"Cookie": cookie})
    answer = client.getresponse()
    answer.read()
    client.close()
    if answer.status != 200:
        raise AssertionError(f"{path} answered {answer.status}")


@contextmanager
def _server() -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """`leadlight serve` on a free port of loopback, ended when the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"LEADLIGHT_LISTEN": f"127.0.0.1:{port}"}
    server = subprocess.Popen(
        [sys.executable, "-m", "leadlight", "serve"],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield port, server
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for(port: int) -> None:
    deadline = monotonic() + START_LIMIT_S
    while monotonic() < deadline:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        sleep(0.1)
    raise AssertionError("the server did not start")


def _peak_of(server: subprocess.Popen[bytes]) -> float | str:
    """The largest peak memory of the server's processes, where the system tells it."""
    peaks = [_peak(pid) for pid in (server.pid, *_children(server.pid))]
    known = [peak for peak in peaks if peak is not None]
    return round(max(known)) if known else "unknown"


def _children(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:  # not Linux: the figure is then "unknown"
        return []
    return [int(child) for child in children.split()]


def _peak(pid: int) -> float | None:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:  # not Linux, or ended: the figure is then of the others
        return None
    lines = dict(line.split(":", 1) for line in status.splitlines())
    return int(lines["VmHWM"].split()[0]) / 1024
