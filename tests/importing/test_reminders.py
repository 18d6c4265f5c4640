"""Reminders in company folders: day, activity, duration and note."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from leadlight.accounts.models import User
from leadlight.importing import Problems, export_folder, import_folder
from leadlight.replication.checks import check
from leadlight.sales.due_reminders import return_due_leads
from leadlight.sales.models import ActivityType, Lead, Reminder
from leadlight.sales.models.actions import acting
from leadlight.sales.undo import undo
from tests.importing.small import ROWS, as_csv, contents, empty_instance, with_cells, write_folder

pytestmark = pytest.mark.django_db

PARTS = ("reminder_is_all_day", "reminder_minutes", "reminder_activity", "reminder_note")
KINDS = ("reminder", "reminder_all_day", *PARTS[1:])


@pytest.fixture
def small(tmp_path: Path) -> Path:
    folder = write_folder(tmp_path / "small", ROWS)
    import_folder(folder)
    return folder


def without_parts() -> str:
    """Return the rows of leads as an older folder has them."""
    rows = list(csv.reader(io.StringIO(ROWS["leads"]), strict=True))
    kept = [number for number, name in enumerate(rows[0]) if name not in PARTS]
    return as_csv([[row[number] for number in kept] for row in rows])


def parts_of(key: str) -> tuple[object, ...]:
    lead = Lead.objects.get(key=key)
    activity = lead.reminder_activity and lead.reminder_activity.key
    return (lead.reminder_is_all_day, lead.reminder_minutes, activity, lead.reminder_note)


def test_the_parts_of_a_reminder_are_imported(small: Path) -> None:
    assert parts_of("L2") == (True, 45, "call", "Bring the plans")
    assert parts_of("L1") == (False, None, None, "")


def test_an_older_folder_without_the_columns_is_imported(tmp_path: Path) -> None:
    import_folder(write_folder(tmp_path / "older", ROWS | {"leads": without_parts()}))
    assert parts_of("L2") == (False, None, None, "")
    assert Lead.objects.get(key="L2").reminder_at is not None


def test_an_older_folder_keeps_the_parts_in_the_database(small: Path, tmp_path: Path) -> None:
    older = write_folder(tmp_path / "older", ROWS | {"leads": without_parts()})
    assert not import_folder(older).has_changes
    assert parts_of("L2") == (True, 45, "call", "Bring the plans")


def test_events_of_reminders_undo_and_return_survive_export_and_import(
    small: Path, tmp_path: Path
) -> None:
    ana, call = User.objects.get(key="ana"), ActivityType.objects.get(key="call")
    lead = Lead.objects.get(key="L2")
    first = Reminder(datetime(2026, 5, 1, tzinfo=UTC), True, 30, call, "Plans")
    lead.stand_by(by=ana, until=first)
    lead.set_reminder(Reminder(datetime(2026, 6, 1, 8, tzinfo=UTC)), by=ana)
    assert return_due_leads() == 1
    with acting("key", ana) as action:
        lead.stand_by(by=ana, until=first)
        lead.comment("Busy", by=ana)
    undo(action, by=ana)
    events = lead.events.filter(kind__in=(*KINDS, "comment")).values_list("kind", flat=True)
    assert set(events) == {*KINDS, "comment"}
    export_folder(tmp_path / "one")
    assert "reminder" in {
        row["channel"]
        for row in csv.DictReader(io.StringIO((tmp_path / "one/lead_events.csv").read_text()))
    }
    empty_instance()
    import_folder(tmp_path / "one")
    export_folder(tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert not [str(one) for one in check()]
    assert not import_folder(tmp_path / "two").has_changes


def test_a_changed_part_is_logged_as_an_import_event(small: Path, tmp_path: Path) -> None:
    changed = with_cells("leads", 3, reminder_note="Bring the keys", reminder_minutes="")
    import_folder(write_folder(tmp_path / "changed", {"leads": changed["leads"]}, None))
    events = Lead.objects.get(key="L2").events.filter(kind__startswith="reminder")
    assert set(events.values_list("kind", "old_value", "value")) == {
        ("reminder_note", "Bring the plans", "Bring the keys"),
        ("reminder_minutes", "45", ""),
    }
    assert not [str(one) for one in check()]


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("reminder_minutes", "0"),
        ("reminder_minutes", "-5"),
        ("reminder_minutes", "1441"),
        ("reminder_minutes", "70000"),
        ("reminder_minutes", "1.5"),
        ("reminder_minutes", "long"),
        ("reminder_activity", "nowhere"),
        ("reminder_note", "x" * 501),
        ("reminder_note", "a\0b"),
        ("reminder_is_all_day", "perhaps"),
    ],
)
def test_a_wrong_part_is_refused(tmp_path: Path, column: str, text: str) -> None:
    files = with_cells("leads", 3, **{column: text})
    with pytest.raises(Problems) as refusal:
        import_folder(write_folder(tmp_path / "wrong", files))
    (problem,) = refusal.value.problems
    assert (problem.file, problem.line) == ("leads.csv", 3)


@pytest.mark.parametrize(
    ("kind", "text"),
    [("reminder_minutes", "1441"), ("reminder_activity", "nowhere"), ("reminder_all_day", "x")],
)
def test_a_wrong_value_of_an_event_is_refused(tmp_path: Path, kind: str, text: str) -> None:
    row = ["e13", "L1", "2026-02-04T13:00:00+01:00", "", "ana", kind, text, "", "", ""]
    files = ROWS | {"lead_events": ROWS["lead_events"] + as_csv([row])}
    with pytest.raises(Problems) as refusal:
        import_folder(write_folder(tmp_path / "wrong", files))
    assert {problem.file for problem in refusal.value.problems} == {"lead_events.csv"}
