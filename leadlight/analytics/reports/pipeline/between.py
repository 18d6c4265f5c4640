"""Then and now

How did the pipeline change between the first and the last day of the period?

The report compares the pipeline at the end of the first day of the period with the pipeline at the
end of the last day, each as recorded at that time. Today counts in its current state. For each
step, the report shows the open leads on the first day, the leads that came in, the leads that went
out, and the open leads on the last day. Leads that came in are in the step on the last day but were
not in it on the first day: they come from another step, are new or reopened, or now match the
filters. Leads that went out have moved to a later or an earlier step, were won, lost or cancelled,
or are other exits: in another pipeline, in the bin, or no longer matching the filters. First day +
in − out = last day, exactly.

Only these two days are compared: a lead that came in and left again between them is not counted.
Leads that were in the step on the first day count with their amount of that day, and leads that
came in with their amount of the last day. The change in the amounts of the leads that stayed has
its own column, so that amounts add up as well.

Totals are for the whole pipeline. A lead that only changed steps stayed in the pipeline, so moves
to later or earlier steps have no total. Leads are credited to their owner on each of the two days.
The option “Attribution” can credit them to the creator instead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import ibis
from ibis.expr.types import BooleanValue, DateValue, DecimalValue, Table, Value

from leadlight.analytics.facts.step_entries import chosen_steps, is_outcome
from leadlight.analytics.metrics import outcomes
from leadlight.analytics.metrics.columns import Column, count, money
from leadlight.analytics.metrics.outcomes import Outcome
from leadlight.analytics.metrics.predicates import is_any
from leadlight.analytics.query.attribution import credited
from leadlight.analytics.query.bound_values import bound
from leadlight.analytics.query.filters import FIRST, LAST, Filters
from leadlight.analytics.query.phrases import gettext_noop
from leadlight.analytics.query.query_params import end_of
from leadlight.analytics.query.report_query import ReportQuery, utc
from leadlight.analytics.reports.contract import (
    Facts,
    Flow,
    Report,
)
from leadlight.analytics.reports.page_layout import ChartSpec, ColumnGroup, Waterfall
from leadlight.analytics.star.schema import CLOSED_STATUSES, leads_at


@dataclass(frozen=True)
class Snapshot:
    """Pipeline at the end of a day.

    `chosen` are the leads in steps of the pipeline that match the filters, `open` the open ones
    among them, and `company_leads` all leads of the company.
    """

    day: DateValue
    chosen: Table
    open: Table
    company_leads: Table


def snapshot(query: ReportQuery, day: DateValue, instant: Value | None) -> Snapshot:
    """Return the pipeline at the end of a day as recorded at an instant; None is now."""
    filters = query.filters
    company_leads = leads_at(instant)
    leads = filters.narrow(query.scope.narrow(company_leads))
    user, team = credited(leads, "now", filters.switch("credit"))
    columns = leads.select("lead_id", "step_id", "status", "amount", user_id=user, team_id=team)
    steps = chosen_steps(filters).select("step_id", "position")
    chosen = filters.narrow_credited(columns).inner_join(steps, "step_id")
    return Snapshot(day, chosen, chosen.filter(chosen.status.notin(CLOSED_STATUSES)), company_leads)


def are_past(filters: Filters) -> tuple[bool, bool]:
    """Return whether the first day is over, and whether the last day is.

    A past day is read as it was recorded at its end.
    """
    return filters.period.first < filters.today, filters.period.last < filters.today


FIRST_ENDS_AT = bound(
    "first_ends_at",
    "timestamp(6)",
    lambda query: utc(end_of(query.filters.period.first, query.filters.zone)),
)
LAST_ENDS_AT = bound(
    "last_ends_at",
    "timestamp(6)",
    lambda query: utc(end_of(query.filters.period.last, query.filters.zone)),
)


def facts(query: ReportQuery) -> Facts:
    """Return the leads of the first day, those that stayed, and the leads of the last day.

    Of those that stayed, only the leads whose amount changed are returned.
    """
    is_first_past, is_last_past = query.branch
    start = snapshot(query, FIRST, FIRST_ENDS_AT if is_first_past else query.instant)
    end = snapshot(query, LAST, LAST_ENDS_AT if is_last_past else query.instant)
    leads = ibis.union(
        end.company_leads,
        start.company_leads.filter(start.company_leads.lead_id.notin(end.company_leads.lead_id)),
    )
    at_start, at_start_in_all = _open_at_start(start, end), _open_at_start(start, end, in_all=True)
    at_end, at_end_in_all = _open_at_end(start, end), _open_at_end(start, end, in_all=True)
    return {
        "start": Flow(at_start, total_rows=at_start_in_all, leads=leads),
        "stayed": Flow(_changed(at_start), total_rows=_changed(at_start_in_all), leads=leads),
        "end": Flow(at_end, total_rows=at_end_in_all, leads=leads),
    }


def _open_at_start(start: Snapshot, end: Snapshot, *, in_all: bool = False) -> Table:
    """Return the open leads of the first day with their `outcome` by the last day.

    With `in_all`, leads that moved to another step of the pipeline count as "stayed".
    """
    then = end.chosen.select(
        then_lead_id="lead_id",
        then_step_id="step_id",
        then_status="status",
        then_amount="amount",
        then_position="position",
    )
    facts = start.open.left_join(then, start.open.lead_id == then.then_lead_id)
    is_still_there = ibis.literal(True) if in_all else facts.then_step_id == facts.step_id
    outcome = ibis.cases(
        (facts.then_lead_id.isnull(), "left"),
        (facts.then_status.isin(CLOSED_STATUSES), facts.then_status),
        (is_still_there, "stayed"),
        (facts.then_position > facts.position, "moved_up"),
        else_="moved_down",
    )
    return facts.mutate(day=start.day, outcome=outcome)


def _changed(at_start: Table) -> Table:
    """Return the leads that stayed with another amount; `amount` is the difference."""
    change = _change(at_start)
    return at_start.filter(at_start.outcome == "stayed", change != 0).mutate(amount=change)


def _change(at_start: Table) -> DecimalValue:
    return at_start.then_amount.fill_null(0) - at_start.amount.fill_null(0)


def _changed_in_all(at_start: Table) -> DecimalValue:
    """Return the change in amounts as a sum over "start", which needs no join of its own."""
    return _change(at_start).sum(where=at_start.outcome == "stayed")


def _open_at_end(start: Snapshot, end: Snapshot, *, in_all: bool = False) -> Table:
    """Return the open leads of the last day.

    `came` is true if a lead was not open in the step, or with `in_all` in the pipeline, on the
    first day.
    """
    before = start.open.select(before_lead_id="lead_id", before_step_id="step_id")
    facts = end.open.left_join(before, end.open.lead_id == before.before_lead_id)
    came = facts.before_lead_id.isnull()
    if not in_all:
        came = came | (facts.before_step_id != facts.step_id)
    return facts.mutate(day=end.day, came=came)


def _came(facts: Table) -> BooleanValue:
    return facts.came


def _exit_count(
    key: str, title: str, definition: str, higher_is_better: bool | None, **more: Any
) -> Column:
    return count(
        key, "start", is_outcome(key), title, definition, higher_is_better=higher_is_better, **more
    )


def _closed(outcome: Outcome, definition: str, total_title: str) -> Column:
    return _exit_count(
        outcome.key, outcome.title, definition, outcome.higher_is_better, total_title=total_title
    )


def _amount(of: Column, title: str) -> Column:
    definition = THEN_AMOUNTS if of.facts == "start" else NOW_AMOUNTS
    return money(
        f"{of.key}_amount",
        of.facts,
        of.where,
        title,
        definition,
        higher_is_better=of.higher_is_better,
        has_total=of.has_total,
    )


THEN_AMOUNTS = gettext_noop(
    "Total amount of these leads at the end of the first day. A lead without an amount counts as 0."
)
NOW_AMOUNTS = gettext_noop(
    "Total amount of these leads at the end of the last day. A lead without an amount counts as 0."
)
AT_START = count(
    "at_start",
    "start",
    is_any,
    gettext_noop("First day"),
    gettext_noop("Open leads in the step at the end of the first day."),
    higher_is_better=None,
    total_title=gettext_noop("Open on %(first_day)s"),
)
CAME_IN = count(
    "came_in",
    "end",
    _came,
    gettext_noop("Came in"),
    gettext_noop(
        "Leads that were open in the step at the end of the last day but not at "
        "the end of the first day."
    ),
    higher_is_better=None,
    total_title=gettext_noop("Came in since then, still open"),
)
MOVED_UP = _exit_count(
    "moved_up",
    gettext_noop("To a later step"),
    gettext_noop(
        "Leads that were open at the end of the first day and open in a later "
        "step at the end of the last day."
    ),
    higher_is_better=True,
    has_total=False,
)
MOVED_DOWN = _exit_count(
    "moved_down",
    gettext_noop("To an earlier step"),
    gettext_noop(
        "Leads that were open at the end of the first day and open in an earlier "
        "step at the end of the last day."
    ),
    higher_is_better=False,
    has_total=False,
)
WON = _closed(
    outcomes.WON,
    gettext_noop(
        "Leads that were open at the end of the first day and had been won by "
        "the end of the last day."
    ),
    gettext_noop("Won, of the %(at_start)s open on %(first_day)s"),
)
LOST = _closed(
    outcomes.LOST,
    gettext_noop(
        "Leads that were open at the end of the first day and had been lost by "
        "the end of the last day."
    ),
    gettext_noop("Lost, of the %(at_start)s open on %(first_day)s"),
)
CANCELLED = _closed(
    outcomes.CANCELLED,
    gettext_noop(
        "Leads that were open at the end of the first day and had been cancelled "
        "by the end of the last day."
    ),
    gettext_noop("Cancelled, of the %(at_start)s open on %(first_day)s"),
)
LEFT = _exit_count(
    "left",
    gettext_noop("Other exits"),
    gettext_noop(
        "Leads that were open at the end of the first day and, at the end of the "
        "last day, were in another pipeline or in the bin, or no longer matched "
        "the filters."
    ),
    higher_is_better=None,
)
AT_END = count(
    "at_end",
    "end",
    is_any,
    gettext_noop("Last day"),
    gettext_noop("Open leads in the step at the end of the last day."),
    higher_is_better=None,
    total_title=gettext_noop("Open on %(last_day)s"),
)
AMOUNT_CHANGED = replace(
    money(
        "amount_changed",
        "stayed",
        is_any,
        gettext_noop("Change in amounts"),
        gettext_noop(
            "Net change in the amounts of the leads that stayed. The list shows the "
            "change of each lead."
        ),
        higher_is_better=None,
    ),
    aggregates={"amount_changed": ("start", _changed_in_all)},
)

COLUMNS = (
    AT_START,
    _amount(AT_START, gettext_noop("First day: amount")),
    CAME_IN,
    _amount(CAME_IN, gettext_noop("Came in: amount")),
    MOVED_UP,
    _amount(MOVED_UP, gettext_noop("To a later step: amount")),
    MOVED_DOWN,
    _amount(MOVED_DOWN, gettext_noop("To an earlier step: amount")),
    WON,
    _amount(WON, gettext_noop("Won: amount")),
    LOST,
    _amount(LOST, gettext_noop("Lost: amount")),
    CANCELLED,
    _amount(CANCELLED, gettext_noop("Cancelled: amount")),
    LEFT,
    _amount(LEFT, gettext_noop("Other exits: amount")),
    AMOUNT_CHANGED,
    AT_END,
    _amount(AT_END, gettext_noop("Last day: amount")),
)


def columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return the columns: first day, entries, exits, change in amounts and last day."""
    return COLUMNS


