"""Steps in which leads were when they were closed."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from leadlight.analytics.facts.step_intervals import stays_at
from leadlight.analytics.query.report_query import ReportQuery


def with_closing_step(closed: Table, query: ReportQuery) -> Table:
    """Return the closed leads with `step_id`, the step in which each was at `closed_at`.

    This is the step of the last stay that had begun by `closed_at`: a lead that was moved after it
    was closed may be in another step now. For a lead closed before its creation, it is the first
    step.
    """
    stays = stays_at(query.instant)
    when = closed.select(closing_lead_id="lead_id", closing_at="closed_at")
    pairs = when.inner_join(stays, when.closing_lead_id == stays.lead_id)
    had_begun = pairs.entered_at <= pairs.closing_at
    steps = pairs.group_by("closing_lead_id").aggregate(
        last_id=pairs.step_id.argmax(pairs.stay_number, where=had_begun),
        first_id=pairs.step_id.argmin(pairs.stay_number),
    )
    steps = steps.select("closing_lead_id", closing_id=ibis.coalesce(steps.last_id, steps.first_id))
    placed = closed.drop("step_id").left_join(steps, closed.lead_id == steps.closing_lead_id)
    return placed.rename(step_id="closing_id").drop("closing_lead_id")
