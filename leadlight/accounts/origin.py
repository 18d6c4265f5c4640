"""Absolute URLs of this instance."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from django.conf import settings


def absolute(path: str) -> str:
    """Return the URL of a path of this instance, for texts that are written outside of a request.

    Without LEADLIGHT_ORIGIN it has the address that `leadlight serve` listens on.
    """
    return (settings.LEADLIGHT_ORIGIN or f"http://{settings.LEADLIGHT_LISTEN}") + path


def at_origin(url: str) -> str:
    """Return a URL with scheme and host of LEADLIGHT_ORIGIN; unchanged if that is not set.

    The Host header of a request comes from the client and can contain any port.
    """
    if not settings.LEADLIGHT_ORIGIN:
        return url
    origin = urlsplit(settings.LEADLIGHT_ORIGIN)
    return urlunsplit(urlsplit(url)._replace(scheme=origin.scheme, netloc=origin.netloc))
