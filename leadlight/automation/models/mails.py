"""Mails to the people of the company: on a schedule, and about changes of leads."""

from __future__ import annotations

from datetime import time
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.keys import Keyed
from leadlight.accounts.models import User
from leadlight.sales.models import LeadEvent, Shortcut


class ScheduledMail(Keyed):
    """Mail that a person gets on a schedule: the morning mail, or a shortcut.

    `shortcut` is None for the morning mail. `at` is a time of day in the zone of the organisation,
    `weekday` the day of a weekly mail (Monday is 1). `formats` are the files attached. `next_at` is
    the instant of the next mail, None for a mail that is stopped; `stopped_because` says why.
    """

    class Rhythm(models.TextChoices):
        WORKING_DAYS = "working_days", _("every working day")
        WEEKLY = "weekly", _("every week")
        MONTHLY = "monthly", _("the first working day of each month")

    class Stop(models.TextChoices):
        OWN = "own", _("Stopped by you.")
        LINK = "link", _("Stopped by the link in a mail.")
        HIDDEN = "hidden", _("Stopped: the shortcut is no longer shared with you.")
        BROKEN = "broken", _("Stopped: the shortcut no longer works. Open it to see why.")

    class Format(models.TextChoices):
        PDF = "pdf", "PDF"
        XLSX = "xlsx", "XLSX"
        CSV = "csv", "CSV"

    user = models.ForeignKey(User, models.CASCADE, related_name="scheduled_mails", db_index=False)
    shortcut = models.ForeignKey(
        Shortcut, models.CASCADE, null=True, related_name="scheduled_mails"
    )
    rhythm = models.CharField(max_length=20, choices=Rhythm, default=Rhythm.WORKING_DAYS)
    weekday = models.PositiveSmallIntegerField(default=1)
    at = models.TimeField(default=time(7, 30))
    formats = models.JSONField(default=list)
    next_at = models.DateTimeField(null=True)
    stopped_because = models.CharField(max_length=10, choices=Stop, blank=True)
    last_sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "shortcut"], name="one_mail_of_a_shortcut"),
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(shortcut__isnull=True),
                name="one_morning_mail_of_a_person",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_at"],
                name="mails_due",
                condition=models.Q(next_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.shortcut or 'morning mail'}"

    @property
    def is_on(self) -> bool:
        return self.next_at is not None


class NotificationChoice(models.Model):
    """Events that a person is told of by mail; without a row, of none."""

    class Wins(models.TextChoices):
        NONE = "", _("never")
        TEAM = "team", _("by people of my teams")
        ALL = "all", _("by anybody")

    user = models.OneToOneField(
        User, models.CASCADE, related_name="notification_choice", primary_key=True
    )
    mentions = models.BooleanField(_("somebody mentions me in a comment"), default=False)
    assignments = models.BooleanField(_("somebody assigns a lead to me"), default=False)
    wins = models.CharField(
        _("a lead is won"), max_length=10, choices=Wins, default=Wins.NONE, blank=True
    )

    same_day = models.BooleanField(
        _("I plan something for the same day (with a calendar file)"), default=False
    )

    def __str__(self) -> str:
        return str(self.user)


class Notification(models.Model):
    """Event of a lead that a person is told of by mail; `sent_at` is None until then."""

    class Reason(models.TextChoices):
        MENTION = "mention"
        ASSIGNMENT = "assignment"
        WIN = "win"
        SAME_DAY = "same_day"

    user = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    event = models.ForeignKey(LeadEvent, models.CASCADE, related_name="+")
    reason = models.CharField(max_length=10, choices=Reason)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "event"], name="told_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["user", "id"],
                name="notifications_to_send",
                condition=models.Q(sent_at__isnull=True),
            ),
            models.Index(fields=["created_at"], name="notifications_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.reason} {self.event_id}"