VIEW = Report(
    key="pipeline",
    title=gettext_noop("Then and now"),
    total_title=gettext_noop("Whole pipeline"),
    text=__doc__,
    facts=facts,
    columns=columns,
    tests_changes=lambda filters: False,
    groupings=("step",),
    switches=("credit",),
    needs=("pipeline",),
    is_of_one_pipeline=True,
    branch=are_past,
    preset="this_month",
    layout=(
        ColumnGroup(gettext_noop("Start"), (("at_start", "at_start_amount"),)),
        ColumnGroup(
            gettext_noop("In between"),
            (
                ("came_in", "came_in_amount"),
                ("moved_up", "moved_up_amount"),
                ("moved_down", "moved_down_amount"),
                ("won", "won_amount"),
                ("lost", "lost_amount"),
                ("cancelled", "cancelled_amount"),
                ("left", "left_amount"),
                "amount_changed",
            ),
        ),
        ColumnGroup(gettext_noop("End"), (("at_end", "at_end_amount"),)),
    ),
    headlines=(
        "at_start",
        "came_in",
        "won",
        "lost",
        "at_end",
        "cancelled",
        "left",
        "at_end_amount",
    ),
    chart=ChartSpec(
        kind="waterfalls",
        waterfalls=(
            Waterfall(
                "at_start_amount",
                "at_end_amount",
                added=("came_in_amount", "amount_changed"),
                removed=("won_amount", "lost_amount", "cancelled_amount", "left_amount"),
            ),
            Waterfall(
                "at_start",
                "at_end",
                added=("came_in",),
                removed=("won", "lost", "cancelled", "left"),
            ),
        ),
    ),
    view="between",
)
