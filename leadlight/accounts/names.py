"""Search for users by their names."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from leadlight.accounts.models import User

LONGEST_SEARCH = 100


def named(users: QuerySet[User], searched: str) -> QuerySet[User]:
    """Return the users with every word of a text in their name or at the start of their email.

    The rest of an email is not searched: all addresses of a company have the same domain.
    """
    for word in searched.replace("\0", " ")[:LONGEST_SEARCH].split():
        names = Q(first_name__icontains=word) | Q(last_name__icontains=word)
        users = users.filter(names | Q(email__istartswith=word))
    return users
