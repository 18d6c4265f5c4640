"""Error page for requests that fail because the disk is full."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from leadlight.replication.storage_faults import DISK_FULL, is_disk_full
from leadlight.web.shell.errors import refused

INSUFFICIENT_STORAGE = 507


class FullDisk:
    """Middleware that turns a disk-full error into a page with status 507."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not is_disk_full(error):
            return None
        return refused(request, _(DISK_FULL), INSUFFICIENT_STORAGE)
