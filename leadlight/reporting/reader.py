"""Single entry point to report results, given a reader and query parameters.

Pages, files, the API and the command line all use a `ReportReader`, so that none of them can skip
the reader's scope, the rejection of unknown keys or the catch-up of the replica.
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
from leadlight.analytics.engine.run import Engine, run
from leadlight.analytics.insight import attribution_bridge, data_quality
from leadlight.analytics.insight.changes.changes import Changes, report_changes, since_of
from leadlight.analytics.insight.drilldown import Drilldown, drilldown
from leadlight.analytics.insight.explain import Explanation, TotalNotes, explain, total_notes
from leadlight.analytics.query.dimensions import FIELD_PREFIX
from leadlight.analytics.query.filters import CATEGORY_PREFIX, Filters
from leadlight.analytics.query.periods import Calendar
from leadlight.analytics.query.phrases import BadFilter, gettext_noop
from leadlight.analytics.query.query_params import Clock, QueryParams
from leadlight.analytics.query.scope import ALL_LEADS, Scope
from leadlight.analytics.reports.contract import Report, Result
from leadlight.bounds import FIRST_DAY
from leadlight.replication import freshness
from leadlight.replication.replica import Replica, current
from leadlight.reporting.choice_fields import refuse_unknown_choices
from leadlight.sales import access
from leadlight.sales.dimensions import choice_fields
from leadlight.sales.models import Category, Pipeline

Params = Iterable[str]
NO_ME = gettext_noop(
    "“me” stands for the person reading the report. Choose that person with --as, or name a user."
)


@dataclass(frozen=True)
class ReportReader:
    """Queries of one reader at one instant, on a replica that has caught up.

    `params` are the query parameters of a report. `extra_params` names parameters that the report
    itself does not read, such as the order of rows. Methods that take `params` raise BadFilter if
    they are invalid.
    """

    reader: Reader
    scope: Scope
    clock: Clock
    engine: Engine
    currency: str

    def read(
        self, report: Report, params: QueryParams, extra_params: Params = ()
    ) -> tuple[Report, Filters]:
        """Return the view of the report that the parameters choose, and its filters."""
        report = report.selected_view(params)
        filters = self._own(report.read(params, self.clock, extra_params=extra_params))
        filters.refuse_unknown(
            lambda dimension, keys: access.unknown_keys(self.reader, dimension, keys)
        )
        refuse_unknown_choices(filters.lead_filter, filters.group_by)
        return report, _with_defaults(report, filters)

    def _own(self, filters: Filters) -> Filters:
        """Return the filters with this reader as the user `me`. Raises BadFilter for the system."""
        if self.reader is not SYSTEM:
            return filters.for_reader(self.reader.key)
        if filters.lead_filter.chooses_reader:
            raise BadFilter(NO_ME)
        return filters

    def run(self, report: Report, params: QueryParams, *, extra_params: Params = ()) -> Result:
        """Return the result of a report."""
        query = self.read(report, params, extra_params)
        return run(*query, self.scope, self.engine, self.currency)

    def headlines(self, report: Report, params: QueryParams) -> Result:
        """Return the headline figures of a report, without its rows."""
        query = self.read(report, params)
        return run(*query, self.scope, self.engine, self.currency, only_totals=True)

    def drilldown(
        self,
        report: Report,
        params: QueryParams,
        *,
        column_key: str,
        extra_params: Params = (),
        **how: Any,
    ) -> Drilldown:
        """List the leads, activities, prospects or costs behind a figure.

        `how` holds the other arguments of `insight.drilldown.drilldown`: row_key, order, limit, ….
        """
        query = self.read(report, params, extra_params)
        return drilldown(*query, self.scope, self.engine, column_key=column_key, **how)

    def explain(
        self,
        report: Report,
        params: QueryParams,
        *,
        column_key: str,
        row_key: str | None = None,
        extra_params: Params = (),
    ) -> Explanation:
        """Explain a figure. Only admins and the system get its SQL."""
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
        """Return the notes on the total of each column of a result, by column key."""
        return total_notes(result, self.scope, self.engine)

    def bridge(
        self, report: Report, filters: Filters, column_key: str = ""
    ) -> attribution_bridge.Bridge:
        """Return the bridge of a figure from one attribution to another, user by user."""
        return attribution_bridge.build_bridge(report, filters, self.scope, self.engine, column_key)

    def moved_leads(
        self, bridge: attribution_bridge.Bridge, user_key: str, side: str, **cut: int
    ) -> attribution_bridge.MovedLeads:
        """List the leads that one user of a bridge received or handed over.

        `cut` holds the `limit` and `offset` of the list; without them the list is complete.
        """
        return attribution_bridge.moved_leads(
            bridge, self.scope, self.engine, user_key, side, **cut
        )

    def changes(
        self, report: Report, params: QueryParams, *, extra_params: Params = (), **how: Any
    ) -> Changes:
        """Compare a report with the same report as of the parameter `since`.

        `how` holds the other arguments of `report_changes`: column_key, reason, limit, ….
        """
        viewed, filters = self.read(report, params, ("since", *extra_params))
        since = since_of(params, self.clock)
        return report_changes(viewed, filters, since, self.scope, self.engine, self.clock, **how)

    def data_quality(self, report: Report, filters: Filters) -> data_quality.Quality:
        """Count the data-quality problems behind a report and their effect on its headlines."""
        return data_quality.quality(report, filters, self.scope, self.engine, self.currency)


def report_reader(reader: Reader) -> ReportReader:
    """Let the replica catch up, and return a ReportReader on it."""
    replica, company = _caught_up(), organization()
    return ReportReader(
        reader, scope_of(reader), clock(company, replica), replica.query_cache, company.currency
    )


def scope_of(reader: Reader) -> Scope:
    """Return the scope of a reader, as ids of the replica."""
    if reader is SYSTEM:
        return ALL_LEADS
    scope = access.lead_scope(reader)
    if scope.sees_all:
        return ALL_LEADS
    return Scope(
        sees_all=False,
        user_id=scope.user_id,
        team_ids=scope.team_ids,
        is_of_members=scope.is_of_members,
    )


def clock(company: Organization, replica: Replica, now: datetime | None = None) -> Clock:
    """Return the current instant with the company's time zone, calendar and first day with a lead.

    `now` is the real current instant by default.
    """
    return replace(company_clock(company, now), earliest=_first_day(replica))


def company_clock(company: Organization, now: datetime | None = None) -> Clock:
    """Return the clock of `clock` without a replica: its `earliest` day is `FIRST_DAY`."""
    return Clock(
        now=now or timezone.now(),
        zone=company.zone,
        calendar=Calendar(company.first_weekday, company.fiscal_year_start_month),
        earliest=FIRST_DAY,
    )


def _caught_up() -> Replica:
    replica = current()
    replica.catch_up(arrived_at=freshness.arrived_at())
    return replica


def _first_day(replica: Replica) -> date:
    found = replica.query_cache.run("SELECT min(created_on) FROM leads")[0][0]
    # An instance may contain an older lead, saved before validation rejected such days.
    return max(found, FIRST_DAY) if found else date.max


def _first_category() -> str:
    """Return the default grouping of a report by category.

    It is the first category without reasons for closing, else the first one with reasons, else the
    first choice field. Raises BadFilter if there is none of them.
    """
    category = Category.objects.order_by("reason_for", "name", "pk").first()
    if category is not None:
        return f"{CATEGORY_PREFIX}{category.key}"
    field = choice_fields().first()
    if field is None:
        raise BadFilter(
            gettext_noop(
                "There are no tag categories or choice fields yet. Add one to use this report."
            )
        )
    return f"{FIELD_PREFIX}{field.key}"


def _with_defaults(report: Report, filters: Filters) -> Filters:
    """Return the filters with the default pipeline or category if the report needs one.

    Raises BadFilter if the report needs a category and there is nothing to group by.
    """
    if "pipeline" in report.needs and not filters.keys("pipeline"):
        filters = filters.with_keys("pipeline", (Pipeline.default().key,))
    if "category" in report.needs and filters.group_by is None:
        filters = replace(filters, group_by=_first_category())
    return filters
