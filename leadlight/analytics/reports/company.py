"""Company performance

How many leads came in, how many were won, and how long did it take?

A lead counts as created on the day it was created, and as won, lost or cancelled on the day it was
closed. The same lead can count in two different months. A reopened lead counts as open: its earlier
closing is not counted in any period.

A created lead is credited to its owner at creation, a closed lead to its owner at closing, and an
open lead to its current owner. The option “Attribution” can credit everything to the current owner
or the creator instead. Leads without an owner have their own row.

Open leads are counted at the end of the last day of each row: those created by then and not yet
closed. From one row to the next, open at the end = open before + created − won − lost − cancelled.
"""

from __future__ import annotations

from ibis.expr.types import Table, Value

from leadlight.analytics.metrics import deals
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.query.attribution import Event, credited
from leadlight.analytics.query.filters import FIRST, LAST, Filters
from leadlight.analytics.query.grouping import GROUPINGS
from leadlight.analytics.query.phrases import gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.reports.contract import (
    Facts,
    Flow,
    Report,
    Stock,
)
from leadlight.analytics.reports.page_layout import ChartSpec, ColumnGroup

IDS = ("lead_id", "pipeline_id", "source", "prospecting_list_id")


def facts(query: ReportQuery) -> Facts:
    """Return the leads created in the period, closed in it, and open at any time until its end."""
    filters, leads = query.filters, query.leads
    created = leads.filter(leads.created_on.between(FIRST, LAST))
    closed = leads.filter(leads.closed_on.between(FIRST, LAST))
    # A lead closed before it was created was never open.
    opened = leads.filter(
        leads.created_on <= LAST,
        leads.closed_on.isnull() | (leads.closed_on >= leads.created_on),
    )
    return {
        "created": Flow(_facts(created, "creation", filters, day=created.created_on)),
        "closed": Flow(
            _facts(
                closed,
                "closing",
                filters,
                day=closed.closed_on,
                status=closed.status,
                amount=closed.amount,
                seconds_to_close=closed.seconds_to_close,
            )
        ),
        "open": Stock(
            _facts(
                opened,
                "now",
                filters,
                opened_on=opened.created_on,
                shut_on=opened.closed_on,
                amount=opened.amount,
            )
        ),
    }


def _facts(leads: Table, event: Event, filters: Filters, **columns: Value) -> Table:
    user, team = credited(leads, event, filters.switch("credit"))
    return filters.narrow_credited(leads.select(*IDS, user_id=user, team_id=team, **columns))


def columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return the columns, with the win rate that the switch `leave_cancelled_out` selects."""
    return (
        deals.CREATED_LEADS,
        deals.WON_LEADS,
        deals.LOST_LEADS,
        deals.CANCELLED_LEADS,
        deals.WON_AMOUNT,
        deals.LOST_AMOUNT,
        deals.WIN_RATE.chosen(query.filters),
        deals.MEAN_DEAL,
        deals.MEDIAN_DAYS_TO_WIN,
        deals.P25_DAYS_TO_WIN,
        deals.P75_DAYS_TO_WIN,
        deals.MEAN_DAYS_TO_WIN,
        deals.OPEN_LEADS,
        deals.OPEN_AMOUNT,
    )


RESULT = ColumnGroup(gettext_noop("Results"), ("won_leads", "won_amount", "win_rate", "mean_deal"))
OTHER_GROUPS = (
    ColumnGroup(
        gettext_noop("Flow"), ("created_leads", ("lost_leads", "lost_amount"), "cancelled_leads")
    ),
    ColumnGroup(
        gettext_noop("Sales cycle (days)"),
        (("median_days_to_win", "p25_days_to_win", "p75_days_to_win"),),
        more=("mean_days_to_win",),
    ),
    ColumnGroup(gettext_noop("Open"), (("open_leads", "open_amount"),)),
)
LAYOUT = (RESULT, *OTHER_GROUPS)

REPORT = Report(
    key="company",
    title=gettext_noop("Company performance"),
    text=__doc__,
    facts=facts,
    columns=columns,
    warnings=(deals.WON_WITHOUT_AMOUNT, deals.CLOSED_BEFORE_CREATION),
    groupings=GROUPINGS,
    switches=("credit", "leave_cancelled_out", "days"),
    layout=LAYOUT,
    compares_at_first=True,
    headlines=(
        "won_amount",
        "won_leads",
        "win_rate",
        "created_leads",
        "open_leads",
        "mean_deal",
        "median_days_to_win",
    ),
    chart=ChartSpec(("won_leads", "lost_leads", "cancelled_leads"), "won_amount", "win_rate"),
)
