"""Organisation of this instance, cached for the duration of a request."""

from __future__ import annotations

from leadlight.accounts.models import Organization
from leadlight.accounts.request_cache import once


def organization() -> Organization:
    """Return the organisation."""
    return once("organization", Organization.current)
