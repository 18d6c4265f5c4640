"""A person asks, the replica answers: the one door from a query string to a `Result`.

Pages, the API and the command line all come through here, so that scope, known keys and catching
up can be forgotten by none of them. `user` None is the system itself: it sees everything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from leadlight.accounts.models import Organization, User
from leadlight.accounts.organization import organization
from leadlight.analytics.engine.run import Engine, headlines, run
from leadlight.analytics.insight.changes.changes import Changes, changes, since_of
from leadlight.analytics.insight.drilldown import Listing, listing
from leadlight.analytics.insight.explain import Explanation, Told, explain, told_of_totals
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.params import Clock, Query
from leadlight.analytics.query.periods import Calendar
from leadlight.analytics.query.phrases import BadFilter, gettext_noop
from leadlight.analytics.query.scope import EVERYTHING, Scope
from leadlight.analytics.reports.contract import Report, Result
from leadlight.bounds import FIRST_DAY
from leadlight.replication import freshness
from leadlight.replication.replica import Replica, current
from leadlight.sales import access
from leadlight.sales.models import Category, Pipeline


def ask(user: User | None, report: Report, query: Query, *, beside: Iterable[str] = ()) -> Result:
    """A report's answer to this person. Raises BadFilter for a question without one."""
    return asker(user).ask(report, query, beside=beside)


@dataclass(frozen=True)
class Asker:
    """Many questions of one person at one instant, after catching up once."""

    user: User | None
    scope: Scope
    clock: Clock
    engine: Engine
    currency: str

    def ask(self, report: Report, query: Query, *, beside: Iterable[str] = ()) -> Result:
        """The whole answer of a report."""
        return run(*self.question(report, query, beside), self.scope, self.engine, self.currency)

    def headlines(self, report: Report, query: Query) -> Result:
        """What stands above a report, without its rows."""
        return headlines(*self.question(report, query), self.scope, self.engine, self.currency)

    def told(self, result: Result) -> dict[str, Told]:
        """By column of an answer, what there is to say of its total."""
        return told_of_totals(result, self.scope, self.engine)

    def question(
        self, report: Report, query: Query, beside: Iterable[str] = ()
    ) -> tuple[Report, Filters]:
        """Which table of the report is asked, and what."""
        return _read(self.user, report, query, beside, self.clock)


def asker(user: User | None) -> Asker:
    replica, company = _caught_up(), organization()
    return Asker(user, scope_of(user), clock(company, replica), replica.answers, company.currency)


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
    asking = asker(user)
    report, filters = asking.question(report, query, beside)
    return listing(report, filters, asking.scope, asking.engine, column_key=column_key, **how)


def ask_explanation(
    user: User | None,
    report: Report,
    query: Query,
    *,
    column_key: str,
    row_key: str | None = None,
    beside: Iterable[str] = (),
) -> Explanation:
    """Where a number comes from; the SQL that made it only for an admin."""
    asking = asker(user)
    report, filters = asking.question(report, query, beside)
    explained = explain(
        report,
        filters,
        asking.scope,
        asking.engine,
        asking.currency,
        column_key=column_key,
        row_key=row_key,
    )
    return explained if user is None or user.is_admin else replace(explained, sql=())


def ask_changes(
    user: User | None, report: Report, query: Query, *, beside: Iterable[str] = (), **how: Any
) -> Changes:
    """What changed in a report since the `since` of the query; `how` is what `changes` takes:
    column_key, reason, limit, …."""
    asking = asker(user)
    report, filters = asking.question(report, query, ("since", *beside))
    since = since_of(query, asking.clock)
    return changes(report, filters, since, asking.scope, asking.engine, asking.clock, **how)


def scope_of(user: User | None) -> Scope:
    """What this person may see, in the words of analytics."""
    if user is None:
        return EVERYTHING
    sight = access.sight_of(user)
    if sight.sees_all:
        return EVERYTHING
    return Scope(sees_all=False, user_id=sight.user_id, team_ids=sight.team_ids)


def clock(company: Organization, replica: Replica, now: datetime | None = None) -> Clock:
    """The company's time: its zone, its calendar, and the day of its first lead."""
    return Clock(
        now=now or timezone.now(),
        zone=company.zone,
        calendar=Calendar(company.first_weekday, company.fiscal_year_start_month),
        earliest=_first_day(replica),
    )


def _caught_up() -> Replica:
    replica = current()
    replica.catch_up(asked=freshness.asked())
    return replica


def _first_day(replica: Replica) -> date:
    found = replica.answers.run("SELECT min(created_on) FROM leads")[0][0]
    # An instance may hold an older lead from before such were refused.
    return max(found, FIRST_DAY) if found else date.max


def _read(
    user: User | None,
    report: Report,
    query: Query,
    beside: Iterable[str],
    clock: Clock,
) -> tuple[Report, Filters]:
    report = report.viewed(query)
    filters = report.read(query, clock, beside=beside)
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
