"""Cohorts: leads by the day of their creation, with their present state."""

from __future__ import annotations

from datetime import timedelta

from ibis.expr.types import Table

from leadlight.analytics.metrics import outcomes
from leadlight.analytics.metrics.columns import count
from leadlight.analytics.metrics.outcomes import leads_with
from leadlight.analytics.metrics.predicates import (
    days_to_close,
    is_any,
    is_decided,
    is_open,
    is_won,
)
from leadlight.analytics.query import working_time
from leadlight.analytics.query.attribution import credited
from leadlight.analytics.query.bound_values import bound
from leadlight.analytics.query.buckets import bucket_number
from leadlight.analytics.query.filters import FIRST, LAST, TODAY, Filters
from leadlight.analytics.query.periods import Period
from leadlight.analytics.query.phrases import gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.scope import Scope

IDS = ("lead_id", "pipeline_id", "source", "prospecting_list_id")
RECENT_DAYS = 365
MATURE = 0.8

# Present state of the leads created in the period.

CREATED = count(
    "created_leads",
    "created",
    is_any,
    gettext_noop("Created"),
    gettext_noop("Leads created in this period."),
    higher_is_better=None,
)
OPEN = count(
    "open_leads",
    "created",
    is_open,
    gettext_noop("Still open"),
    gettext_noop("Leads that were created in this period and are not closed."),
    higher_is_better=None,
)
WON = leads_with(
    outcomes.WON,
    "created",
    gettext_noop("Leads created in this period and won since, at any time."),
)


def created(query: ReportQuery) -> Table:
    """Return the leads created in the period with their present state, credited at creation.

    `months` is the number of calendar months from creation to closing, null while open;
    `months_so_far` the number from creation to now. `age` is the number of local days from creation
    to closing or, while open, to today; 0 for a lead closed before it was created.
    """
    filters, leads = query.filters, query.leads
    leads = leads.filter(leads.created_on.between(FIRST, LAST))
    user, team = credited(leads, "creation", filters.switch("credit"))
    month = bucket_number(leads.created_on, "month", filters.calendar)
    today = bucket_number(TODAY, "month", filters.calendar)
    age = leads.closed_on.coalesce(TODAY).delta(leads.created_on, unit="day")
    facts = leads.select(
        *IDS,
        "status",
        "amount",
        "seconds_to_close",
        "created_at",
        day=leads.created_on,
        months=bucket_number(leads.closed_on, "month", filters.calendar) - month,
        months_so_far=today - month,
        age=age.clip(lower=0),
        user_id=user,
        team_id=team,
    )
    return filters.narrow_credited(facts)


def recently_closed(leads: Table) -> Table:
    """Return the leads closed in the 365 days that end today."""
    return leads.filter(leads.closed_on.between(RECENT, TODAY))


def leads_for_win_rates(query: ReportQuery) -> Table:
    """Return the recently closed leads from which win rates are measured.

    The filters do not apply. The switch `leave_cancelled_out` excludes cancelled leads.
    """
    closed = recently_closed(query.visible)
    return closed.filter(is_decided(closed)) if query.filters.leaves_cancelled_out else closed


RECENT = bound("recent", "date", lambda query: recent_days(query.filters).first)


def recent_days(filters: Filters) -> Period:
    """Return the last 365 days, ending today or on the day of a past instant."""
    return Period(filters.today - timedelta(RECENT_DAYS - 1), filters.today)


def days_to_mature(filters: Filters, scope: Scope) -> Table:
    """Return one row: the 80th percentile of days to win of the recently won leads, or null."""
    closed = recently_closed(ReportQuery(filters, scope).leads)
    return closed.aggregate(days=days_to_close(closed).quantile(MATURE, where=is_won(closed)))


def youngest(filters: Filters, scope: Scope) -> Table:
    """Return for each bucket the instant (UTC) at which its youngest lead was created.

    The instant is in working time if durations are in working days.
    """
    rows = working_time.working_time(
        created(ReportQuery(filters, scope)), filters, created_at="day"
    )
    number = bucket_number(rows.day, filters.bucket_unit, filters.calendar)
    by_bucket = rows.group_by(bucket=number).aggregate(created_at=rows.created_at.max())
    return by_bucket.order_by("bucket")
