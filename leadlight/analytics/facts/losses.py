"""Closed leads and their reasons, for the report of losses."""

from __future__ import annotations

from ibis.expr.types import Table

from leadlight.analytics.facts.closing_steps import with_closing_step
from leadlight.analytics.query.attribution import credited
from leadlight.analytics.query.filters import FIRST, LAST, Filters
from leadlight.analytics.query.grouping import reasons
from leadlight.analytics.query.report_query import ReportQuery, instant_of
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.star.schema import TABLES, is_added


def closed_leads(query: ReportQuery, *, has_steps: bool = False) -> Table:
    """Return the leads closed in the period, credited by the switch `credit`.

    With `has_steps`, each has the `step_id` of the step in which it was closed.
    """
    filters, leads = query.filters, query.leads
    closed = leads.filter(leads.closed_on.between(FIRST, LAST))
    if has_steps:
        closed = with_closing_step(closed, query)
    user, team = credited(closed, "closing", filters.switch("credit"))
    rows = closed.select(
        "lead_id",
        "pipeline_id",
        "source",
        "prospecting_list_id",
        "status",
        "amount",
        "seconds_to_close",
        *(["step_id"] if has_steps else []),
        day=closed.closed_on,
        user_id=user,
        team_id=team,
    )
    return filters.narrow_credited(rows)


def with_reasons(closed: Table, filters: Filters) -> Table:
    """Return the leads, each with the list of its `reason_ids`; null if it has no reasons."""
    lead_tags = TABLES["lead_tags"]
    links = lead_tags.filter(lead_tags.tag_id.isin(reasons(filters).tag_id))
    of_leads = links.group_by(reasoned_lead_id="lead_id").aggregate(
        reason_ids=links.tag_id.collect()
    )
    joined = closed.left_join(of_leads, closed.lead_id == of_leads.reasoned_lead_id)
    return joined.drop("reasoned_lead_id")


def prefetch_reasons(filters: Filters, scope: Scope) -> dict[str, Table]:
    """Return the table of the reasons (id, key, name), ordered by name.

    As of a past instant, they are those that were added by then, and those that leads have.
    """
    tags, used = reasons(filters), TABLES["lead_tags"]
    if (instant := instant_of(filters)) is not None:
        tags = tags.filter(is_added(tags, instant) | tags.tag_id.isin(used.tag_id))
    ordered = tags.order_by("tag_name", "tag_id")
    return {"reasons": ordered.select("tag_id", "tag_key", "tag_name")}
