"""Columns that are read from each operational table, and their names in the star."""

from __future__ import annotations

from dataclasses import dataclass, field

from leadlight.sales.models.event_log import REPORTED

TYPES = {
    "number": "BIGINT",
    "money": "DECIMAL(14, 2)",
    "flag": "BOOLEAN",
    "text": "VARCHAR",
    "instant": "TIMESTAMP",
    "day": "DATE",
}


@dataclass(frozen=True)
class Column:
    kind: str  # key of TYPES
    sql: str


def number(sql: str) -> Column:
    return Column("number", sql)


def money(sql: str) -> Column:
    return Column("money", sql)


def flag(sql: str) -> Column:
    return Column("flag", sql)


def text(sql: str) -> Column:
    return Column("text", sql)


def instant(sql: str) -> Column:
    return Column("instant", sql)


def day(sql: str) -> Column:
    return Column("day", sql)


@dataclass(frozen=True)
class Source:
    """Operational table to read; the change feed identifies its rows by the column `key`."""

    table: str
    columns: dict[str, Column]
    key: str = "id"
    keys_of: str = ""  # the table whose ids the keys are, if not `table`
    joined: str = ""
    where: str = ""  # SQL condition on the rows to read; empty: all rows

    def duckdb_columns(self) -> dict[str, str]:
        return {name: TYPES[column.kind] for name, column in self.columns.items()}


@dataclass(frozen=True)
class CopiedTable:
    """Table of the star made of the rows of one operational table.

    Columns of the star that are not read are computed: by the SQL in `computed`, or if the name
    ends in `_on`, as the local day of the instant with the same name ending in `_at`. SQL that
    unnests a list makes several rows of one.
    """

    feed: str  # table name in the change feed
    source: Source
    key: str  # the star's column that holds the source's key
    computed: dict[str, str] = field(default_factory=dict)


def _named(what: str, table: str, **columns: Column) -> CopiedTable:
    """Return the definition of a table with an id, a key, a name and `columns`."""
    source = Source(
        table,
        {
            f"{what}_id": number("id"),
            f"{what}_key": text("key"),
            f"{what}_name": text("name"),
        }
        | columns,
    )
    return CopiedTable(table, source, f"{what}_id")


CHOICE_FIELDS = "subject = 'lead' AND sales_customfield.kind = 'choice'"
SHOWN_FIELDS = f"{CHOICE_FIELDS} AND NOT is_archived"
CHOICES = """from_json(choices, '["VARCHAR"]')"""

