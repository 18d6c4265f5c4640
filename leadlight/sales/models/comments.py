"""Mentions of users in the comments of leads, and comments pinned on top of the page.

A mention is "@" followed by the full name or the key of a user. The rows of `Mention` are derived
from the text of the comment. The event log holds the text, and the events that pin a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar, NamedTuple

from django.db import models

from leadlight.accounts.models import User
from leadlight.sales.models.event_log import Kind, LeadEvent

# "@" at the start of a word, which begins a mention; in an e-mail address, it is inside a word.
SIGN = re.compile(r"(?<![\w.@+-])@(?=\S)")
PINNED, UNPINNED = "true", "false"


class Mention(models.Model):
    """User whom a comment mentions.

    `comment` is the first event of the comment, and `recorded_at` the instant of that event. The
    mentions that users make of themselves, and those of an import, count as read.
    """

    comment = models.ForeignKey(LeadEvent, models.CASCADE, related_name="mentions")
    user = models.ForeignKey(User, models.CASCADE, related_name="mentions", db_index=False)
    recorded_at = models.DateTimeField()
    is_read = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["comment", "user"], name="one_mention_in_a_comment")
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "-recorded_at"], name="mentions_of_a_user"),
            models.Index(
                fields=["user"], name="unread_mentions", condition=models.Q(is_read=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.recorded_at:%Y-%m-%d %H:%M}"


class Span(NamedTuple):
    """Mention in a text: the places where it begins and ends, and the id of the user."""

    start: int
    end: int
    user_id: int


def names_of_users() -> dict[str, int]:
    """Return lower-case full name or key → user id, for all users.

    A name that several users share mentions none of them; their keys do.
    """
    users = list(User.objects.order_by("pk"))
    names: dict[str, int] = {}
    shared: set[str] = set()
    for user in users:
        name = user.full_name.casefold()
        if name in names:
            shared.add(name)
        names[name] = user.pk
    for name in shared:
        del names[name]
    return names | {user.key.casefold(): user.pk for user in users}


def spans(text: str, names: Mapping[str, int]) -> Iterator[Span]:
    """Yield the mentions in a text; of several names at one place, the longest one counts."""
    by_length = sorted({len(name) for name in names}, reverse=True)
    for sign in SIGN.finditer(text):
        for length in by_length:
            end = sign.end() + length
            user_id = names.get(text[sign.end() : end].casefold())
            if user_id is not None and end <= len(text) and not text[end : end + 1].isalnum():
                yield Span(sign.start(), end, user_id)
                break


def mentioned_ids(text: str) -> set[int]:
    """Return the ids of the users whom a text mentions; a text without "@" needs no query."""
    if SIGN.search(text) is None:
        return set()
    return {span.user_id for span in spans(text, names_of_users())}


def write_mentions(comment: LeadEvent, text: str) -> None:
    """Write the mentions of a comment with its current text, "" for a removed comment."""
    wanted = mentioned_ids(text)
    rows = Mention.objects.filter(comment=comment)
    present = set(rows.values_list("user_id", flat=True))
    if present - wanted:
        rows.exclude(user__in=wanted).delete()
    new = sorted(wanted - present)
    _create((comment, user_id, user_id == comment.actor_id) for user_id in new)


def derive_mentions(keys: Sequence[str]) -> None:
    """Write the mentions of the comments that the events with these keys create or edit.

    New mentions count as read.
    """
    names = names_of_users()
    events = LeadEvent.objects.filter(kind=Kind.COMMENT, key__in=keys)
    every = {event.about or event.key for event in events}
    comments = list(LeadEvent.objects.filter(kind=Kind.COMMENT, about="", key__in=every))
    edits = LeadEvent.objects.filter(
        lead__in={comment.lead_id for comment in comments}, kind=Kind.COMMENT, about__in=every
    )
    edited = dict(edits.order_by("occurred_at", "pk").values_list("about", "value"))
    present = Mention.objects.filter(comment__in=comments)
    unread = set(present.filter(is_read=False).values_list("comment", "user"))
    present.delete()
    _create(
        (comment, user_id, (comment.pk, user_id) not in unread)
        for comment in comments
        for user_id in sorted(
            {span.user_id for span in spans(edited.get(comment.key, comment.value), names)}
        )
    )


def _create(mentions: Iterable[tuple[LeadEvent, int, bool]]) -> None:
    """Write mentions, given as tuples of comment, id of the user, and whether it is read."""
    Mention.objects.bulk_create(
        Mention(comment=comment, user_id=user_id, recorded_at=comment.recorded_at, is_read=is_read)
        for comment, user_id, is_read in mentions
    )


def pin_of(comment: LeadEvent) -> str:
    """Return the value of the last event that pinned or unpinned a comment, "" if there is none."""
    events = LeadEvent.objects.filter(lead=comment.lead_id, kind=Kind.PIN, about=comment.key)
    return events.order_by("pk").values_list("value", flat=True).last() or ""
