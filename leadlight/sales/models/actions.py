"""Actions: the changes that a user makes with one click, on one lead or many.

An action is the unit of undo (`leadlight.sales.undo`). Its key comes from the form that is sent, so
that a form sent twice acts once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import ClassVar

from django.db import models, transaction
from django.utils import timezone

from leadlight.accounts.keys import KEY_LENGTH, Keyed, new_key
from leadlight.accounts.models import User

# Time during which an action can be undone. The message after the action offers it for ten seconds,
# histories offer it for all this time.
UNDOABLE_FOR = timedelta(days=1)
# Rows of an action that belong to a lead, by their names on `Action`.
PARTS = ("events", "activities")
# Rows of an action that belong to no lead, by their names on `Action`.
OTHER_PARTS = (
    *("client_merges", "client_differences", "prospect_changes", "cost_changes"),
    "setting_changes",
)


class AlreadyDone(Exception):
    """Second submission of a form; `action` is the action of the first one."""

    def __init__(self, action: Action) -> None:
        super().__init__(action)
        self.action = action


class Action(Keyed):
    """Changes that a user made at once; `undone_at` is None unless they were undone."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user", "-at"], name="actions_of_a_user")]

    @property
    def is_undoable(self) -> bool:
        """Return whether the action is recent enough to be undone, and was not undone."""
        return self.undone_at is None and self.at > timezone.now() - UNDOABLE_FOR

    @property
    def has_parts(self) -> bool:
        """Return whether the action changed anything."""
        parts = (*PARTS, *OTHER_PARTS)
        return any(getattr(self, part).exists() for part in parts) or hasattr(self, "job")

    def __str__(self) -> str:
        return f"{self.user} · {self.at:%Y-%m-%d %H:%M}"


_action: ContextVar[Action | None] = ContextVar("action", default=None)


def current_action() -> Action | None:
    """Return the action that changes made now belong to; None outside of `acting`."""
    return _action.get()


@contextmanager
def acting(key: str, user: User) -> Iterator[Action]:
    """Record the changes made in the `with` block as one action, in one transaction.

    Raises `AlreadyDone` if the user used the key before; a key that someone else used, or a text
    that is no key, is replaced by a new one. If the block raises an error, nothing changes, and the
    key can be used again. Actions do not nest: the undo of one would leave out those within it.
    """
    if _action.get() is not None:
        raise RuntimeError("an action cannot contain another one")
    if not (0 < len(key) <= KEY_LENGTH and key.isascii() and key.isprintable()):
        key = new_key()
    with transaction.atomic():
        action, is_new = Action.objects.get_or_create(key=key, defaults={"user": user})
        if action.user_id != user.pk:
            action = Action.objects.create(user=user)
        elif not is_new:
            raise AlreadyDone(action)
        with continuing(action):
            yield action


@contextmanager
def continuing(action: Action) -> Iterator[None]:
    """Record the changes made in the `with` block as part of an existing action.

    These are the next batch of a bulk job, or the changes that undo the action.
    """
    token = _action.set(action)
    try:
        yield
    finally:
        _action.reset(token)
