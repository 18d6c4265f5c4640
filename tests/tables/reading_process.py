"""Read a table in a process of its own and print the rows and the megabytes that it took.

Arguments: the path of the table. Megabytes are the highest memory minus that after the imports.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import django

from leadlight.tables import Unreadable, open_table

KB_OF_A_MB = 1024


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // KB_OF_A_MB


if __name__ == "__main__":
    django.setup()
    before = peak()
    try:
        rows = sum(1 for _row in open_table(Path(sys.argv[1]), "table").rows())
    except Unreadable:
        rows = 0
    print(rows, peak() - before)
