"""Rows of the files attached to leads. `leadlight.sales.file_store` stores the contents."""

from __future__ import annotations

from pathlib import PurePath
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.keys import Keyed
from leadlight.accounts.models import User

LONGEST_FILE_NAME = 200
DIGEST_LENGTH = 64
PICTURES = frozenset({"gif", "jpeg", "jpg", "png", "webp"})


class Attachment(Keyed):
    """File attached to a lead. The functions of `leadlight.sales.attachments` write the rows.

    `digest` is the SHA-256 of the content in hexadecimal, `size` its number of bytes. A removed
    file keeps its row and its content, so that the removal can be undone.
    """

    lead = models.ForeignKey("sales.Lead", models.CASCADE, related_name="attachments")
    name = models.CharField(_("name"), max_length=LONGEST_FILE_NAME)
    size = models.PositiveIntegerField(_("size"))
    digest = models.CharField(max_length=DIGEST_LENGTH)
    added_at = models.DateTimeField(_("added"))
    added_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    is_removed = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["added_at", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def extension(self) -> str:
        """Extension of the name in lower case, without the dot."""
        return extension_of(self.name)

    @property
    def is_picture(self) -> bool:
        """Whether the name is one of a picture that gets a thumbnail."""
        return self.extension in PICTURES


def extension_of(name: str) -> str:
    """Return the extension of a file name in lower case, without the dot."""
    return PurePath(name).suffix.removeprefix(".").lower()
