"""Address of this instance that an identity provider sends people back to."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from leadlight.accounts.origin import at_origin


def redirect_uri(request: HttpRequest) -> str:
    """Return the address to register at the identity provider."""
    return at_origin(request.build_absolute_uri(reverse("provider_callback")))
