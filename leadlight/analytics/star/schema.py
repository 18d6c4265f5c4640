"""Star schema: every table that reports query, with its columns and their meaning.

Columns that end in `_on` are local days in the company's time zone, `_at` instants in UTC
without offset, `_id` ids of the operational database, `_key` external ids. Money is in the
company's currency. Text is never empty: a missing value is null.

Two tables have the columns of `LEAD`: `leads` has the leads as they are now, `lead_versions` each
state that was ever recorded, with the instants between which it was current. A lead in the bin has
no row in `leads` and no current version; its earlier versions stay. `leads_at` selects the table,
so that reports do not depend on the choice. `lead_stays` and `lead_steps` have such instants, too.
"""

from __future__ import annotations

import ibis
from ibis.expr.types import BooleanValue, Column, Table, Value

# The statuses of a lead; a test compares them with those of the operational database.
OPEN_STATUSES = ("todo", "standby")
CLOSED_STATUSES = ("won", "lost", "cancelled")

LEAD: dict[str, str] = {
    "lead_id": "int64",
    "pipeline_id": "int64",
    "step_id": "int64",
    "status": "string",  # one of OPEN_STATUSES or CLOSED_STATUSES
    "owner_id": "int64",  # null: unassigned
    "team_id": "int64",
    "creator_id": "int64",
    # Credited at the event: owner and team at creation, and those at closing.
    "owner_at_creation_id": "int64",
    "team_at_creation_id": "int64",
    "owner_at_closing_id": "int64",
    "team_at_closing_id": "int64",
    # Access to the lead: owner and team of today, in every version.
    "access_user_id": "int64",
    "access_team_id": "int64",
    "client_id": "int64",
    "prospect_id": "int64",
    "prospecting_list_id": "int64",  # that of the lead's prospect
    "source": "string",
    "amount": "decimal(14, 2)",
    "probability": "int16",  # per cent, the lead's own
    "created_at": "timestamp(6)",
    "created_on": "date",
    "closed_at": "timestamp(6)",  # null while open
    "closed_on": "date",
    "seconds_to_close": "float64",  # exact; negative if the lead was closed before it was created
    "estimated_closing_on": "date",
}

# Validity of a version: the instants between which a row was the recorded state.
RECORDED: dict[str, str] = {
    "recorded_from": "timestamp(6)",
    "recorded_to": "timestamp(6)",  # null: current
}

