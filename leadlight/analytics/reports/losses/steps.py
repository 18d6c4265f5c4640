"""Reasons by step

Why are leads lost at each step?

Each row is a step of one pipeline, with the leads lost in that step. Each reason has a column, as
do the leads without a reason. A lead with several reasons counts in the column of each and once
among the lost leads of the row. A stronger colour means a larger share of the row's lost leads.

Leads count with the same dates and attribution as in the first table of this report. The filter by
pipeline selects the steps. A lead moved to another pipeline after closing counts in the step where
it was lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from leadlight.analytics.facts.losses import closed_leads, prefetch_reasons, with_reasons
from leadlight.analytics.facts.step_entries import chosen_steps
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.metrics.losses import losses_by_reason
from leadlight.analytics.query.phrases import Phrase, gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.reports.contract import (
    Facts,
    Flow,
    Note,
    Report,
)
from leadlight.analytics.reports.matrix import Matrix
from leadlight.analytics.reports.page_layout import ChartSpec

NO_REASONS = gettext_noop(
    "No tag category is set for loss reasons yet. An admin can choose one under “Loss reasons”."
)


def facts(query: ReportQuery) -> Facts:
    """Return the leads closed in the period in a step of the pipeline, with their reasons."""
    of_any = replace(query, filters=query.filters.with_keys("pipeline", ()))
    closed = closed_leads(of_any, has_steps=True)
    closed = closed.filter(closed.step_id.isin(chosen_steps(query.filters).step_id))
    return {"closed": Flow(with_reasons(closed, query.filters))}


def columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return columns that count lost leads: all, by reason, and without a reason."""
    return losses_by_reason(query.filters, query.prefetched_rows("reasons"))


def notes(query: ReportQuery) -> Iterator[Note]:
    """Yield a note if the company has no reasons for losing."""
    if not query.prefetched_rows("reasons"):
        yield Note("no_reasons", Phrase(NO_REASONS))


VIEW = Report(
    key="losses",
    title=gettext_noop("Reasons by step"),
    text=__doc__,
    facts=facts,
    columns=columns,
    groupings=("step",),
    switches=("credit", "include_cancelled"),
    prefetch=prefetch_reasons,
    notes=notes,
    needs=("pipeline",),
    is_of_one_pipeline=True,
    row_link_report="losses",
    headlines=("lost_leads", "no_reason"),
    chart=ChartSpec(kind="heat"),
    matrix=Matrix(("reason:*", "no_reason"), "row"),
    view="steps",
)
