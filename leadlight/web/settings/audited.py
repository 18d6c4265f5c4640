"""Changes of settings with their entry in the audit log; changes of rows can be undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import Model

from leadlight.accounts import audit
from leadlight.accounts.models.audit_entries import Kind
from leadlight.sales import setting_changes
from leadlight.web.shell.auth import ReaderRequest
from leadlight.web.shell.changes import act


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


def change_row(
    request: ReaderRequest, kind: str, row: Model, verb: Callable[[], Any], sentence: object
) -> None:
    """Change a row of settings as one action, and show a sentence with *Undo*.

    `kind` is one of `setting_changes.KINDS`. `Refused` errors of the verb pass through; then
    nothing is changed.
    """

    def change() -> str:
        with setting_changes.logged(kind, row, by=request.user):
            verb()
        return str(sentence)

    act(request, change)
