"""Merge the events of one lead in the file with those in the database, in order of occurrence.

If a lead has no events, they are synthesized from its row in leads.csv.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from itertools import pairwise
from typing import Any

from leadlight.importing.company_folder import FILE
from leadlight.importing.key_map import KEY_KINDS, KeyMap
from leadlight.sales.models import Lead
from leadlight.sales.models.event_log import CLOSED, CORRECTIONS, FIELDS, OPENING, Channel, Kind

# Kind of event → column of leads.csv. Corrections are left out, because events of other kinds set
# `created_at` and `closed_at` as well.
COLUMNS: dict[str, str] = {
    kind: field.column for kind, field in FIELDS.items() if field.column and kind not in CORRECTIONS
}


@dataclass(frozen=True, slots=True)
class MergedEvent:
    """One merged event of a lead.

    `row` is the row to store, `id` and `existing` are the id and the row in the database: 0 and
    None if the event is not there.
    """

    row: Any
    id: int = 0
    existing: Any = None

    @property
    def is_unchanged(self) -> bool:
        return self.id > 0 and self.row[1:] == self.existing[1:]


def synthesized_prefix(lead: str) -> str:
    """Return the key prefix of the events synthesized from a lead's row."""
    return blake2b(lead.encode(), digest_size=12).hexdigest() + "."


def is_synthesized(lead: str, event: str) -> bool:
    return event.startswith(synthesized_prefix(lead))


def values_by_kind(row: Any, key_map: KeyMap) -> dict[str, Any]:
    """Return kind → value of a lead's row, in the form in which `replay` returns values."""
    return {kind: _with_numbers(kind, getattr(row, COLUMNS[kind]), key_map) for kind in COLUMNS}


def _with_numbers(kind: str, value: Any, key_map: KeyMap) -> Any:
    """Replace the keys in a value by the numbers of their rows (`KeyMap`)."""
    if kind not in KEY_KINDS:
        return value
    if FIELDS[kind].is_many:
        return frozenset(key_map.of(KEY_KINDS[kind], key) for key in value)
    return key_map.of(KEY_KINDS[kind], value)


def synthesized(row: Any, key_map: KeyMap) -> list[Any]:
    """Return the events derived from a lead's row alone: creation, opening values, closing.

    A lead that was closed before it was created gets no opening status: its closing is its only
    status event.
    """
    values = {
        kind: value for kind, value in values_by_kind(row, key_map).items() if kind in OPENING
    }
    is_closed = row.status in CLOSED
    if is_closed:
        values[Kind.STATUS] = Lead.Status.TODO if row.closed_at >= row.created_at else None
    events = [_synthesized_event(row, Kind.CREATED, "", row.created_at, row.created_by)]
    for kind, value in values.items():
        if value is not None:
            text = FIELDS[kind].write(value)
            events.append(_synthesized_event(row, kind, text, row.created_at, row.created_by))
    if is_closed:
        events.append(_synthesized_event(row, Kind.STATUS, row.status, row.closed_at, "", "closed"))
    return events


def _synthesized_event(
    row: Any, kind: str, value: str, at: datetime, actor: str, name: str | None = None
) -> Any:
    key = synthesized_prefix(row.lead) + (name or kind)
    recorded_at = max(at, row.created_at)
    return event_row(key, row.lead, at, recorded_at, actor, kind, value)


def event_row(
    key: str,
    lead: str,
    at: datetime,
    recorded_at: datetime,
    actor: str,
    kind: str,
    value: str,
    old_value: str = "",
    about: str = "",
) -> Any:
    """Return a row of lead_events.csv for an event that is in no file; its line is 0."""
    channel = str(Channel.IMPORT)
    row = (0, key, lead, at, recorded_at, actor, kind, value, old_value, channel, about)
    return FILE["lead_events"].row(*row)


def with_old_values(events: Sequence[MergedEvent]) -> list[MergedEvent]:
    """Return the events, each with the value of the previous event of its kind as old value.

    The first event of each kind keeps its old value. Each custom field and each comment counts as
    a kind.
    """
    last: dict[tuple[str, str], str] = {}
    placed = []
    for event in events:
        row = event.row
        about = (row.kind, row.about or row.lead_event * (row.kind == Kind.COMMENT))
        if about in last:
            row = row._replace(old_value=last[about])
        last[about] = row.value
        placed.append(replace(event, row=row))
    return placed


def merged(imported: Sequence[Any], existing: Iterable[tuple[int, Any]]) -> list[MergedEvent]:
    """Merge the events of the file with those of the database by time of occurrence.

    Events at the same instant keep the order of the file. Among them, an event that is only in the
    database stays after the event of the file that it follows in the database, or else comes first.
    """
    place = {row.lead_event: index for index, row in enumerate(imported)}
    own: dict[str, tuple[int, Any]] = {}
    placed: list[tuple[tuple[datetime, int, int], MergedEvent]] = []
    anchor_at, anchor = None, -1
    for number, row in existing:
        key = row.lead_event
        if row.occurred_at != anchor_at:
            anchor_at, anchor = row.occurred_at, -1
        if key in place:
            own[key] = (number, row)
            anchor = place[key]
        else:
            placed.append(((row.occurred_at, anchor, number), MergedEvent(row, number, row)))
    for index, row in enumerate(imported):
        number, stored = own.get(row.lead_event, (0, None))
        placed.append(((row.occurred_at, index, 0), MergedEvent(row, number, stored)))
    placed.sort(key=lambda each: each[0])
    return [each for _place, each in placed]


def ids_keep_order(events: Sequence[MergedEvent]) -> bool:
    """Return whether events at one instant are in the order of their ids, new events last."""
    return all(
        first.row.occurred_at != second.row.occurred_at or not second.id or 0 < first.id < second.id
        for first, second in pairwise(events)
    )
