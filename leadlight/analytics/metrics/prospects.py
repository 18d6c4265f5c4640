"""Columns of prospecting: prospects, activities on them, the leads they became, amounts, cost."""

from __future__ import annotations

from dataclasses import replace

from ibis.expr.types import BooleanValue, FloatingValue, Table

from leadlight.analytics.metrics import deals, outcomes
from leadlight.analytics.metrics.columns import (
    Column,
    count,
    mean_money,
    money,
    quartile_days,
    rate,
    ratio,
)
from leadlight.analytics.metrics.costs import cost_columns
from leadlight.analytics.metrics.outcomes import leads_with, win_rate
from leadlight.analytics.metrics.predicates import (
    SECONDS_PER_DAY,
    is_any,
    is_won,
)
from leadlight.analytics.query.phrases import gettext_noop


def _of_leads(column: Column) -> Column:
    """Return the column with each lead counted once, and leads in its drill-down."""
    return replace(column, distinct="lead")


PROSPECTS = count(
    "prospects",
    "prospects",
    is_any,
    gettext_noop("Prospects"),
    gettext_noop("Prospects in the prospecting lists."),
    higher_is_better=None,
    unit_override="prospects",
)
WORKED = count(
    "worked",
    "worked",
    is_any,
    gettext_noop("Contacted"),
    gettext_noop("Prospects with at least one activity, or converted into a lead."),
    unit_override="prospects",
)
REACHED = count(
    "reached",
    "reached",
    is_any,
    gettext_noop("Reached"),
    gettext_noop("Prospects reached by at least one activity."),
    unit_override="prospects",
)
TURNED_INTO_LEADS = count(
    "turned_into_leads",
    "turned",
    is_any,
    gettext_noop("Converted"),
    gettext_noop("Prospects converted into a lead, whatever its outcome."),
    unit_override="prospects",
)
PROSPECTS_TO_LEADS = rate(
    "prospects_to_leads",
    TURNED_INTO_LEADS,
    PROSPECTS,
    gettext_noop("Conversion rate"),
    gettext_noop("Prospects converted into a lead ÷ all prospects."),
)
OPEN_LEADS = _of_leads(
    count(
        "open_leads",
        "open",
        is_any,
        gettext_noop("Open"),
        gettext_noop("Converted leads that are open."),
        higher_is_better=None,
        evidence=None,
    )
)
WON_LEADS = _of_leads(
    leads_with(outcomes.WON, "closed", gettext_noop("Converted leads that are won."))
)
LOST_LEADS = _of_leads(
    leads_with(outcomes.LOST, "closed", gettext_noop("Converted leads that are lost."))
)
CANCELLED_LEADS = _of_leads(
    leads_with(
        outcomes.CANCELLED,
        "closed",
        gettext_noop("Converted leads that are cancelled."),
    )
)
CLOSED_LEADS = _of_leads(
    leads_with(
        outcomes.CLOSED,
        "closed",
        gettext_noop("Converted leads that are won, lost or cancelled."),
    )
)
DECIDED_LEADS = _of_leads(
    leads_with(
        outcomes.DECIDED,
        "closed",
        gettext_noop("Converted leads that are won or lost."),
    )
)
WIN_RATE = win_rate(
    WON_LEADS,
    CLOSED_LEADS,
    DECIDED_LEADS,
    exclusions=(replace(CANCELLED_LEADS, note=outcomes.LEFT_OUT),),
)
WON_AMOUNT = _of_leads(
    money("won_amount", "closed", is_won, deals.WON_AMOUNT.title, deals.WON_AMOUNT.definition)
)
WON_AMOUNT_PER_PROSPECT = mean_money(
    "won_amount_per_prospect",
    WON_AMOUNT,
    PROSPECTS,
    gettext_noop("Won per prospect"),
    gettext_noop("Won amount ÷ prospects."),
)
ACTIVITIES = count(
    "activities",
    "activities",
    is_any,
    gettext_noop("Activities"),
    gettext_noop("Activities on prospects, before they became leads."),
    higher_is_better=None,
    unit_override="activities",
)
CALLS = count(
    "calls",
    "activities",
    lambda facts: facts.activity_kind == "call",
    gettext_noop("Calls"),
    gettext_noop("Calls to prospects, before they became leads."),
    higher_is_better=None,
    unit_override="activities",
)
ACTIVITIES_PER_LEAD = ratio(
    "activities_per_lead",
    ACTIVITIES,
    TURNED_INTO_LEADS,
    gettext_noop("Activities per conversion"),
    gettext_noop("Activities on prospects ÷ prospects converted."),
    higher_is_better=False,
)
CALLS_PER_LEAD = ratio(
    "calls_per_lead",
    CALLS,
    TURNED_INTO_LEADS,
    gettext_noop("Calls per conversion"),
    gettext_noop("Calls to prospects ÷ prospects converted."),
    higher_is_better=False,
)


def days_to_lead(turned: Table) -> FloatingValue:
    """Return the days (with fractions) from prospect to lead; 0 if the lead is older."""
    return turned.seconds_to_lead.clip(lower=0) / SECONDS_PER_DAY


LEAD_BEFORE_ROW = count(
    "turned_before_row",
    "turned",
    lambda turned: turned.seconds_to_lead < 0,
    gettext_noop("Lead older than its prospect"),
    gettext_noop(
        "Prospects added after their lead was created. Their time to convert counts as 0 days."
    ),
    unit_override="prospects",
    note=gettext_noop("Leads older than their prospect, counted as 0 days: %(count)s."),
)
MEDIAN_DAYS_TO_LEAD = quartile_days(
    "median_days_to_lead",
    0.5,
    TURNED_INTO_LEADS,
    gettext_noop("Median time to convert"),
    gettext_noop("Median time from adding the prospect to converting them into a lead."),
    days=days_to_lead,
    exclusions=(LEAD_BEFORE_ROW,),
)
MEDIAN_DAYS_LEAD_TO_WIN = quartile_days(
    "median_days_lead_to_win",
    0.5,
    WON_LEADS,
    gettext_noop("Median sales cycle"),
    gettext_noop("Median time from creation to closing, for won leads."),
    distinct="lead",
)


def _won_with_cost(closed: Table) -> BooleanValue:
    return is_won(closed) & closed.has_cost


COST_COLUMNS = cost_columns("closed", _won_with_cost)

ALL_COLUMNS = (
    PROSPECTS,
    WORKED,
    REACHED,
    TURNED_INTO_LEADS,
    PROSPECTS_TO_LEADS,
    OPEN_LEADS,
    WON_LEADS,
    LOST_LEADS,
    CANCELLED_LEADS,
    WON_AMOUNT,
    WON_AMOUNT_PER_PROSPECT,
    ACTIVITIES_PER_LEAD,
    CALLS_PER_LEAD,
    MEDIAN_DAYS_TO_LEAD,
    MEDIAN_DAYS_LEAD_TO_WIN,
    *COST_COLUMNS,
)
