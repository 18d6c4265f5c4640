"""SQL that fills the star schema from CSV files: local days, durations and version intervals.

The same statements serve for full builds (by ranges of keys) and for incremental updates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from leadlight.analytics.star.schema import LEAD, STAR
from leadlight.analytics.star.step_history import STAYS, history_queries
from leadlight.replication.tables import COPIED_TABLES, EVENTS, LEADS, Source
from leadlight.sales.models.event_log import CLOSED, CORRECTIONS, REPORTED, Kind

DUCKDB_TYPES = {
    "int64": "BIGINT",
    "int16": "SMALLINT",
    "float64": "DOUBLE",
    "string": "VARCHAR",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp(6)": "TIMESTAMP",
    "decimal(14, 2)": "DECIMAL(14, 2)",
}
DERIVED_FROM_MOVES = ("lead_stays", "lead_steps")
STEP_HISTORY = ("lead_moves", *DERIVED_FROM_MOVES)
INTERVAL_TABLES = ("lead_versions", *DERIVED_FROM_MOVES)
LEAD_TABLES = ("leads", "lead_versions", "lead_titles", *STEP_HISTORY)


def create_table(name: str, prefix: str = "") -> str:
    return f"CREATE TABLE {prefix}{name} ({_typed(STAR[name])})"


def _typed(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{column} {DUCKDB_TYPES[kind]}" for column, kind in columns.items())


def local_day(instant: str, zone: str) -> str:
    """Return SQL for the local day of a UTC instant in the company's time zone."""
    return f"timezone('{zone}', timezone('UTC', {instant}))::DATE"


def csv(source: Source, path: Path) -> str:
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in source.duckdb_columns().items())
    quoted = str(path).replace("'", "''")
    return (
        f"read_csv('{quoted}', columns = {{{columns}}}, auto_detect = false, header = false, "
        "delim = ',', quote = '\"', escape = '\"')"
    )


def fill_copied_table(name: str, rows: str, zone: str, prefix: str = "") -> str:
    """Return SQL that inserts rows of a source into its table of the star."""
    return (
        f"INSERT INTO {prefix}{name} "
        f"SELECT {', '.join(_column_sql(column, name, zone) for column in STAR[name])} "
        f"FROM {rows}"
    )


def _column_sql(column: str, name: str, zone: str) -> str:
    copied = COPIED_TABLES[name]
    if column in copied.computed:
        return copied.computed[column]
    if column in copied.source.columns:
        return column
    return local_day(column.removesuffix("_on") + "_at", zone)


# Leads: from events to versions

# Kinds of events whose values are columns of the CTE `latest_values`.
VALUE_KINDS = tuple(str(kind) for kind in REPORTED if kind not in (Kind.CREATED, *CORRECTIONS))
IS_CLOSED = f"status IN ({', '.join(map(repr, CLOSED))})"
ATTRIBUTION = (
    "owner_at_creation_id",
    "team_at_creation_id",
    "owner_at_closing_id",
    "team_at_closing_id",
)


def _ordered_events() -> str:
    """Return SQL for the events with `event_order`, their order of occurrence: instant, then id."""
    return """
        SELECT lead_id, occurred_at, kind, coalesce(value, '') AS value,
            coalesce(recorded_at, occurred_at) AS recorded_at,
            epoch_us(occurred_at)::HUGEINT * 18446744073709551616 + event_id AS event_order
        FROM read_event
    """


def _effective_events() -> str:
    """Return SQL for the events with `effective_kind`: their kind, or null if they are superseded.

    An event is superseded if an event of its kind that occurred later was recorded before it or
    with it. A superseded event does not change the state, but may change the attribution.
    """
    return """
        SELECT *,
            CASE WHEN max(event_order) OVER so_far = event_order THEN kind END AS effective_kind
        FROM ordered_events
        WINDOW so_far AS (PARTITION BY lead_id, kind ORDER BY recorded_at)
    """


# Column of the CTE `recorded_values` → its SQL.
RECORDED_COLUMNS = {
    "created_at": "any_value(occurred_at) FILTER (effective_kind = 'created')",
    "status_at": "any_value(occurred_at) FILTER (effective_kind = 'status')",
    "status_order": "any_value(event_order) FILTER (effective_kind = 'status')",
    "corrected_creation": "any_value(value) FILTER (effective_kind = 'created_at')",
    "corrected_closing": "any_value(value) FILTER (effective_kind = 'closed_at')",
    "correction_order": "any_value(event_order) FILTER (effective_kind = 'closed_at')",
} | {kind: f"any_value(value) FILTER (effective_kind = '{kind}')" for kind in VALUE_KINDS}


