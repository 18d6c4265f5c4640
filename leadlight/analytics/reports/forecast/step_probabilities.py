"""Step probabilities

Does the probability set for each step match the measured win rate?

Each row shows the probability set for a step and its measured win rate: the share won among the
leads of the pipeline that had reached the step and were closed in the last 365 days. The likely
range is the one in which chance alone could move this rate (95%). A cancelled lead counts as not
won, unless you leave cancelled leads out. A lead counts in every step it reached, and once in the
total. All leads you have access to are used, whatever the filters. The forecast uses the same
rates, if they are measured on at least 30 leads.

Open leads are those in the step now, or at the past date chosen, whatever their expected close
date. Admins can set the measured rate, rounded to a whole percentage, as the probability of the
step. The new probability applies from the moment it is set: for an earlier date, the forecast uses
the probability set at that date. The weighted amount uses the probabilities that are set, the
amount next to it the measured ones. In both amounts, the lead's own probability comes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import ibis
from ibis.expr.types import Table, Value

from leadlight.analytics.facts import cohorts, historical
from leadlight.analytics.facts.cohorts import IDS, leads_for_win_rates
from leadlight.analytics.facts.weighted import FEWEST_CLOSED, with_adoptable_amounts
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
from leadlight.analytics.query.lead_filter import has_key
from leadlight.analytics.query.periods import FUTURE_PRESETS
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
    closed = historical.closed_leads_by_step(filters, query.scope)
    in_all = leads_for_win_rates(query)
    return {
        "open": Flow(with_adoptable_amounts(filters.narrow_credited(here), every_step)),
        "steps": Flow(steps, total_rows=steps.filter(ibis.literal(False))),
        "closed": Flow(_closed(closed, query), total_rows=_closed(in_all, query)),
    }


def prefetch(filters: Filters, scope: Scope) -> Mapping[str, Table]:
    """Return win rates by step."""
    wins = historical.wins_by_step(filters, scope)
    return {"wins_by_step": wins.filter(wins.closed >= FEWEST_CLOSED)}


def _closed(closed: Table, query: ReportQuery) -> Table:
    """Return the closed leads of the chosen pipelines, whatever the filters by user or team."""
    closed = _of_pipelines(closed, query)
    user, team = credited(closed, "closing", query.filters.switch("credit"))
    return closed.select(*IDS, "step_id", "status", day=LAST, user_id=user, team_id=team)


def _of_pipelines(rows: Table, query: ReportQuery) -> Table:
    keys = query.filters.keys("pipeline")
    return rows.filter(has_key(rows, "pipeline", keys)) if keys else rows


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
    gettext_noop("Leads that had reached the step and were closed in the last 365 days."),
)
WON_LEADS = leads_with(
    outcomes.WON,
    "closed",
    gettext_noop("Leads that had reached the step and were won in the last 365 days."),
)
# If the switch leaves cancelled leads out, the facts are decided leads only.
DECIDED_LEADS = replace(
    CLOSED_LEADS,
    title=outcomes.DECIDED.title,
    definition=gettext_noop(
        "Leads that had reached the step and were won or lost in the last 365 days."
    ),
)
MEASURED_RATE = win_rate(
    WON_LEADS,
    CLOSED_LEADS,
    DECIDED_LEADS,
    key="measured_rate",
    title=gettext_noop("Measured win rate"),
    definitions=(
        gettext_noop(
            "Leads won ÷ leads closed, among the leads that had reached the step and "
            "were closed in the last 365 days."
        ),
        gettext_noop(
            "Leads won ÷ leads won or lost, among the leads that had reached the "
            "step and were won or lost in the last 365 days."
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


_OVERRIDES: dict[str, Any] = {"is_proportion": False, "higher_is_better": None}
SET_PROBABILITY = replace(
    OPEN_LEADS,
    key="set_probability",
    kind="share",
    title=gettext_noop("Step probability"),
    definition=gettext_noop("Probability that your company has set for the step."),
    aggregates={"set_per_cent": ("steps", _per_cent)},
    value=_set,
    **_OVERRIDES,
)
MEASURED_INTERVAL = replace(
    MEASURED_RATE.of_closed,
    key="measured_interval",
    kind="interval",
    title=gettext_noop("Likely range (95%)"),
    definition=gettext_noop(
        "Range in which chance alone could move the win rate (95%, Wilson score interval)."
    ),
    value=_interval,
    **_OVERRIDES,
)


WEIGHTED_IF_ADOPTED = money(
    "weighted_if_adopted",
    "open",
    is_any,
    gettext_noop("Weighted by measured rates"),
    gettext_noop(
        "Each open amount × the probability of the lead. If the lead has none, × "
        "the measured win rate of its step, rounded to a whole percentage, or "
        "the probability set for the step if there is no measured rate."
    ),
    amount="weighted_if_adopted",
    higher_is_better=None,
    evidence=None,
)


def columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return the columns: open leads, set probability, measured rate, and amounts by both."""
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


def notes(query: ReportQuery) -> Iterable[Note]:
    """Yield a note with the days on which the measured leads were closed."""
    days = cohorts.recent_days(query.filters)
    yield Note("measured_days", Phrase(MEASURED_DAYS, {"first": days.first, "last": days.last}))


MEASURED_DAYS = gettext_noop(
    "Win rates are measured on the leads closed in the last 365 days, from %(first)s to %(last)s."
)

REPORT = Report(
    key="forecast",
    view="steps",
    title=gettext_noop("Step probabilities"),
    text=__doc__,
    facts=facts,
    columns=columns,
    prefetch=prefetch,
    prefetched_values=frozenset({"wins_by_step"}),
    tests_changes=lambda filters: False,
    needs=("pipeline",),
    date_rules=lambda filters: {"open": AS_IT_IS, "steps": AS_SET, "closed": CLOSED_OF_LATE},
    own_periods=lambda filters: {"closed": cohorts.recent_days(filters)},
    notes=notes,
    groupings=("step",),
    preset="next_3_months",
    presets=tuple(FUTURE_PRESETS),
    is_about_now=True,
    switches=("credit", "leave_cancelled_out"),
    layout=(
        ColumnGroup(gettext_noop("Open leads"), (("open_leads", "open_amount"), "set_probability")),
        ColumnGroup(
            gettext_noop("Closed in the last 365 days"),
            ("won_leads", "closed_leads", ("measured_rate", "measured_interval")),
        ),
        ColumnGroup(gettext_noop("Forecast"), ("weighted_amount", "weighted_if_adopted")),
    ),
    headlines=("open_leads", "open_amount", "won_leads", "closed_leads", "measured_rate"),
    chart=ChartSpec(kind="intervals"),
)
