"""Rows that admins name, order and deactivate: activity types, their outcomes, categories, tags."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leadlight.accounts.created import Created
from leadlight.sales.models.valid_values import valid_line
from leadlight.sales.refusals import Refused

LONGEST_ROW_NAME = 200


class ListedRow(Created):
    """Row of a list in the order of `position`, then of name.

    An inactive row is not offered any more. Rows that refer to it keep it, and reports show it.
    """

    name = models.CharField(gettext_lazy("name"), max_length=LONGEST_ROW_NAME)
    position = models.PositiveIntegerField(gettext_lazy("position"), default=0, db_default=0)
    is_active = models.BooleanField(gettext_lazy("active"), default=True, db_default=True)

    class Meta:
        abstract = True
        ordering: ClassVar = ["position", "name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def siblings(self) -> models.QuerySet[Self]:
        """Return the rows of the same list, this one included."""
        return type(self)._default_manager.all()

    @classmethod
    def define(cls, name: str, **values: Any) -> Self:
        """Create a row after the others of its list. Raises `Refused` for a name in use."""
        row = cls(**values, created_at=timezone.now())
        with transaction.atomic():
            others = list(row.siblings.select_for_update(of=("self",)))
            row.name = row.unused_name(name, others)
            row.position = max((one.position for one in others), default=-1) + 1
            row.save()
        return row

    def rename(self, name: str) -> None:
        """Rename the row. Raises `Refused` for a name in use."""
        with transaction.atomic():
            self.name = self.unused_name(name, self.siblings.select_for_update(of=("self",)))
            self.save(update_fields=["name"])

    def unused_name(self, name: str, rows: Any) -> str:
        """Return a valid name. Raises `Refused` if another row has it, ignoring case."""
        valid = valid_line(name, LONGEST_ROW_NAME)
        if any(row.name.casefold() == valid.casefold() and row.pk != self.pk for row in rows):
            raise Refused(_("There is already “%(name)s”. Choose another name.") % {"name": valid})
        return valid

    def move(self, by: int) -> None:
        """Move the row by a number of places; -1 is one place up. Inactive rows come last."""
        with transaction.atomic():
            rows = list(self.siblings.select_for_update(of=("self",)))
            rows.sort(key=lambda row: (not row.is_active, row.position, row.name, row.pk))
            here = rows.index(self)
            last = sum(row.is_active for row in rows) - 1
            rows.insert(min(max(here + by, 0), max(last, 0)), rows.pop(here))
            for position, row in enumerate(rows):
                row.position = position
            type(self)._default_manager.bulk_update(rows, ["position"])

    def set_active(self, is_active: bool) -> None:
        """Deactivate or reactivate the row."""
        self.is_active = is_active
        self.save(update_fields=["is_active"])
