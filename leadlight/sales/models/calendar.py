"""Appointments as they were last published in the calendar of a person."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from leadlight.accounts.keys import KEY_LENGTH, Keyed
from leadlight.accounts.models import User


class CalendarEntry(Keyed):
    """Appointment that a calendar program may have read.

    `key` is its UID. `subject` and `subject_key` name the lead of the reminder, or the task.
    `sequence` and `modified_at` rise with each change. A cancelled appointment stays for some time:
    a program that no longer finds one may keep the version that it read last. With `is_over`, the
    appointment no longer changes, and the next reminder of the lead is another one. `is_mailed`
    says that it was also sent by mail.
    """

    class Subject(models.TextChoices):
        REMINDER = "reminder"
        TASK = "task"

    user = models.ForeignKey(User, models.CASCADE, related_name="calendar_entries", db_index=False)
    subject = models.CharField(max_length=10, choices=Subject)
    subject_key = models.CharField(max_length=KEY_LENGTH)
    title = models.TextField()
    note = models.TextField(blank=True)
    starts_at = models.DateTimeField()
    is_all_day = models.BooleanField(default=False)
    minutes = models.PositiveIntegerField(null=True)
    sequence = models.PositiveIntegerField(default=0)
    modified_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)
    is_over = models.BooleanField(default=False)
    is_mailed = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "subject", "subject_key"],
                condition=models.Q(is_over=False),
                name="one_coming_appointment",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "starts_at"], name="calendar_of_a_person"),
        ]

    def __str__(self) -> str:
        return self.title
