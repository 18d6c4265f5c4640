"""Costs, such as those of a trade show, a campaign or a bought list."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.keys import KEY_LENGTH, Keyed
from leadlight.accounts.models import User
from leadlight.sales.models.actions import Action
from leadlight.sales.models.prospecting import ProspectingList
from leadlight.sales.models.tags import Tag

LONGEST_COST_NAME = LONGEST_SOURCE = 200
ON_A_LIST = models.Q(prospecting_list__isnull=False, source="", tag__isnull=True)
ON_A_SOURCE = models.Q(prospecting_list__isnull=True, tag__isnull=True) & ~models.Q(source="")
ON_A_TAG = models.Q(prospecting_list__isnull=True, source="", tag__isnull=False)


class Cost(Keyed):
    """Amount spent on a prospecting list, a source or a tag: on exactly one of them.

    The amount is in the organisation's currency. It is spread evenly over the days from `first_on`
    to `last_on`. `ProspectingList.cost` is a further cost of a list, on the day of its import.
    """

    name = models.CharField(_("name"), max_length=LONGEST_COST_NAME)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    prospecting_list = models.ForeignKey(
        ProspectingList, models.PROTECT, null=True, blank=True, related_name="costs"
    )
    source = models.CharField(_("source"), max_length=LONGEST_SOURCE, blank=True, default="")
    tag = models.ForeignKey(Tag, models.PROTECT, null=True, blank=True, related_name="costs")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering: ClassVar = ["-first_on", "name", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=ON_A_LIST | ON_A_SOURCE | ON_A_TAG, name="cost_has_one_subject"
            ),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="cost_is_not_negative"),
            models.CheckConstraint(
                condition=models.Q(last_on__gte=models.F("first_on")), name="cost_days_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> ProspectingList | Tag | str:
        """List, source or tag that the cost is for."""
        return self.prospecting_list or self.tag or self.source


class CostChange(models.Model):
    """Change of a cost, for the undo of its action.

    `old` and `new` are the values of the cost as `sales.costs.values_of` returns them; None if it
    did not exist.
    """

    action = models.ForeignKey(Action, models.CASCADE, related_name="cost_changes")
    cost_key = models.CharField(max_length=KEY_LENGTH)
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.cost_key}: {self.old} → {self.new}"
