"""Rows that reports as of an instant before their creation leave out."""

from __future__ import annotations

from django.db import models

from leadlight.accounts.keys import Keyed


class Created(Keyed):
    """Abstract model with the instant of creation.

    None counts as before the first fact of the company: rows of databases and company folders from
    before this column have no known instant. The verbs that add a row set it.
    """

    created_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(Keyed.Meta):
        abstract = True
