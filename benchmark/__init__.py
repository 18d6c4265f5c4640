"""Benchmarks on a generated company, in a separate data folder; servers listen on loopback."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Literal

from leadlight.cli.console import Stop, out

MOST_LEADS = 5_000_000
MOST_SECONDS = 4 * 3600
MOST_SERVERS = 8


def bench(
    *,
    leads: int = 100_000,
    folder: Path | None = None,
    json: bool = False,
    part: Literal["reports", "daily", "feed", "readers", "search", "sheet", "imports"] = "reports",
    seconds: int = 60,
    servers: int = 1,
) -> None:
    """Measure one part of the product on a generated company, and print the figures.

    Parameters
    ----------
    leads
        Number of leads of the company, each with about 4.5 recorded versions and 4 activities.
    folder
        Data folder, kept and reused; without it, a temporary folder.
    json
        Print the figures as JSON instead of a table.
    part
        `reports`: building the replica, applying changes to it, and every report; `daily`: lists,
        board, Today, the page of a lead, changes and a bulk change; `feed`: the activity feed with
        each filter; `readers`: thirty users who load the report pages of the demo company while
        leads are written; `search`: the search index, and searches as three users;
        `sheet`: opening and scrolling a prospecting list of `leads` rows, and saving a cell;
        `imports`: checking and writing a file of `leads` rows, and pages requested meanwhile.
    seconds
        Duration of the part `readers`.
    servers
        Number of servers that share the data folder, for the part `readers`.
    """
    if not (5 <= seconds <= MOST_SECONDS and 1 <= servers <= MOST_SERVERS):
        raise Stop(f"From 5 to {MOST_SECONDS} seconds, and up to {MOST_SERVERS} servers.")
    chosen = {
        "reports": [str(leads)],
        "daily": ["daily", str(leads)],
        "feed": ["feed", str(leads)],
        "readers": ["readers", str(seconds), str(servers)],
        "search": ["search", str(leads)],
        "sheet": ["sheet", str(leads)],
        "imports": ["imports", str(leads)],
    }[part]
    if not 100 <= leads <= MOST_LEADS:
        raise Stop(f"Between 100 and {MOST_LEADS} leads can be measured.")
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        _measure(chosen, folder, json)
        return
    with tempfile.TemporaryDirectory(prefix="leadlight-bench-") as temporary:
        _measure(chosen, Path(temporary), json)


def _measure(chosen: list[str], folder: Path, as_json: bool) -> None:
    """Measure in a new process with its own data folder, never on the data of this instance."""
    if not as_json:
        out.print(f"Measuring in {folder} …", markup=False)
    environment = os.environ | {"LEADLIGHT_DATA": str(folder.resolve()), "LEADLIGHT_DEBUG": ""}
    environment.pop("DATABASE_URL", None)
    if url := os.environ.get("LEADLIGHT_BENCH_DATABASE_URL"):
        environment["DATABASE_URL"] = url
    command = [sys.executable, "-m", "benchmark.measuring", *chosen]
    ended = subprocess.run(command + ["--json"] * as_json, env=environment, check=False)
    if ended.returncode:
        raise Stop("The measurement failed.", code=ended.returncode)