STAR: dict[str, dict[str, str]] = {
    "leads": LEAD,
    "lead_versions": LEAD | RECORDED,
    # Each change of a lead's step: the source of stays and steps, as of any instant.
    "lead_moves": {
        "lead_id": "int64",
        "move_id": "int64",  # order of the moves of one instant
        "occurred_at": "timestamp(6)",
        "occurred_on": "date",
        "recorded_at": "timestamp(6)",
        "step_id": "int64",
    },
    # Uninterrupted stays in a step; the last stay of a lead has no end here, even if it is closed.
    "lead_stays": {
        "lead_id": "int64",
        "pipeline_id": "int64",
        "step_id": "int64",
        "stay_number": "int64",  # from 0
        "entered_at": "timestamp(6)",
        "entered_on": "date",
        "left_at": "timestamp(6)",
        "left_on": "date",
        "next_step_id": "int64",
        "next_pipeline_id": "int64",
    }
    | RECORDED,
    # Steps that leads reached. `reached_*`: first entry into the step or a later one of its
    # pipeline; `advanced`: a later one was entered then or afterwards. `visited_*`,
    # `visit_advanced`: the same from the first actual visit on (null: never visited). `went`:
    # "here" if the lead is still in the step, else "back" if the last stay there ended with a move
    # within the pipeline (a move back unless `advanced`), "away" if it ended with a move to another
    # pipeline; null: never visited.
    "lead_steps": {
        "lead_id": "int64",
        "pipeline_id": "int64",
        "step_id": "int64",
        "reached_at": "timestamp(6)",
        "reached_on": "date",
        "advanced": "boolean",
        "visited_at": "timestamp(6)",
        "visited_on": "date",
        "visit_advanced": "boolean",
        "went": "string",
    }
    | RECORDED,
    # Every local day from `working_days.FIRST` to `LAST`. `worked_before`: the number of working
    # days before the day. `pace`: working time per elapsed time (0 on days off, 1 on working days,
    # slightly more or less on working days that are shorter or longer than 24 hours).
    "days": {
        "day": "date",
        "starts_at": "timestamp(6)",
        "worked_before": "int64",
        "pace": "float64",
    },
    # Keys and titles of leads, which only lists show; not versioned.
    "lead_titles": {"lead_id": "int64", "lead_key": "string", "title": "string"},
    "lead_tags": {"lead_id": "int64", "tag_id": "int64"},
    "users": {
        "user_id": "int64",
        "user_key": "string",
        "user_name": "string",
        "is_active": "boolean",
        "created_at": "timestamp(6)",
        "deactivated_at": "timestamp(6)",  # null: active, or deactivated at an unknown instant
    },
    # `created_at` of teams, pipelines, users, tags, activity types and outcomes is null for rows
    # that count as older than every fact.
    "teams": {
        "team_id": "int64",
        "team_key": "string",
        "team_name": "string",
        "created_at": "timestamp(6)",
    },
    "memberships": {"team_id": "int64", "user_id": "int64", "is_manager": "boolean"},
    "pipelines": {
        "pipeline_id": "int64",
        "pipeline_key": "string",
        "pipeline_name": "string",
        "created_at": "timestamp(6)",
    },
    "steps": {
        "step_id": "int64",
        "step_key": "string",
        "pipeline_id": "int64",
        "step_name": "string",
        "step_position": "int64",
        "step_probability": "int16",  # per cent, as the company set it
    },
    # Earlier probabilities of steps. At an instant, the probability is the first one replaced after
    # the instant, or the current one of the step if there is none.
    "past_probabilities": {
        "past_probability_id": "int64",
        "step_id": "int64",
        "past_probability": "int16",
        "replaced_at": "timestamp(6)",
    },
    # Earlier positions of steps, to be read like earlier probabilities; null: not yet added.
    "past_positions": {
        "past_position_id": "int64",
        "step_id": "int64",
        "past_position": "int64",
        "replaced_at": "timestamp(6)",
    },
    "categories": {
        "category_id": "int64",
        "category_key": "string",
        "category_name": "string",
        "reason_for": "string",  # lost, cancelled, both; null: tags are not reasons for closing
    },
    "tags": {
        "tag_id": "int64",
        "tag_key": "string",
        "tag_name": "string",
        "category_id": "int64",
        "created_at": "timestamp(6)",
    },
    # Custom fields of leads whose values are choices, without the archived ones.
    "fields": {"field_id": "int64", "field_key": "string", "field_name": "string"},
    "choices": {"field_id": "int64", "choice": "string", "choice_position": "int64"},
    # At most one choice of a lead in each field, archived fields included.
    "lead_choices": {"lead_id": "int64", "field_id": "int64", "choice": "string"},
    "clients": {"client_id": "int64", "client_key": "string", "client_name": "string"},
    "prospecting_lists": {
        "prospecting_list_id": "int64",
        "prospecting_list_key": "string",
        "prospecting_list_name": "string",
        "user_id": "int64",
        "created_on": "date",
        "source": "string",
        "cost": "decimal(14, 2)",
        "is_archived": "boolean",
    },
    # Costs, each of one list, source or tag; `amount` is spread evenly over their days.
    "costs": {
        "cost_id": "int64",
        "cost_name": "string",
        "amount": "decimal(14, 2)",
        "first_on": "date",
        "last_on": "date",
        "prospecting_list_id": "int64",
        "source": "string",
        "tag_id": "int64",
        "created_at": "timestamp(6)",
    },
    "prospects": {
        "prospect_id": "int64",
        "prospect_key": "string",
        "prospecting_list_id": "int64",
        "user_id": "int64",
        "created_at": "timestamp(6)",
        "created_on": "date",
        "converted_at": "timestamp(6)",
        "converted_on": "date",
    },
    "activity_types": {
        "activity_type_id": "int64",
        "activity_type_key": "string",
        "activity_type_name": "string",
        "activity_kind": "string",  # call, meeting, email, other
        "created_at": "timestamp(6)",
    },
    "outcomes": {
        "outcome_id": "int64",
        "outcome_key": "string",
        "outcome_name": "string",
        "activity_type_id": "int64",
        "is_reached": "boolean",
        "created_at": "timestamp(6)",
    },
    "activities": {
        "activity_id": "int64",
        "occurred_at": "timestamp(6)",
        "occurred_on": "date",
        "recorded_at": "timestamp(6)",
        "user_id": "int64",
        "activity_type_id": "int64",
        "outcome_id": "int64",
        "lead_id": "int64",
        "prospect_id": "int64",
    },
    "goals": {
        "goal_id": "int64",
        "user_id": "int64",
        "team_id": "int64",
        "goal_measure": "string",  # activities, won_leads, won_amount
        "activity_type_id": "int64",
        "goal_period": "string",  # month, quarter, year
        "starts_on": "date",
        "target": "decimal(14, 2)",
    },
}

