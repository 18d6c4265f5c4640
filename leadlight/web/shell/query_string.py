"""Query parameters of a request."""

from __future__ import annotations

from django.http import HttpRequest, QueryDict


def params_of(request: HttpRequest) -> dict[str, list[str]]:
    """Return the query parameters of a request: name → values.

    NUL characters are replaced: no name or key has one, and PostgreSQL rejects them.
    """
    return params_in(request.GET)


def params_in(query: QueryDict) -> dict[str, list[str]]:
    """Return the parameters of a query string, as `params_of` does."""
    return {
        name: [value.replace("\0", "\N{REPLACEMENT CHARACTER}") for value in values]
        for name, values in query.lists()
    }
