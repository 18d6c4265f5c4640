"""Change of the organisation's settings, and its undo. Both are in the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.accounts.audit import record
from leadlight.accounts.models import AuditEntry, Organization, User
from leadlight.accounts.models.audit_entries import Kind
from leadlight.accounts.readers import Reader
from leadlight.sales.models.actions import UNDOABLE_FOR
from leadlight.sales.refusals import Refused
from leadlight.sales.search import writing


def change(values: Mapping[str, Any], *, by: Reader) -> Organization:
    """Set these settings of the organisation; others keep their values.

    Raises ValidationError, with the errors by setting, if a value is invalid; then nothing changes.
    Numbers without a country code are read anew if the country is another one.
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
    """Return whether the action with this key changed settings of the organisation."""
    return _entries(key).exists()


def undo(key: str, *, by: User) -> None:
    """Set back what the action with this key changed, as long as nobody changed it again."""
    with transaction.atomic():
        Organization.objects.select_for_update().first()
        organization = Organization.current()
        entries = list(_entries(key).filter(actor=by))
        if not entries or entries[0].recorded_at < timezone.now() - UNDOABLE_FOR:
            raise Refused(_("This change can no longer be undone."))
        for entry in entries:
            if str(getattr(organization, entry.action)) != entry.new_value:
                raise Refused(_("This setting has changed since. Nothing was undone."))
        change({one.action: _value(one.action, one.old_value) for one in entries}, by=by)


def _entries(key: str) -> Any:
    return AuditEntry.objects.filter(change=key, kind=Kind.ORGANIZATION).order_by("pk")


def _value(setting: str, text: str) -> Any:
    return Organization._meta.get_field(setting).to_python(text)  # type: ignore[union-attr]
