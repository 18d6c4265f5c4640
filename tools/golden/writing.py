"""Writer of a golden copy: a folder per company, with a file per table of each report."""

from __future__ import annotations

import gzip
import json
import multiprocessing
import os
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from .companies import Source, load_copy, set_up


def write(folder: Path, sources: Iterable[Source], only: Collection[str], jobs: int) -> None:
    """Run every query of every company, write the answers, and print their number.

    `only` are the names of the tables to query, empty for all. Companies imported from a folder get
    brief queries (`Choices.is_brief`).
    """
    for source in sources:
        with tempfile.TemporaryDirectory(prefix="golden-") as place:
            _write_company(folder / source.name, source, only, Path(place), jobs)


def _write_company(
    folder: Path, source: Source, only: Collection[str], place: Path, jobs: int
) -> None:
    """Write one company, in new processes: Django reads its settings once per process."""
    folder.mkdir(parents=True, exist_ok=True)
    template = place / "template"
    new_process = multiprocessing.get_context("spawn")
    with new_process.Pool(1) as pool:
        pool.apply(set_up, (source, template))
        names = [name for name in pool.apply(_table_names) if not only or name in only]
    with new_process.Pool(jobs, initializer=load_copy, initargs=(template, place)) as pool:
        is_brief = source.folder is not None
        tasks = ((folder / f"{name}.json.gz", name, is_brief) for name in names)
        for line in pool.imap_unordered(_write_table, tasks):
            print(f"{source.name}: {line}", flush=True)


def _table_names() -> list[str]:
    from .answers import tables

    return list(tables())


def _write_table(task: tuple[Path, str, bool]) -> str:
    """Write the answers of one table, and return a line with their number by kind."""
    from .answers import answers_of

    path, name, is_brief = task
    began = time.process_time()
    answers = answers_of(name, is_brief)
    write_answers(path, answers)
    kinds = Counter(address.partition(" ")[0] for address in answers)
    refused = sum("refused" in answer["values"] for answer in answers.values())
    counts = ", ".join(f"{count} × {kind}" for kind, count in kinds.items())
    return f"{name}: {counts} ({refused} refused) in {time.process_time() - began:.0f} s of CPU"


def write_answers(path: Path, answers: Mapping[str, Any]) -> None:
    """Write answers to a file; equal answers give equal bytes."""
    text = json.dumps(answers, ensure_ascii=False, indent=0, sort_keys=True)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def default_jobs() -> int:
    return os.cpu_count() or 1
