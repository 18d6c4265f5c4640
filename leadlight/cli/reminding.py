"""Return of due leads from standby, on the command line."""

from __future__ import annotations

from django.utils.translation import ngettext

from leadlight.cli.console import out, refuse_empty_instance
from leadlight.sales.due_reminders import return_due_leads


def reminders() -> None:
    """Set standby leads whose reminder has come to “To do”, as `serve` does by itself."""
    refuse_empty_instance()
    count = return_due_leads()
    sentence = ngettext(
        "%(count)d lead is back in “To do”.", "%(count)d leads are back in “To do”.", count
    )
    out.print(sentence % {"count": count})