COPIED_TABLES: dict[str, CopiedTable] = {
    "users": CopiedTable(
        "accounts_user",
        Source(
            "accounts_user",
            {
                "user_id": number("id"),
                "user_key": text("key"),
                "first_name": text("first_name"),
                "last_name": text("last_name"),
                "email": text("email"),
                "is_active": flag("is_active"),
                "created_at": instant("created_at"),
                "deactivated_at": instant("deactivated_at"),
            },
        ),
        "user_id",
        {"user_name": "coalesce(nullif(trim(concat_ws(' ', first_name, last_name)), ''), email)"},
    ),
    "teams": _named("team", "accounts_team", created_at=instant("created_at")),
    "memberships": CopiedTable(
        "accounts_membership",
        Source(
            "accounts_membership",
            {
                "team_id": number("team_id"),
                "user_id": number("user_id"),
                "is_manager": flag("is_manager"),
            },
            key="team_id",
            keys_of="accounts_team",
        ),
        "team_id",
    ),
    "pipelines": _named("pipeline", "sales_pipeline", created_at=instant("created_at")),
    "steps": _named(
        "step",
        "sales_step",
        pipeline_id=number("pipeline_id"),
        step_position=number("position"),
        step_probability=number("probability"),
    ),
    "past_probabilities": CopiedTable(
        "sales_pastprobability",
        Source(
            "sales_pastprobability",
            {
                "past_probability_id": number("id"),
                "step_id": number("step_id"),
                "past_probability": number("probability"),
                "replaced_at": instant("replaced_at"),
            },
        ),
        "past_probability_id",
    ),
    "past_positions": CopiedTable(
        "sales_pastposition",
        Source(
            "sales_pastposition",
            {
                "past_position_id": number("id"),
                "step_id": number("step_id"),
                "past_position": number("position"),
                "replaced_at": instant("replaced_at"),
            },
        ),
        "past_position_id",
    ),
    "categories": _named("category", "sales_category", reason_for=text("reason_for")),
    "tags": _named(
        "tag",
        "sales_tag",
        category_id=number("category_id"),
        created_at=instant("created_at"),
    ),
    "fields": CopiedTable(
        "sales_customfield",
        Source(
            "sales_customfield",
            {
                "field_id": number("id"),
                "field_key": text("key"),
                "field_name": text("name"),
            },
            where=SHOWN_FIELDS,
        ),
        "field_id",
    ),
    "choices": CopiedTable(
        "sales_customfield",
        Source(
            "sales_customfield",
            {"field_id": number("id"), "choices": text("choices")},
            where=SHOWN_FIELDS,
        ),
        "field_id",
        {
            "choice": f"unnest({CHOICES})",
            "choice_position": f"generate_subscripts({CHOICES}, 1)",
        },
    ),
    "lead_choices": CopiedTable(
        "sales_lead",
        Source(
            "sales_leadfieldvalue",
            {
                "lead_id": number("owner_id"),
                "field_id": number("field_id"),
                "choice": text("text"),
            },
            key="owner_id",
            keys_of="sales_lead",
            joined="JOIN sales_customfield ON sales_customfield.id = field_id",
            where=CHOICE_FIELDS,
        ),
        "lead_id",
    ),
    "clients": _named("client", "sales_client"),
    "prospecting_lists": _named(
        "prospecting_list",
        "sales_prospectinglist",
        user_id=number("user_id"),
        created_at=instant("created_at"),
        source=text("source"),
        cost=money("cost"),
        is_archived=flag("is_archived"),
    ),
    "costs": CopiedTable(
        "sales_cost",
        Source(
            "sales_cost",
            {
                "cost_id": number("id"),
                "cost_name": text("name"),
                "amount": money("amount"),
                "first_on": day("first_on"),
                "last_on": day("last_on"),
                "prospecting_list_id": number("prospecting_list_id"),
                "source": text("source"),
                "tag_id": number("tag_id"),
                "created_at": instant("created_at"),
            },
        ),
        "cost_id",
    ),
    "prospects": CopiedTable(
        "sales_prospect",
        Source(
            "sales_prospect",
            {
                "prospect_id": number("id"),
                "prospect_key": text("key"),
                "prospecting_list_id": number("prospecting_list_id"),
                "user_id": number("user_id"),
                "created_at": instant("created_at"),
                "converted_at": instant("converted_at"),
            },
        ),
        "prospect_id",
    ),
    "activity_types": _named(
        "activity_type",
        "sales_activitytype",
        activity_kind=text("kind"),
        created_at=instant("created_at"),
    ),
    "outcomes": _named(
        "outcome",
        "sales_outcome",
        activity_type_id=number("activity_type_id"),
        is_reached=flag("is_reached"),
        created_at=instant("created_at"),
    ),
    "activities": CopiedTable(
        "sales_activity",
        Source(
            "sales_activity",
            {
                "activity_id": number("id"),
                "occurred_at": instant("occurred_at"),
                "recorded_at": instant("recorded_at"),
                "user_id": number("user_id"),
                "activity_type_id": number("activity_type_id"),
                "outcome_id": number("outcome_id"),
                "lead_id": number("lead_id"),
                "prospect_id": number("prospect_id"),
            },
        ),
        "activity_id",
    ),
    "goals": CopiedTable(
        "sales_goal",
        Source(
            "sales_goal",
            {
                "goal_id": number("id"),
                "user_id": number("user_id"),
                "team_id": number("team_id"),
                "goal_measure": text("measure"),
                "activity_type_id": number("activity_type_id"),
                "goal_period": text("period"),
                "starts_on": day("starts_on"),
                "target": money("target"),
            },
        ),
        "goal_id",
    ),
    "lead_tags": CopiedTable(
        "sales_lead",
        Source(
            "sales_lead_tags",
            {"lead_id": number("lead_id"), "tag_id": number("tag_id")},
            key="lead_id",
            keys_of="sales_lead",
        ),
        "lead_id",
    ),
}

# Current values of a lead that are not part of its history.
LEADS = Source(
    "sales_lead",
    {
        "lead_id": number("sales_lead.id"),
        "lead_key": text("sales_lead.key"),
        "title": text("title"),
        "creator_id": number("created_by_id"),
        "access_user_id": number("owner_id"),
        "access_team_id": number("team_id"),
        "client_id": number("client_id"),
        "prospect_id": number("prospect_id"),
        "prospecting_list_id": number("sales_prospect.prospecting_list_id"),
        "source": text("source"),
    },
    key="sales_lead.id",
    joined="LEFT JOIN sales_prospect ON sales_prospect.id = prospect_id",
)
EVENTS = Source(
    "sales_leadevent",
    {
        "lead_id": number("lead_id"),
        "event_id": number("id"),
        "occurred_at": instant("occurred_at"),
        # Null if equal to `occurred_at`, as it nearly always is: a shorter CSV file to parse.
        "recorded_at": instant("nullif(recorded_at, occurred_at)"),
        "kind": text("kind"),
        "value": text("value"),
    },
    key="lead_id",
    keys_of="sales_lead",
    where=f"kind IN ({', '.join(map(repr, map(str, REPORTED)))})",
)
