"""Sentence about a table for screen readers, announced when the table has changed."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leadlight.presentation import formats
from leadlight.presentation.tables import Table

ASCENDING = "ascending"


def announcement(table: Table) -> str:
    """Return a sentence with the number of rows and columns of a table, and its sort order."""
    headings = [heading for group in table.groups for heading in group.shown]
    sorted_by = [heading for heading in (table.names, *headings) if heading.direction]
    return " ".join(
        [
            ngettext("%(number)s row.", "%(number)s rows.", table.rows)
            % {"number": formats.number(table.rows)},
            ngettext("%(number)s column.", "%(number)s columns.", len(headings))
            % {"number": formats.number(len(headings))},
            *(_order(heading.title, heading.direction) for heading in sorted_by),
        ]
    )


def _order(title: str, direction: str) -> str:
    params = {"column": title}
    if direction == ASCENDING:
        return _("Sorted by %(column)s, ascending.") % params
    return _("Sorted by %(column)s, descending.") % params
