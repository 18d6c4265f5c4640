"""Background thread that returns due leads from standby, once a minute in each serving process.

Processes do not disturb each other: a lead is locked and checked again before it returns.
"""

from __future__ import annotations

import logging

from leadlight.busy import is_busy
from leadlight.jobs.background import Repeater, Wait
from leadlight.sales.due_reminders import return_due_leads

logger = logging.getLogger(__name__)

EVERY_S = 60.0
PAUSE_S = 0.01  # after each lead, so that requests can write in between


def start(wait: Wait | None = None) -> Repeater:
    """Start the background thread."""
    return Repeater("reminders", _return_leads, wait)


def _return_leads(wait: Wait) -> float:
    """Return due leads and log any error; return the seconds until the next run, which retries."""
    try:
        return_due_leads(is_stopped=lambda: wait(PAUSE_S))
    except Exception as error:
        if is_busy(error):
            logger.info("The database is busy: leads return from standby a minute later.")
        else:
            logger.exception("Leads could not return from standby.")
    return EVERY_S
