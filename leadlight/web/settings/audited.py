"""Changes of settings with their entry in the audit log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import transaction

from leadlight.accounts import audit
from leadlight.accounts.models.audit_entries import Kind
from leadlight.web.shell.auth import ReaderRequest


@contextmanager
def audited(
    request: ReaderRequest, action: str, described: Callable[[], str], subject: object = ""
) -> Iterator[None]:
    """Run the block in a transaction, and record how it changes a description.

    `described` reads the description from the database: "" for a row that does not exist. Nothing
    is recorded if it stays the same.
    """
    with transaction.atomic():
        old = described()
        yield
        new = described()
        if old != new:
            audit.record(Kind.SETTINGS, action, by=request.user, subject=subject, old=old, new=new)
