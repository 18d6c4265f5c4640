"""A person asks, the replica answers: the one door from a query string to a `Result`.

Pages, the API and the command line all come through here, so that scope, known keys and catching
up can be forgotten by none of them. `user` None is the system itself: it sees everything.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from leadlight.accounts.models import Organization, User
from leadlight.analytics.filters import Filters
from leadlight.analytics.listing import Listing, listing
from leadlight.analytics.parameters import Clock, Query
from leadlight.analytics.periods import Calendar
from leadlight.analytics.report import Report, Result
from leadlight.analytics.run import run
from leadlight.analytics.scope import EVERYTHING, Scope
from leadlight.replication.replica import Replica, current
from leadlight.sales import access


def ask(user: User | None, report: Report, query: Query, *, beside: Iterable[str] = ()) -> Result:
    """A report's answer to this person. Raises BadFilter for a question without one."""
    replica = _caught_up()
    organization = Organization.current()
    filters = _filters(user, report, query, beside, organization, replica)
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
    """The leads behind a number; `how` is what `listing` takes: row_key, order, limit, …."""
    replica = _caught_up()
    filters = _filters(user, report, query, beside, Organization.current(), replica)
    return listing(report, filters, scope_of(user), replica.engine, column_key=column_key, **how)


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


def _filters(
    user: User | None,
    report: Report,
    query: Query,
    beside: Iterable[str],
    organization: Organization,
    replica: Replica,
) -> Filters:
    filters = Filters.from_query(
        query, clock(organization, replica), groupings=report.groupings, beside=beside
    )
    filters.refuse_unknown(lambda dimension, keys: access.unknown_keys(user, dimension, keys))
    return filters
