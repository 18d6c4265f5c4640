"""Colleagues whose Today a user may open."""

from __future__ import annotations

from dataclasses import dataclass

from leadlight.accounts.models import User
from leadlight.accounts.names import named
from leadlight.sales import access

# Number of colleagues to show; the others are found by search.
MOST_COLLEAGUES = 40


@dataclass(frozen=True)
class Colleagues:
    """Active users whose names match `searched`, without the reader.

    `has_more` is true if some of them are not shown.
    """

    shown: tuple[User, ...]
    searched: str
    has_more: bool

    @property
    def is_worth_showing(self) -> bool:
        return bool(self.shown) or bool(self.searched)


def colleagues_of(reader: User, searched: str) -> Colleagues:
    users = access.visible_users(reader).filter(is_active=True).exclude(pk=reader.pk)
    users = named(users, searched)
    found = tuple(users.order_by("first_name", "last_name", "pk")[: MOST_COLLEAGUES + 1])
    return Colleagues(found[:MOST_COLLEAGUES], searched, len(found) > MOST_COLLEAGUES)
