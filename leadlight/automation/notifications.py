"""Notifications: which people are told by mail of a change of a lead, and when.

The mails about several changes are one, a minute after the first: a bulk change of 500 leads is one
mail to each person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

from django.core import signing
from django.utils import timezone

from leadlight.accounts.models import Membership, User
from leadlight.accounts.organization import organization
from leadlight.automation.models import Notification, NotificationChoice
from leadlight.job_queue import queue
from leadlight.job_queue.kinds import JobKind
from leadlight.sales.models import Mention
from leadlight.sales.models.event_log import FIELDS, Channel, Kind, LeadEvent

Reason, Wins = Notification.Reason, NotificationChoice.Wins

PAUSE = timedelta(minutes=1)
KEPT_FOR = timedelta(days=30)
REMOVED_AT_ONCE = 1_000  # rows of a transaction, during which other writers wait on SQLite
STOP_SALT = "stop of notifications"
# Kinds of events that somebody may be told of.
KINDS = (Kind.COMMENT, Kind.OWNER, Kind.STATUS, Kind.REMINDER)


def choose(
    user: User, *, mentions: bool, assignments: bool, wins: str, same_day: bool = False
) -> None:
    """Set what a person is told of. Only later events count."""
    if not (mentions or assignments or wins or same_day):
        NotificationChoice.objects.filter(user=user).delete()
        return
    chosen = {"mentions": mentions, "assignments": assignments, "wins": wins, "same_day": same_day}
    NotificationChoice.objects.update_or_create(user=user, defaults=chosen)


def mail_same_day(user: User) -> None:
    """Tell a person by mail of the appointments that are planned for the same day."""
    NotificationChoice.objects.update_or_create(user=user, defaults={"same_day": True})


def choice_of(user: User) -> NotificationChoice:
    """Return what a person is told of; an unsaved row if that is nothing."""
    return NotificationChoice.objects.filter(user=user).first() or NotificationChoice(user=user)


def is_on(user: User) -> bool:
    """Return whether a person is told of anything."""
    return NotificationChoice.objects.filter(user=user).exists()


def stop_token(user: User) -> str:
    """Return the token of the link that stops all notifications of a person."""
    return signing.dumps(user.key, salt=STOP_SALT)


def stopped_by(token: str) -> User | None:
    """Return the person whose notifications the link with a token stops, or None."""
    try:
        key = signing.loads(token, salt=STOP_SALT)
    except signing.BadSignature:
        return None
    return User.objects.filter(key=key).first()


def notify(events: Iterable[LeadEvent]) -> int:
    """Add the notifications about new events, and the jobs that send them; return their number.

    Nobody is told of what they did themselves, except of appointments of the same day, nor of
    imported data. Whether a person may see the lead is checked when the mail is written. Runs in
    the transaction of the dispatch.
    """
    told = [one for one in events if one.kind in KINDS and one.channel != Channel.IMPORT]
    choices = {one.user_id: one for one in NotificationChoice.objects.all()} if told else {}
    if not choices:
        return 0
    found = [
        Notification(user_id=user, event=event, reason=reason)
        for event, user, reason in (
            *_mentions(told, choices),
            *_assignments(told, choices),
            *_wins(told, choices),
            *_same_day(told, choices),
        )
        if user != event.actor_id or reason == Reason.SAME_DAY
    ]
    found.sort(key=lambda one: one.event_id)
    Notification.objects.bulk_create(found, ignore_conflicts=True)
    for user in sorted({one.user_id for one in found}):
        _send_soon(user)
    return len(found)


def remove_old(*, is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Delete the notifications that are older than `KEPT_FOR`; return their number."""
    old = Notification.objects.filter(created_at__lt=timezone.now() - KEPT_FOR)
    removed = 0
    while not is_stopped():
        pks = list(old.order_by("created_at").values_list("pk", flat=True)[:REMOVED_AT_ONCE])
        if not pks:
            break
        removed += Notification.objects.filter(pk__in=pks).delete()[0]
    return removed


Found = list[tuple[LeadEvent, int, str]]
Choices = dict[int, NotificationChoice]


def _mentions(events: Iterable[LeadEvent], choices: Choices) -> Found:
    comments = {event.pk: event for event in events if event.kind == Kind.COMMENT}
    users = [user for user, choice in choices.items() if choice.mentions]
    mentions = Mention.objects.filter(comment__in=list(comments), user__in=users)
    return [(comments[mention.comment_id], mention.user_id, Reason.MENTION) for mention in mentions]


def _assignments(events: Iterable[LeadEvent], choices: Choices) -> Found:
    return [
        (event, int(event.value), Reason.ASSIGNMENT)
        for event in events
        if event.kind == Kind.OWNER and event.value
        if int(event.value) in choices and choices[int(event.value)].assignments
    ]


def _wins(events: Iterable[LeadEvent], choices: Choices) -> Found:
    """Return the wins, to those who hear of all, and to those in a team of the lead's owner."""
    wins = [event for event in events if event.kind == Kind.STATUS and event.value == "won"]
    everyone = [user for user, choice in choices.items() if choice.wins == Wins.ALL]
    of_teams = [user for user, choice in choices.items() if choice.wins == Wins.TEAM]
    teams: dict[int, set[int]] = {}
    if wins and of_teams:
        rows = Membership.objects.filter(user__in=of_teams).values_list("team_id", "user_id")
        for team, user in rows:
            teams.setdefault(team, set()).add(user)
    return [
        (event, user, Reason.WIN)
        for event in wins
        for user in sorted({*everyone, *teams.get(event.lead.team_id or 0, ())})
    ]


def _same_day(events: Iterable[LeadEvent], choices: Choices) -> Found:
    """Return the reminders that were set to, or moved away from, the day of the change."""
    zone = organization().zone
    return [
        (event, event.lead.owner_id, Reason.SAME_DAY)
        for event in events
        if event.kind == Kind.REMINDER
        if event.lead.owner_id in choices and choices[event.lead.owner_id].same_day
        if any(
            instant and instant.astimezone(zone).date() == event.recorded_at.astimezone(zone).date()
            for instant in map(FIELDS[Kind.REMINDER].read, (event.value, event.old_value))
        )
    ]


def _send_soon(user: int) -> None:
    """Add a job that sends the notifications of a person, unless one is waiting already."""
    due_at = timezone.now() + PAUSE
    minute = due_at.replace(second=0, microsecond=0)
    queue.add(
        JobKind.NOTIFICATIONS, {"user": user}, due_at=due_at, key=f"{user} {minute.isoformat()}"
    )


def unsent(user: User) -> list[Notification]:
    """Return the notifications of a person that were not sent, oldest first."""
    rows = Notification.objects.filter(user=user, sent_at=None).order_by("pk")
    return list(rows.select_related("event__actor", "event__lead"))


def mark_sent(notifications: Iterable[Notification]) -> None:
    pks = [one.pk for one in notifications]
    Notification.objects.filter(pk__in=pks).update(sent_at=timezone.now())
