"""Consistency check of the replica and the lead histories, on the command line."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
        raise Stop(
            ngettext("%(count)d difference.", "%(count)d differences.", count) % {"count": count},
            code=1,
        )
    out.print(_("No differences."))
