"""Security headers of responses: content security policy and no caching."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

REVALIDATED = "private, no-cache"


def policy(frame_ancestors: str = "'none'", form_action: str = "'self'") -> str:
    """Return the content security policy: the sites that may show the page in a frame, and those
    to which its forms may lead.
    """
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            f"form-action {form_action}",
            f"frame-ancestors {frame_ancestors}",
            "base-uri 'none'",
        ]
    )


POLICY = policy()


class ContentSecurityPolicy:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response


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
