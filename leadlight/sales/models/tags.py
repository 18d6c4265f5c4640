"""Tags, each in at most one category."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from leadlight.accounts.keys import Keyed


class Category(Keyed):
    """Category of tags; with `reason_for`, its tags are reasons for losing or cancelling leads."""

    class Closing(models.TextChoices):
        LOST = "lost", pgettext_lazy("reasons for", "Losing")
        CANCELLED = "cancelled", pgettext_lazy("reasons for", "Cancelling")
        BOTH = "both", pgettext_lazy("reasons for", "Losing and cancelling")

    name = models.CharField(_("name"), max_length=200)
    is_required = models.BooleanField(_("every lead must have one"), default=False)
    reason_for = models.CharField(
        _("kind of reason"), max_length=10, choices=Closing.choices, blank=True, default=""
    )

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


def closing_categories(status: str) -> list[Category]:
    """Return the categories of tags that closing leads with a status asks for.

    Those are the reasons for this status and, for "won", the categories in which every lead must
    have a tag.
    """
    categories = Category.objects.prefetch_related("tags")
    if status == "won":
        return [each for each in categories if each.is_required and not each.reason_for]
    return [each for each in categories if each.reason_for in (status, Category.Closing.BOTH)]
