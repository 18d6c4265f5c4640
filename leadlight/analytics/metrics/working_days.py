"""Titles and units of durations in working days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.periods import Bucket
from leadlight.analytics.query.phrases import Phrase, gettext_noop
from leadlight.analytics.query.working_time import is_working

WORKING_UNIT = "working_days"
IN_WORKING_DAYS = gettext_noop("%(title)s (working days)")


def titled(column: Column, filters: Filters) -> Column:
    """Return the column, with title and unit for working days if the switch selects them."""
    if column.kind != "days" or column.always_calendar_days or not is_working(filters):
        return column
    names: Mapping[str, str | Phrase | Bucket] = {**column.names, "title": column.title_phrase}
    return replace(column, title=IN_WORKING_DAYS, names=names, unit_override=WORKING_UNIT)
