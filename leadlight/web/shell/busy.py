"""Status 503 for requests that timed out waiting for a lock of the database."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.defaults import server_error

from leadlight.busy import is_busy
from leadlight.web.shell.errors import whole_page

logger = logging.getLogger(__name__)

RETRY_AFTER_S = 10


class BusyDatabase:
    """Middleware that turns a lock timeout in a view into a page with status 503."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not is_busy(error):
            return None
        logger.warning("The database is busy: %s %s was refused.", request.method, request.path)
        return busy(request)


def busy(request: HttpRequest) -> HttpResponse:
    """Return the page with status 503, which asks the user to retry."""
    response = render(request, "503.html", status=503)
    response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return whole_page(request, response)


def broken(request: HttpRequest) -> HttpResponse:
    """Handle an uncaught exception: status 503 for a lock timeout, otherwise 500.

    Django also calls this handler for exceptions in middleware, which `process_exception` does not
    see.
    """
    return busy(request) if is_busy(sys.exc_info()[1]) else server_error(request)
