"""Entries of the audit log about signing in, passwords and second factors, from signals."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as accounts
from allauth.mfa import signals as second_factor
from django.contrib.auth.signals import user_logged_out, user_login_failed

from leadlight.accounts.audit import record
from leadlight.accounts.models import User
from leadlight.accounts.models.audit_entries import Kind


def _signed_in(user: User, **_more: Any) -> None:
    record(Kind.SIGN_IN, "signed_in", by=user, about=user)


def _signed_out(user: User | None, **_more: Any) -> None:
    if user is not None:
        record(Kind.SIGN_IN, "signed_out", by=user, about=user)


def _failed(credentials: dict[str, Any], **_more: Any) -> None:
    email = str(credentials.get("email") or "")
    user = User.objects.filter(email__iexact=email).first() if email else None
    record(Kind.SIGN_IN, "failed", by=None, subject="" if user else email, about=user)


def _code_failed(user: User, **_more: Any) -> None:
    record(Kind.SIGN_IN, "code_failed", by=None, about=user)


def _password_changed(user: User, **_more: Any) -> None:
    record(Kind.PASSWORD, "changed", by=user, about=user)


def _password_reset(user: User, **_more: Any) -> None:
    record(Kind.PASSWORD, "reset", by=user, about=user)


def _factor_added(user: User, authenticator: Any, **_more: Any) -> None:
    record(Kind.PASSWORD, "factor_added", by=user, about=user, new=authenticator.type)


def _factor_removed(user: User, authenticator: Any, **_more: Any) -> None:
    record(Kind.PASSWORD, "factor_removed", by=user, about=user, old=authenticator.type)


def _codes_renewed(user: User, **_more: Any) -> None:
    record(Kind.PASSWORD, "codes_renewed", by=user, about=user)


RECEIVERS = (
    (accounts.user_logged_in, _signed_in),
    (user_logged_out, _signed_out),
    (user_login_failed, _failed),
    (second_factor.authentication_failed, _code_failed),
    (accounts.password_changed, _password_changed),
    (accounts.password_set, _password_changed),
    (accounts.password_reset, _password_reset),
    (second_factor.authenticator_added, _factor_added),
    (second_factor.authenticator_removed, _factor_removed),
    (second_factor.authenticator_reset, _codes_renewed),
)


def listen() -> None:
    """Connect the signals; called once, when the application is ready."""
    for signal, receiver in RECEIVERS:
        signal.connect(receiver, dispatch_uid=f"leadlight.{receiver.__name__}")
