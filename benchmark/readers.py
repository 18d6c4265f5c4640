"""Benchmark of concurrent readers: pages per second while leads are written, and server memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryFile
from time import monotonic
from typing import IO, Any

from benchmark import pages, rebuilding
from benchmark.timing import summary
from leadlight.accounts.models import User
from leadlight.replication import replica
from leadlight.sales.models import Lead

READERS = 30
LEADS_A_SECOND = 15.0
WARM_UP_PAGES = 400  # enough for most statements to be compiled and cached
WARM_UP_LIMIT_S = 120.0
BETWEEN_SAMPLES_S = 5.0
MOST_PAGES = 10_000_000
MORE_TIME_S = 90  # to finish the last pages after the end of the measurement


def figures(seconds: float, servers: int) -> Iterator[tuple[str, Any]]:
    """Yield the figures of readers of every report page, measured for `seconds` after a warm-up.

    The servers share one data folder, like several servers of one company.
    """
    replica.prepare()
    days = rebuilding.last_year()
    paths = [path for _, path in pages.paths(days)]
    cookies = [pages.signed_in(user) for user in _people(READERS)]
    replica.forget()
    with ExitStack() as stack:
        started = [stack.enter_context(pages.server()) for _ in range(servers)]
        ports = [started[number % servers][0] for number in range(READERS)]
        plan = {"readers": list(zip(ports, cookies, strict=True)), "paths": paths}
        _read(plan | {"seconds": WARM_UP_LIMIT_S, "pages": WARM_UP_PAGES}, [])
        processes = [pid for _, server in started for pid in pages.processes_of(server)]
        seen = _read(plan | {"seconds": seconds, "pages": MOST_PAGES}, processes)
    taken = [milliseconds for _, milliseconds in seen["taken"]]
    yield "readers", {"readers": READERS, "servers": servers, "leads_written": seen["written"]}
    yield "readers_pages", len(taken)
    yield "readers_pages_a_second", round(len(taken) / seconds, 1)
    yield "readers_page", summary(taken) | {"worst_ms": round(max(taken))}
    yield "readers_faults", seen["faults"]
    yield "readers_cpu_ms_a_page", round(1000 * seen["cpu_s"] / max(len(taken), 1), 1)
    yield "readers_memory_mb", _memory(seen["memory"])
    yield from _by_page(seen["taken"])


def _people(count: int) -> list[User]:
    """Return that many active users, repeated if the company has fewer."""
    people = list(User.objects.filter(is_active=True).order_by("pk"))
    return [people[number % len(people)] for number in range(count)]


def _by_page(taken: Sequence[tuple[str, float]]) -> Iterator[tuple[str, Any]]:
    """Yield the times of the five pages with the highest median."""
    times: dict[str, list[float]] = defaultdict(list)
    for path, milliseconds in taken:
        times[path].append(milliseconds)
    slowest = sorted(times.items(), key=lambda pair: -median(pair[1]))[:5]
    for path, some in slowest:
        yield path, summary(some)


def _read(plan: dict[str, Any], processes: Sequence[int]) -> dict[str, Any]:
    """Run readers and a writer as processes; sample memory and processor time of `processes`."""
    reading = [str(Path(__file__).with_name("reading.py")), json.dumps(plan)]
    writing = ["-m", "benchmark.writing", str(LEADS_A_SECOND)]
    leads, cpu, end = (
        Lead.objects.count(),
        pages.processor_time_of(processes),
        monotonic() + plan["seconds"],
    )
    memory = []
    with TemporaryFile() as printed, _running(writing), _running(reading, printed) as readers:
        while monotonic() < end and readers.poll() is None:
            memory.append(sum(filter(None, map(_resident, processes))))
            with suppress(subprocess.TimeoutExpired):
                readers.wait(max(0.0, min(BETWEEN_SAMPLES_S, end - monotonic())))
        readers.wait(MORE_TIME_S)
        printed.seek(0)
        seen = json.load(printed)
    written, cpu_s = Lead.objects.count() - leads, pages.processor_time_of(processes) - cpu
    return seen | {"memory": memory, "written": written, "cpu_s": cpu_s}


@contextmanager
def _running(
    arguments: list[str], printed: IO[bytes] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Python process, and kill it at the end of the block."""
    with subprocess.Popen([sys.executable, *arguments], stdout=printed) as process:
        try:
            yield process
        finally:
            process.kill()


def _memory(samples: Sequence[float]) -> dict[str, int]:
    """Return resident megabytes of all server processes: first, middle, last and maximum."""
    if not any(samples):
        return {}
    places = {"first": samples[0], "middle": samples[len(samples) // 2], "last": samples[-1]}
    return {name: round(value) for name, value in (places | {"most": max(samples)}).items()}


def _resident(pid: int) -> float | None:
    return pages.memory_of(pid, "VmRSS")
