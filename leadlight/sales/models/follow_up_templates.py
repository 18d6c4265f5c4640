"""Templates of follow-ups: the tasks to start on a lead that was won, lost or cancelled."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from leadlight.accounts.keys import Keyed
from leadlight.accounts.models import User
from leadlight.sales.models.valid_values import valid_line, valid_text
from leadlight.sales.refusals import Refused

LONGEST_TITLE = 300
LONGEST_STEP_NOTE = 10_000
MOST_DAYS = 3_650
MOST_STEPS = 50
Row = TypeVar("Row", bound=Any)


class FollowUpTemplate(Keyed):
    """Named list of steps, each of which becomes a task when a follow-up is started.

    Changes do not affect the follow-ups that were started before.
    """

    name = models.CharField(gettext_lazy("name"), max_length=LONGEST_TITLE)
    position = models.PositiveIntegerField()
    is_archived = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def define(cls, name: str) -> FollowUpTemplate:
        """Create a template without steps, after the others."""
        last = cls.objects.aggregate(models.Max("position"))["position__max"] or 0
        return cls.objects.create(name=valid_line(name, LONGEST_TITLE), position=last + 1)

    def rename(self, name: str) -> None:
        self.name = valid_line(name, LONGEST_TITLE)
        self.save(update_fields=["name"])

    def move(self, by: int) -> None:
        """Move the template by a number of places; -1 is one place up. Archived ones come last."""
        with transaction.atomic():
            every = list(FollowUpTemplate.objects.select_for_update())
            shown = [one for one in every if not one.is_archived]
            archived = [one for one in every if one.is_archived]
            FollowUpTemplate.objects.bulk_update(
                _numbered([*_moved(shown, self, by), *archived]), ["position"]
            )

    def archive(self) -> None:
        """Archive the template, so that no follow-up can be started from it."""
        self.is_archived = True
        self.save(update_fields=["is_archived"])

    def restore(self) -> None:
        self.is_archived = False
        self.save(update_fields=["is_archived"])


class TemplateStep(Keyed):
    """Task of a template, due a number of days after the start of the follow-up."""

    class OwnerRule(models.TextChoices):
        LEAD_OWNER = "lead_owner", pgettext_lazy("owner of a task", "Owner of the lead")
        STARTER = "starter", pgettext_lazy("owner of a task", "Person who starts the follow-up")
        PERSON = "person", pgettext_lazy("owner of a task", "This person:")

    template = models.ForeignKey(FollowUpTemplate, models.CASCADE, related_name="steps")
    position = models.PositiveIntegerField()
    title = models.CharField(gettext_lazy("title"), max_length=LONGEST_TITLE)
    days = models.PositiveIntegerField(
        gettext_lazy("days after the start"), validators=[MaxValueValidator(MOST_DAYS)]
    )
    is_in_working_days = models.BooleanField(gettext_lazy("count working days"), default=True)
    owner_rule = models.CharField(
        gettext_lazy("owner"),
        max_length=10,
        choices=OwnerRule.choices,
        default=OwnerRule.LEAD_OWNER,
    )
    person = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    note = models.TextField(gettext_lazy("note"), max_length=LONGEST_STEP_NOTE, blank=True)

    class Meta:
        ordering: ClassVar = ["position", "pk"]

    def __str__(self) -> str:
        return self.title

    def put(
        self,
        title: str,
        *,
        days: int = 0,
        is_in_working_days: bool = True,
        owner_rule: str = OwnerRule.LEAD_OWNER,
        person: User | None = None,
        note: str = "",
    ) -> None:
        """Set the values of the step; a new one is placed after the others of its template."""
        if owner_rule == self.OwnerRule.PERSON and person is None:
            raise Refused(_("Choose the person who owns the task."))
        if not 0 <= days <= MOST_DAYS:
            raise Refused(_("A task can be due at most ten years after the start."))
        self.title = valid_line(title, LONGEST_TITLE)
        self.days, self.is_in_working_days = days, is_in_working_days
        self.owner_rule = owner_rule
        self.person = person if owner_rule == self.OwnerRule.PERSON else None
        self.note = valid_text(note, LONGEST_STEP_NOTE)
        with transaction.atomic():
            if self.pk is None:
                others = TemplateStep.objects.select_for_update().filter(template=self.template)
                positions = [step.position for step in others]
                if len(positions) >= MOST_STEPS:
                    raise Refused(
                        _("A template can have at most %(most)d tasks.") % {"most": MOST_STEPS}
                    )
                self.position = max(positions, default=0) + 1
            self.save()

    def move(self, by: int) -> None:
        with transaction.atomic():
            steps = list(TemplateStep.objects.select_for_update().filter(template=self.template))
            TemplateStep.objects.bulk_update(_numbered(_moved(steps, self, by)), ["position"])


def _moved(rows: list[Row], row: Row, by: int) -> list[Row]:
    """Return the rows with one of them moved by a number of places."""
    if row not in rows:
        return rows
    place = rows.index(row)
    others = [one for one in rows if one != row]
    others.insert(min(max(place + by, 0), len(others)), row)
    return others


def _numbered(rows: list[Row]) -> list[Row]:
    for position, row in enumerate(rows, start=1):
        row.position = position
    return rows