def _recorded_values() -> str:
    """Return SQL for the values of each lead that were recorded at each instant of recording."""
    columns = ", ".join(f"{sql} AS {column}" for column, sql in RECORDED_COLUMNS.items())
    return f"""
        SELECT lead_id, recorded_at, {columns} FROM effective_events
        GROUP BY lead_id, recorded_at
    """


def _latest_values() -> str:
    """Return SQL for the last recorded values of each lead at each instant of recording."""
    columns = ", ".join(
        f"last_value({name} IGNORE NULLS) OVER so_far AS {name}" for name in RECORDED_COLUMNS
    )
    return f"""
        SELECT lead_id, recorded_at, {columns} FROM recorded_values
        WINDOW so_far AS (
            PARTITION BY lead_id ORDER BY recorded_at
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        )
    """


def _attribution() -> str:
    """Return SQL for the owner and team at creation and at closing, as known at each instant.

    Events count in order of occurrence: once recorded, a late event applies from the time at which
    it occurred. A corrected date of creation or closing does not change the attribution.
    """
    when = {
        "creation": "event.occurred_at <= created_at",
        "closing": f"event_order < status_order AND {IS_CLOSED}",
    }
    columns = ", ".join(
        f"nullif(arg_max(value, event_order) FILTER (kind = '{kind}' AND {condition}), '')::BIGINT "
        f"AS {kind}_at_{event}_id"
        for event, condition in when.items()
        for kind in ("owner", "team")
    )
    return f"""
        SELECT latest.lead_id, latest.recorded_at, {columns}
        FROM latest_values AS latest JOIN effective_events AS event
            ON event.lead_id = latest.lead_id AND event.recorded_at <= latest.recorded_at
            AND kind IN ('owner', 'team')
        GROUP BY latest.lead_id, latest.recorded_at
    """


def _utc(text: str) -> str:
    """Return SQL that converts the text of an instant, which ends in Z, to naive UTC."""
    return f"rtrim({text}, 'Z')::TIMESTAMP"


# Columns of a lead's state in the star, from the CTEs `latest_values` and `attribution`.
STATE = {
    "pipeline_id": "nullif(pipeline, '')::BIGINT",
    "step_id": "nullif(step, '')::BIGINT",
    "status": "status",
    "owner_id": "nullif(owner, '')::BIGINT",
    "team_id": "nullif(team, '')::BIGINT",
    "amount": "nullif(amount, '')::DECIMAL(14, 2)",
    "probability": "nullif(probability, '')::SMALLINT",
    "estimated_closing_on": "nullif(estimated_closing, '')::DATE",
    "created_at": f"coalesce({_utc('corrected_creation')}, created_at)",
    "closed_at": (
        f"CASE WHEN {IS_CLOSED} AND correction_order > status_order "
        f"THEN {_utc('corrected_closing')} WHEN {IS_CLOSED} THEN status_at END"
    ),
    "is_deleted": "coalesce(deleted, 'false') != 'false'",
} | {column: column for column in ATTRIBUTION}


def _state() -> str:
    """Return SQL for the state of each lead at each instant of recording (`STATE`)."""
    columns = ", ".join(f"{sql} AS {name}" for name, sql in STATE.items())
    return f"""
        SELECT lead_id, recorded_at, {columns}
        FROM latest_values LEFT JOIN attribution USING (lead_id, recorded_at)
    """


def _changed_states() -> str:
    """Return SQL for the states that differ from the previous one."""
    return f"""
        SELECT * FROM state
        QUALIFY row({", ".join(STATE)}) IS DISTINCT FROM lag(row({", ".join(STATE)})) OVER (
            PARTITION BY lead_id ORDER BY recorded_at
        )
    """


def _state_intervals() -> str:
    """Return SQL for the changed states, each with the instant of the next one."""
    return """
        SELECT *, lead(recorded_at) OVER (PARTITION BY lead_id ORDER BY recorded_at) AS recorded_to
        FROM changed_states
    """


def _lead_columns(zone: str) -> str:
    """Return SQL for the columns of LEAD, from the CTE `state_intervals` and the lead's row."""
    made = {
        "created_on": local_day("created_at", zone),
        "closed_on": local_day("closed_at", zone),
        "seconds_to_close": "(epoch_us(closed_at) - epoch_us(created_at)) / 1e6",
    }
    return ", ".join(made.get(column, column) for column in LEAD)


def versions(zone: str) -> str:
    """Return SQL for each recorded state of the leads in `read_lead`, with its interval."""
    return f"""
        WITH ordered_events AS MATERIALIZED ({_ordered_events()}),
        effective_events AS MATERIALIZED ({_effective_events()}),
        recorded_values AS MATERIALIZED ({_recorded_values()}),
        latest_values AS MATERIALIZED ({_latest_values()}),
        attribution AS MATERIALIZED ({_attribution()}),
        state AS MATERIALIZED ({_state()}),
        changed_states AS MATERIALIZED ({_changed_states()}),
        state_intervals AS MATERIALIZED ({_state_intervals()})
        SELECT {_lead_columns(zone)}, recorded_at, recorded_to
        FROM state_intervals JOIN read_lead USING (lead_id)
        WHERE created_at IS NOT NULL AND NOT is_deleted
        ORDER BY lead_id, recorded_at
    """


