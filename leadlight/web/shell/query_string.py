"""Query parameters of a request."""

from __future__ import annotations

from django.http import HttpRequest


def params_of(request: HttpRequest) -> dict[str, list[str]]:
    """Return the query parameters of a request: name → values.

    NUL characters are replaced: no name or key has one, and PostgreSQL rejects them.
    """
    return {
        name: [value.replace("\0", "\N{REPLACEMENT CHARACTER}") for value in values]
        for name, values in request.GET.lists()
    }
