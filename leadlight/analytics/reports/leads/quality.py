"""Data quality

Which leads are incomplete or outdated, and distort the figures?

This table counts the open leads, now or at the past date chosen, that have one of these problems:
the close date is past or missing, the amount or the owner is missing, the lead was closed and
reopened, or there has been no activity for 30 days. It also counts leads whose close date is before
their creation date, and leads whose creation date is after the date of the report. The period has
no effect. A lead with several problems counts once for each.

Open leads are credited to their owner and team at the date of the report. Leads whose close date is
before their creation date are credited to their owner and team at closing. Leads whose creation
date is after the date of the report are credited to their owner and team at creation. The option
“Attribution” can credit all of them to the current owner or the creator instead. A lead counts as
having no activity for 30 days if it was created at least 30 days ago and there was no activity in
the last 30 days, neither on the lead nor on the prospect it came from.
"""

from __future__ import annotations

from datetime import timedelta

from ibis.expr.types import BooleanValue, Table

from leadlight.analytics.facts.activities import is_idle_since
from leadlight.analytics.facts.cohorts import IDS
from leadlight.analytics.metrics import deals
from leadlight.analytics.metrics.columns import Column, count, money
from leadlight.analytics.metrics.date_rules import AS_IT_IS
from leadlight.analytics.metrics.predicates import is_any, is_closed_before_creation, is_open
from leadlight.analytics.query.attribution import credited
from leadlight.analytics.query.bound_values import bound
from leadlight.analytics.query.filters import LAST, TODAY
from leadlight.analytics.query.phrases import gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.reports.contract import (
    Facts,
    Flow,
    Report,
)
from leadlight.analytics.reports.leads.stalled import OPEN_LEADS
from leadlight.analytics.reports.page_layout import ChartSpec, ColumnGroup
from leadlight.analytics.star.schema import TABLES, is_recorded

UNTOUCHED_DAYS = 30


def is_overdue(leads: Table) -> BooleanValue:
    return leads.is_overdue


def is_undated(leads: Table) -> BooleanValue:
    return leads.estimated_closing_on.isnull()


def has_no_amount(leads: Table) -> BooleanValue:
    return leads.amount.isnull()


def has_no_owner(leads: Table) -> BooleanValue:
    return leads.owner_id.isnull()


def is_reopened(leads: Table) -> BooleanValue:
    return leads.is_reopened


def is_untouched(leads: Table) -> BooleanValue:
    return leads.is_untouched


COLUMNS = (
    OPEN_LEADS,
    count(
        "overdue_leads",
        "open",
        is_overdue,
        gettext_noop("Past close date"),
        gettext_noop("Open leads whose expected close date is past."),
        higher_is_better=False,
    ),
    money(
        "overdue_amount",
        "open",
        is_overdue,
        gettext_noop("Past close date: amount"),
        gettext_noop("Total amount of the open leads whose expected close date is past."),
        higher_is_better=False,
    ),
    count(
        "undated_leads",
        "open",
        is_undated,
        gettext_noop("No close date"),
        gettext_noop("Open leads without an expected close date."),
        higher_is_better=False,
    ),
    money(
        "undated_amount",
        "open",
        is_undated,
        gettext_noop("No close date: amount"),
        gettext_noop("Total amount of the open leads without an expected close date."),
        higher_is_better=False,
    ),
    count(
        "leads_without_amount",
        "open",
        has_no_amount,
        gettext_noop("No amount"),
        gettext_noop("Open leads without an amount. They count as 0 in every total."),
        higher_is_better=False,
    ),
    count(
        "unowned_leads",
        "open",
        has_no_owner,
        gettext_noop("No owner"),
        gettext_noop("Open leads without an owner."),
        higher_is_better=False,
    ),
    money(
        "unowned_amount",
        "open",
        has_no_owner,
        gettext_noop("No owner: amount"),
        gettext_noop("Total amount of the open leads without an owner."),
        higher_is_better=False,
    ),
    count(
        "reopened_leads",
        "open",
        is_reopened,
        gettext_noop("Reopened"),
        gettext_noop(
            "Open leads that were closed and reopened. The earlier closing no longer "
            "counts in any period."
        ),
        higher_is_better=False,
    ),
    money(
        "reopened_amount",
        "open",
        is_reopened,
        gettext_noop("Reopened: amount"),
        gettext_noop("Total amount of the reopened leads."),
        higher_is_better=False,
    ),
    count(
        "untouched_leads",
        "open",
        is_untouched,
        gettext_noop("No activity for 30 days"),
        gettext_noop(
            "Open leads created at least 30 days ago, with no activity in the last 30 days."
        ),
        higher_is_better=False,
    ),
    money(
        "untouched_amount",
        "open",
        is_untouched,
        gettext_noop("No activity for 30 days: amount"),
        gettext_noop("Total amount of the leads with no activity for 30 days."),
        higher_is_better=False,
    ),
    deals.CLOSED_BEFORE_CREATION,
    money(
        "closed_before_creation_amount",
        "closed",
        is_closed_before_creation,
        gettext_noop("Closed before creation: amount"),
        gettext_noop("Total amount of the leads whose close date is before their creation date."),
        higher_is_better=False,
    ),
    count(
        "created_later",
        "later",
        is_any,
        gettext_noop("Created after today"),
        gettext_noop(
            "Leads whose creation date is after today, or after the past date "
            "chosen. Periods that end no later than that date, including “All time”, "
            "do not count them."
        ),
        higher_is_better=False,
    ),
    money(
        "created_later_amount",
        "later",
        is_any,
        gettext_noop("Created after today: amount"),
        gettext_noop("Total amount of the leads whose creation date is after today."),
        higher_is_better=False,
    ),
)


