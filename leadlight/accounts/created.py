"""Abstract model of rows with the instant of their creation."""

from __future__ import annotations

from django.db import models

from leadlight.accounts.keys import Keyed


class Created(Keyed):
    """Abstract model with the instant of creation.

    A report as of an earlier instant leaves the row out. None means that the instant is unknown,
    as for rows made before this column existed: every report includes them. The functions that
    create a row set it.
    """

    created_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(Keyed.Meta):
        abstract = True
