"""Event history of every lead in the folder, checked against the lead's row.

A lead without events in the folder keeps its events in the database. If it has none there, or if
some of these were synthesized from its row by an earlier import, events are synthesized from its
row. New events, of the folder or synthesized, replace the events synthesized earlier.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.accounts.keys import new_key
from leadlight.importing.checking import shown
from leadlight.importing.company_folder import FILE
from leadlight.importing.event_merge import (
    COLUMNS,
    MergedEvent,
    event_row,
    ids_keep_order,
    is_synthesized,
    merged,
    synthesized,
    values_by_kind,
    with_old_values,
)
from leadlight.importing.existing_rows import stored_events, stored_rows
from leadlight.importing.key_map import KEY_KINDS, KeyMap, batches
from leadlight.importing.problems import WRONG, Ledger
from leadlight.importing.reading import Table
from leadlight.sales.models.event_log import (
    CLOSED,
    CUSTOM_FIELD_PREFIX,
    FIELDS,
    OPEN,
    OPENING,
    Kind,
    replay,
)


@dataclass
class Changes:
    """Changes of an import to the rows of one file.

    `updated` holds id, new row and old row; `removed` holds ids; `unchanged` counts rows.
    """

    created: list[Any] = field(default_factory=list)
    updated: list[tuple[int, Any, Any]] = field(default_factory=list)
    unchanged: int = 0
    removed: list[int] = field(default_factory=list)


class Histories:
    def __init__(self, tables: Mapping[str, Table], key_map: KeyMap, ledger: Ledger) -> None:
        self.leads = tables["leads"]
        self.events = tables["lead_events"]
        self.key_map = key_map
        self.ledger = ledger
        self.changes = Changes()
        self.now = timezone.now()
        self.imported: dict[str, list[Any]] = defaultdict(list)
        for row in self.events.rows:
            self.imported[row.lead].append(row)

    def merge(self) -> Changes:
        """Return the changes to the events, and report histories that contradict their lead's row.

        Sets `is_deleted` and `has_history` of the rows of leads.
        """
        others = []
        index = {row.lead: index for index, row in enumerate(self.leads.rows)}
        for keys in batches([*index, *(key for key in self.imported if key not in index)]):
            ids = [number for key in keys if (number := self.key_map.of("leads", key) or 0) > 0]
            existing = stored_events(ids)
            stored = {row.lead: row for _id, row in stored_rows(FILE["leads"], ids)}
            for key in keys:
                if key in index:
                    row = self.leads.rows[index[key]]
                    merged_row = self._merge_lead(row, existing.get(key, []), stored.get(key))
                    self.leads.rows[index[key]] = merged_row
                elif key in stored:
                    row = self._merge_lead(stored[key], existing.get(key, []), stored[key])
                    if row != stored[key]:
                        others.append(row)
        self.key_map.load(self.leads.file, others)
        self.leads.rows += others
        return self.changes

    def _merge_lead(self, row: Any, existing: list[tuple[int, Any]], stored: Any) -> Any:
        """Merge the events of one lead; return its row with `is_deleted` and `has_history` set."""
        row = row._replace(is_deleted=False, has_history=True)
        imported = _without_opening_status(row, self.imported.get(row.lead, []))
        if self._has_problems(row, imported):
            return row
        was_synthesized = any(is_synthesized(row.lead, event.lead_event) for _id, event in existing)
        if existing and not imported and not was_synthesized:
            remaining = existing
        else:
            imported = imported or synthesized(row, self.key_map)
            names = {event.lead_event for event in imported}
            remaining = [
                (number, event)
                for number, event in existing
                if event.lead_event in names or not is_synthesized(row.lead, event.lead_event)
            ]
        events = merged(imported, remaining)
        events = with_old_values([*events, *self._row_changes(row, stored, events)])
        self._add_changes(
            events, {number for number, _row in existing} - {number for number, _row in remaining}
        )
        return self._checked(row, events)

    def _row_changes(
        self, row: Any, stored: Any, events: list[MergedEvent]
    ) -> Iterator[MergedEvent]:
        """Yield an event for each change that the row makes, if the file has no event of its kind.

        Opening kinds get no event, because `_check_row` refuses such a difference.
        """
        if stored is None or stored is row:
            return
        in_file = {event.row.kind for event in events if event.row.line}
        state = replay(event.row for event in events)
        before, after = (values_by_kind(each, self.key_map) for each in (stored, row))
        for kind in COLUMNS:
            field = FIELDS[kind]
            if kind in OPENING or kind in in_file:
                continue
            old = state.get(field.attribute, before[kind])
            if old != after[kind]:
                yield self._change(row, kind, field.write(after[kind]), field.write(old))
        in_file = {
            event.row.about for event in events if event.row.line and event.row.kind == Kind.FIELD
        }
        for key in sorted({*stored.cells, *row.cells} - in_file):
            old, new = (each.cells.get(key, "") for each in (stored, row))
            old = state.get(CUSTOM_FIELD_PREFIX + key, old)
            if old != new:
                yield self._change(row, Kind.FIELD, new, old, key)

    def _change(
        self, row: Any, kind: str, value: str, old_value: str, about: str = ""
    ) -> MergedEvent:
        now = self.now
        texts = (value, old_value, about)
        return MergedEvent(event_row(new_key(), row.lead, now, now, "", kind, *texts))

    def _has_problems(self, row: Any, imported: list[Any]) -> bool:
        """Return whether the row or events have problems, or a file was not read to its end.

        The history of such a lead is not checked.
        """
        lead_is_wrong = self.ledger.has_problem(self.leads.name, row.line) if row.line else False
        return (
            lead_is_wrong
            or WRONG in row
            or not self.leads.is_whole
            or not self.events.is_whole
            or any(
                WRONG in event or self.ledger.has_problem(self.events.name, event.line)
                for event in imported
            )
            or not self._is_in_order(imported)
        )

    def _is_in_order(self, imported: list[Any]) -> bool:
        """Return whether the events are in order of time; report the first that is not."""
        for before, event in pairwise(imported):
            if event.occurred_at < before.occurred_at:
                sentence = _(
                    "This event is earlier than line %(line)d of the same lead. Put the "
                    "events in order."
                )
                at = shown(event.occurred_at)
                self._report(event, "occurred_at", at, sentence % {"line": before.line})
                return False
        return True

    def _report(self, event: Any, column: str, value: str, sentence: str) -> None:
        self.ledger.problem(self.events.name, event.line, column, value, sentence)

    def _add_changes(self, events: list[MergedEvent], removed: set[int]) -> None:
        changes = self.changes
        changes.removed += removed
        if not ids_keep_order(events):
            changes.removed += [event.id for event in events if event.id]
            changes.created += [event.row for event in events]
            return
        for event in events:
            if not event.id:
                changes.created.append(event.row)
            elif event.is_unchanged:
                changes.unchanged += 1
            else:
                changes.updated.append((event.id, event.row, event.existing))

    def _checked(self, row: Any, events: list[MergedEvent]) -> Any:
        """Check events against their lead's row; return it with `is_deleted` and `has_history`."""
        for event in events:
            number = self.key_map.of("lead_events", event.row.lead_event) or 0
            if number > 0 and number != event.id:
                sentence = _(
                    "In the database, an event of another lead has this key. Choose another key."
                )
                self._report(event.row, "lead_event", event.row.lead_event, sentence)
        self._check_creation(row, events)
        state = replay(event.row for event in events)
        self._check_row(row, state, events)
        has_history = not any(is_synthesized(row.lead, event.row.lead_event) for event in events)
        return row._replace(is_deleted=state.get("is_deleted", False), has_history=has_history)

    def _check_creation(self, row: Any, events: list[MergedEvent]) -> None:
        created = [event.row for event in events if event.row.kind == Kind.CREATED]
        if not created:
            sentence = _("Lead “%(lead)s” has events, but none of kind “created”.")
            self._report_lead(row, events, "lead", row.lead, sentence % {"lead": row.lead})
            return
        for event in created[1:]:
            sentence = _("Lead “%(lead)s” has more than one “created” event.") % {"lead": row.lead}
            self._report(event, "kind", event.kind, sentence)
        for event in (each.row for each in events):
            is_closing = event.kind == Kind.STATUS and event.value in CLOSED
            if event.occurred_at < created[0].occurred_at and not is_closing:
                sentence = _("This event is earlier than the creation of the lead.")
                self._report(event, "occurred_at", shown(event.occurred_at), sentence)

    def _check_row(self, row: Any, state: dict[str, Any], events: list[MergedEvent]) -> None:
        compared = {
            COLUMNS[kind]: (state.get(FIELDS[kind].attribute), value, kind)
            for kind, value in values_by_kind(row, self.key_map).items()
            if kind in OPENING or FIELDS[kind].attribute in state
        }
        # `_check_creation` reports a history without a “created” event.
        created_at = state.get("created_at", row.created_at)
        compared["created_at"] = (created_at, row.created_at, Kind.CREATED)
        if state.get("status") == row.status:
            compared["closed_at"] = (state.get("closed_at"), row.closed_at, Kind.STATUS)
        for name, by_history in state.items():
            if name.startswith(CUSTOM_FIELD_PREFIX):
                value = row.cells.get(name.removeprefix(CUSTOM_FIELD_PREFIX), "")
                compared[name] = (by_history or None, value or None, Kind.FIELD)
        for column, (by_history, value, kind) in compared.items():
            if by_history == value:
                continue
            sentence = _(
                "The row of lead “%(lead)s” does not match its history, which has "
                "%(told)s for “%(field)s”."
            ) % {"lead": row.lead, "field": column, "told": self._quoted(kind, column, by_history)}
            existing = value if kind == Kind.FIELD else getattr(row, column)
            self._report_lead(row, events, column, shown(existing), sentence, kind)

    def _quoted(self, kind: str, column: str, value: Any) -> str:
        if value is None:
            return _("nothing")
        if kind in KEY_KINDS:
            ids = value if FIELDS[kind].is_many else (value,)
            value = tuple(self.key_map.key_of(KEY_KINDS[kind], each) for each in sorted(ids))
        return f"“{shown(value)}”"

    def _report_lead(
        self,
        row: Any,
        events: list[MergedEvent],
        column: str,
        value: str,
        sentence: str,
        kind: str = "",
    ) -> None:
        """Report a problem at the lead's row.

        If the folder does not have the row, report it at the lead's last event of the kind or,
        without one, at its last event.
        """
        if row.line:
            self.ledger.problem(self.leads.name, row.line, column, value, sentence)
            return
        lines = [event.row.line for event in events if event.row.kind == kind and event.row.line]
        line = lines[-1] if lines else max(event.row.line for event in events)
        self.ledger.problem(self.events.name, line, "value", value, sentence)


def _without_opening_status(row: Any, imported: list[Any]) -> list[Any]:
    """Return the events of a lead, without its opening status if it was closed before creation.

    The opening status would follow the closing and reopen the lead.
    """
    if WRONG in (row.created_at, row.closed_at) or row.closed_at is None:
        return imported
    if row.closed_at >= row.created_at:
        return imported
    return [
        event
        for event in imported
        if (event.kind, event.occurred_at) != (Kind.STATUS, row.created_at)
        or event.value not in OPEN
    ]