def facts(query: ReportQuery) -> Facts:
    """Return the open leads with their faults, and the leads with a wrong date.

    "closed" are those closed before their creation, "later" those created after today. All count on
    the last day of the period.
    """
    return {"open": _open(query), "closed": _closed(query), "later": _later(query)}


def columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return the columns: for each fault the number of leads and their amounts."""
    return COLUMNS


UNTOUCHED_SINCE = bound(
    "untouched_since", "date", lambda query: query.filters.today - timedelta(UNTOUCHED_DAYS)
)


def _open(query: ReportQuery) -> Flow:
    filters, leads = query.filters, query.leads
    leads = leads.filter(is_open(leads))
    user, team = credited(leads, "now", filters.switch("credit"))
    facts = leads.select(
        *IDS,
        "amount",
        "owner_id",
        "estimated_closing_on",
        day=LAST,
        user_id=user,
        team_id=team,
        is_overdue=(leads.estimated_closing_on < TODAY).fill_null(False),
        is_reopened=leads.lead_id.isin(_once_closed(query).lead_id),
        is_untouched=is_idle_since(leads, UNTOUCHED_SINCE, query),
    )
    return Flow(filters.narrow_credited(facts))


def _once_closed(query: ReportQuery) -> Table:
    """Return the closed versions of leads that were recorded by the instant of the query."""
    versions = TABLES["lead_versions"]
    return versions.filter(
        versions.closed_at.notnull(), is_recorded(versions.recorded_from, query.instant)
    )


def _closed(query: ReportQuery) -> Flow:
    filters, leads = query.filters, query.leads
    leads = leads.filter(is_closed_before_creation(leads))
    user, team = credited(leads, "closing", filters.switch("credit"))
    facts = leads.select(
        *IDS,
        "amount",
        "status",
        "seconds_to_close",
        day=LAST,
        user_id=user,
        team_id=team,
    )
    return Flow(filters.narrow_credited(facts))


def _later(query: ReportQuery) -> Flow:
    """Return the leads with a creation date in the future, from a wrong clock or import."""
    filters, leads = query.filters, query.leads
    leads = leads.filter(leads.created_on > TODAY)
    user, team = credited(leads, "creation", filters.switch("credit"))
    facts = leads.select(*IDS, "amount", day=LAST, user_id=user, team_id=team)
    return Flow(filters.narrow_credited(facts))


REPORT = Report(
    key="leads",
    view="quality",
    title=gettext_noop("Data quality"),
    text=__doc__,
    facts=facts,
    columns=columns,
    tests_changes=lambda filters: False,
    groupings=("user", "team", "pipeline", "source"),
    is_about_now=True,
    switches=("credit",),
    layout=(
        ColumnGroup(
            gettext_noop("Open leads"),
            (
                "open_leads",
                ("overdue_leads", "overdue_amount"),
                ("undated_leads", "undated_amount"),
                "leads_without_amount",
                ("unowned_leads", "unowned_amount"),
                ("reopened_leads", "reopened_amount"),
                ("untouched_leads", "untouched_amount"),
            ),
        ),
        ColumnGroup(
            gettext_noop("Dates"),
            (
                ("closed_before_creation", "closed_before_creation_amount"),
                ("created_later", "created_later_amount"),
            ),
        ),
    ),
    headlines=(
        "overdue_leads",
        "undated_leads",
        "leads_without_amount",
        "unowned_leads",
        "untouched_leads",
        "reopened_leads",
        "closed_before_creation",
        "created_later",
    ),
    chart=ChartSpec(kind="none"),
    date_rules=lambda filters: dict.fromkeys(("open", "closed", "later"), AS_IT_IS),
)
