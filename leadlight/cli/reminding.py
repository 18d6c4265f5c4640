"""Due reminders, on the command line."""

from __future__ import annotations

from django.utils.translation import ngettext

from leadlight.cli.console import out, refuse_empty_instance
from leadlight.sales.due_reminders import return_due_leads


def reminders() -> None:
    """Set standby leads with a due reminder to “To do”; `serve` does this by itself."""
    refuse_empty_instance()
    count = return_due_leads()
    sentence = ngettext(
        "%(count)d lead is back in “To do”.", "%(count)d leads are back in “To do”.", count
    )
    out.print(sentence % {"count": count})
