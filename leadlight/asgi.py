"""ASGI application of a serving process, ready for the first question before it takes one.

Whatever works in the background of a serving process is started and stopped here.
"""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadlight.settings")

from django.conf import settings

from leadlight import busy
from leadlight.buffering import Buffered, Receive, Scope, Send
from leadlight.replication import following
from leadlight.reporting import precompile
from leadlight.wsgi import application as wsgi

busy.wait_briefly()
_buffered = Buffered(wsgi, settings.LEADLIGHT_THREADS)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request, or the server's word that it starts or stops."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
    else:
        await _buffered(scope, receive, send)


async def _live(receive: Receive, send: Send) -> None:
    """Begin the background work of this process, and end it with the server."""
    await receive()
    _start_background()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    _buffered.close()
    _stop_background()
    await send({"type": "lifespan.shutdown.complete"})


def _start_background() -> None:
    """The one place where background work of a serving process starts."""
    following.start()
    precompile.start()


def _stop_background() -> None:
    precompile.stop()
    following.stop()
