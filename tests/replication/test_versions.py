"""Versions of leads with late or disordered events: by hand and against a naive replay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st

from leadlight.replication.checks import check
from leadlight.replication.replica import Replica
from leadlight.sales.models import Lead, LeadEvent
from tests.sales.conftest import Company, at
from tests.seeds import examples

pytestmark = pytest.mark.search

EventRow = tuple[datetime, datetime, str, str]  # occurred at, recorded at, kind, value


def lead_with(company: Company, events: list[EventRow]) -> Lead:
    """Create a lead with exactly these events. Only the history counts, so its row is unchanged."""
    lead = Lead.objects.create(
        title="Told",
        pipeline=company.contact.pipeline,
        step=company.contact,
        created_at=at(1, 1),
    )
    for occurred_at, recorded_at, kind, value in events:
        LeadEvent.objects.create(
            lead=lead, occurred_at=occurred_at, recorded_at=recorded_at, kind=kind, value=value
        )
    return lead


def events_at(when: datetime, *events: tuple[str, object]) -> list[EventRow]:
    return [(when, when, kind, str(value)) for kind, value in events]


def opening(company: Company, when: datetime, owner: object = "") -> list[EventRow]:
    return events_at(
        when,
        ("created", ""),
        ("pipeline", company.contact.pipeline_id),
        ("step", company.contact.pk),
        ("status", "todo"),
        ("owner", owner),
    )


def versions(replica: Replica, columns: str) -> list[tuple[Any, ...]]:
    replica.catch_up()
    return replica.engine.run(
        f"SELECT {columns}, recorded_from, recorded_to FROM lead_versions ORDER BY recorded_from"
    )


def day(month: int, number: int) -> datetime:
    return at(month, number).replace(tzinfo=None)


def test_a_closing_recorded_late_is_attributed_to_the_owner_of_its_day(
    company: Company, replica: Replica
) -> None:
    """Ana owned the lead until Monday 9 February; a win on Friday is recorded on Tuesday."""
    events = opening(company, at(1, 5), company.ana.pk)
    events += events_at(at(2, 9), ("owner", company.bo.pk))
    events += [(at(2, 6), at(2, 10), "status", "won")]
    lead_with(company, events)
    ana, bo = company.ana.pk, company.bo.pk
    assert versions(replica, "owner_id, status, owner_at_closing_id, closed_at") == [
        (ana, "todo", None, None, day(1, 5), day(2, 9)),
        (bo, "todo", None, None, day(2, 9), day(2, 10)),
        (bo, "won", ana, day(2, 6), day(2, 10), None),
    ]


def test_an_owner_recorded_late_is_attributed_an_earlier_closing(
    company: Company, replica: Replica
) -> None:
    events = opening(company, at(1, 5), company.ana.pk) + events_at(at(2, 3), ("status", "won"))
    events += [(at(2, 2), at(2, 20), "owner", str(company.bo.pk))]
    lead_with(company, events)
    assert versions(replica, "owner_id, owner_at_closing_id")[1:] == [
        (company.ana.pk, company.ana.pk, day(2, 3), day(2, 20)),
        (company.bo.pk, company.bo.pk, day(2, 20), None),
    ]


def test_a_superseded_event_changes_attribution_but_not_the_state(
    company: Company, replica: Replica
) -> None:
    """Bo lost the lead on 3 February, and it was unassigned on the 5th.

    On the 7th, Ana is recorded as its owner from the 2nd.
    """
    events = opening(company, at(1, 5), company.bo.pk)
    events += events_at(at(2, 3), ("status", "lost")) + events_at(at(2, 5), ("owner", ""))
    events += [(at(2, 2), at(2, 7), "owner", str(company.ana.pk))]
    lead_with(company, events)
    ana, bo = company.ana.pk, company.bo.pk
    assert versions(replica, "owner_id, owner_at_closing_id")[1:] == [
        (bo, bo, day(2, 3), day(2, 5)),
        (None, bo, day(2, 5), day(2, 7)),
        (None, ana, day(2, 7), None),
    ]


def test_a_repeated_event_makes_no_new_version(company: Company, replica: Replica) -> None:
    events = opening(company, at(1, 5)) + events_at(at(2, 1), ("amount", 10), ("amount", "10.00"))
    events += events_at(at(2, 2), ("amount", 10)) + events_at(at(2, 3), ("amount", 20))
    lead_with(company, events)
    assert versions(replica, "amount") == [
        (None, day(1, 5), day(2, 1)),
        (Decimal(10), day(2, 1), day(2, 3)),
        (Decimal(20), day(2, 3), None),
    ]


def test_a_lead_in_the_bin_has_no_version_until_it_is_restored(
    company: Company, replica: Replica
) -> None:
    events = opening(company, at(1, 5)) + events_at(at(2, 1), ("deleted", "true"))
    events += events_at(at(2, 2), ("amount", 10)) + events_at(at(2, 3), ("deleted", "false"))
    lead_with(company, events)
    assert versions(replica, "amount") == [
        (None, day(1, 5), day(2, 1)),
        (Decimal(10), day(2, 3), None),
    ]


def test_a_lead_exists_from_the_recording_of_its_creation(
    company: Company, replica: Replica
) -> None:
    events = [*opening(company, at(1, 5))[1:], (at(1, 4), at(1, 8), "created", "")]
    lead_with(company, events)
    assert versions(replica, "created_at") == [(day(1, 4), day(1, 8), None)]


def test_a_closing_before_the_creation_has_a_negative_duration(
    company: Company, replica: Replica
) -> None:
    closing = at(1, 4, 8, 59) + timedelta(microseconds=500_000)
    events = [*opening(company, at(1, 5)), (closing, at(1, 6), "status", "lost")]
    # Of two statuses the one that occurred last applies: the lead stays to do.
    lead_with(company, events)
    assert versions(replica, "status, seconds_to_close") == [("todo", None, day(1, 5), None)]
    LeadEvent.objects.all().delete()
    lead_with(company, [events[0], events[-1]])
    replica.catch_up()
    assert replica.engine.run("SELECT seconds_to_close FROM leads") == [(-86459.5,)]


def test_events_of_one_instant_apply_in_the_order_they_were_recorded(
    company: Company, replica: Replica
) -> None:
    events = opening(company, at(1, 5), company.ana.pk)
    events += events_at(at(2, 3), ("status", "won"), ("owner", company.bo.pk))
    lead_with(company, events)
    assert versions(replica, "owner_id, owner_at_closing_id")[-1][:2] == (
        company.bo.pk,
        company.ana.pk,
    )


@pytest.mark.parametrize(
    ("instant", "local"),
    [
        (datetime(2026, 3, 28, 22, 59, tzinfo=UTC), "2026-03-28"),
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), "2026-03-29"),
        (datetime(2026, 3, 29, 22, 0, tzinfo=UTC), "2026-03-30"),
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), "2026-10-25"),
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), "2026-10-25"),
        (datetime(1969, 12, 31, 23, 30, tzinfo=UTC), "1970-01-01"),
    ],
)
def test_local_days_follow_the_clock_changes(
    company: Company, replica: Replica, instant: datetime, local: str
) -> None:
    lead_with(company, opening(company, instant))
    replica.catch_up()
    assert str(replica.engine.run("SELECT created_on FROM leads")[0][0]) == local


# Comparison with a naive replay: the recorded state of the lead at each instant.

KINDS = (
    *("step", "status", "owner", "team", "amount", "deleted", "created", "probability"),
    *("created_at", "closed_at", "title"),
)


@dataclass(frozen=True)
class Drawn:
    kind: str
    choice: int
    occurred: int  # hours after the first of January
    late: int  # hours


def drawn() -> st.SearchStrategy[list[Drawn]]:
    fact = st.builds(
        Drawn,
        kind=st.sampled_from(KINDS),
        choice=st.integers(0, 4),
        occurred=st.integers(0, 12),
        late=st.sampled_from((0, 0, 0, 1, 5)),
    )
    return st.lists(fact, max_size=14)


def value_of(company: Company, fact: Drawn) -> str:
    values: dict[str, list[object]] = {
        "step": [company.contact.pk, company.offer.pk, company.deal.pk],
        "status": ["todo", "won", "lost", "standby", "cancelled"],
        "owner": [company.ana.pk, company.bo.pk, ""],
        "team": [company.north.pk, company.south.pk, ""],
        "amount": ["", "10", "10.00", "12.50"],
        "deleted": ["true", "false"],
        "created": [""],
        "probability": ["", "0", "50"],
        "created_at": ["2025-12-31T10:00:00Z", "2026-01-01T01:30:00Z"],
        "closed_at": ["2026-01-01T02:00:00Z", "2025-11-02T23:30:00.000250Z"],
        "title": ["Doors"],
    }
    among = values[fact.kind]
    return str(among[fact.choice % len(among)])


@example(histories=[[Drawn("owner", 0, 0, 0), Drawn("created_at", 1, 0, 0)]])
@examples(30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories=st.lists(drawn(), min_size=1, max_size=3))
def test_versions_equal_a_naive_replay(
    company: Company, replica: Replica, histories: list[list[Drawn]]
) -> None:
    Lead.objects.all().delete()
    for history in histories:
        events = opening(company, at(1, 1, 3)) if len(history) % 2 else []
        for fact in history:
            occurred_at = at(1, 1, 0) + timedelta(hours=fact.occurred)
            recorded_at = occurred_at + timedelta(hours=fact.late)
            events.append((occurred_at, recorded_at, fact.kind, value_of(company, fact)))
        lead_with(company, events)
    replica.catch_up()
    # The rows do not match their history on purpose.
    wrong = [str(one) for one in check(replica) if not str(one).startswith("Lead ")]
    assert wrong == []
