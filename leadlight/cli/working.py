"""The worker on the command line."""

from __future__ import annotations

import signal
import threading
from types import FrameType

from django.utils.translation import gettext as _

from leadlight.cli.console import out, refuse_empty_instance
from leadlight.jobs import background
from leadlight.jobs.every_job import EVERY_JOB


def work(*, once: bool = False) -> None:
    """Do the background work: mails, reminders, bulk changes, imports and the like.

    `serve` does this by itself, unless LEADLIGHT_SERVE_ONLY is set. Several workers can run at
    once.

    Parameters
    ----------
    once
        Do what is due now, then exit.
    """
    refuse_empty_instance()
    if once:
        for job in EVERY_JOB:
            job.work()
        return
    is_stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        is_stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    repeaters = background.start(EVERY_JOB)
    out.print(_("Leadlight does the background work (stop it with Ctrl+C)."))
    is_stopped.wait()
    for repeater in repeaters:
        repeater.stop()