# Leads: step history


def moves(zone: str) -> str:
    """Return SQL for every event that put a lead in a step."""
    return f"""
        SELECT lead_id, event_id AS move_id, occurred_at,
            {local_day("occurred_at", zone)} AS occurred_on,
            coalesce(recorded_at, occurred_at) AS recorded_at, value::BIGINT AS step_id
        FROM read_event WHERE kind = 'step'
    """


def fill_step_history(prefix: str = "") -> list[str]:
    """Return the SQL that inserts stays and steps computed from the moves of leads."""
    queries = history_queries("move", "stay", f"{prefix}steps", f"{prefix}past_positions", "duckdb")
    return [
        "DELETE FROM stay",
        f"INSERT INTO stay {queries['stays']}",
        *(f"INSERT INTO {prefix}{name} {queries[name]}" for name in DERIVED_FROM_MOVES),
    ]


def update_step_history() -> list[str]:
    """Return the SQL of `fill_step_history` as prepared statements.

    This is faster for the moves of a few leads. Run the SQL of `prepare_updates` first.
    """
    return [
        "DELETE FROM stay",
        "EXECUTE stays",
        *(f"EXECUTE {name}" for name in DERIVED_FROM_MOVES),
    ]


def _temporary(name: str, columns: Mapping[str, str]) -> str:
    return f"CREATE OR REPLACE TEMP TABLE {name} ({_typed(columns)})"


def prepare(zone: str) -> list[str]:
    """Return the SQL that prepares a connection for `fill_leads`.

    For a few leads, planning a statement takes several times longer than its execution. So it is
    planned only once, without the optimizer, which has no benefit here for any number of leads.
    """
    return [
        f"CREATE OR REPLACE TEMP TABLE read_lead ({_declared(LEADS)})",
        f"CREATE OR REPLACE TEMP TABLE read_event ({_declared(EVENTS)})",
        _temporary("version", STAR["lead_versions"]),
        _temporary("move", STAR["lead_moves"]),
        _temporary("stay", STAYS),
        *_prepared(versions=f"INSERT INTO version {versions(zone)}"),
    ]


def prepare_updates() -> list[str]:
    """Return the SQL that prepares `update_step_history`. Run the SQL of `prepare` first."""
    queries = history_queries("move", "stay", "steps", "past_positions", "duckdb")
    return _prepared(
        stays=f"INSERT INTO stay {queries['stays']}",
        **{name: f"INSERT INTO {name} {queries[name]}" for name in DERIVED_FROM_MOVES},
    )


def _prepared(**statements: str) -> list[str]:
    texts = [f"PREPARE {name} AS {text}" for name, text in statements.items()]
    return ["PRAGMA disable_optimizer", *texts, "PRAGMA enable_optimizer"]


def fill_leads(lead_rows: str, event_rows: str, zone: str, prefix: str = "") -> list[str]:
    """Return the SQL that inserts leads with their versions, titles and step history."""
    return [
        "DELETE FROM read_lead",
        "DELETE FROM read_event",
        "DELETE FROM version",
        f"INSERT INTO read_lead FROM {lead_rows}",
        f"INSERT INTO read_event FROM {event_rows}",
        "EXECUTE versions",
        f"INSERT INTO {prefix}lead_versions FROM version",
        f"INSERT INTO {prefix}leads SELECT {', '.join(LEAD)} FROM version "
        "WHERE recorded_to IS NULL",
        f"INSERT INTO {prefix}lead_titles SELECT lead_id, lead_key, title FROM read_lead",
        "DELETE FROM move",
        f"INSERT INTO move {moves(zone)}",
        f"INSERT INTO {prefix}lead_moves FROM move",
        *(fill_step_history(prefix) if prefix else update_step_history()),
    ]


def sort_by_end(names: Iterable[str], prefix: str = "") -> list[str]:
    """Return the SQL that sorts tables of recorded intervals by the end of the interval.

    DuckDB then skips the blocks of rows that ended before the instant of a query. Current rows have
    no end and come last.
    """
    return [
        statement
        for name in names
        for statement in (
            f"CREATE TABLE {prefix}ordered AS FROM {prefix}{name} "
            "ORDER BY recorded_to NULLS LAST, lead_id",
            f"DROP TABLE {prefix}{name}",
            f"ALTER TABLE {prefix}ordered RENAME TO {prefix}{name}",
        )
    ]


def _declared(source: Source) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in source.duckdb_columns().items())
