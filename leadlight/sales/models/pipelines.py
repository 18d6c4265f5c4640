"""Pipelines and their ordered steps."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.created import Created
from leadlight.accounts.keys import Keyed
from leadlight.accounts.models import User
from leadlight.sales.refusals import Refused


class Pipeline(Created):
    """Ordered steps of leads. An archived pipeline keeps its leads, and gets no new ones."""

    name = models.CharField(_("name"), max_length=200)
    is_default = models.BooleanField(_("default pipeline"), default=False)
    is_archived = models.BooleanField(_("archived"), default=False, db_default=False)

    class Meta:
        ordering: ClassVar = ["-is_default", "name", "pk"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def default(cls) -> Pipeline:
        """Return the default pipeline, or the oldest one in use if none is marked as default."""
        return cls.objects.order_by("-is_default", "is_archived", "pk")[:1].get()

    @property
    def first_step(self) -> Step:
        """Return the first step that is not closed."""
        return self.steps.order_by("is_closed", "position", "pk")[:1].get()


class Step(Keyed):
    """Step of a pipeline; `probability` is the win probability in per cent, None if not set.

    A closed step keeps its history and its place in reports, and is not offered any more.
    """

    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="steps")
    name = models.CharField(_("name"), max_length=200)
    position = models.PositiveIntegerField(_("position"))
    probability = models.PositiveSmallIntegerField(
        _("probability (%)"), null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    is_closed = models.BooleanField(_("closed"), default=False, db_default=False)

    class Meta:
        ordering: ClassVar = ["pipeline", "position", "pk"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def offered(cls) -> models.QuerySet[Step]:
        """Return the steps that leads can be moved to: not closed, of pipelines in use."""
        return cls.offered_or(None)

    @classmethod
    def offered_or(cls, current: Step | None) -> models.QuerySet[Step]:
        """Return the offered steps and the current one of a lead."""
        is_offered = models.Q(is_closed=False, pipeline__is_archived=False)
        return cls.objects.filter(is_offered | models.Q(pk=current.pk) if current else is_offered)

    @transaction.atomic
    def set_probability(
        self, probability: int | None, *, by: User | None, at: datetime | None = None
    ) -> None:
        """Set the win probability in per cent; None removes it.

        The former value is stored as a `PastProbability`, replaced by user `by` at `at` (None:
        now). Raises `Refused` if the value is not between 0 and 100.
        """
        if probability is not None and not 0 <= probability <= 100:
            raise Refused(gettext("A probability must be between 0 and 100."))
        here = Step.objects.select_for_update().get(pk=self.pk)
        if here.probability != probability:
            here.past_probabilities.create(
                probability=here.probability, replaced_at=at or timezone.now(), replaced_by=by
            )
            Step.objects.filter(pk=self.pk).update(probability=probability)
        self.probability = probability


class PastProbability(Keyed):
    """Former win probability of a step, in force until `replaced_at`.

    The probability as of an instant is the probability of the first row with a later `replaced_at`;
    if there is none, it is the current probability of the step.
    """

    step = models.ForeignKey(Step, models.CASCADE, related_name="past_probabilities")
    probability = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    replaced_at = models.DateTimeField()
    replaced_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="replaced_probabilities"
    )

    class Meta:
        ordering: ClassVar = ["replaced_at", "pk"]

    def __str__(self) -> str:
        return f"{self.step} {self.probability}"


class PastPosition(Keyed):
    """Former position of a step, in force until `replaced_at`; None: the step was not yet added.

    The position as of an instant is found in these rows as the probability is (`PastProbability`).
    """

    step = models.ForeignKey(Step, models.CASCADE, related_name="past_positions")
    position = models.PositiveIntegerField(null=True, blank=True)
    replaced_at = models.DateTimeField()
    replaced_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="replaced_positions"
    )

    class Meta:
        ordering: ClassVar = ["replaced_at", "pk"]

    def __str__(self) -> str:
        return f"{self.step} {self.position}"


class PastName(Keyed):
    """Former name of a step or of a pipeline, in force until `replaced_at`.

    The name as of an instant is found in these rows as the probability is (`PastProbability`).
    Histories of leads show it; reports show the current name.
    """

    step = models.ForeignKey(Step, models.CASCADE, null=True, blank=True, related_name="past_names")
    pipeline = models.ForeignKey(
        Pipeline, models.CASCADE, null=True, blank=True, related_name="past_names"
    )
    name = models.CharField(max_length=200)
    replaced_at = models.DateTimeField()
    replaced_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering: ClassVar = ["replaced_at", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(step__isnull=True, pipeline__isnull=False)
                | models.Q(step__isnull=False, pipeline__isnull=True),
                name="past_name_of_a_step_or_pipeline",
            )
        ]

    def __str__(self) -> str:
        return self.name
