"""How likely is a sale from each step, and what do we say it is?

For each step of a pipeline: the probability that was set for it, and the measured win rate. This is
the share won of the leads of the pipeline that were closed in the last 365 days and had reached the
step, with the interval in which the true rate lies 95 times in 100; a cancelled lead counts as not
won, or is left out by a switch. A lead counts in every step that it reached, and once in the total.
As far as one may see them all leads are measured, whatever one filters by; so the forecast measures
too, once 30 leads can be counted.

The open leads are those that are in the step now, or were as of the instant asked about, whenever
they are expected. Admins may set the measured rate as the probability of the step, in whole per
cent. It counts from then on: as of an earlier instant the forecast takes what was set then. The
weighted amount is that of the open leads with the probabilities that are set; beside it is what it
would be with the measured ones. A probability set for the lead itself comes first in both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import ibis
from ibis.expr.types import Table, Value

from leadlight.analytics.facts import cohorts, historical
from leadlight.analytics.facts.cohorts import IDS, measured
from leadlight.analytics.facts.weighted import FEWEST_CLOSED, weighed_by_steps
from leadlight.analytics.metrics import outcomes
from leadlight.analytics.metrics.columns import (
    Column,
    Rate,
    Span,
    count,
    money,
)
from leadlight.analytics.metrics.date_rules import AS_IT_IS, AS_SET, CLOSED_OF_LATE
from leadlight.analytics.metrics.evidence import Sums
from leadlight.analytics.metrics.forecast import OPEN_AMOUNT, WEIGHTED_AMOUNT
from leadlight.analytics.metrics.outcomes import leads_with, win_rate
from leadlight.analytics.metrics.predicates import is_any, is_open
from leadlight.analytics.query.attribution import credited
from leadlight.analytics.query.filters import LAST, Filters
from leadlight.analytics.query.lead_filter import having
from leadlight.analytics.query.periods import COMING_PRESETS
from leadlight.analytics.query.phrases import Phrase, gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.reports.contract import (
    Facts,
    Flow,
    Note,
    Report,
)
from leadlight.analytics.reports.page_layout import ChartSpec, ColumnGroup
from leadlight.analytics.star.schema import steps_set_at
from leadlight.analytics.stats.proportions import wilson


def facts(query: ReportQuery) -> Facts:
    """Return the open leads, the steps, and recently closed leads in each step they reached."""
    filters, leads = query.filters, query.leads
    leads = leads.filter(is_open(leads))
    user, team = credited(leads, "now", filters.switch("credit"))
    here = leads.select(
        *IDS, "step_id", "amount", "probability", day=LAST, user_id=user, team_id=team
    )
    every_step = steps_set_at(query.instant)
    steps = _of_pipelines(every_step, query).select("step_id", "step_probability", day=LAST)
    closed = historical.closed_by_step(filters, query.scope)
    in_all = measured(query)
    return {
        "open": Flow(weighed_by_steps(filters.narrow_credited(here), every_step)),
        "steps": Flow(steps, total_rows=steps.filter(ibis.literal(False))),
        "closed": Flow(_closed(closed, query), total_rows=_closed(in_all, query)),
    }


def prefetch(filters: Filters, scope: Scope) -> Mapping[str, Table]:
    """Return win rates by step."""
    wins = historical.wins_by_step(filters, scope)
    return {"wins_by_step": wins.filter(wins.closed >= FEWEST_CLOSED)}


def _closed(closed: Table, query: ReportQuery) -> Table:
    """Return the leads of the chosen pipelines, of all users."""
    closed = _of_pipelines(closed, query)
    user, team = credited(closed, "closing", query.filters.switch("credit"))
    return closed.select(*IDS, "step_id", "status", day=LAST, user_id=user, team_id=team)


def _of_pipelines(rows: Table, query: ReportQuery) -> Table:
    keys = query.filters.keys("pipeline")
    return rows.filter(having(rows, "pipeline", keys)) if keys else rows


OPEN_LEADS = count(
    "open_leads",
    "open",
    is_any,
    gettext_noop("Open"),
    gettext_noop("Open leads that are in the step."),
    higher_is_better=None,
)
CLOSED_LEADS = leads_with(
    outcomes.CLOSED,
    "closed",
    gettext_noop("Leads closed in the last 365 days that had reached the step."),
)
WON_LEADS = leads_with(
    outcomes.WON,
    "closed",
    gettext_noop("Leads won in the last 365 days that had reached the step."),
)
# The facts are decided leads only, if the switch says so.
DECIDED_LEADS = replace(
    CLOSED_LEADS,
    title=outcomes.DECIDED.title,
    definition=gettext_noop("Leads won or lost in the last 365 days that had reached the step."),
)
MEASURED_RATE = win_rate(
    WON_LEADS,
    CLOSED_LEADS,
    DECIDED_LEADS,
    key="measured_rate",
    title=gettext_noop("Measured win rate"),
    definitions=(
        gettext_noop(
            "The share won of the leads closed in the last 365 days that reached the step."
        ),
        gettext_noop(
            "The share won of the leads won or lost in the last 365 days that reached the step."
        ),
    ),
)


def _set(sums: Sums, totals: Sums) -> float | None:
    per_cent = sums.get("set_per_cent")
    return None if per_cent is None else per_cent / 100


def _per_cent(steps: Table) -> Value:
    return steps.step_probability.max()


def _interval(sums: Sums, totals: Sums) -> Span | None:
    measured: Rate = MEASURED_RATE.of_closed.value(sums, totals)
    if not measured.denominator:
        return None
    return Span(*wilson(int(measured.numerator), int(measured.denominator)))


_other: dict[str, Any] = {"is_proportion": False, "higher_is_better": None}
SET_PROBABILITY = replace(
    OPEN_LEADS,
    key="set_probability",
    kind="share",
    title=gettext_noop("Set probability"),
    definition=gettext_noop("The probability that the company set for the step."),
    aggregates={"set_per_cent": ("steps", _per_cent)},
    value=_set,
    **_other,
)
MEASURED_INTERVAL = replace(
    MEASURED_RATE.of_closed,
    key="measured_interval",
    kind="interval",
    title=gettext_noop("May truly be"),
    definition=gettext_noop(
        "Between what the true win rate lies, 95 times in 100 (Wilson's interval)."
    ),
    value=_interval,
    **_other,
)


WEIGHTED_IF_ADOPTED = money(
    "weighted_if_adopted",
    "open",
    is_any,
    gettext_noop("Weighted by measured rates"),
    gettext_noop(
        "Each open amount times the probability of its lead, else the measured win rate of its "
        "step in whole per cent, else the probability set for the step."
    ),
    amount="weighted_if_adopted",
    higher_is_better=None,
    evidence=None,
)


def columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return the columns: open leads, probability set and measured, and the amounts by both."""
    filters = query.filters
    return (
        OPEN_LEADS,
        OPEN_AMOUNT,
        SET_PROBABILITY,
        WON_LEADS,
        DECIDED_LEADS if filters.leaves_cancelled_out else CLOSED_LEADS,
        MEASURED_RATE.chosen(filters),
        MEASURED_INTERVAL,
        WEIGHTED_AMOUNT,
        WEIGHTED_IF_ADOPTED,
    )


