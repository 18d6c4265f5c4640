"""Audit log: sign-ins, exports, and changes of accounts, teams and settings.

`record` adds an entry in the transaction of the change, so that neither exists without the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import ip_address

from allauth.account.adapter import get_adapter
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest

from leadlight.accounts.models import AuditEntry, User
from leadlight.accounts.models.audit_entries import ACTIONS
from leadlight.accounts.readers import SYSTEM, Reader

LONGEST_TEXT = 2_000

_request: ContextVar[HttpRequest | None] = ContextVar("audited request", default=None)
_change: ContextVar[str] = ContextVar("change", default="")


def record(
    kind: str,
    action: str,
    *,
    by: Reader | None,
    subject: object = "",
    old: object = "",
    new: object = "",
    about: User | None = None,
) -> None:
    """Add an entry to the audit log.

    `kind` and `action` are keys of `ACTIONS`. `by` is the person who acts, SYSTEM for the command
    line, and None for somebody who could not sign in. `subject` names what was changed; for a
    person, `about` is enough. Texts are cut to `LONGEST_TEXT` characters. The IP address is taken
    from the current request. Raises KeyError for an unknown kind or action.
    """
    if action not in ACTIONS[kind]:
        raise KeyError(action)
    AuditEntry.objects.create(
        actor=by if isinstance(by, User) else None,
        is_by_command=by is SYSTEM,
        kind=kind,
        action=action,
        subject=_text(subject),
        about=about,
        old_value=_text(old),
        new_value=_text(new),
        address=_client_address(),
        change=_change.get(),
    )


@contextmanager
def requested_by(request: HttpRequest) -> Iterator[None]:
    """Store the IP address of a request's client in the entries of the `with` block."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


@contextmanager
def in_change(key: str) -> Iterator[None]:
    """Mark the entries of the `with` block with the key of the form that makes them."""
    token = _change.set(key)
    try:
        yield
    finally:
        _change.reset(token)


def _text(value: object) -> str:
    text = str(value).replace("\0", "\N{REPLACEMENT CHARACTER}")
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _client_address() -> str | None:
    """Return the client's IP address as the trusted proxies report it; None if it is unknown."""
    request = _request.get()
    if request is None:
        return None
    try:
        return str(ip_address(get_adapter().get_client_ip(request)))
    except (PermissionDenied, ImproperlyConfigured, ValueError):
        return None
