"""Columns of the lists behind a figure: of leads, activities, prospects or costs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import ibis
from ibis.expr.types import Table

from leadlight.analytics.facts.costs import every_cost
from leadlight.analytics.metrics.predicates import days_to_close
from leadlight.analytics.query.bound_values import bound
from leadlight.analytics.query.phrases import gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.reports.contract import Subject
from leadlight.analytics.star.schema import TABLES


@dataclass(frozen=True)
class Field:
    """A column of a list. `kind`: text, status, money, share (from 0 to 1), day or days."""

    key: str
    kind: str
    title: str


@dataclass(frozen=True)
class ListSpec:
    """Specification of a list of one kind of subject.

    `build_rows` builds the rows from facts and leads, with ids and all fields that need no join to
    a name; `join_names` joins the names. A list is initially sorted by `order`, descending;
    `plural` is its key in JSON.
    """

    plural: str
    fields: tuple[Field, ...]
    order: str
    build_rows: Callable[[Table, ReportQuery, Table], Table]
    join_names: Callable[[Table], Table]

    def of_facts(self, own: tuple[str, ...]) -> ListSpec:
        """Return the specification with these fields of `FACT_FIELDS` too, sorted by the first."""
        if not own:
            return self
        fields = (*self.fields, *(FACT_FIELDS[key] for key in own))
        return replace(self, fields=fields, order=own[0])

    def in_working_days(self) -> ListSpec:
        """Return the specification with the durations titled as working days."""
        return replace(self, fields=tuple(WORKING.get(one.key, one) for one in self.fields))

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(field.key for field in self.fields)


def fields_of_facts(columns: Iterable[str]) -> tuple[str, ...]:
    """Return the keys of the fields in `FACT_FIELDS` that are among these columns of facts."""
    return tuple(key for key in FACT_FIELDS if key in columns)


def _leads(facts: Table, query: ReportQuery, leads: Table) -> Table:
    """Return the leads with the credited `user_id`, `days` to close, and the facts' amount."""
    own = [name for name in ("amount", *FACT_FIELDS) if name in facts.columns]
    credited = facts.select(*own, fact_lead_id="lead_id", user_id="user_id")
    leads = leads.drop(*(name for name in own if name in leads.columns))
    joined = leads.inner_join(credited, leads.lead_id == credited.fact_lead_id)
    return joined.mutate(days=days_to_close(joined))


def _leads_named(leads: Table) -> Table:
    for name, kind, column in (
        ("pipeline", "pipeline", "pipeline_id"),
        ("step", "step", "step_id"),
        ("client", "client", "client_id"),
        ("credited", "user", "user_id"),
        ("owner", "user", "owner_id"),
    ):
        leads = _with_name(leads, name, kind, column)
    return _with_title(leads, "lead_id")


def _activities(facts: Table, query: ReportQuery, leads: Table) -> Table:
    """Return the activities with the credited `user_id`, and their lead if it is in the scope."""
    credited = facts.select(fact_id="activity_id", user_id="user_id", shown_lead_id="lead_id")
    activities = TABLES["activities"].drop("user_id", "lead_id")
    return activities.inner_join(credited, activities.activity_id == credited.fact_id)


def _activities_named(activities: Table) -> Table:
    for name, kind, column in (
        ("type", "activity_type", "activity_type_id"),
        ("outcome", "outcome", "outcome_id"),
        ("done_by", "user", "user_id"),
    ):
        activities = _with_name(activities, name, kind, column)
    return _with_prospect(_with_title(activities, "shown_lead_id"))


def _prospects(facts: Table, query: ReportQuery, leads: Table) -> Table:
    """Return the prospects with the credited `user_id`, and their lead if it is visible."""
    credited = facts.select(fact_id="prospect_id", credited_id="user_id")
    prospects = TABLES["prospects"].drop("user_id")
    visible = query.visible
    leads = visible.filter(visible.prospect_id.notnull()).select(
        "lead_id", "status", "amount", lead_prospect_id="prospect_id"
    )
    joined = prospects.inner_join(credited, prospects.prospect_id == credited.fact_id)
    return joined.left_join(leads, joined.prospect_id == leads.lead_prospect_id).rename(
        user_id="credited_id"
    )


def _prospects_named(prospects: Table) -> Table:
    for name, kind, column in (
        ("list", "prospecting_list", "prospecting_list_id"),
        ("credited", "user", "user_id"),
    ):
        prospects = _with_name(prospects, name, kind, column)
    return _with_title(prospects.mutate(prospect=prospects.prospect_key), "lead_id")


def _costs(facts: Table, query: ReportQuery, leads: Table) -> Table:
    """Return the costs with the `amount` of their days in the facts; null if facts lack amounts."""
    amount = facts.amount.sum() if "amount" in facts.columns else ibis.null("decimal(14, 2)")
    within = facts.group_by(fact_id="cost_id").aggregate(amount=amount)
    costs = every_cost(query)
    return costs.inner_join(within, costs.cost_id == within.fact_id)


