"""Addresses of pages to return to after a form, and the URLs of secret addresses."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from leadlight.accounts.models import SecretAddress
from leadlight.accounts.origin import at_origin


def page_to_return_to(request: HttpRequest) -> str:
    """Return the address in the field `next` of a form if it is one of this site, else "/"."""
    return page_of_this_site(request, request.POST.get("next", ""))


def page_of_this_site(request: HttpRequest, page: str) -> str:
    """Return an address if it is one of this site, else "/"."""
    is_ours = url_has_allowed_host_and_scheme(
        page, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return page if is_ours and page.startswith("/") else "/"


def current_page(request: HttpRequest) -> str:
    """Return the address of the page that the user sees: for htmx, that of the requesting page."""
    htmx = getattr(request, "htmx", None)
    if not htmx or not htmx.current_url:
        return request.get_full_path()
    parts = urlsplit(htmx.current_url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def secret_url(request: HttpRequest, page: str, address: SecretAddress | None) -> str:
    """Return the URL of a page with a secret address; "" without one that can be decrypted."""
    token = address.token if address else ""
    return at_origin(request.build_absolute_uri(reverse(page, args=[token]))) if token else ""
