"""Check of the rows of prospecting lists against their columns, activities and leads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from leadlight.sales.models import Prospect, ProspectColumn
from leadlight.sales.prospecting import states


def differences() -> Iterator[str]:
    """Yield a sentence for each row with a cell without column, a wrong state or a lost lead.

    The check of search words is in `sales.search.checks`.
    """
    yield from states.differences()
    yield from _cell_differences()
    without_lead = Prospect.objects.filter(converted_at__isnull=False, lead=None)
    for pk in without_lead.order_by("pk").values_list("pk", flat=True):
        yield f"Prospect {pk}: it was converted, but has no lead."


def _cell_differences() -> Iterator[str]:
    keys: dict[int, set[str]] = defaultdict(set)
    for column in ProspectColumn.objects.iterator():
        keys[column.prospecting_list_id].add(column.cell_key)
    rows = Prospect.objects.order_by("pk").values_list("pk", "prospecting_list", "cells")
    for pk, list_id, cells in rows.iterator():
        if set(cells) - keys[list_id]:
            yield f"Prospect {pk}: it has cells without a column."
        if not all(isinstance(text, str) and text for text in cells.values()):
            yield f"Prospect {pk}: it has cells without text."