def _costs_named(costs: Table) -> Table:
    costs = _with_name(costs, "list", "prospecting_list", "prospecting_list_id")
    costs = _with_name(costs, "tag", "tag", "tag_id")
    return costs.mutate(
        cost=costs.cost_name, spent_on=ibis.coalesce(costs.list, costs.tag, costs.source)
    )


def _with_name(rows: Table, name: str, kind: str, column: str) -> Table:
    table = TABLES[f"{kind}s"]
    names = table.select(**{f"{name}_row_id": f"{kind}_id", name: f"{kind}_name"})
    return rows.left_join(names, rows[column] == names[f"{name}_row_id"])


def _with_title(rows: Table, column: str) -> Table:
    titles = TABLES["lead_titles"].select(titled_id="lead_id", lead="lead_key", title="title")
    return rows.left_join(titles, rows[column] == titles.titled_id)


def _with_prospect(rows: Table) -> Table:
    prospects = TABLES["prospects"].select(
        row_prospect_id="prospect_id", prospect="prospect_key", its_list_id="prospecting_list_id"
    )
    joined = rows.left_join(prospects, rows.prospect_id == prospects.row_prospect_id)
    return _with_name(joined, "list", "prospecting_list", "its_list_id")


LIMIT, OFFSET = bound("limit", "int64"), bound("offset", "int64")


def cut(rows: Table, *, is_cut: bool) -> Table:
    """Return a page of the rows if `is_cut`, else all rows from the offset on."""
    return rows.limit(LIMIT if is_cut else None, offset=OFFSET)


WORKING = {"days": Field("days", "days", gettext_noop("Working days to close"))}
# Fields of leads that only some facts have.
FACT_FIELDS = {
    field.key: field
    for field in (
        Field("weighted_amount", "money", gettext_noop("Weighted amount")),
        Field("weight", "share", gettext_noop("Probability")),
        Field("set_amount", "money", gettext_noop("Weighted by step probability")),
        Field("measured_amount", "money", gettext_noop("Weighted by measured win rate")),
        Field("weighted_if_adopted", "money", gettext_noop("Weighted by measured rates")),
    )
}
LIST_SPECS: Mapping[Subject, ListSpec] = {
    "lead": ListSpec(
        "leads",
        (
            Field("lead", "text", gettext_noop("Key")),
            Field("title", "text", gettext_noop("Lead")),
            Field("status", "status", gettext_noop("Status")),
            Field("pipeline", "text", gettext_noop("Pipeline")),
            Field("step", "text", gettext_noop("Step")),
            Field("owner", "text", gettext_noop("Owner")),
            Field("credited", "text", gettext_noop("Credited to")),
            Field("client", "text", gettext_noop("Client")),
            Field("source", "text", gettext_noop("Source")),
            Field("amount", "money", gettext_noop("Amount")),
            Field("created_on", "day", gettext_noop("Created on")),
            Field("closed_on", "day", gettext_noop("Closed on")),
            Field("estimated_closing_on", "day", gettext_noop("Expected close date")),
            Field("days", "days", gettext_noop("Days to close")),
        ),
        "amount",
        _leads,
        _leads_named,
    ),
    "activity": ListSpec(
        "activities",
        (
            Field("occurred_on", "day", gettext_noop("Date")),
            Field("type", "text", gettext_noop("Type")),
            Field("outcome", "text", gettext_noop("Outcome")),
            Field("done_by", "text", gettext_noop("Credited to")),
            Field("lead", "text", gettext_noop("Key")),
            Field("title", "text", gettext_noop("Lead")),
            Field("prospect", "text", gettext_noop("Prospect")),
            Field("list", "text", gettext_noop("Prospecting list")),
        ),
        "occurred_on",
        _activities,
        _activities_named,
    ),
    "prospect": ListSpec(
        "prospects",
        (
            Field("prospect", "text", gettext_noop("Prospect")),
            Field("list", "text", gettext_noop("Prospecting list")),
            Field("credited", "text", gettext_noop("Credited to")),
            Field("created_on", "day", gettext_noop("Created on")),
            Field("converted_on", "day", gettext_noop("Converted on")),
            Field("lead", "text", gettext_noop("Key")),
            Field("title", "text", gettext_noop("Lead")),
            Field("status", "status", gettext_noop("Status")),
            Field("amount", "money", gettext_noop("Amount")),
        ),
        "created_on",
        _prospects,
        _prospects_named,
    ),
    "cost": ListSpec(
        "costs",
        (
            Field("cost", "text", gettext_noop("Cost")),
            Field("spent_on", "text", gettext_noop("Spent on")),
            Field("first_on", "day", gettext_noop("First day")),
            Field("last_on", "day", gettext_noop("Last day")),
            Field("whole_amount", "money", gettext_noop("Whole cost")),
            Field("amount", "money", gettext_noop("Cost in the period")),
        ),
        "amount",
        _costs,
        _costs_named,
    ),
}
