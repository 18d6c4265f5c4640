"""Background thread that does the batches of bulk jobs, in each serving process.

Processes do not disturb each other: a batch holds the lock of its job.
"""

from __future__ import annotations

import logging

from leadlight.busy import is_busy
from leadlight.jobs.background import Repeater, Wait
from leadlight.sales.bulk import run_unfinished

logger = logging.getLogger(__name__)

EVERY_S = 1.0
AFTER_AN_ERROR_S = 30.0
PAUSE_S = 0.02  # between batches, so that requests can write in between


def start(wait: Wait | None = None) -> Repeater:
    """Start the background thread."""
    return Repeater("bulk", _do_jobs, wait)


def _do_jobs(wait: Wait) -> float:
    """Do all batches and log any error; return the seconds until the next look for jobs."""
    try:
        run_unfinished(is_stopped=lambda: wait(PAUSE_S))
    except Exception as error:
        if not is_busy(error):
            logger.exception("A bulk job could not go on.")
            return AFTER_AN_ERROR_S
        logger.info("The database is busy: bulk jobs go on a second later.")
    return EVERY_S
