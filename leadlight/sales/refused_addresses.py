"""Refusal of mail addresses: noting, lifting and looking up."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction
from django.utils.translation import gettext as _

from leadlight.accounts import audit
from leadlight.accounts.models import User
from leadlight.accounts.models.audit_entries import Kind
from leadlight.accounts.readers import Reader
from leadlight.sales.models import RefusedAddress
from leadlight.tables.values import is_email

Reason = RefusedAddress.Reason


def normalized(address: str) -> str:
    """Return the form in which addresses are compared."""
    return address.strip().lower()


def refused(address: str) -> RefusedAddress | None:
    """Return the refusal of an address, or None if mails may be sent to it."""
    return RefusedAddress.objects.filter(address=normalized(address)).first()


def note_opt_out(address: str, *, by: Reader) -> RefusedAddress:
    """Send no more mails to an address whose owner does not want any."""
    return _note(address, Reason.OPTED_OUT, by)


def note_bounce(address: str) -> RefusedAddress:
    """Send no more mails to an address from which a mail came back for good."""
    return _note(address, Reason.BOUNCED, None)


def lift(refusal: RefusedAddress, *, by: Reader) -> None:
    """Allow mails to an address again."""
    with transaction.atomic():
        _record(refusal, by, old=refusal.get_reason_display())
        refusal.delete()


def differences() -> Iterator[str]:
    """Yield a sentence for each address that is not stored in the form that is looked up."""
    for address in RefusedAddress.objects.values_list("address", flat=True):
        if not is_stored_form(address):
            yield _("The refused address “%(address)s” is never found.") % {"address": address}


def is_stored_form(address: str) -> bool:
    return is_email(address) and address == normalized(address)


def _note(address: str, reason: str, by: Reader | None) -> RefusedAddress:
    """Note the refusal of an address; the first reason stays."""
    person = by if isinstance(by, User) else None
    with transaction.atomic():
        refusal, is_new = RefusedAddress.objects.get_or_create(
            address=normalized(address), defaults={"reason": reason, "noted_by": person}
        )
        if is_new:
            _record(refusal, by, new=refusal.get_reason_display())
    return refusal


def _record(refusal: RefusedAddress, by: Reader | None, *, old: str = "", new: str = "") -> None:
    audit.record(Kind.SETTINGS, "refused_address", by=by, subject=refusal, old=old, new=new)
