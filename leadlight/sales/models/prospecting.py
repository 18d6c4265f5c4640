"""Prospecting lists, their columns and their rows."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from leadlight.accounts.keys import Keyed
from leadlight.accounts.models import User
from leadlight.sales import contact_lines
from leadlight.sales.models.tags import Tag

CELL = "c"  # prefix of the keys of cells: Django takes a key of digits for a place in a list
CELL_HEADER = "cell:"  # prefix of the headers of cells in files that Leadlight writes
LONGEST_HEADER = 300
LONGEST_LIST_NAME = 200


class ProspectingList(Keyed):
    """Table of companies or persons to contact.

    Every change of its rows or columns increases `version`. `layout_version` is the version at
    which rows or columns were last added, removed, moved or renamed.
    """

    name = models.CharField(_("name"), max_length=LONGEST_LIST_NAME)
    user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="prospecting_lists"
    )
    created_at = models.DateTimeField(default=timezone.now)
    source = models.CharField(_("source"), max_length=200, blank=True)
    cost = models.DecimalField(_("cost"), max_digits=14, decimal_places=2, null=True, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="prospecting_lists")
    is_archived = models.BooleanField(_("archived"), default=False)
    version = models.PositiveIntegerField(default=1, db_default=1)
    layout_version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        ordering: ClassVar = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class ProspectColumn(models.Model):
    """Column of a prospecting list.

    A column with a `notion` or a `field` is recognised: its values are checked and formatted, and
    carry over when a row becomes a lead. At most one of the two is set. The first column by
    `position` is shown first.
    """

    class Notion(models.TextChoices):
        COMPANY = "company", _("Company")
        TITLE = "title", _("Title")
        NAME = contact_lines.NAME, pgettext_lazy("of a person", "Name")
        FIRST_NAME = contact_lines.FIRST_NAME, _("First name")
        LAST_NAME = contact_lines.LAST_NAME, _("Last name")
        EMAIL = contact_lines.EMAIL, _("Email")
        PHONE = contact_lines.PHONE, _("Phone")
        MOBILE = contact_lines.MOBILE, _("Mobile")
        FAX = contact_lines.FAX, _("Fax")
        WEB = contact_lines.WEB, _("Website")
        ADDRESS = contact_lines.ADDRESS, pgettext_lazy("postal", "Address")

    prospecting_list = models.ForeignKey(
        ProspectingList, models.CASCADE, related_name="columns", db_index=False
    )
    header = models.CharField(_("header"), max_length=LONGEST_HEADER)
    position = models.PositiveIntegerField(default=0)
    notion = models.CharField(max_length=20, choices=Notion.choices, blank=True, default="")
    field = models.ForeignKey(
        "sales.CustomField", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    is_hidden = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["prospecting_list", "position", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["prospecting_list", "header"], name="one_column_of_a_header"
            )
        ]

    def __str__(self) -> str:
        return self.header

    @property
    def cell_key(self) -> str:
        """Key of the texts of this column in `Prospect.cells`."""
        return f"{CELL}{self.pk}"


class Prospect(Keyed):
    """Row of a prospecting list.

    `cells` holds its texts by `ProspectColumn.cell_key`; a column without text has no entry.
    `prospect.lead` is the lead that the prospect was converted into; the lead holds the foreign
    key. `state` is derived from other columns and the activities (`sales.prospecting.states`).
    `version` is the version of the list at the last change of the row.
    """

    class State(models.TextChoices):
        TO_QUALIFY = "to_qualify", pgettext_lazy("state of a prospect", "To qualify")
        CALLED = "called", pgettext_lazy("state of a prospect", "Called")
        CALL_BACK = "call_back", pgettext_lazy("state of a prospect", "To call back")
        DECLINED = "declined", pgettext_lazy("state of a prospect", "Not interested")
        CONVERTED = "converted", pgettext_lazy("state of a prospect", "Converted")

    prospecting_list = models.ForeignKey(ProspectingList, models.PROTECT, related_name="prospects")
    created_at = models.DateTimeField(default=timezone.now)
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="prospects")
    converted_at = models.DateTimeField(null=True, blank=True)
    cells = models.JSONField(default=dict, blank=True)
    call_back_on = models.DateField(_("call back on"), null=True, blank=True)
    is_declined = models.BooleanField(_("not interested"), default=False, db_default=False)
    state = models.CharField(
        max_length=10, choices=State.choices, default=State.TO_QUALIFY, db_default=State.TO_QUALIFY
    )
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["prospecting_list", "id"], name="rows_of_a_list"),
            models.Index(fields=["prospecting_list", "version"], name="rows_by_version"),
            models.Index(fields=["prospecting_list", "state", "id"], name="rows_by_state"),
        ]

    def __str__(self) -> str:
        return next(iter(self.ordered_texts), "") or self.key

    @property
    def ordered_texts(self) -> list[str]:
        """Texts of the row, in the order in which their columns were created."""
        return [self.cells[key] for key in sorted(self.cells, key=column_id)]

    @property
    def texts(self) -> dict[str, str]:
        """Texts of the row by the header of their column, in the order of the columns."""
        columns = self.prospecting_list.columns.all()
        return {
            column.header: self.cells[column.cell_key]
            for column in columns
            if column.cell_key in self.cells
        }


def column_id(cell_key: str) -> int:
    """Return the id of the column that the key of a cell names."""
    return int(cell_key.removeprefix(CELL))
