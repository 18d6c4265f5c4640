"""Background thread of imports in each serving process: checks, and batches of rows.

Processes do not disturb each other: a batch holds the lock of its job.
"""

from __future__ import annotations

import logging

from leadlight.busy import is_busy
from leadlight.jobs.background import Repeater, Wait
from leadlight.table_import.jobs import run_unfinished

logger = logging.getLogger(__name__)

EVERY_S = 1.0
AFTER_AN_ERROR_S = 30.0
PAUSE_S = 0.02  # between batches, so that requests can write in between


def start(wait: Wait | None = None) -> Repeater:
    """Start the background thread."""
    return Repeater("imports", _import, wait)


def _import(wait: Wait) -> float:
    """Check and write all imports and log any error; return the seconds until the next look."""
    try:
        run_unfinished(is_stopped=lambda: wait(PAUSE_S))
    except Exception as error:
        if not is_busy(error):
            logger.exception("An import could not go on.")
            return AFTER_AN_ERROR_S
        logger.info("The database is busy: imports go on a second later.")
    return EVERY_S
