"""Deletion of the sessions of closed accounts."""

from __future__ import annotations

from collections.abc import Collection

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone


def end_sessions(user_ids: Collection[int]) -> None:
    """Delete all sessions of these users, so that reopening an account restores none.

    A session holds its user's id only in its encoded data: every unexpired session is decoded.
    """
    ids = {str(pk) for pk in user_ids}
    if not ids:
        return
    live = Session.objects.filter(expire_date__gt=timezone.now())
    ended = [one.pk for one in live.iterator() if one.get_decoded().get(SESSION_KEY) in ids]
    for key in ended:
        Session.objects.filter(pk=key).delete()
