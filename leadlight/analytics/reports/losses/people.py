"""Reasons by person

Why does each person lose leads?

Each row is a person or a team, with the leads lost in this period. Each reason has a column, as do
the leads without a reason. A lead with several reasons counts in the column of each and once among
the lost leads of the row. A stronger colour means a larger share of the row's lost leads.

Leads count as in the first table of this report and are credited to their owner at closing. The
option “Attribution” can credit them to the current owner or the creator instead.
"""

from __future__ import annotations

from leadlight.analytics.facts.losses import closed_leads, prefetch_reasons, with_reasons
from leadlight.analytics.query.phrases import gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.reports.contract import (
    Facts,
    Flow,
    Report,
)
from leadlight.analytics.reports.losses.steps import columns, notes
from leadlight.analytics.reports.matrix import Matrix
from leadlight.analytics.reports.page_layout import ChartSpec


def facts(query: ReportQuery) -> Facts:
    """Return the leads closed in the period, with their reasons."""
    return {"closed": Flow(with_reasons(closed_leads(query), query.filters))}


VIEW = Report(
    key="losses",
    title=gettext_noop("Reasons by person"),
    text=__doc__,
    facts=facts,
    columns=columns,
    groupings=("user", "team"),
    switches=("credit", "include_cancelled"),
    prefetch=prefetch_reasons,
    notes=notes,
    row_link_report="losses",
    headlines=("lost_leads", "no_reason"),
    chart=ChartSpec(kind="heat"),
    matrix=Matrix(("reason:*", "no_reason"), "row"),
    view="people",
)
