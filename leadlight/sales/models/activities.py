"""Activities of salespeople, with their types and outcomes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.keys import Keyed
from leadlight.accounts.models import User
from leadlight.sales.models.actions import Action


class ActivityType(Keyed):
    class Kind(models.TextChoices):
        CALL = "call", _("Call")
        MEETING = "meeting", _("Meeting")
        EMAIL = "email", _("Email")
        OTHER = "other", _("Other")

    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.OTHER)

    class Meta:
        ordering: ClassVar = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class Outcome(Keyed):
    """Possible outcome of one activity type; `is_reached` means that the contact was reached."""

    activity_type = models.ForeignKey(ActivityType, models.PROTECT, related_name="outcomes")
    name = models.CharField(_("name"), max_length=200)
    is_reached = models.BooleanField(_("counts as reached"), default=False)

    class Meta:
        ordering: ClassVar = ["activity_type", "pk"]

    def __str__(self) -> str:
        return self.name


class Activity(Keyed):
    """Call, meeting, mail or other activity on a lead, on a prospect, or on both."""

    occurred_at = models.DateTimeField(_("date and time"), default=timezone.now)
    recorded_at = models.DateTimeField(default=timezone.now)
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="activities")
    activity_type = models.ForeignKey(ActivityType, models.PROTECT, related_name="activities")
    outcome = models.ForeignKey(
        Outcome, models.PROTECT, null=True, blank=True, related_name="activities"
    )
    lead = models.ForeignKey(
        "sales.Lead", models.CASCADE, null=True, blank=True, related_name="activities"
    )
    prospect = models.ForeignKey(
        "sales.Prospect", models.CASCADE, null=True, blank=True, related_name="activities"
    )
    content = models.TextField(_("content"), blank=True)
    action = models.ForeignKey(
        Action, models.SET_NULL, null=True, blank=True, related_name="activities", db_index=False
    )

    class Meta:
        verbose_name_plural = "activities"
        indexes: ClassVar = [
            models.Index(
                fields=["action"],
                name="activities_of_an_action",
                condition=models.Q(action__isnull=False),
            ),
            # The activity feed, of all activities, of one user, and of one type.
            models.Index(fields=["recorded_at", "lead"], name="activity_feed"),
            models.Index(fields=["user", "recorded_at", "lead"], name="activity_feed_by_user"),
            models.Index(
                fields=["activity_type", "recorded_at", "lead"], name="activity_feed_by_type"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity_type} · {self.occurred_at:%Y-%m-%d %H:%M}"
