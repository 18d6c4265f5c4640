"""Change of the organisation's settings, and its undo. Both are in the audit log.

The undo also restores settings of the identity provider, except its secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.accounts import identity_provider
from leadlight.accounts.audit import record
from leadlight.accounts.models import AuditEntry, IdentityProvider, Organization, User
from leadlight.accounts.models.audit_entries import Kind
from leadlight.accounts.readers import Reader
from leadlight.sales.models.actions import UNDOABLE_FOR
from leadlight.sales.refusals import Refused
from leadlight.sales.search import writing


def change(values: Mapping[str, Any], *, by: Reader) -> Organization:
    """Set these settings of the organisation; others keep their values.

    Raises ValidationError, with the errors by setting, if a value is invalid; then nothing changes.
    If the country of phone numbers changes, contact points and search words are computed again.
    """
    with transaction.atomic():
        Organization.objects.select_for_update().first()
        organization = Organization.current()
        country = organization.phone_country
        for name, value in values.items():
            old = getattr(organization, name)
            if old != value:
                record(Kind.ORGANIZATION, name, by=by, old=old, new=value)
                setattr(organization, name, value)
        organization.full_clean(validate_unique=False)
        organization.save()
        if organization.phone_country != country:
            writing.fill()
    return organization


def is_change(key: str) -> bool:
    """Return whether the action with this key changed settings."""
    return _entries(key).exists()


def can_undo(key: str) -> bool:
    """Return whether the action with this key changed settings, and no secret among them."""
    actions = set(_entries(key).values_list("action", flat=True))
    return bool(actions) and identity_provider.SECRET not in actions


def undo(key: str, *, by: User) -> None:
    """Restore the settings that the action with this key changed.

    Raises `Refused` if one of them has changed since, or if the action can no longer be undone.
    """
    with transaction.atomic():
        entries = list(_entries(key).filter(actor=by))
        is_old = bool(entries) and entries[0].recorded_at < timezone.now() - UNDOABLE_FOR
        if is_old or not entries or not can_undo(key):
            raise Refused(_("This change can no longer be undone."))
        is_of_provider = entries[0].kind == Kind.PROVIDER
        model = IdentityProvider if is_of_provider else Organization
        model.objects.select_for_update().first()
        current = model.current()
        for entry in entries:
            if str(getattr(current, entry.action)) != entry.new_value:
                raise Refused(_("This setting has changed since. Nothing was undone."))
        old = {one.action: _value(model, one.action, one.old_value) for one in entries}
        if is_of_provider:
            identity_provider.change(old, by=by)
        else:
            change(old, by=by)


def _entries(key: str) -> QuerySet[AuditEntry]:
    kinds = (Kind.ORGANIZATION, Kind.PROVIDER)
    return AuditEntry.objects.filter(change=key, kind__in=kinds).order_by("pk")


def _value(model: type[Model], setting: str, text: str) -> Any:
    return model._meta.get_field(setting).to_python(text)  # type: ignore[union-attr]
