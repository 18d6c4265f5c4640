"""Change of the single sign-on settings. Each setting is in the audit log, without the secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from leadlight.accounts.audit import record
from leadlight.accounts.models import IdentityProvider
from leadlight.accounts.models.audit_entries import Kind
from leadlight.accounts.readers import Reader

SECRET = "secret"  # noqa: S105 - name of a setting


def change(values: Mapping[str, Any], *, by: Reader) -> IdentityProvider:
    """Set these settings; others keep their values.

    A new issuer never receives the secret of the old one, and so needs a new secret.
    Raises ValidationError, with the errors by setting; then nothing changes.
    """
    with transaction.atomic():
        IdentityProvider.objects.select_for_update().first()
        provider = IdentityProvider.current()
        given = dict(values)
        if given.get("issuer", provider.issuer) != provider.issuer and provider.encrypted_secret:
            given.setdefault(SECRET, "")
        for name, value in given.items():
            if name == SECRET:
                record(Kind.PROVIDER, SECRET, by=by)
            elif (old := getattr(provider, name)) != value:
                record(Kind.PROVIDER, name, by=by, old=old, new=value)
            setattr(provider, name, value)
        provider.full_clean(validate_unique=False)
        provider.save()
    return provider


def allow_passwords(*, by: Reader) -> bool:
    """Let people sign in with passwords again; return whether they could not."""
    if not IdentityProvider.current().refuses_passwords:
        return False
    change({"allows_passwords": True}, by=by)
    return True