def remarks(query: ReportQuery) -> Iterable[Note]:
    """Yield a note with the days on which the measured leads were closed."""
    days = cohorts.recent_days(query.filters)
    yield Note("measured_days", Phrase(MEASURED_DAYS, {"first": days.first, "last": days.last}))


MEASURED_DAYS = gettext_noop(
    "Win rates are measured on the leads closed in the last 365 days, from %(first)s to %(last)s."
)

REPORT = Report(
    key="forecast",
    view="steps",
    title=gettext_noop("Probabilities of the steps"),
    text=__doc__,
    facts=facts,
    columns=columns,
    prefetch=prefetch,
    prefetched_values=frozenset({"wins_by_step"}),
    tests_changes=lambda filters: False,
    needs=("pipeline",),
    date_rules=lambda filters: {"open": AS_IT_IS, "steps": AS_SET, "closed": CLOSED_OF_LATE},
    own_periods=lambda filters: {"closed": cohorts.recent_days(filters)},
    remarks=remarks,
    groupings=("step",),
    preset="next_3_months",
    presets=tuple(COMING_PRESETS),
    is_about_now=True,
    switches=("credit", "leave_cancelled_out"),
    layout=(
        ColumnGroup(gettext_noop("Open leads"), (("open_leads", "open_amount"), "set_probability")),
        ColumnGroup(
            gettext_noop("Closed in the last 365 days"),
            ("won_leads", "closed_leads", ("measured_rate", "measured_interval")),
        ),
        ColumnGroup(gettext_noop("Weighted amount"), ("weighted_amount", "weighted_if_adopted")),
    ),
    headlines=("open_leads", "open_amount", "won_leads", "closed_leads", "measured_rate"),
    chart=ChartSpec(kind="intervals"),
)
