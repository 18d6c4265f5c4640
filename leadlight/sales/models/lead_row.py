"""Row of a lead: its columns, and the properties derived from them."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy, pgettext_lazy

from leadlight.accounts.keys import Keyed
from leadlight.accounts.models import Team, User
from leadlight.sales.models.activities import ActivityType
from leadlight.sales.models.clients import Client
from leadlight.sales.models.event_log import CLOSED, OPEN
from leadlight.sales.models.field_values import field_texts
from leadlight.sales.models.pipelines import Pipeline, Step
from leadlight.sales.models.prospecting import Prospect
from leadlight.sales.models.reminders import LONGEST_REMINDER_NOTE, Reminder
from leadlight.sales.models.tags import Tag
from leadlight.sales.models.valid_values import MINUTES_OF_A_DAY

LONGEST_TITLE = 300
LONGEST_SOURCE = 200


class LeadRow(Keyed):
    """Columns of a lead; `Lead` adds the verbs that change them."""

    class Status(models.TextChoices):
        TODO = "todo", pgettext_lazy("status of a lead", "To do")
        STANDBY = "standby", pgettext_lazy("status of a lead", "Standby")
        WON = "won", pgettext_lazy("status of a lead", "Won")
        LOST = "lost", pgettext_lazy("status of a lead", "Lost")
        CANCELLED = "cancelled", pgettext_lazy("status of a lead", "Cancelled")

    class Link(models.TextChoices):
        UPSELL = "upsell", pgettext_lazy("link between leads", "Upsell")
        RENEWAL = "renewal", pgettext_lazy("link between leads", "Renewal")

    title = models.CharField(gettext_lazy("title"), max_length=LONGEST_TITLE)
    description = models.TextField(gettext_lazy("description"), blank=True)
    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="leads")
    step = models.ForeignKey(Step, models.PROTECT, related_name="leads")
    status = models.CharField(
        gettext_lazy("status"), max_length=10, choices=Status.choices, default=Status.TODO
    )
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="leads")
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="leads")
    client = models.ForeignKey(Client, models.PROTECT, null=True, blank=True, related_name="leads")
    amount = models.DecimalField(
        gettext_lazy("amount"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    probability = models.PositiveSmallIntegerField(
        gettext_lazy("probability (%)"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(100)],
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="created_leads"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    estimated_closing_on = models.DateField(
        gettext_lazy("expected close date"), null=True, blank=True
    )
    reminder_at = models.DateTimeField(gettext_lazy("reminder"), null=True, blank=True)
    reminder_is_all_day = models.BooleanField(
        gettext_lazy("reminder without a time"), default=False, db_default=False
    )
    reminder_minutes = models.PositiveSmallIntegerField(
        gettext_lazy("duration (minutes)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MINUTES_OF_A_DAY)],
    )
    reminder_activity = models.ForeignKey(
        ActivityType,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=gettext_lazy("planned activity"),
    )
    reminder_note = models.CharField(
        gettext_lazy("note on the reminder"),
        max_length=LONGEST_REMINDER_NOTE,
        blank=True,
        default="",
        db_default="",
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="leads")
    source = models.CharField(gettext_lazy("source"), max_length=LONGEST_SOURCE, blank=True)
    prospect = models.OneToOneField(
        Prospect, models.PROTECT, null=True, blank=True, related_name="lead"
    )
    # The lead that this one follows, as an upsell or a renewal (`sales.lead_links`).
    follows = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="followers", db_index=False
    )
    follows_as = models.CharField(
        max_length=10, choices=Link.choices, blank=True, default="", db_default=""
    )
    is_starred = models.BooleanField(gettext_lazy("starred"), default=False)
    is_deleted = models.BooleanField(default=False)
    has_history = models.BooleanField(
        default=True,
        help_text="False when the lead came in without events: its steps in between are unknown.",
    )

    version = models.PositiveIntegerField(default=1, db_default=1)
    updated_at = models.DateTimeField(default=timezone.now, db_default=Now())

    # Derived from events and activities (`sales.derived_columns`): how long the lead has had its
    # status and its step, its last activity, and how many times a reminder was set.
    status_since = models.DateTimeField(default=timezone.now, db_default=Now())
    step_since = models.DateTimeField(default=timezone.now, db_default=Now())
    last_activity_at = models.DateTimeField(null=True)
    postponements = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        abstract = True
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="newest_first"),
            models.Index(fields=["-updated_at", "-id"], name="changed_last"),
            models.Index(
                fields=["reminder_at"], name="standby_by_day", condition=models.Q(status="standby")
            ),
            models.Index(fields=["owner", "status", "reminder_at"], name="work_of_an_owner"),
            # Sorts and limits of the list of leads (`sales.lead_order`).
            models.Index(fields=["amount", "id"], name="by_amount"),
            models.Index(fields=["estimated_closing_on", "id"], name="by_expected_day"),
            models.Index(fields=["reminder_at", "id"], name="by_reminder"),
            models.Index(fields=["last_activity_at", "id"], name="by_last_activity"),
            models.Index(fields=["status_since", "id"], name="by_days_in_status"),
            models.Index(fields=["step_since", "id"], name="by_days_in_step"),
            models.Index(fields=["postponements", "id"], name="by_postponements"),
            *(
                models.Index(
                    fields=[column, "id"],
                    name=f"open_by_{name}",
                    condition=models.Q(closed_at__isnull=True),
                )
                for column, name in (
                    ("estimated_closing_on", "expected_day"),
                    ("reminder_at", "reminder"),
                    ("last_activity_at", "last_activity"),
                    ("status_since", "days_in_status"),
                    ("step_since", "days_in_step"),
                )
            ),
            models.Index(
                fields=["-created_at", "-id"],
                name="starred_newest_first",
                condition=models.Q(is_starred=True),
            ),
            # Leads without an owner, of everybody and of a team. SQLite prefers these indexes to
            # the index by owner only if they contain the owner. They have no condition on the
            # status: SQLite uses a partial index only if the query contains its conditions as
            # literals, not as parameters.
            models.Index(
                fields=["owner", "-created_at", "-id", "team", "status"],
                name="unassigned_leads",
                condition=models.Q(owner=None, is_deleted=False),
            ),
            models.Index(
                fields=["team", "owner", "status"],
                name="unassigned_leads_of_a_team",
                condition=models.Q(owner=None, is_deleted=False),
            ),
            models.Index(
                fields=["step", "-step_since", "-id", "status"],
                name="board",
                condition=models.Q(closed_at__isnull=True, is_deleted=False),
            ),
            models.Index(
                fields=["status", "-closed_at", "-id"],
                name="last_closed",
                condition=models.Q(closed_at__isnull=False, is_deleted=False),
            ),
            models.Index(
                fields=["follows"],
                name="leads_that_follow",
                condition=models.Q(follows__isnull=False),
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(status__in=CLOSED, closed_at__isnull=False)
                | models.Q(status__in=OPEN, closed_at__isnull=True),
                name="closed_leads_have_an_instant",
            )
        ]

    def __str__(self) -> str:
        return self.title

    # Predicates

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def is_closed(self) -> bool:
        return self.status in CLOSED

    @property
    def reminder(self) -> Reminder | None:
        if self.reminder_at is None:
            return None
        return Reminder(
            self.reminder_at,
            self.reminder_is_all_day,
            self.reminder_minutes,
            self.reminder_activity,
            self.reminder_note,
        )

    @property
    def tag_ids(self) -> frozenset[int]:
        return frozenset(tag.pk for tag in self.tags.all())

    @property
    def field_texts(self) -> dict[str, str]:
        return field_texts(self)
