"""Tags, each in at most one category."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.keys import Keyed


class Category(Keyed):
    name = models.CharField(_("name"), max_length=200)
    is_required = models.BooleanField(_("every lead must have one"), default=False)

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name


class Tag(Keyed):
    name = models.CharField(_("name"), max_length=200)
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="tags"
    )

    class Meta:
        ordering: ClassVar = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
