"""Search for clients by their names: by words, and by similarity."""

from __future__ import annotations

from itertools import islice

from django.db.models import Q, QuerySet

from leadlight.accounts.models import User
from leadlight.sales import access
from leadlight.sales.models import Client
from leadlight.sales.models.client_names import most_similar, sort_name, words_of

MOST_COMPARED = 500
COMPARED_BEGINNING = 5


def matching(clients: QuerySet[Client], searched: str) -> QuerySet[Client]:
    """Return the clients whose names contain every word, regardless of case and accents."""
    for word in sort_name(searched).split():
        clients = clients.filter(sort_name__contains=word)
    return clients


def similar_clients(user: User, name: str, most: int = 3) -> list[Client]:
    """Return the visible clients with a very similar name, most similar first, at most `most`.

    Only names that contain its longest word or begin in the same way are compared, and at most
    `MOST_COMPARED` of them.
    """
    words = words_of(name)
    if not words:
        return []
    beginning = sort_name(name)[:COMPARED_BEGINNING]
    compared = (
        Client.unmerged()
        .filter(Q(sort_name__contains=max(words, key=len)) | Q(sort_name__startswith=beginning))
        .order_by("sort_name", "pk")[:MOST_COMPARED]
    )
    similar = most_similar(name, compared)
    return list(islice((one for one in similar if access.may_see_client(user, one)), most))
