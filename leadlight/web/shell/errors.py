"""Error pages. Django itself finds the templates of 400, 403, 404 and 500."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from leadlight.analytics.query.phrases import BadFilter
from leadlight.presentation.refusals import refusal
from leadlight.sales.refusals import Refused


def refused(
    request: HttpRequest, sentence: str, status: int = 400, back: tuple[str, str] | None = None
) -> HttpResponse:
    """Return an error page with a sentence.

    `back` is the title and the address of a page to return to.
    """
    template = "403.html" if status == 403 else "400.html"
    response = render(request, template, {"sentence": sentence, "back": back}, status=status)
    return whole_page(request, response)


def refused_query(
    request: HttpRequest, bad: BadFilter | Refused, title: str, name: str
) -> HttpResponse:
    """Return the error page for an invalid query, with a link to a page.

    `title` is the title of that page, and `name` the name of its URL pattern.
    """
    sentence = refusal(bad) if isinstance(bad, BadFilter) else str(bad)
    return refused(request, sentence, back=(title, reverse(name)))


def whole_page(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Make htmx replace the whole page by a response, whatever its original target."""
    if getattr(request, "htmx", False):
        response.headers["HX-Retarget"] = "body"
        response.headers["HX-Reswap"] = "innerHTML show:window:top"
    return response
