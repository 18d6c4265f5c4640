"""Reports kept under a name with their filters, and what each person does with them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.keys import Keyed
from leadlight.accounts.models import Team, User

LONGEST_NAME = 80


class Shortcut(Keyed):
    """A report and its question. `query` is the canonical query string of the report's page: a
    relative period such as this month stays relative.

    A shortcut shared with a team that is gone is seen by its owner alone.
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
    """A shortcut that stands in a person's menu, in the order of `place`."""

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
    """The shortcut with which a report opens from a person's menu."""

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
    """When a person last opened a shortcut, and when before that."""

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
