"""Goals: targets for activities, won leads or won amounts per period."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.keys import Keyed
from leadlight.accounts.models import Team, User
from leadlight.sales.models.activities import ActivityType


class Goal(Keyed):
    """Target of a user, a team or the company for each period from `starts_on` on.

    `target` is a number of activities or leads, or an amount. A goal is in force until a later one
    with the same user, team, measure, activity type and period replaces it.
    """

    class Measure(models.TextChoices):
        ACTIVITIES = "activities", _("Activities")
        WON_LEADS = "won_leads", _("Won leads")
        WON_AMOUNT = "won_amount", _("Won amount")

    class Period(models.TextChoices):
        MONTH = "month", _("Month")
        QUARTER = "quarter", _("Quarter")
        YEAR = "year", _("Year")

    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="goals")
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="goals")
    measure = models.CharField(_("measure"), max_length=10, choices=Measure.choices)
    activity_type = models.ForeignKey(
        ActivityType, models.PROTECT, null=True, blank=True, related_name="goals"
    )
    period = models.CharField(_("period"), max_length=10, choices=Period.choices)
    starts_on = models.DateField(_("first day"))
    target = models.DecimalField(_("target"), max_digits=14, decimal_places=2)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(target__gte=0), name="goal_not_negative"),
            models.CheckConstraint(
                condition=models.Q(user__isnull=True) | models.Q(team__isnull=True),
                name="goal_of_a_user_or_a_team",
            ),
            # Coalesce, because NULLs are never equal: goals of the company have neither user nor
            # team, and goals for all activity types have no type.
            models.UniqueConstraint(
                Coalesce("user", 0),
                Coalesce("team", 0),
                "measure",
                Coalesce("activity_type", 0),
                "period",
                "starts_on",
                name="one_goal_of_a_kind_from_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_measure_display()} {self.target}"
