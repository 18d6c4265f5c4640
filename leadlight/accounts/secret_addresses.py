"""Creation, renewal, revocation and lookup of secret addresses."""

from __future__ import annotations

from django.db import transaction
from django.utils.crypto import constant_time_compare

from leadlight.accounts.audit import record
from leadlight.accounts.models import SecretAddress, User
from leadlight.accounts.models.audit_entries import Kind as AuditKind
from leadlight.accounts.readers import Reader
from leadlight.accounts.tokens import TOKEN, digest_of, new_token

Kind = SecretAddress.Kind


def create(kind: str, *, by: Reader, user: User | None = None, subject: str = "") -> SecretAddress:
    """Create an address of a kind, for a person or for the company.

    A person has at most one of each kind: an existing one gets a new token, and its earlier one
    stops working. `subject` names the address of the company in the audit log.
    """
    with transaction.atomic():
        address = None
        if user is not None:
            own = SecretAddress.objects.select_for_update().filter(kind=kind, user=user)
            address = own.first()
        action = "renewed" if address else "created"
        address = address or SecretAddress(kind=kind, user=user)
        address.set_token(new_token())
        address.save()
        _record(address, action, by=by, subject=subject)
    return address


def renew(address: SecretAddress, *, by: Reader, subject: str = "") -> None:
    """Give an address a new token; the earlier one stops working."""
    with transaction.atomic():
        address.set_token(new_token())
        address.save()
        _record(address, "renewed", by=by, subject=subject)


def revoke(address: SecretAddress, *, by: Reader, subject: str = "") -> None:
    """Delete an address, which stops working."""
    with transaction.atomic():
        _record(address, "revoked", by=by, subject=subject)
        address.delete()


def of_person(kind: str, user: User) -> SecretAddress | None:
    """Return the address of a kind that a person has, or None."""
    return SecretAddress.objects.filter(kind=kind, user=user).first()


def find(kind: str, token: str) -> SecretAddress | None:
    """Return the address of a kind with a token; None if none has it or its person is inactive.

    The search compares digests, and the comparison that decides takes the same time for every
    token, so that its duration reveals nothing about the stored tokens.
    """
    if not TOKEN.fullmatch(token):
        return None
    digest = digest_of(token)
    address = SecretAddress.objects.select_related("user").filter(digest=digest).first()
    if address is None or not constant_time_compare(address.digest, digest):
        return None
    is_active = address.user is None or address.user.is_active
    return address if address.kind == kind and is_active else None


def _record(address: SecretAddress, action: str, *, by: Reader, subject: str) -> None:
    title = str(address.get_kind_display())
    named = f"{title}: {subject}" if subject else title
    record(AuditKind.ADDRESSES, action, by=by, subject=named, about=address.user)
