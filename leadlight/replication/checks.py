"""Consistency checks of the replica and of lead histories.

The checks compare the replica with the operational database, and the last state of each lead's
history with the lead's row. Rows are read in key order, in batches of some thousand, so that memory
use does not grow with the company.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from leadlight.accounts.models import Holiday, Organization
from leadlight.analytics.star.schema import STAR
from leadlight.replication import expected_rows, expected_steps, replica
from leadlight.replication.expected_rows import ROWS, RecordedEvent, Row
from leadlight.replication.extract import snapshot
from leadlight.replication.replica import Replica
from leadlight.replication.star import STEP_HISTORY
from leadlight.sales import derived_columns
from leadlight.sales.models import Lead, LeadEvent
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX, FIELDS, OPENING, replay
from leadlight.sales.models.field_values import derived

BATCH_SIZE = 5_000
# Attributes of a lead's row that are compared even if no event set them.
COMPARED_ATTRIBUTES = (
    "created_at",
    "closed_at",
    "is_deleted",
    *(FIELDS[kind].attribute for kind in OPENING),
)

Progress = Callable[[str, int, int], None]
Bounds = tuple[int | None, int | None]  # exclusive lower, inclusive upper; None: no limit


@dataclass(frozen=True)
class Difference:
    """One inconsistency, described by a sentence."""

    sentence: str

    def __str__(self) -> str:
        return self.sentence


def check(
    copy: Replica | None = None, *, progress: Progress = lambda *_: None
) -> Iterator[Difference]:
    """Yield every difference between the operational database, its histories and the replica."""
    copy = copy or replica.current()
    with copy.paused(), snapshot(connection):
        copy.catch_up()
        for number, (name, rows) in enumerate(ROWS.items()):
            progress("tables", number + 1, len(ROWS))
            yield from _compare_rows(copy, name, rows)
        yield from _compare_days(copy)
        yield from _compare_leads(copy, progress)


def _compare_rows(copy: Replica, name: str, rows: expected_rows.Rows) -> Iterator[Difference]:
    zone = Organization.current().zone
    for bounds in _intervals(rows.model, rows.fields[0]):
        yield from _differences(name, rows.read(*bounds, zone), _replicated(copy, name, bounds))


def _compare_days(copy: Replica) -> Iterator[Difference]:
    """Compare `days` from the first day of creation to the last day of creation or closing."""
    organization = Organization.current()
    bounds = "SELECT min(created_on), max(greatest(created_on, closed_on)) FROM leads"
    first, last = copy.run(bounds)[0]
    if first is not None:
        holidays = set(Holiday.objects.values_list("day", flat=True))
        right = expected_rows.days(first, last, organization.zone, organization.weekend, holidays)
        found = copy.run(f"FROM days WHERE day BETWEEN '{first}' AND '{last}'")
        yield from _differences("days", right, found)


def _compare_leads(copy: Replica, progress: Progress) -> Iterator[Difference]:
    zone, orders = Organization.current().zone, expected_steps.StepOrders()
    done, total = 0, Lead.objects.count()
    for bounds in _intervals(Lead, "pk"):
        versions: list[Row] = []
        expected: dict[str, list[Row]] = {name: [] for name in STEP_HISTORY}
        yield from _derived_differences(bounds)
        for lead, events in _histories(bounds):
            yield from _history_differences(lead, events)
            versions += expected_rows.versions(lead, events, zone)
            for name, rows in expected_steps.step_history(lead.pk, events, orders, zone).items():
                expected[name] += rows
            done += 1
        progress("leads", done, total)
        now = [version[:-2] for version in versions if version[-1] is None]
        yield from _differences("leads", now, _replicated(copy, "leads", bounds))
        yield from _differences(
            "lead_versions", versions, _replicated(copy, "lead_versions", bounds)
        )
        for name, rows in expected.items():
            yield from _differences(name, rows, _replicated(copy, name, bounds))


def _intervals(model: type[models.Model], key: str) -> Iterator[Bounds]:
    """Yield successive intervals that cover all keys, with `BATCH_SIZE` rows in each.

    The first interval has no lower bound and the last one no upper bound.
    """
    first: int | None = None
    keys = model._default_manager.order_by(key).values_list(key, flat=True)
    while True:
        above = keys if first is None else keys.filter(**{f"{key}__gt": first})
        last = above[BATCH_SIZE : BATCH_SIZE + 1].first()
        yield first, last
        if last is None:
            return
        first = last


def _histories(bounds: Bounds) -> Iterator[tuple[Lead, list[RecordedEvent]]]:
    """Yield the leads of an interval, each with its events in order of occurrence."""
    events = defaultdict(list)
    rows = LeadEvent.objects.order_by("lead_id", "occurred_at", "pk").values_list(
        "lead_id", "occurred_at", "kind", "value", "recorded_at", "pk", "about"
    )
    for lead_id, *fields, about in _within(rows, "lead_id", bounds):
        events[lead_id].append(RecordedEvent(*fields, about=about))
    related = ("tags", "field_values__field")
    leads = Lead.objects.select_related("prospect").prefetch_related(*related).order_by("pk")
    for lead in _within(leads, "pk", bounds):
        yield lead, events[lead.pk]


def _within(rows: models.QuerySet[Any], key: str, bounds: Bounds) -> models.QuerySet[Any]:
    limits = {f"{key}__gt": bounds[0], f"{key}__lte": bounds[1]}
    return rows.filter(**{name: limit for name, limit in limits.items() if limit is not None})


def _history_differences(lead: Lead, events: list[RecordedEvent]) -> Iterator[Difference]:
    """Yield the values of the lead's row that differ from the end of its history.

    Also yield its field values whose derived columns, by which filters find the lead, are wrong.
    """
    replayed = dict.fromkeys(COMPARED_ATTRIBUTES) | {"is_deleted": False} | replay(events)
    own = lead.field_texts
    for name in replayed:
        if name.startswith(CUSTOM_FIELD_PREFIX):
            here: Any = own.get(name.removeprefix(CUSTOM_FIELD_PREFIX), "")
        else:
            here = getattr(lead, name)
        if here != replayed[name]:
            yield Difference(
                f"Lead {lead.pk} ({lead}): its history ends with {name} "
                f"{_word(replayed[name])}, its row has {_word(here)}."
            )
    for value in lead.field_values.all():
        columns = derived(value.field, value.text)
        if any(getattr(value, name) != columns[name] for name in columns):
            yield Difference(
                f"Lead {lead.pk} ({lead}): filters do not find it by the value of {value.field}."
            )


def _derived_differences(bounds: Bounds) -> Iterator[Difference]:
    """Yield the derived columns of leads that differ from their events and activities."""
    expected = {f"right_{name}": value for name, value in derived_columns.expressions().items()}
    names = [name.removeprefix("right_") for name in expected]
    rows = _within(Lead.objects.annotate(**expected), "pk", bounds)
    for pk, *values in rows.order_by("pk").values_list("pk", *names, *expected):
        for name, here, right in zip(names, values, values[len(names) :], strict=False):
            if here != right:
                yield Difference(
                    f"Lead {pk}: {name} is {_word(here)}, and {_word(right)} by its events and "
                    "activities."
                )


def _replicated(copy: Replica, name: str, bounds: Bounds) -> list[Row]:
    key = next(iter(STAR[name]))
    limits = [
        f"{key} {sign} {limit}"
        for sign, limit in zip((">", "<="), bounds, strict=True)
        if limit is not None
    ]
    return copy.run(f"FROM {name} {'WHERE' * bool(limits)} {' AND '.join(limits)}")


def _differences(
    name: str, source: Iterable[Row], replicated: Iterable[Row]
) -> Iterator[Difference]:
    """Yield one difference for each key with rows that only the source or the replica has."""
    right, found = Counter(source), Counter(replicated)
    missing, surplus = _by_key(right - found), _by_key(found - right)
    for key in sorted({*missing, *surplus}):
        yield Difference(_sentence(name, key, missing[key], surplus[key]))


def _by_key(rows: Counter[Row]) -> defaultdict[Any, list[Row]]:
    grouped: defaultdict[Any, list[Row]] = defaultdict(list)
    for row in rows.elements():
        grouped[row[0]].append(row)
    return grouped


def _sentence(name: str, key: Any, missing: list[Row], surplus: list[Row]) -> str:
    if len(missing) != 1 or len(surplus) != 1:
        return (
            f"{name} {key}: the replica has {_shown(surplus)} where the database has "
            f"{_shown(missing)}."
        )
    wrong = [
        f"{column} is {_word(found)} in the replica and {_word(right)} in the database"
        for column, right, found in zip(STAR[name], missing[0], surplus[0], strict=True)
        if right != found
    ]
    return f"{name} {key}: {', '.join(wrong)}."


def _shown(rows: list[Row]) -> str:
    shown = ["(" + ", ".join(_word(value) for value in row) + ")" for row in rows]
    return " and ".join(shown) or "nothing"


def _word(value: Any) -> str:
    return "–" if value is None else str(value)
