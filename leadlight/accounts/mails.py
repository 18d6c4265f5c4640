"""Background thread that sends mails outside the request.

A request that waited for the mail server would reveal by its duration whether an account exists,
and would fail whenever the mail server fails.
"""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor

from django.core.mail import EmailMessage

log = logging.getLogger(__name__)
# One thread, started with the first mail; the process waits for the last mail before it exits.
sender = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mails")


def send_later(message: EmailMessage) -> None:
    """Send a rendered message in the background; a failure is logged."""
    sender.submit(message.send).add_done_callback(_log_failure)


def _log_failure(sent: Future[int]) -> None:
    if error := sent.exception():
        log.error("A mail could not be sent.", exc_info=error)
