"""What came in, what was won, and how long did it take?

Leads count on the day of the event: as created on the local day they were created, as won, lost or
cancelled on the local day they were closed. One lead may count in two different months. A lead
that was re-opened is open: its earlier closing counts in no period.

A created lead is credited to its owner at creation, a closed lead to its owner at the moment of
closing, an open lead to its owner; a switch credits everything to the current owner or to the
creator. Leads nobody owned are a row of their own.

Open leads are counted at the end of each row's last day: created by then and not closed by then.
So open at the end = open before + created - won - lost - cancelled, row after row.
"""

from __future__ import annotations

import ibis
from ibis.expr.types import Table, Value

from leadlight.analytics import measures as m
from leadlight.analytics.credit import Event, credited
from leadlight.analytics.filters import Filters
from leadlight.analytics.grouping import GROUPINGS
from leadlight.analytics.phrases import gettext_noop
from leadlight.analytics.report import Facts, Flow, Report, Stock

IDS = ("lead_id", "pipeline_id", "source", "prospecting_list_id")


def counted(leads: Table, filters: Filters) -> Facts:
    """Creations and closings in the period, and the leads open at some time up to its end."""
    period = filters.period
    created = leads.filter(leads.created_on.between(period.first, period.last))
    closed = leads.filter(leads.closed_on.between(period.first, period.last))
    # A lead closed before it was created was never open.
    known = leads.filter(
        leads.created_on <= ibis.date(period.last),
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
                known,
                "now",
                filters,
                opened_on=known.created_on,
                shut_on=known.closed_on,
                amount=known.amount,
            )
        ),
    }


def _facts(leads: Table, event: Event, filters: Filters, **said: Value) -> Table:
    user, team = credited(leads, event, filters.switch("credit"))
    return filters.narrow_credited(leads.select(*IDS, user_id=user, team_id=team, **said))


def columns(filters: Filters) -> tuple[m.Column, ...]:
    """The figures of a row; the win rate as the switch says."""
    cancelled_out = filters.switch("leave_cancelled_out") == "yes"
    return (
        m.CREATED_LEADS,
        m.WON_LEADS,
        m.LOST_LEADS,
        m.CANCELLED_LEADS,
        m.WON_AMOUNT,
        m.LOST_AMOUNT,
        m.WIN_RATE_OF_DECIDED if cancelled_out else m.WIN_RATE,
        m.MEAN_DEAL,
        m.MEDIAN_DAYS_TO_WIN,
        m.P25_DAYS_TO_WIN,
        m.P75_DAYS_TO_WIN,
        m.MEAN_DAYS_TO_WIN,
        m.OPEN_LEADS,
        m.OPEN_AMOUNT,
    )


REPORT = Report(
    key="company",
    title=gettext_noop("Company performance"),
    text=__doc__,
    counted=counted,
    columns=columns,
    noted=(m.WON_WITHOUT_AMOUNT, m.CLOSED_BEFORE_CREATION),
    groupings=GROUPINGS,
    switches=("credit", "leave_cancelled_out"),
)
