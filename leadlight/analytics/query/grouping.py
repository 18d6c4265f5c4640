"""Groupings: the rows of a report, by time bucket or by a dimension."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import ibis
from ibis.expr.types import BooleanValue, Table, Value

from leadlight.analytics.query.bound_values import bound
from leadlight.analytics.query.buckets import bucket_number
from leadlight.analytics.query.dimensions import DIMENSIONS, dimension_of, is_of_field
from leadlight.analytics.query.filters import CATEGORY, CATEGORY_PREFIX, FIELD, Filters
from leadlight.analytics.query.lead_filter import KEYS, has_key, has_named, lead_choices_in
from leadlight.analytics.query.report_query import instant_of
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.star.schema import TABLES, is_added, steps_set_at, was_active
from leadlight.analytics.star.step_history import in_order

# Function that returns whether each row of a grouping is shown even if it has no facts.
Shown = Callable[[Table, Filters, Scope], BooleanValue]
# A report with `category` can also be grouped by custom fields.
GROUPINGS = ("bucket", "user", "team", "pipeline", "source", "prospecting_list", "category")


def category_of(grouping: str) -> str | None:
    """Return the key of the category if the grouping is by its tags, else None."""
    is_by_tags = grouping.startswith(CATEGORY_PREFIX)
    return grouping.removeprefix(CATEGORY_PREFIX) if is_by_tags else None


def is_of_tags(grouping: str) -> bool:
    """Return whether the rows are tags: those of a category, or the reasons for losing leads.

    A lead with several of the tags is in several rows.
    """
    return grouping == "reason" or category_of(grouping) is not None


def with_row_id(facts: Table, grouping: str, filters: Filters, day: str = "day") -> Table:
    """Return the facts with `row_id`: the number of their bucket, or the id (or text) of their row.

    In a grouping by tags, a fact with several of the tags is repeated, once per tag; a fact with a
    `tag_id` is only in the row of this tag. The rows of a custom field are its choices.
    """
    if grouping == "bucket":
        return facts.mutate(row_id=bucket_number(facts[day], filters.bucket_unit, filters.calendar))
    if is_of_tags(grouping):
        if "tag_id" in facts.columns:
            return facts.mutate(row_id=facts.tag_id)
        return _tagged(facts, tags_of(grouping, filters))
    if is_of_field(grouping):
        return _chosen(facts)
    return facts.mutate(row_id=facts["source" if grouping == "source" else f"{grouping}_id"])


def _tagged(facts: Table, tags: Table) -> Table:
    lead_tags = TABLES["lead_tags"]
    links = lead_tags.filter(lead_tags.tag_id.isin(tags.tag_id)).select(
        tagged_lead_id="lead_id", row_id="tag_id"
    )
    return facts.left_join(links, facts.lead_id == links.tagged_lead_id).drop("tagged_lead_id")


def _chosen(facts: Table) -> Table:
    """Return the facts with `row_id`: the choice of their lead in the field `FIELD`."""
    choices = lead_choices_in(FIELD).select(choosing_lead_id="lead_id", row_id="choice")
    return facts.left_join(choices, facts.lead_id == choices.choosing_lead_id).drop(
        "choosing_lead_id"
    )


def all_rows(
    grouping: str, filters: Filters, scope: Scope, shown: Shown | None = None
) -> Table | None:
    """Return every possible row: `row_id`, `row_key`, `row_name`, `shown` and `sort_order`.

    The column `shown` says whether the row is shown without facts; the argument `shown` replaces
    the default rule. Rows are sorted by `sort_order`, then by name. None if the rows come from the
    facts (source) or the calendar (bucket).
    """
    if grouping in ("bucket", "source"):
        return None
    if is_of_tags(grouping):
        tags = tags_of(grouping, filters)
        return _named(tags, "tag", is_added(tags, instant_of(filters)))
    if is_of_field(grouping):
        return _choices()
    rows = steps_set_at(instant_of(filters)) if grouping == "step" else table_of(grouping)
    return _named(
        rows, grouping, (shown or partial(_shown_by_default, grouping))(rows, filters, scope)
    )


def table_of(grouping: str) -> Table:
    """Return the table with the ids, keys and names of the rows of a grouping."""
    return TABLES[str(DIMENSIONS[grouping].table)]


ROW_KEY = bound("row_key", "string")


def has_row(keyed: Table, grouping: str) -> BooleanValue:
    """Return whether facts with `row_id` are in the row with the key `ROW_KEY`."""
    if grouping == "source" or is_of_field(grouping):
        return keyed.row_id == ROW_KEY
    return keyed.row_id.isin(row_ids(grouping).row_id)


def row_ids(grouping: str) -> Table:
    """Return the `row_id` of the row with the key `ROW_KEY`; the rows must have a table."""
    name = "tag" if is_of_tags(grouping) else grouping
    rows = table_of(name)
    return rows.filter(rows[f"{name}_key"] == ROW_KEY).select(row_id=f"{name}_id")


def _named(rows: Table, name: str, shown: Value) -> Table:
    placed = in_order(rows) if name == "step" else rows.mutate(position=ibis.literal(0))
    return placed.select(
        row_id=f"{name}_id",
        row_key=f"{name}_key",
        row_name=f"{name}_name",
        shown=shown,
        sort_order="position",
    )


def _choices() -> Table:
    """Return the choices of the field `FIELD`, in their order.

    All choices are shown, even without facts; if the leads are also filtered by the field, only the
    chosen ones.
    """
    fields, choices = TABLES["fields"], TABLES["choices"]
    its_id = fields.filter(fields.field_key == FIELD).field_id
    rows = choices.filter(choices.field_id.isin(its_id))
    return rows.select(
        row_id="choice",
        row_key="choice",
        row_name="choice",
        shown=~IS_FILTERED | CHOSEN.contains(rows.choice),
        sort_order="choice_position",
    )


IS_FILTERED = bound(
    "field_is_filtered", "boolean", lambda query: bool(query.filters.keys(query.filters.group_by))
)
CHOSEN = bound(
    "field_chosen",
    "array<string>",
    lambda query: list(query.filters.resolved_keys(query.filters.group_by)),
)


def _shown_by_default(grouping: str, rows: Table, filters: Filters, scope: Scope) -> BooleanValue:
    """Return whether a row without facts is shown, by default.

    Prospecting lists and outcomes are never shown, steps if their pipeline passes the filters,
    other rows if they pass the filters and the scope. They must have been added by the instant of
    the report, and users must have been active.
    """
    instant = instant_of(filters)
    if grouping in ("prospecting_list", "outcome"):
        return ibis.literal(False)
    if grouping == "step":
        keys = filters.keys("pipeline")
        return has_key(rows, "pipeline", keys) if keys else ibis.literal(True)
    shown = is_added(rows, instant)
    if keys := filters.keys(grouping):
        is_chosen = KEYS[grouping].contains(rows[f"{grouping}_key"])
        shown = shown & (is_chosen if has_named(keys) else ibis.literal(False))
    if grouping == "user":
        return shown & was_active(rows, instant) & _is_colleague(rows, filters, scope)
    if grouping == "team" and not scope.sees_all:
        return shown & scope.has_team(rows.team_id)
    return shown


def _is_colleague(users: Table, filters: Filters, scope: Scope) -> BooleanValue:
    """Return whether the reader may see a user's figures and the user is in a chosen team."""
    memberships = TABLES["memberships"]
    seen = users.user_id.isin(scope.colleagues(users, memberships).user_id)
    if keys := filters.keys("team"):
        members = memberships.filter(has_key(memberships, "team", keys))
        seen = seen & users.user_id.isin(members.user_id)
    return seen


def tags_of(grouping: str, filters: Filters) -> Table:
    """Return the tags of a grouping: the reasons, or the tags of the category `CATEGORY`."""
    if grouping == "reason":
        return reasons(filters)
    tags = TABLES["tags"]
    return tags.filter(tags.category_id.isin(_category().category_id))


def reasons(filters: Filters) -> Table:
    """Return the reasons for losing, and those for cancelling if cancelled leads count too."""
    tags, categories = TABLES["tags"], TABLES["categories"]
    closings = ["lost", "both"]
    if filters.switch("include_cancelled") == "yes":
        closings.append("cancelled")
    of_reasons = categories.filter(categories.reason_for.isin(closings))
    return tags.filter(tags.category_id.isin(of_reasons.category_id))


def _category() -> Table:
    categories = TABLES["categories"]
    return categories.filter(categories.category_key == CATEGORY)


def category_rows() -> Table:
    """Return the name of the category `CATEGORY`: one row, or none if it does not exist."""
    return _category().select("category_name")


def without_label(grouping: str) -> str:
    """Return the title of the row that has the facts without a value."""
    return dimension_of("tag" if category_of(grouping) else grouping).without_title
