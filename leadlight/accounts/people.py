"""Verbs of accounts: invite, change, deactivate. Each one is in the audit log.

Pages and the command line use them; `by` is the person who acts, or SYSTEM. People are never
deleted: history refers to them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.accounts.audit import record
from leadlight.accounts.lines import one_line
from leadlight.accounts.models import User
from leadlight.accounts.models.audit_entries import Kind
from leadlight.accounts.readers import Reader
from leadlight.accounts.refusals import Refused
from leadlight.accounts.sessions import end_sessions

NAMES = ("first_name", "last_name", "language")


def user_with_email(email: str) -> User | None:
    """Return the user with an email address, ignoring case."""
    return User.objects.filter(email__iexact=email).first()


def add(user: User, *, by: Reader) -> User:
    """Save a new user, who may have no password yet. Raises `Refused` for invalid values."""
    user.first_name, user.last_name = one_line(user.first_name), one_line(user.last_name)
    user.email = User.objects.normalize_email(user.email.strip())
    if not user.password:
        user.set_unusable_password()
    user.created_at = timezone.now()
    _refuse_invalid(user)
    with _unique_email(user.email), transaction.atomic():
        user.save(force_insert=True)
        record(Kind.PEOPLE, "added", by=by, about=user, new=user.role)
    return user


def set_names(user: User, *, by: Reader, **values: str) -> bool:
    """Change names or the language; return whether anything changed."""
    if unknown := values.keys() - set(NAMES):
        raise ValueError(f"no names: {unknown}")
    with _locked(user) as held:
        changed = {
            name: one_line(text)
            for name, text in values.items()
            if one_line(text) != getattr(held, name)
        }
        for name, text in changed.items():
            record(Kind.PEOPLE, name, by=by, about=held, old=getattr(held, name), new=text)
            setattr(held, name, text)
        if changed:
            _refuse_invalid(held)
            held.save(update_fields=list(changed))
    return bool(changed)


def set_email(user: User, email: str, *, by: Reader) -> bool:
    """Change the address that a person signs in with; links sent to the old one stop working."""
    email = User.objects.normalize_email(email.strip())
    with _unique_email(email), _locked(user) as held:
        old, held.email = held.email, email
        if email == old:
            return False
        _refuse_invalid(held)
        held.save(update_fields=["email"])
        # allauth keeps addresses of its own, and would go on sending links to them.
        EmailAddress.objects.filter(user=held).delete()
        record(Kind.PEOPLE, "email", by=by, about=held, old=old, new=email)
    return True


def set_role(user: User, role: str, *, by: Reader) -> bool:
    """Change the role of a person. Raises `Refused` for the own role, and for the last admin."""
    with _admins_locked(), _locked(user) as held:
        old, held.role = held.role, role
        if role == old:
            return False
        if by == held:
            raise Refused(_("You cannot change your own role. Ask another admin."))
        if old == User.Role.ADMIN:
            _refuse_last_admin(held)
        _refuse_invalid(held)
        held.save(update_fields=["role"])
        record(Kind.PEOPLE, "role", by=by, about=held, old=old, new=role)
    return True


def deactivate(user: User, *, by: Reader) -> bool:
    """Close an account: its sessions end at once.

    Leads and figures of the person stay. Returns whether the account was active. Raises `Refused`
    for the own account, and for the last active admin.
    """
    with _admins_locked(), _locked(user) as held:
        if not held.is_active:
            return False
        if by == held:
            raise Refused(_("You cannot deactivate your own account. Ask another admin."))
        _refuse_last_admin(held)
        held.is_active, held.deactivated_at = False, timezone.now()
        held.save(update_fields=["is_active", "deactivated_at"])
        end_sessions([held.pk])
        record(Kind.PEOPLE, "deactivated", by=by, about=held)
    return True


def reactivate(user: User, *, by: Reader) -> bool:
    """Open a closed account again; return whether it was closed."""
    with _locked(user) as held:
        if held.is_active:
            return False
        held.is_active, held.deactivated_at = True, None
        held.save(update_fields=["is_active", "deactivated_at"])
        record(Kind.PEOPLE, "reactivated", by=by, about=held)
    return True


def set_password(user: User, password: str, *, by: Reader) -> None:
    """Set a password, which the caller has validated."""
    with _locked(user) as held:
        held.set_password(password)
        held.save(update_fields=["password"])
        record(Kind.PASSWORD, "changed", by=by, about=held)


def reset_second_factor(user: User, *, by: Reader) -> bool:
    """Remove the second factor, after a lost phone; return whether there was one."""
    with transaction.atomic():
        kinds = Authenticator.objects.filter(user=user).order_by("type")
        removed = list(kinds.values_list("type", flat=True))
        if not removed:
            return False
        kinds.delete()
        removed_text = ", ".join(map(str, removed))
        record(Kind.PASSWORD, "factor_removed", by=by, about=user, old=removed_text)
    return True


@contextmanager
def _locked(user: User) -> Iterator[User]:
    """Lock the row of a user; afterwards `user` has the values of this row."""
    with transaction.atomic():
        held = User.objects.select_for_update().get(pk=user.pk)
        yield held
    for field in User._meta.concrete_fields:
        setattr(user, field.attname, getattr(held, field.attname))


@contextmanager
def _admins_locked() -> Iterator[None]:
    """Lock the active admins, in one order, so that two of them cannot remove each other.

    On SQLite every transaction locks out other writers.
    """
    with transaction.atomic():
        admins = User.objects.filter(role=User.Role.ADMIN, is_active=True)
        list(admins.select_for_update().order_by("pk").values_list("pk", flat=True))
        yield


def _refuse_last_admin(user: User) -> None:
    """Refuse to lose the only active admin; the active admins must be locked."""
    others = User.objects.filter(role=User.Role.ADMIN, is_active=True).exclude(pk=user.pk)
    stored = User.objects.get(pk=user.pk)
    if stored.is_admin and stored.is_active and not others.exists():
        raise Refused(
            _("%(person)s is the only active admin. Make somebody else an admin first.")
            % {"person": user}
        )


@contextmanager
def _unique_email(email: str) -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise _in_use(email) from error


def _refuse_invalid(user: User) -> None:
    try:
        user.clean_fields(exclude=["password", "key"])
    except ValidationError as wrong:
        raise Refused(" ".join(wrong.messages)) from wrong
    if other := User.objects.filter(email__iexact=user.email).exclude(pk=user.pk).first():
        raise _in_use(other.email)


def _in_use(email: str) -> Refused:
    return Refused(_("Somebody already has the address %(email)s.") % {"email": email})
