"""Prospecting lists and their rows."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.keys import Keyed
from leadlight.accounts.models import User
from leadlight.sales.models.tags import Tag


class ProspectingList(Keyed):
    name = models.CharField(_("name"), max_length=200)
    user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="prospecting_lists"
    )
    created_at = models.DateTimeField(default=timezone.now)
    source = models.CharField(_("source"), max_length=200, blank=True)
    cost = models.DecimalField(_("cost"), max_digits=14, decimal_places=2, null=True, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="prospecting_lists")
    is_archived = models.BooleanField(_("archived"), default=False)

    class Meta:
        ordering: ClassVar = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class Prospect(Keyed):
    """Row of a prospecting list.

    `cells` holds the columns of the row as ordered pairs of header and text; PostgreSQL would not
    keep the order of a JSON object. `prospect.lead` is the lead that the prospect was converted
    into; the lead holds the foreign key.
    """

    prospecting_list = models.ForeignKey(ProspectingList, models.PROTECT, related_name="prospects")
    created_at = models.DateTimeField(default=timezone.now)
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="prospects")
    converted_at = models.DateTimeField(null=True, blank=True)
    cells = models.JSONField(default=list, blank=True)

    def __str__(self) -> str:
        return next((text for _header, text in self.cells if text), self.key)
