"""Cache of values from the database, for the duration of a request."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from django.core.signals import request_finished, request_started

Value = TypeVar("Value")


class _Request(threading.local):
    is_open = False

    def __init__(self) -> None:
        self.values: dict[Hashable, Any] = {}


_request = _Request()


def once(key: Hashable, read: Callable[[], Value]) -> Value:
    """Return the result of `read`, which a request calls once for each key.

    Outside a request it is called every time. A request that changes the value in the database
    still gets the earlier one.
    """
    if not _request.is_open:
        return read()
    if key not in _request.values:
        _request.values[key] = read()
    value: Value = _request.values[key]
    return value


def begin_request(**_kwargs: Any) -> None:
    _request.is_open, _request.values = True, {}


def end_request(**_kwargs: Any) -> None:
    _request.is_open, _request.values = False, {}


request_started.connect(begin_request, dispatch_uid="leadlight.accounts.request_cache")
request_finished.connect(end_request, dispatch_uid="leadlight.accounts.request_cache")
