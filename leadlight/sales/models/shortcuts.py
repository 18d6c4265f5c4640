"""Shortcuts: reports and lists of leads saved with their filters; pins and defaults of users."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.keys import Keyed
from leadlight.accounts.models import Team, User

LONGEST_NAME = 80
# `Shortcut.report` of a saved view of the list of leads.
LEADS = "lead_list"


class Shortcut(Keyed):
    """Report, or list of leads, saved with its filters under a name.

    `report` is the key of the report, or `LEADS`. `query` is the canonical query string of its
    page; a relative period such as "this month" stays relative. A shortcut shared with a deleted
    team is visible only to its owner and to admins.
    """

    class Sharing(models.TextChoices):
        PRIVATE = "private", _("Only me")
        TEAM = "team", _("A team")
        EVERYONE = "everyone", _("Everyone")

    owner = models.ForeignKey(User, models.CASCADE, related_name="shortcuts")
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    report = models.CharField(max_length=40)
    query = models.TextField(blank=True)
    sharing = models.CharField(
        _("who sees it"), max_length=10, choices=Sharing.choices, default=Sharing.PRIVATE
    )
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "name"], name="one_shortcut_of_a_name"),
            models.CheckConstraint(
                condition=models.Q(team__isnull=True) | models.Q(sharing="team"),
                name="a_team_only_where_shared_with_one",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Pin(models.Model):
    """Shortcut pinned to the menu of a user; pins are ordered by `place`."""

    user = models.ForeignKey(User, models.CASCADE, related_name="pins")
    shortcut = models.ForeignKey(Shortcut, models.CASCADE, related_name="pins")
    place = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "shortcut"], name="pinned_once")
        ]

    def __str__(self) -> str:
        return f"{self.place}. {self.shortcut}"


class Default(models.Model):
    """Default shortcut of a user for a report: the menu opens the report with it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="defaults")
    report = models.CharField(max_length=40)
    shortcut = models.ForeignKey(Shortcut, models.CASCADE, related_name="defaults")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "report"], name="one_default_of_a_report")
        ]

    def __str__(self) -> str:
        return f"{self.report}: {self.shortcut}"


class Opening(models.Model):
    """Instants of the last two times that a user opened a shortcut.

    `opened_before_at` is None if the user opened it only once.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="openings")
    shortcut = models.ForeignKey(Shortcut, models.CASCADE, related_name="openings")
    last_opened_at = models.DateTimeField()
    opened_before_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "shortcut"], name="one_opening_of_each")
        ]

    def __str__(self) -> str:
        return f"{self.shortcut} {self.last_opened_at}"
