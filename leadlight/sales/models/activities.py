"""Activities of salespeople, with their types and outcomes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.keys import Keyed
from leadlight.accounts.models import User
from leadlight.sales.models.actions import Action
from leadlight.sales.models.listed_rows import ListedRow
from leadlight.sales.refusals import Refused


class ActivityType(ListedRow):
    class Kind(models.TextChoices):
        CALL = "call", _("Call")
        MEETING = "meeting", _("Meeting")
        EMAIL = "email", _("Email")
        OTHER = "other", _("Other")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.OTHER)

    @classmethod
    def offered(cls) -> models.QuerySet[ActivityType]:
        """Return the active types, with their active `outcomes` prefetched."""
        outcomes = Outcome.objects.filter(is_active=True)
        return cls.objects.filter(is_active=True).prefetch_related(
            models.Prefetch("outcomes", outcomes)
        )

    def set_kind(self, kind: str) -> None:
        """Set the kind. Raises `Refused` once there are activities: reports count them by kind."""
        if kind not in self.Kind.values:
            raise ValueError(kind)
        if self.kind != kind and self.activities.exists():
            raise Refused(
                gettext("There are activities of this type. Add another type for another kind.")
            )
        self.kind = kind
        self.save(update_fields=["kind"])


class Outcome(ListedRow):
    """Possible outcome of one activity type; `is_reached` means that the contact was reached."""

    activity_type = models.ForeignKey(ActivityType, models.PROTECT, related_name="outcomes")
    is_reached = models.BooleanField(_("counts as reached"), default=False)

    class Meta:
        ordering: ClassVar = ["activity_type", "position", "pk"]

    @property
    def siblings(self) -> models.QuerySet[Outcome]:
        return Outcome.objects.filter(activity_type=self.activity_type)

    @property
    def is_offered(self) -> bool:
        return self.is_active and self.activity_type.is_active

    def set_reached(self, is_reached: bool) -> None:
        """Set whether the contact was reached. Raises `Refused` once there are activities."""
        if self.is_reached != is_reached and self.activities.exists():
            raise Refused(
                gettext("There are activities with this result. Add another result instead.")
            )
        self.is_reached = is_reached
        self.save(update_fields=["is_reached"])


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
