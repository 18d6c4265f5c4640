"""Saying no on a page of its own. Django itself finds the pages 400, 403, 404 and 500."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def refused(
    request: HttpRequest, sentence: str, status: int = 400, back: tuple[str, str] | None = None
) -> HttpResponse:
    """The page of a question that has no answer; the sentence says why.

    `back` is the title and the address of the page that it was asked from.
    """
    response = render(request, "400.html", {"sentence": sentence, "back": back}, status=status)
    return whole_page(request, response)


def whole_page(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A refusal takes the whole page, wherever the answer was meant to go."""
    if getattr(request, "htmx", False):
        response.headers["HX-Retarget"] = "body"
        response.headers["HX-Reswap"] = "innerHTML show:window:top"
    return response
