"""A person asks, the replica answers: the one door from a query string to a `Result`.

Pages, the API and the command line all come through here, so that scope, known keys and catching
up can be forgotten by none of them. `user` None is the system itself: it sees everything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from leadlight.accounts.models import Organization, User
from leadlight.analytics.filters import Filters
from leadlight.analytics.listing import Listing, listing
from leadlight.analytics.parameters import Clock, Query
from leadlight.analytics.periods import Calendar
from leadlight.analytics.phrases import BadFilter, gettext_noop
from leadlight.analytics.report import Report, Result
from leadlight.analytics.run import run
from leadlight.analytics.scope import EVERYTHING, Scope
from leadlight.replication.replica import Replica, current
from leadlight.sales import access
from leadlight.sales.models import Category, Pipeline


def ask(user: User | None, report: Report, query: Query, *, beside: Iterable[str] = ()) -> Result:
    """A report's answer to this person. Raises BadFilter for a question without one."""
    replica = _caught_up()
    organization = Organization.current()
    report, filters = _read(user, report, query, beside, organization, replica)
    return run(report, filters, scope_of(user), replica.engine, organization.currency)


def ask_list(
    user: User | None,
    report: Report,
    query: Query,
    *,
    column_key: str,
    beside: Iterable[str] = (),
    **how: Any,
) -> Listing:
    """What is behind a number; `how` is what `listing` takes: row_key, order, limit, …."""
    replica = _caught_up()
    organization = Organization.current()
    report, filters = _read(user, report, query, beside, organization, replica)
    return listing(report, filters, scope_of(user), replica.engine, column_key=column_key, **how)


def question(
    user: User | None, report: Report, query: Query, *, beside: Iterable[str] = ()
) -> tuple[Report, Filters]:
    """Which table of a report a query asks, and what, without an answer. Raises BadFilter."""
    return _read(user, report, query, beside, Organization.current(), _caught_up())


def scope_of(user: User | None) -> Scope:
    """What this person may see, in the words of analytics."""
    if user is None:
        return EVERYTHING
    sight = access.sight_of(user)
    if sight.sees_all:
        return EVERYTHING
    return Scope(sees_all=False, user_id=sight.user_id, team_ids=sight.team_ids)


def clock(organization: Organization, replica: Replica, now: datetime | None = None) -> Clock:
    """The company's time: its zone, its calendar, and the day of its first lead."""
    return Clock(
        now=now or timezone.now(),
        zone=organization.zone,
        calendar=Calendar(organization.first_weekday, organization.fiscal_year_start_month),
        earliest=_first_day(replica),
    )


def _caught_up() -> Replica:
    replica = current()
    replica.catch_up()
    return replica


def _first_day(replica: Replica) -> date:
    found = replica.engine.run("SELECT min(created_on) FROM leads")[0][0]
    return found or date.max


def _read(
    user: User | None,
    report: Report,
    query: Query,
    beside: Iterable[str],
    organization: Organization,
    replica: Replica,
) -> tuple[Report, Filters]:
    """Which table of the report is asked, and what."""
    report = report.viewed(query)
    filters = report.read(query, clock(organization, replica), beside=beside)
    filters.refuse_unknown(lambda dimension, keys: access.unknown_keys(user, dimension, keys))
    return report, _completed(report, filters)


def _completed(report: Report, filters: Filters) -> Filters:
    """With the default of what the report needs exactly one of."""
    if "pipeline" in report.needs and not filters.keys("pipeline"):
        filters = filters.choosing("pipeline", (Pipeline.default().key,))
    if "category" in report.needs and filters.group_by is None:
        category = Category.objects.order_by("name", "pk").first()
        if category is None:
            raise BadFilter(gettext_noop("There is no category of tags to report by yet."))
        filters = replace(filters, group_by=f"category:{category.key}")
    return filters
