"""HTTP server of the site: worker processes and connection limits."""

from __future__ import annotations

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.common import AbstractServer

HEADERS_MS = 10_000  # timeout for request headers, and for an idle connection
LAST_ANSWERS_S = 30  # timeout for requests in progress when the server stops
CONNECTIONS = 512  # per process, in addition to those in the system's backlog


def server(target: str, listen: str, workers: int) -> AbstractServer:
    """Return the server of an ASGI application on an address and port, with `workers` processes.

    A process that exits is restarted, unless it exits right after its start.
    """
    host, port = listen.rsplit(":", 1)
    return Granian(
        target,
        address=host.strip("[]"),
        port=int(port),
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_MS),
        workers=workers,
        backpressure=CONNECTIONS,
        respawn_failed_workers=True,
        workers_kill_timeout=LAST_ANSWERS_S,
        websockets=False,
        log_level="warning",  # type: ignore[arg-type]
    )
