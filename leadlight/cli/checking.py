"""Consistency check of the replica and the lead histories, on the command line."""

from __future__ import annotations

from leadlight.cli.console import Stop, out, progress
from leadlight.replication import checks


def check() -> None:
    """Compare the replica with the database, row by row, and replay every lead's history.

    Prints every difference, and exits with code 1 if there is one.
    """
    count = 0
    with progress() as step:
        for difference in checks.check(progress=step):
            out.print(str(difference), markup=False)
            count += 1
    if count:
        raise Stop(f"{count} differences.", code=1)
    out.print("No differences.")
