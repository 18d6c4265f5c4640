"""Compression of responses."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXTS = ("text/", "image/svg+xml")


class CompressedTexts(GZipMiddleware):
    """Middleware that compresses texts; XLSX, PDF and PNG are compressed formats already.

    Django's middleware adds a file name of random length to each response, so that the length does
    not reveal a secret on a page that also contains text of the request (BREACH). Must follow
    WhiteNoiseMiddleware, whose static files are compressed when they are collected.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if not response.headers.get("Content-Type", "").startswith(TEXTS):
            return response
        return super().process_response(request, response)
