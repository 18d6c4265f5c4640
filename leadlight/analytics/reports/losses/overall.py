"""Losses

Why are leads lost, at which step, and by whom?

A lead counts on the day it was lost. A reopened lead is no longer lost: its earlier closing is not
counted in any period. Cancelled leads can be counted as well.

The reasons are the tags of the categories chosen as loss reasons. If cancelled leads are counted,
the reasons for cancelling are included. A lead has its current tags, even in reports about the
past. A lead with several reasons counts in each of their rows and once in the total. Leads without
a reason have their own row.

The step is the one in which the lead was closed, even if it was moved later. A lead is credited to
its owner at closing. The option “Attribution” can credit it to the current owner or the creator
instead.

“Share of closed leads” divides the lost leads by the closed leads of the row. In rows by reason it
divides them by all leads closed in the period, because only lost leads have a reason.
"""

from __future__ import annotations

from collections.abc import Iterator

from leadlight.analytics.facts.losses import closed_leads, prefetch_reasons
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.metrics.losses import losses_of
from leadlight.analytics.query.grouping import GROUPINGS
from leadlight.analytics.query.phrases import Phrase, gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.reports.contract import (
    Facts,
    Flow,
    Note,
    Report,
)
from leadlight.analytics.reports.losses import people, steps
from leadlight.analytics.reports.page_layout import ChartSpec

SEVERAL_REASONS = gettext_noop(
    "A lead with several reasons counts in each of their rows and once in the total."
)


def facts(query: ReportQuery) -> Facts:
    """Return the leads closed in the period; in rows by step, with the step at their closing."""
    return {"closed": Flow(closed_leads(query, has_steps=query.filters.group_by == "step"))}


def is_by_reason(query: ReportQuery) -> bool:
    return query.filters.group_by in (None, "reason")


def columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return the columns that the switch selects; the share of closed depends on the rows."""
    lost = losses_of(query.filters)
    return (
        lost.leads,
        lost.amount,
        lost.share,
        lost.amount_share,
        lost.of_all_closed if is_by_reason(query) else lost.of_own_closed,
        lost.median_days,
    )


def notes(query: ReportQuery) -> Iterator[Note]:
    """Yield a note if no reasons are set, else, in rows by reason, one on leads in several rows."""
    yield from steps.notes(query)
    if query.prefetched_rows("reasons") and is_by_reason(query):
        yield Note("several_reasons", Phrase(SEVERAL_REASONS))


REPORT = Report(
    key="losses",
    title=gettext_noop("Losses"),
    text=__doc__,
    facts=facts,
    columns=columns,
    groupings=("reason", "step", *(name for name in GROUPINGS if name != "bucket"), "bucket"),
    switches=("credit", "include_cancelled", "days"),
    prefetch=prefetch_reasons,
    prefetched_values=frozenset({"reasons"}),
    notes=notes,
    row_link_report="losses",
    compares_at_first=True,
    headlines=("lost_leads", "lost_amount", "closed_share", "median_days_to_lose"),
    chart=ChartSpec(("lost_leads",), "lost_amount", kind="shares"),
    sort="-lost_leads",
    views=(steps.VIEW, people.VIEW),
)
