"""Derived columns of leads follow from the events and activities after any sequence of verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.utils import timezone

from leadlight.importing import export_folder, import_folder
from leadlight.replication.checks import check
from leadlight.sales import derived_columns
from leadlight.sales.models import Action, Activity, ActivityType, Lead, Reminder
from leadlight.sales.models.actions import acting
from leadlight.sales.models.lead_changes import DERIVED
from leadlight.sales.refusals import Refused
from leadlight.sales.undo import undo
from tests.importing.small import ROWS, empty_instance, with_cells, write_folder
from tests.sales.conftest import Company, at
from tests.seeds import IS_SEARCH, drawn


def stored() -> dict[str, tuple[Any, ...]]:
    return {key: values for key, *values in Lead.objects.values_list("key", *DERIVED)}  # type: ignore[misc]


def computed() -> dict[str, tuple[Any, ...]]:
    """Return the derived columns as `derived_columns` computes them."""
    expressions = {f"right_{name}": value for name, value in derived_columns.expressions().items()}
    rows = Lead.objects.annotate(**expressions)
    names = [f"right_{name}" for name in DERIVED]
    return {key: values for key, *values in rows.values_list("key", *names)}  # type: ignore[misc]


def counted(lead: Lead) -> list[Any]:
    """Return the derived columns of a lead, counted in plain Python."""
    undone = set(Action.objects.exclude(undone_at=None).values_list("pk", flat=True))
    events = [
        event
        for event in lead.events.order_by("occurred_at", "pk")
        if event.action_id not in undone
    ]
    since = {event.kind: event.occurred_at for event in events}
    calls = [activity.occurred_at for activity in lead.activities.all()]
    return [
        since.get("status", lead.created_at),
        since.get("step", lead.created_at),
        max(calls, default=None),
        sum(event.kind == "reminder" and event.value != "" for event in events),
    ]


def verbs(company: Company, chance: Random, call: ActivityType) -> Iterator[Callable[[], object]]:
    """Yield random verbs on random leads. Some are refused."""
    by = company.ana
    while True:
        lead = chance.choice(Lead.objects.order_by("pk"))
        past = timezone.now() - timedelta(days=chance.randrange(1, 20))
        then = chance.choice((None, past))
        until = Reminder(timezone.now() + timedelta(days=chance.randrange(-3, 9)))
        step = chance.choice((company.contact, company.offer, company.deal, company.elsewhere))
        todo: list[Callable[[], object]] = [
            lambda: Lead.create(title="New", by=by, at=then),  # noqa: B023
            lambda: lead.move_to(step, by=by, at=then),  # noqa: B023
            lambda: lead.stand_by(by=by, until=until, at=then),  # noqa: B023
            lambda: lead.stand_by(by=by),  # noqa: B023
            lambda: lead.resume(by=by),  # noqa: B023
            lambda: lead.return_due(now=timezone.now()),  # noqa: B023
            lambda: lead.set_reminder(chance.choice((None, until)), by=by),  # noqa: B023
            lambda: lead.win(by=by, at=then),  # noqa: B023
            lambda: lead.lose(by=by),  # noqa: B023
            lambda: lead.reopen(by=by, at=then),  # noqa: B023
            lambda: lead.log_activity(call, by=by, at=then),  # noqa: B023
            lambda: lead.comment("Busy", by=by),  # noqa: B023
            lambda: lead.correct_creation(past, by=by),  # noqa: B023
            lambda: lead.correct_closing(past, by=by),  # noqa: B023
            lambda: lead.bin(by=by),  # noqa: B023
            lambda: lead.restore(by=by),  # noqa: B023
        ]
        yield chance.choice(todo)


@pytest.mark.search
@pytest.mark.parametrize("seed", range(8 if IS_SEARCH else 2))
def test_verbs_and_undo_keep_the_derived_columns(company: Company, seed: int) -> None:
    chance = drawn(f"derived columns {seed}")
    call = ActivityType.objects.create(name="Call")
    Lead.create(title="First", by=company.ana, at=timezone.now() - timedelta(days=30))
    keys = count()
    undone = 0
    work = verbs(company, chance, call)
    for _ in range(60):
        before = stored()
        with suppress(Refused):
            with acting(f"k{next(keys)}", company.ana) as action:
                for _ in range(chance.randrange(1, 4)):
                    next(work)()
            if chance.random() < 0.4:
                undo(action, by=company.ana)
                undone += 1
                after = stored()
                assert {key: after[key] for key in before} == before
    assert undone > 5
    assert stored() == computed()
    assert stored() == {lead.key: counted(lead) for lead in Lead.objects.all()}
    assert any(values[3] > 1 for values in stored().values())
    held = stored()
    derived_columns.refresh(Lead.objects.values_list("pk", flat=True))
    assert stored() == held
    assert not [str(one) for one in check()]


@pytest.mark.parametrize(
    "wrong",
    [
        {"status_since": at(1, 1)},
        {"step_since": at(1, 1)},
        {"last_activity_at": at(1, 1)},
        {"postponements": 7},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_the_check_finds_a_wrong_column(company: Company, wrong: dict[str, Any]) -> None:
    lead = Lead.create(title="First", by=company.ana, at=at(1, 5))
    assert [str(one) for one in check()] == []
    Lead.objects.update(**wrong)
    (difference,) = [str(one) for one in check()]
    assert difference.startswith(f"Lead {lead.pk}: {next(iter(wrong))} is ")
    derived_columns.refresh([lead.pk])
    assert [str(one) for one in check()] == []


@pytest.mark.django_db
def test_an_import_computes_the_derived_columns(tmp_path: Path) -> None:
    import_folder(write_folder(tmp_path / "small", ROWS))
    assert Activity.objects.exclude(lead=None).exists()
    assert stored() == computed()
    assert stored() == {lead.key: counted(lead) for lead in Lead.objects.all()}
    moved = {"activities": with_cells("activities", 2, lead="L2")["activities"]}
    before = stored()
    import_folder(write_folder(tmp_path / "moved", moved, None))
    assert stored() == computed()
    assert stored() != before


@pytest.mark.django_db
def test_the_derived_columns_survive_export_and_import(tmp_path: Path) -> None:
    import_folder(write_folder(tmp_path / "small", ROWS))
    lead = Lead.objects.get(key="L2")
    lead.set_reminder(Reminder(at(12, 1)), by=None)
    lead.set_reminder(Reminder(at(12, 2)), by=None)
    held = stored()
    export_folder(tmp_path / "one")
    empty_instance()
    import_folder(tmp_path / "one")
    assert stored() == held
    assert held["L2"][3] == 2
