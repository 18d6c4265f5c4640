"""Answer 503, with a sentence, to a request that could not write because another writer did."""

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
    """Middleware that answers for a view that the database kept waiting for too long."""

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
    """The page that asks to send a request again."""
    response = render(request, "503.html", status=503)
    response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return whole_page(request, response)


def broken(request: HttpRequest) -> HttpResponse:
    """The page of a request that failed, in a middleware too: busy, or a fault of ours."""
    return busy(request) if is_busy(sys.exc_info()[1]) else server_error(request)
