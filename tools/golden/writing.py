"""Write a golden copy: a folder for each company, in it a file for each table of each report."""

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
    """Ask every question of every company, or those to `only` some tables, and print how many.

    Companies from folders are asked briefly: see `Choices`.
    """
    for source in sources:
        with tempfile.TemporaryDirectory(prefix="golden-") as place:
            _write_company(folder / source.name, source, only, Path(place), jobs)


def _write_company(
    folder: Path, source: Source, only: Collection[str], place: Path, jobs: int
) -> None:
    """With processes of their own: Django reads its settings once in each."""
    folder.mkdir(parents=True, exist_ok=True)
    template = place / "template"
    new_process = multiprocessing.get_context("spawn")
    with new_process.Pool(1) as pool:
        pool.apply(set_up, (source, template))
        names = [name for name in pool.apply(_table_names) if not only or name in only]
    with new_process.Pool(jobs, initializer=load_copy, initargs=(template, place)) as pool:
        is_brief = source.folder is not None
        asked = ((folder / f"{name}.json.gz", name, is_brief) for name in names)
        for line in pool.imap_unordered(_write_table, asked):
            print(f"{source.name}: {line}", flush=True)


def _table_names() -> list[str]:
    from .answers import tables

    return list(tables())


def _write_table(asked: tuple[Path, str, bool]) -> str:
    """Write the answers of one table; how many there are of each kind."""
    from .answers import answers_of

    path, name, is_brief = asked
    began = time.process_time()
    answers = answers_of(name, is_brief)
    keep(path, answers)
    kinds = Counter(address.partition(" ")[0] for address in answers)
    refused = sum("refused" in answer["values"] for answer in answers.values())
    counts = ", ".join(f"{count} × {kind}" for kind, count in kinds.items())
    return f"{name}: {counts} ({refused} refused) in {time.process_time() - began:.0f} s of CPU"


def keep(path: Path, answers: Mapping[str, Any]) -> None:
    """Write answers into a file: the same answers are the same bytes."""
    text = json.dumps(answers, ensure_ascii=False, indent=0, sort_keys=True)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def default_jobs() -> int:
    return os.cpu_count() or 1
