"""Pipelines and their ordered steps."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.keys import Keyed


class Pipeline(Keyed):
    name = models.CharField(_("name"), max_length=200)
    is_default = models.BooleanField(_("default pipeline"), default=False)

    class Meta:
        ordering: ClassVar = ["-is_default", "name", "pk"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def default(cls) -> Pipeline:
        """The pipeline of a lead for which none was chosen."""
        return cls.objects.order_by("-is_default", "pk")[:1].get()

    @property
    def first_step(self) -> Step:
        return self.steps.order_by("position", "pk")[:1].get()


class Step(Keyed):
    """A place in a pipeline. `probability` is the per cent set by the company, or none."""

    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="steps")
    name = models.CharField(_("name"), max_length=200)
    position = models.PositiveIntegerField(_("position"))
    probability = models.PositiveSmallIntegerField(
        _("probability (%)"), null=True, blank=True, validators=[MaxValueValidator(100)]
    )

    class Meta:
        ordering: ClassVar = ["pipeline", "position", "pk"]

    def __str__(self) -> str:
        return self.name
