"""Waiting bulk changes, on the command line."""

from __future__ import annotations

from django.utils.translation import ngettext

from leadlight.cli.console import out, refuse_empty_instance
from leadlight.sales.bulk import run_unfinished
from leadlight.sales.bulk_cleanup import remove_old_items
from leadlight.table_import import jobs


def bulk() -> None:
    """Run the bulk changes and imports that people have started, and remove the rows of old ones.

    `serve` does both by itself.
    """
    refuse_empty_instance()
    count = jobs.run_unfinished() + run_unfinished()
    remove_old_items()
    sentence = ngettext("%(count)d bulk change done.", "%(count)d bulk changes done.", count)
    out.print(sentence % {"count": count})