TABLES: dict[str, Table] = {name: ibis.table(columns, name=name) for name, columns in STAR.items()}


def leads_at(as_of: Value | None) -> Table:
    """Return the leads as recorded at an instant (UTC, no offset); None is now.

    One row per lead that existed then and was not in the bin; columns of `LEAD`.
    """
    if as_of is None:
        return TABLES["leads"]
    return recorded(TABLES["lead_versions"], as_of).select(list(LEAD))


def recorded(versions: Table, as_of: Value | None) -> Table:
    """Return the rows that were current at an instant (UTC, no offset); None is now."""
    if as_of is None:
        return versions.filter(versions.recorded_to.isnull())
    return versions.filter(
        versions.recorded_from <= as_of,
        versions.recorded_to.isnull() | (versions.recorded_to > as_of),
    )


def is_recorded(recorded_at: Column, as_of: Value | None) -> BooleanValue:
    """Return whether something was recorded by an instant (UTC, no offset); None (now): True."""
    if as_of is None:
        return ibis.literal(True)
    return recorded_at <= as_of


def is_added(rows: Table, as_of: Value | None) -> BooleanValue:
    """Return whether rows with `created_at` were added by an instant (UTC, no offset).

    None is now: True. A row that was added later but has facts, for example an imported one, must
    be kept by the caller.
    """
    if as_of is None:
        return ibis.literal(True)
    return rows.created_at.isnull() | (rows.created_at <= as_of)


def was_active(users: Table, as_of: Value | None) -> BooleanValue:
    """Return whether accounts were open at an instant (UTC, no offset); None is now."""
    if as_of is None:
        return users.is_active
    return users.is_active | (users.deactivated_at > as_of).fill_null(False)


def steps_set_at(as_of: Value | None) -> Table:
    """Return the steps with their probability and position as of an instant; None is now.

    The instant is in UTC, without offset. Steps that were added later are left out.
    """
    steps = TABLES["steps"]
    if as_of is None:
        return steps
    probabilities = _replaced_after("past_probabilities", "past_probability_id", as_of).select(
        "past_probability", rated_id="step_id"
    )
    positions = _replaced_after("past_positions", "past_position_id", as_of).select(
        "past_position", placed_id="step_id"
    )
    both = steps.left_join(probabilities, steps.step_id == probabilities.rated_id)
    then = both.left_join(positions, both.step_id == positions.placed_id)
    then = then.filter(then.placed_id.isnull() | then.past_position.notnull())
    probability = then.rated_id.isnull().ifelse(then.step_probability, then.past_probability)
    position = ibis.coalesce(then.past_position, then.step_position)
    return then.mutate(step_probability=probability, step_position=position).select(
        list(STAR["steps"])
    )


def _replaced_after(table: str, row_id: str, as_of: Value) -> Table:
    """Return the values of steps that were the first to be replaced after an instant."""
    past = TABLES[table]
    later = past.filter(~is_recorded(past.replaced_at, as_of))
    first = later.mutate(
        place=ibis.row_number().over(group_by="step_id", order_by=["replaced_at", row_id])
    )
    return first.filter(first.place == 0)
