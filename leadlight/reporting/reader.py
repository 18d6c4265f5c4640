"""The one door from a reader and a query string to an answer.

Pages, files, the API and the command line ask a `ReportReader`, so that none of them can forget the
reader's scope, the refusal of unknown keys, or to let the replica catch up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from leadlight.accounts.models import Organization
from leadlight.accounts.organization import organization
from leadlight.accounts.readers import SYSTEM, Reader
from leadlight.analytics.engine.run import Engine, headlines, run
from leadlight.analytics.insight import attribution_bridge, data_quality
from leadlight.analytics.insight.changes.changes import Changes, report_changes, since_of
from leadlight.analytics.insight.drilldown import Drilldown, drilldown
from leadlight.analytics.insight.explain import Explanation, TotalNotes, explain, total_notes
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.periods import Calendar
from leadlight.analytics.query.phrases import BadFilter, gettext_noop
from leadlight.analytics.query.query_params import Clock, QueryParams
from leadlight.analytics.query.scope import EVERYTHING, Scope
from leadlight.analytics.reports.contract import Report, Result
from leadlight.bounds import FIRST_DAY
from leadlight.replication import freshness
from leadlight.replication.replica import Replica, current
from leadlight.sales import access
from leadlight.sales.models import Category, Pipeline

Params = Iterable[str]


@dataclass(frozen=True)
class ReportReader:
    """One reader's questions at one instant, after the replica has caught up once.

    A question is a report and a query; `extra_params` are names in the query that are not the
    report's, such as the order of rows. Every method raises BadFilter for a question without an
    answer.
    """

    reader: Reader
    scope: Scope
    clock: Clock
    engine: Engine
    currency: str

    def read(
        self, report: Report, params: QueryParams, extra_params: Params = ()
    ) -> tuple[Report, Filters]:
        """Return the table that the query names, and its filters."""
        report = report.viewed(params)
        filters = report.read(params, self.clock, extra_params=extra_params)
        filters.refuse_unknown(
            lambda dimension, keys: access.unknown_keys(self.reader, dimension, keys)
        )
        return report, _completed(report, filters)

    def run(self, report: Report, params: QueryParams, *, extra_params: Params = ()) -> Result:
        """Answer a report."""
        asked = self.read(report, params, extra_params)
        return run(*asked, self.scope, self.engine, self.currency)

    def headlines(self, report: Report, params: QueryParams) -> Result:
        """Answer the headlines of a report, without its rows."""
        return headlines(*self.read(report, params), self.scope, self.engine, self.currency)

    def drilldown(
        self,
        report: Report,
        params: QueryParams,
        *,
        column_key: str,
        extra_params: Params = (),
        **how: Any,
    ) -> Drilldown:
        """List the leads, activities or prospects behind a figure.

        `how` is what `insight.drilldown.drilldown` takes: row_key, order, limit, ….
        """
        asked = self.read(report, params, extra_params)
        return drilldown(*asked, self.scope, self.engine, column_key=column_key, **how)

    def explain(
        self,
        report: Report,
        params: QueryParams,
        *,
        column_key: str,
        row_key: str | None = None,
        extra_params: Params = (),
    ) -> Explanation:
        """Explain a figure; the SQL that made it is shown to admins only."""
        explained = explain(
            *self.read(report, params, extra_params),
            self.scope,
            self.engine,
            self.currency,
            column_key=column_key,
            row_key=row_key,
        )
        may_see_sql = self.reader is SYSTEM or self.reader.is_admin
        return explained if may_see_sql else replace(explained, sql=())

    def total_notes(self, result: Result) -> Mapping[str, TotalNotes]:
        """Return, by column of an answer, what there is to say of its total."""
        return total_notes(result, self.scope, self.engine)

    def bridge(
        self, report: Report, filters: Filters, column_key: str = ""
    ) -> attribution_bridge.Bridge:
        """Bridge a figure from one attribution to another, user by user."""
        return attribution_bridge.build_bridge(report, filters, self.scope, self.engine, column_key)

    def moved_leads(
        self, bridge: attribution_bridge.Bridge, user_key: str, side: str, **cut: int
    ) -> attribution_bridge.MovedLeads:
        """List the leads that one user of a bridge received or handed over.

        `cut` is the `limit` and `offset` of the list; without it, the list is whole.
        """
        return attribution_bridge.moved_leads(
            bridge, self.scope, self.engine, user_key, side, **cut
        )

    def changes(
        self, report: Report, params: QueryParams, *, extra_params: Params = (), **how: Any
    ) -> Changes:
        """Compare a report with itself as of the `since` of the query.

        `how` is what `insight.changes` takes: column_key, reason, limit, ….
        """
        asked, filters = self.read(report, params, ("since", *extra_params))
        since = since_of(params, self.clock)
        return report_changes(asked, filters, since, self.scope, self.engine, self.clock, **how)

    def data_quality(self, report: Report, filters: Filters) -> data_quality.Quality:
        """Count the faults in the records behind a report, and their effect on its headlines."""
        return data_quality.quality(report, filters, self.scope, self.engine, self.currency)


def report_reader(reader: Reader) -> ReportReader:
    """Let the replica catch up, and return the reader's door to it."""
    replica, company = _caught_up(), organization()
    return ReportReader(
        reader, scope_of(reader), clock(company, replica), replica.query_cache, company.currency
    )


def scope_of(reader: Reader) -> Scope:
    """Return the scope of a reader, in the ids that analytics knows."""
    if reader is SYSTEM:
        return EVERYTHING
    sight = access.sight_of(reader)
    if sight.sees_all:
        return EVERYTHING
    return Scope(sees_all=False, user_id=sight.user_id, team_ids=sight.team_ids)


def clock(company: Organization, replica: Replica, now: datetime | None = None) -> Clock:
    """Return the company's time: its zone, its calendar, and the day of its first lead."""
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
    found = replica.query_cache.run("SELECT min(created_on) FROM leads")[0][0]
    # An instance may hold an older lead from before such were refused.
    return max(found, FIRST_DAY) if found else date.max


def _completed(report: Report, filters: Filters) -> Filters:
    """Return the filters with the default of what the report needs exactly one of."""
    if "pipeline" in report.needs and not filters.keys("pipeline"):
        filters = filters.choosing("pipeline", (Pipeline.default().key,))
    if "category" in report.needs and filters.group_by is None:
        category = Category.objects.order_by("name", "pk").first()
        if category is None:
            raise BadFilter(gettext_noop("There is no category of tags to report by yet."))
        filters = replace(filters, group_by=f"category:{category.key}")
    return filters
