"""Background thread that adds the rows of long tables to prospecting lists, in each process.

Processes do not disturb each other: a batch holds the lock of its list.
"""

from __future__ import annotations

import logging

from leadlight.busy import is_busy
from leadlight.jobs.background import Repeater, Wait
from leadlight.sales.prospecting import pending_rows

logger = logging.getLogger(__name__)

EVERY_S = 1.0
AFTER_AN_ERROR_S = 30.0
PAUSE_S = 0.02  # between batches, so that requests can write in between


def start(wait: Wait | None = None) -> Repeater:
    """Start the background thread."""
    return Repeater("prospect-rows", _add_rows, wait)


def _add_rows(wait: Wait) -> float:
    """Add all rows and log any error; return the seconds until the next look."""
    try:
        pending_rows.add_all(is_stopped=lambda: wait(PAUSE_S))
    except Exception as error:
        if not is_busy(error):
            logger.exception("Rows could not be added to a prospecting list.")
            return AFTER_AN_ERROR_S
        logger.info("The database is busy: rows are added to prospecting lists a second later.")
    return EVERY_S
