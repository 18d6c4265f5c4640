"""Waiting bulk changes, on the command line."""

from __future__ import annotations

from django.utils.translation import ngettext

from leadlight.cli.console import out, refuse_empty_instance
from leadlight.sales.bulk import run_unfinished


def bulk() -> None:
    """Run the bulk changes that people have started; `serve` does this by itself."""
    refuse_empty_instance()
    count = run_unfinished()
    sentence = ngettext("%(count)d bulk change done.", "%(count)d bulk changes done.", count)
    out.print(sentence % {"count": count})
