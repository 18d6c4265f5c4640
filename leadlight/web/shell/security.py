"""Security headers of responses: content security policy and no caching."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
)


class ContentSecurityPolicy:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response


REVALIDATED = "private, no-cache"


class NoStore:
    """Middleware that forbids caching of pages and files, which contain private data.

    After sign-out, a shared computer keeps no copy. Must follow WhiteNoiseMiddleware, whose static
    files may be cached. A response that is marked as immutable may be cached too: the logo. A
    response with `REVALIDATED` may be kept by its program, which asks each time whether it changed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        caching = response.headers.get("Cache-Control", "")
        if "immutable" not in caching and caching != REVALIDATED:
            response.headers["Cache-Control"] = "private, no-store"
        return response
