"""Cache of the organisation for the duration of a request."""

from __future__ import annotations

import threading
from typing import Any

from django.core.signals import request_finished, request_started

from leadlight.accounts.models import Organization


class _Request(threading.local):
    is_open = False
    organization: Organization | None = None


_request = _Request()


def organization() -> Organization:
    """Return the organisation; a request reads it from the database only once."""
    if not _request.is_open:
        return Organization.current()
    if _request.organization is None:
        _request.organization = Organization.current()
    return _request.organization


def begin_request(**_kwargs: Any) -> None:
    _request.is_open, _request.organization = True, None


def end_request(**_kwargs: Any) -> None:
    _request.is_open, _request.organization = False, None


request_started.connect(begin_request, dispatch_uid="leadlight.accounts.organization")
request_finished.connect(end_request, dispatch_uid="leadlight.accounts.organization")
