"""Absolute addresses of this instance."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from django.conf import settings


def at_origin(url: str) -> str:
    """The address with scheme and host of LEADLIGHT_ORIGIN; unchanged where that is not set.

    The host of a request is written by whoever sends it, and may name any port.
    """
    if not settings.LEADLIGHT_ORIGIN:
        return url
    origin = urlsplit(settings.LEADLIGHT_ORIGIN)
    return urlunsplit(urlsplit(url)._replace(scheme=origin.scheme, netloc=origin.netloc))
