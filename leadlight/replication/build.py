"""Full build and incremental update of a replica from the operational database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from django.db.backends.base.base import BaseDatabaseWrapper

from leadlight.analytics.engine.duckdb import Writer
from leadlight.analytics.star.schema import STAR
from leadlight.replication import star, working_days
from leadlight.replication.changes import Changes
from leadlight.replication.extract import Ids, Keys, ranges, write
from leadlight.replication.tables import COPIED_TABLES, EVENTS, LEADS, Source

BUILD_PREFIX = "building_"  # prefix of the tables of a build in progress
LEADS_AT_ONCE = 50_000
ROWS_AT_ONCE = 500_000
UPDATES_AT_ONCE = 10_000
# Tables from which the step history of leads is computed: they are filled first.
ORDER_OF_STEPS = ("steps", "past_positions")


@dataclass(frozen=True)
class Part:
    """Batch of keys of the table `name` of the star; "leads" stands for all `star.LEAD_TABLES`."""

    name: str
    keys: Keys

    @property
    def sources(self) -> tuple[Source, ...]:
        return (LEADS, EVENTS) if self.name == "leads" else (COPIED_TABLES[self.name].source,)

    @property
    def tables(self) -> dict[str, str]:
        """Return the tables that the batch fills: table → column with the keys."""
        if self.name == "leads":
            return dict.fromkeys(star.LEAD_TABLES, "lead_id")
        return {self.name: COPIED_TABLES[self.name].key}

    def read(self, connection: BaseDatabaseWrapper, folder: Path) -> list[Path]:
        """Write the rows with these keys to CSV files, one for each source; return the paths."""
        paths = [folder / f"{self.name}-{id(self)}-{source.table}.csv" for source in self.sources]
        for source, path in zip(self.sources, paths, strict=True):
            write(connection, source, self.keys, path)
        return paths

    def fill(self, writer: Writer, paths: list[Path], zone: str, prefix: str = "") -> None:
        """Insert the rows of CSV files into the tables with this prefix, and delete the files."""
        rows = [star.csv(*pair) for pair in zip(self.sources, paths, strict=True)]
        if paths[0].stat().st_size:
            for statement in self._statements(rows, zone, prefix):
                writer.run(statement)
        for path in paths:
            path.unlink()

    def _statements(self, rows: list[str], zone: str, prefix: str) -> list[str]:
        if self.name == "leads":
            leads, events = rows
            return star.fill_leads(leads, events, zone, prefix)
        return [star.fill_copied_table(self.name, rows[0], zone, prefix)]


def definition() -> str:
    """Return the schema and SQL on which the contents of a replica depend, as text.

    If the text changes, replicas are rebuilt.
    """
    statements = [
        *star.prepare(""),
        *star.prepare_updates(),
        *star.fill_leads("", "", ""),
        *star.sort_by_end(star.INTERVAL_TABLES),
        *(star.fill_copied_table(name, "", "") for name in COPIED_TABLES),
        working_days.days_sql("", ""),
    ]
    return repr((STAR, COPIED_TABLES, LEADS, EVENTS, statements))


def prepare(writer: Writer, zone: str) -> None:
    """Create the temporary tables and prepared statements for updating the current star."""
    for statement in (*star.prepare(zone), *star.prepare_updates()):
        writer.run(statement)


def build_all(
    connection: BaseDatabaseWrapper,
    writer: Writer,
    zone: str,
    folder: Path,
    progress: Callable[[str, int, int], None],
) -> None:
    """Build every table of the star under a temporary name, next to the current tables."""
    for name in STAR:
        writer.run(f"DROP TABLE IF EXISTS {BUILD_PREFIX}{name}")
        writer.run(star.create_table(name, BUILD_PREFIX))
    for statement in star.prepare(zone):
        writer.run(statement)
    for statement in working_days.fill_sql(zone, BUILD_PREFIX):
        writer.run(statement)
    parts = list(_all_parts(connection))
    with ThreadPoolExecutor(1, "replica") as worker:
        filling: Future[None] | None = None
        for number, part in enumerate(parts):
            # DuckDB fills the previous part while the operational database is read for this one.
            paths = part.read(connection, folder)
            if filling is not None:
                filling.result()
            filling = worker.submit(part.fill, writer, paths, zone, BUILD_PREFIX)
            progress("replica", number + 1, len(parts))
        if filling is not None:
            filling.result()
    for statement in star.sort_by_end(star.INTERVAL_TABLES, BUILD_PREFIX):
        writer.run(statement)


def _all_parts(connection: BaseDatabaseWrapper) -> Iterator[Part]:
    """Yield all parts, `ORDER_OF_STEPS` first."""
    for name in ORDER_OF_STEPS:
        for keys in ranges(connection, COPIED_TABLES[name].source, ROWS_AT_ONCE):
            yield Part(name, keys)
    for keys in ranges(connection, LEADS, LEADS_AT_ONCE):
        yield Part("leads", keys)
    for name, copied in COPIED_TABLES.items():
        if name in ORDER_OF_STEPS:
            continue
        for keys in ranges(connection, copied.source, ROWS_AT_ONCE):
            yield Part(name, keys)


def swap_in(writer: Writer) -> None:
    """Replace the current tables by the built ones. Call within a transaction."""
    for name in STAR:
        writer.run(f"DROP TABLE IF EXISTS {name}")
        writer.run(f"ALTER TABLE {BUILD_PREFIX}{name} RENAME TO {name}")
    for statement in star.prepare_updates():
        writer.run(statement)


def apply_changes(
    connection: BaseDatabaseWrapper, writer: Writer, zone: str, folder: Path, changes: Changes
) -> set[str]:
    """Read the changed rows again and replace them. Return the names of the changed tables.

    Call within a transaction.
    """
    has_steps = any(COPIED_TABLES[name].feed in changes for name in ORDER_OF_STEPS)
    before = _order_of_steps(writer) if has_steps else []
    replaced: set[str] = set()
    for name, ids in _changed(connection, changes):
        part = Part(name, Ids(ids))
        paths = part.read(connection, folder)
        for table, key in part.tables.items():
            writer.run(f"DELETE FROM {table} WHERE {_among(key, ids)}")
        part.fill(writer, paths, zone)
        replaced |= part.tables.keys()
    if any(feed in changes for feed in working_days.FEEDS):
        for statement in working_days.fill_sql(zone):
            writer.run(statement)
        replaced.add(working_days.TABLE)
    if has_steps and _order_of_steps(writer) != before:
        _recompute_step_history(writer)
        replaced |= set(star.DERIVED_FROM_MOVES)
    return replaced


def _among(key: str, ids: list[int]) -> str:
    """Return a SQL condition on keys, in the form that DuckDB plans fastest for their number."""
    listed = ", ".join(map(str, ids))
    return f"{key} IN ({listed})" if len(ids) < 100 else f"{key} IN (SELECT unnest([{listed}]))"


def _order_of_steps(writer: Writer) -> list[tuple[object, ...]]:
    now = writer.run("SELECT step_id, pipeline_id, step_position FROM steps ORDER BY ALL")
    return now + writer.run("FROM past_positions ORDER BY ALL")


def _recompute_step_history(writer: Writer) -> None:
    """Recompute the step history of all leads, after a change in the list or order of steps."""
    for table in star.DERIVED_FROM_MOVES:
        writer.run(f"DELETE FROM {table}")
    batches = writer.run(
        f"SELECT min(lead_id), max(lead_id) FROM (SELECT lead_id, "
        f"(row_number() OVER (ORDER BY lead_id) - 1) // {LEADS_AT_ONCE} AS batch "
        "FROM (SELECT DISTINCT lead_id FROM lead_moves)) GROUP BY batch ORDER BY batch"
    )
    for first, last in batches:
        writer.run("DELETE FROM move")
        writer.run(f"INSERT INTO move FROM lead_moves WHERE lead_id BETWEEN {first} AND {last}")
        for statement in star.fill_step_history():
            writer.run(statement)
    for statement in star.sort_by_end(star.DERIVED_FROM_MOVES):
        writer.run(statement)


def _changed(connection: BaseDatabaseWrapper, changes: Changes) -> Iterator[tuple[str, list[int]]]:
    """Yield the changed parts, `ORDER_OF_STEPS` first: name and a batch of keys."""
    for name in ORDER_OF_STEPS:
        for ids in _batches(changes.get(COPIED_TABLES[name].feed, set())):
            yield name, ids
    leads = changes.get("sales_lead", set())
    # The replica stores the prospecting list of a lead's prospect with the lead.
    leads = leads | _leads_of(connection, changes.get("sales_prospect", set()))
    for ids in _batches(leads):
        yield "leads", ids
    for name, copied in COPIED_TABLES.items():
        if name not in ORDER_OF_STEPS:
            for ids in _batches(changes.get(copied.feed, set())):
                yield name, ids


def _batches(ids: set[int]) -> Iterator[list[int]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), UPDATES_AT_ONCE):
        yield ordered[start : start + UPDATES_AT_ONCE]


def _leads_of(connection: BaseDatabaseWrapper, prospects: set[int]) -> set[int]:
    leads: set[int] = set()
    with connection.cursor() as cursor:
        for some in _batches(prospects):
            (condition,) = Ids(some).conditions("prospect_id")
            cursor.execute(f"SELECT id FROM sales_lead WHERE {condition}")
            leads.update(lead for (lead,) in cursor.fetchall())
    return leads
