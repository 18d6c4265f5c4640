"""`python -m tools.golden write FOLDER` and `python -m tools.golden compare OLD NEW`."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from .companies import DEMO, Source
from .comparing import Comparison
from .writing import default_jobs, write

SHOWN = 50


def main(words: list[str]) -> int:
    """Return the exit status: 1 if two copies differ, else 0."""
    arguments = _parser().parse_args(words)
    return int(arguments.run(arguments))


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m tools.golden", description=__doc__)
    commands = parser.add_subparsers(required=True)
    writing = commands.add_parser(
        "write", help="run the queries of every report and write their answers"
    )
    writing.add_argument("folder", type=Path, help="new or empty folder")
    writing.add_argument("--data", type=Path, help="folder with company folders to query too")
    writing.add_argument("--size", type=float, default=1.0, help="size of the demo company")
    writing.add_argument(
        "--only", nargs="*", default=(), help="names of tables, such as leads.curves"
    )
    writing.add_argument("--jobs", type=int, default=default_jobs())
    writing.set_defaults(run=_write)
    comparing = commands.add_parser("compare", help="print each cell in which two copies differ")
    comparing.add_argument("old", type=Path)
    comparing.add_argument("new", type=Path)
    comparing.add_argument(
        "--words", action="store_true", help="also compare titles and definitions"
    )
    comparing.add_argument(
        "--float-digits", type=int, help="compare floats to this number of digits"
    )
    comparing.set_defaults(run=_compare)
    return parser


def _write(arguments: Namespace) -> int:
    folder: Path = arguments.folder
    if folder.exists() and any(folder.iterdir()):
        raise SystemExit(f"{folder} is not empty.")
    companies = sorted(arguments.data.glob("*/company.toml")) if arguments.data else []
    sources = [Source(file.parent.name, file.parent.resolve()) for file in companies]
    write(
        folder.resolve(),
        [Source(DEMO, size=arguments.size), *sources],
        arguments.only,
        arguments.jobs,
    )
    return 0


def _compare(arguments: Namespace) -> int:
    for folder in (arguments.old, arguments.new):
        if not folder.is_dir():
            raise SystemExit(f"{folder} is not a folder.")
    comparison = Comparison(arguments.words, arguments.float_digits)
    count = 0
    for difference in comparison.differences(arguments.old, arguments.new):
        count += 1
        if count <= SHOWN:
            print(difference)
    print(f"{count} differences" if count else "No cell differs.")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
