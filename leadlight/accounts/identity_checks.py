"""Check of the identities that people sign in with at the identity provider."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count

from leadlight.accounts.models import Identity, User


def differences() -> Iterator[str]:
    """Yield a sentence for each identity that signs in nobody, or more than one person.

    Also yield one for each person with two identities of one issuer.
    """
    for issuer, subject in _repeated("issuer", "subject"):
        yield f"Identity {subject} · {issuer}: several people sign in with it."
    for issuer, user_id in _repeated("issuer", "user_id"):
        yield f"User {user_id}: several identities of {issuer} belong to this person."
    rows = Identity.objects.order_by("pk")
    for identity in rows.filter(issuer="") | rows.filter(subject=""):
        yield f"Identity {identity.pk}: it has no issuer or no subject."
    for identity in rows.exclude(user_id__in=User.objects.values("pk")):
        yield f"Identity {identity}: its person {identity.user_id} does not exist."


def remarks() -> Iterator[str]:
    """Yield a sentence for each identity of a closed account: its sign-ins are refused."""
    closed = Identity.objects.filter(user__is_active=False).select_related("user")
    for identity in closed.order_by("pk"):
        yield f"Identity {identity}: the account of {identity.user} is closed."


def _repeated(*names: str) -> Iterator[tuple[object, ...]]:
    """Yield the values of these columns that several identities have."""
    counted = Identity.objects.order_by(*names).values_list(*names)
    yield from (row[:-1] for row in counted.annotate(number=Count("pk")).filter(number__gt=1))
