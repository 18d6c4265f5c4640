"""ASGI application of a serving process, initialized before it accepts the first request.

Starts and stops every background thread of a serving process.
"""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadlight.settings")

from django.conf import settings

from leadlight import busy
from leadlight.buffering import Buffered, Receive, Scope, Send
from leadlight.jobs import background
from leadlight.jobs.background import Repeater
from leadlight.jobs.every_job import EVERY_JOB
from leadlight.replication import following
from leadlight.reporting import precompile
from leadlight.web.overview.views import figures_of
from leadlight.wsgi import application as wsgi

busy.wait_briefly()
_buffered = Buffered(wsgi, settings.LEADLIGHT_THREADS)
_repeaters: list[Repeater] = []


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Handle a request or a lifespan event of the server."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    else:
        await _buffered(scope, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    """Start the background threads with the server, and stop them with it."""
    await receive()
    _start_background()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    _buffered.close()
    _stop_background()
    await send({"type": "lifespan.shutdown.complete"})


def _start_background() -> None:
    """Start every background thread of a serving process."""
    following.start()
    precompile.start(figures_of)
    if not settings.LEADLIGHT_SERVE_ONLY:
        _repeaters.extend(background.start(EVERY_JOB))


def _stop_background() -> None:
    while _repeaters:
        _repeaters.pop().stop()
    precompile.stop()
    following.stop()
