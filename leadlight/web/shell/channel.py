"""Middleware that sets the channel of events and the client of audit entries of a request."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from leadlight.accounts import audit
from leadlight.sales.models.event_log import Channel, through


class PageChannel:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with through(Channel.PAGE), audit.requested_by(request):
            return self.get_response(request)
