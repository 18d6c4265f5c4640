"""Search for clients by their names: by words, and by similarity."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from leadlight.sales.models import Client
from leadlight.sales.models.client_names import most_similar, sort_name, words_of

MOST_COMPARED = 1_000
COMPARED_BEGINNING = 5


def matching(clients: QuerySet[Client], searched: str) -> QuerySet[Client]:
    """Return the clients whose names contain every word, regardless of case and accents."""
    for word in sort_name(searched).split():
        clients = clients.filter(sort_name__contains=word)
    return clients


def similar_clients(clients: QuerySet[Client], name: str, most: int = 3) -> list[Client]:
    """Return those of the clients whose name is very similar to a name, most similar first.

    Only names that contain its longest word or begin in the same way are compared, and at most
    `MOST_COMPARED` of them.
    """
    words = words_of(name)
    if not words:
        return []
    beginning = sort_name(name)[:COMPARED_BEGINNING]
    compared = clients.filter(
        Q(sort_name__contains=max(words, key=len)) | Q(sort_name__startswith=beginning)
    ).order_by("sort_name", "pk")[:MOST_COMPARED]
    by_name: dict[str, list[Client]] = {}
    for client in compared:
        by_name.setdefault(client.name, []).append(client)
    return [client for each in most_similar(name, by_name, most) for client in by_name[each]][:most]
