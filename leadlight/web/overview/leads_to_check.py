"""Leads to check: open leads with a problem, as counted by the report's view on data quality."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from leadlight.analytics.reports.leads import quality
from leadlight.presentation import labels, values
from leadlight.presentation.goal_progress import Params
from leadlight.presentation.links import ListAddresses
from leadlight.reporting.reader import ReportReader

# Counts, each with the column for the amount of the same leads, or "" if there is none.
WATCHED = {
    "overdue_leads": "overdue_amount",
    "undated_leads": "undated_amount",
    "unowned_leads": "unowned_amount",
    "untouched_leads": "untouched_amount",
    "leads_without_amount": "",
}
REPORT = replace(quality.REPORT, headlines=(*WATCHED, *filter(None, WATCHED.values())))


@dataclass(frozen=True)
class LeadCount:
    """Number of leads with one problem, and their amount."""

    title: str
    definition: str
    value: str
    amount: str
    address: str


def leads_to_check(reader: ReportReader, narrowing: Params) -> Iterator[LeadCount]:
    """Yield the counts that are not 0."""
    result = reader.headlines(REPORT, {"view": [str(REPORT.view)]} | narrowing)
    lists = ListAddresses(result.report, result.filters)
    columns = {column.key: column for column in result.columns}
    for key, amount in WATCHED.items():
        column, count = columns[key], result.totals[key]
        if count:
            yield LeadCount(
                labels.say(column.title_phrase),
                labels.say(column.definition_phrase),
                values.text(column.kind, count),
                values.glance("money", total) if (total := result.totals.get(amount)) else "",
                lists.address(key),
            )
