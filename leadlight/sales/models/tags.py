"""Tags, each in at most one category."""

from __future__ import annotations

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from leadlight.sales.models.listed_rows import ListedRow


class Category(ListedRow):
    """Category of tags; with `reason_for`, its tags are reasons for losing or cancelling leads."""

    class Closing(models.TextChoices):
        LOST = "lost", pgettext_lazy("reasons for", "Losing")
        CANCELLED = "cancelled", pgettext_lazy("reasons for", "Cancelling")
        BOTH = "both", pgettext_lazy("reasons for", "Losing and cancelling")

    is_required = models.BooleanField(_("every lead must have one"), default=False)
    reason_for = models.CharField(
        _("kind of reason"), max_length=10, choices=Closing.choices, blank=True, default=""
    )

    class Meta(ListedRow.Meta):
        verbose_name_plural = "categories"


class Tag(ListedRow):
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="tags"
    )

    @property
    def siblings(self) -> models.QuerySet[Tag]:
        return Tag.objects.filter(category=self.category)

    def change(self, name: str, category: Category | None) -> None:
        """Rename the tag and put it into a category, None for none, after the tags there."""
        with transaction.atomic():
            if category != self.category:
                self.category = category
                self.position = max((one.position for one in self.siblings), default=-1) + 1
                self.save(update_fields=["category", "position"])
            self.rename(name)


def closing_categories(status: str) -> list[Category]:
    """Return the categories whose tags a form asks for when leads get a closed status.

    For "lost" and "cancelled", these are the categories of reasons for the status; for "won", the
    other categories in which every lead must have a tag.
    """
    tags = models.Prefetch("tags", Tag.objects.filter(is_active=True))
    categories = Category.objects.filter(is_active=True).prefetch_related(tags)
    if status == "won":
        return [each for each in categories if each.is_required and not each.reason_for]
    return [each for each in categories if each.reason_for in (status, Category.Closing.BOTH)]
