"""Background threads of bulk jobs in each serving process: batches, and removal of old rows.

Processes do not disturb each other: a batch holds the lock of its job.
"""

from __future__ import annotations

import logging

from leadlight.busy import is_busy
from leadlight.jobs.background import Repeater, Wait
from leadlight.sales.bulk import run_unfinished
from leadlight.sales.bulk_cleanup import remove_old_items

logger = logging.getLogger(__name__)

EVERY_S = 1.0
REMOVAL_EVERY_S = 3600.0
AFTER_AN_ERROR_S = 30.0
PAUSE_S = 0.02  # between batches, so that requests can write in between


def start(wait: Wait | None = None) -> Repeater:
    """Start the background thread."""
    return Repeater("bulk", _do_jobs, wait)


def start_removal(wait: Wait | None = None) -> Repeater:
    """Start the background thread that removes the rows of old jobs."""
    return Repeater("bulk-rows", _remove_items, wait)


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


def _remove_items(wait: Wait) -> float:
    """Remove the rows of old jobs and log any error; return the seconds until the next removal."""
    try:
        remove_old_items(is_stopped=lambda: wait(PAUSE_S))
    except Exception as error:
        if is_busy(error):
            logger.info("The database is busy: rows of old bulk jobs are removed later.")
        else:
            logger.exception("Rows of old bulk jobs could not be removed.")
    return REMOVAL_EVERY_S
