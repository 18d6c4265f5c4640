"""Rows that an import refused, as a sheet: their cells as they were, and the reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from leadlight.analytics.export.sheets import Heading, Sheet
from leadlight.sales.models import BulkItem, TableImport

REFUSED = (BulkItem.State.REFUSED,)


def refused_sheet(given: TableImport) -> Sheet:
    """Return the refused rows of an import, in the order of the file."""
    headers = [column["header"] for column in given.columns]
    return Sheet(
        title=_("Refused rows"),
        headings=(
            *(Heading(f"column-{place}", text, "text") for place, text in enumerate(headers)),
            Heading("reason", _("Reason for refusal"), "text"),
            Heading("row", _("Row of the file"), "count"),
        ),
        rows=_rows(given, len(headers)),
    )


def _rows(given: TableImport, width: int) -> Iterator[tuple[Any, ...]]:
    if given.job is None:
        return
    items = given.job.items.filter(state__in=REFUSED).order_by("place")
    for cells, reason, place in items.values_list("cells", "reason", "place").iterator():
        shown = [*(cells or ()), *([""] * width)][:width]
        yield (*shown, reason, place)
