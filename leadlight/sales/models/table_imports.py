"""Imports of tables: files with rows of one kind, and saved mappings of their columns."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.keys import Keyed
from leadlight.accounts.models import User
from leadlight.sales.models.attachments import DIGEST_LENGTH, LONGEST_FILE_NAME
from leadlight.sales.models.bulk import BulkJob
from leadlight.sales.models.prospecting import ProspectingList

LONGEST_MAPPING_NAME = 100


class TableImport(Keyed):
    """Import of a file: its content, the choices for reading it, and the job that writes its rows.

    `digest` names the content in `sales.file_store`. `reading` holds the choices of the user about
    the file (`tables.Choices`), `columns` the detected headers and formats. `mapping` is column
    number, from 0, → key of a target; `key_target` is the target by which existing rows are found,
    "" for none. `options` are values for all rows. `prospecting_list` is the list to which
    prospects are added; None for other kinds, and if the list no longer exists. `job` is None until
    the file is checked; the rows of the file are its items. `failure` is the sentence that explains
    why the check ended early, "" if it did not.
    """

    class Kind(models.TextChoices):
        LEADS = "leads", _("Leads")
        CLIENTS = "clients", _("Clients")
        ACTIVITIES = "activities", _("Activities")
        STEPS = "steps", _("Steps of leads")
        PROSPECTS = "prospects", _("Prospects")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now)
    name = models.CharField(_("file"), max_length=LONGEST_FILE_NAME)
    digest = models.CharField(max_length=DIGEST_LENGTH)
    size = models.PositiveIntegerField()
    reading = models.JSONField(default=dict, blank=True)
    columns = models.JSONField(default=list, blank=True)
    mapping = models.JSONField(default=dict, blank=True)
    key_target = models.CharField(max_length=220, blank=True, default="")
    options = models.JSONField(default=dict, blank=True)
    prospecting_list = models.ForeignKey(
        ProspectingList,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    job = models.OneToOneField(
        BulkJob, models.SET_NULL, null=True, blank=True, related_name="table_import"
    )
    failure = models.TextField(blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["user", "-created_at"], name="imports_of_a_user"),
            models.Index(fields=["digest"], name="imports_of_a_file"),
        ]

    def __str__(self) -> str:
        return self.name


class ImportMapping(Keyed):
    """Saved mapping of the columns of files of one kind, by header.

    A mapping for prospects is for the columns of one list.
    """

    kind = models.CharField(max_length=20, choices=TableImport.Kind.choices)
    name = models.CharField(_("name"), max_length=LONGEST_MAPPING_NAME)
    prospecting_list = models.ForeignKey(
        ProspectingList,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    user = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    saved_at = models.DateTimeField(default=timezone.now)
    headers = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    key_target = models.CharField(max_length=220, blank=True, default="")
    options = models.JSONField(default=dict, blank=True)
    reading = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint("kind", Lower("name"), name="one_mapping_of_a_name")
        ]

    def __str__(self) -> str:
        return self.name
