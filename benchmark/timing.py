"""Timing: stopwatch, repeated runs, summaries, peak memory."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from statistics import median, quantiles

WARM_RUNS = 20


@contextmanager
def stopwatch() -> Iterator[Callable[[], float]]:
    """Yield a function that returns the seconds since the block began, at most its duration."""
    start = time.perf_counter()
    end: list[float] = []
    yield lambda: (end[0] if end else time.perf_counter()) - start
    end.append(time.perf_counter())


def timed(work: Callable[[], object], runs: int) -> list[float]:
    """Return the milliseconds of each run."""
    taken = []
    for _ in range(runs):
        with stopwatch() as watch:
            work()
        taken.append(watch() * 1000)
    return taken


def summary(taken: list[float], which: str = "") -> dict[str, float]:
    """Return the median and the 95th percentile in milliseconds; `which` begins their names."""
    p95 = quantiles(taken, n=20, method="inclusive")[-1] if len(taken) > 1 else taken[0]
    return {f"{which}median_ms": round(median(taken), 1), f"{which}p95_ms": round(p95, 1)}


def peak_memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def year_before(day: date) -> tuple[date, date]:
    """Return the first and last day of the twelve whole months before the month of a day."""
    last = day.replace(day=1) - timedelta(1)
    return last.replace(year=last.year - 1) + timedelta(1), last
