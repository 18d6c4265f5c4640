"""Lead histories: imported events, synthesized events, and later changes in the database."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import timezone

from leadlight.accounts.models import User
from leadlight.importing import Problems, export_folder, import_folder
from leadlight.sales.models import Lead, LeadEvent, Step
from leadlight.sales.models.event_log import replay
from tests.importing.small import ROWS, contents, empty_instance, with_cells, write_folder

pytestmark = pytest.mark.django_db

WITHOUT_EVENTS = {name: text for name, text in ROWS.items() if name != "lead_events"}


def events_of(key: str) -> list[LeadEvent]:
    return list(LeadEvent.objects.filter(lead__key=key).order_by("occurred_at", "pk"))


def kinds(key: str) -> list[tuple[str, str]]:
    return [(event.kind, event.value) for event in events_of(key)]


def event_ids() -> dict[str, int]:
    return dict(LeadEvent.objects.values_list("key", "pk"))


@pytest.fixture
def with_events(tmp_path: Path) -> Path:
    folder = write_folder(tmp_path / "told", ROWS)
    import_folder(folder)
    return folder


@pytest.fixture
def synthesized(tmp_path: Path) -> Path:
    folder = write_folder(tmp_path / "drawn", WITHOUT_EVENTS)
    import_folder(folder)
    return folder


def test_events_of_a_lead_without_any_are_synthesized_from_its_row(synthesized: Path) -> None:
    lead = Lead.objects.get(key="L1")
    offer = Step.objects.get(key="offer")
    assert kinds("L1") == [
        ("created", ""),
        ("pipeline", str(offer.pipeline_id)),
        ("step", str(offer.pk)),
        ("status", "todo"),
        ("owner", str(lead.owner_id)),
        ("team", str(lead.team_id)),
        ("amount", "1000"),
        ("estimated_closing", "2026-02-28"),
        ("status", "won"),
    ]
    assert not lead.has_history
    assert {event.occurred_at for event in events_of("L1")} == {lead.created_at, lead.closed_at}
    assert replay(events_of("L1"))["closed_at"] == lead.closed_at


def test_synthesizing_again_changes_nothing(synthesized: Path) -> None:
    before = event_ids()
    assert not import_folder(synthesized).has_changes
    assert event_ids() == before


def test_events_of_a_changed_row_are_synthesized_again(synthesized: Path) -> None:
    import_folder(write_folder(synthesized, WITHOUT_EVENTS | with_open_l1()))
    assert ("status", "won") not in kinds("L1")
    assert ("amount", "50") in kinds("L1")
    assert replay(events_of("L1"))["status"] == "todo"


def with_open_l1() -> dict[str, str]:
    files = with_cells("leads", 2, status="todo", closed_at="", amount="50")
    return {"leads": files["leads"]}


def test_events_of_the_folder_replace_synthesized_ones(synthesized: Path) -> None:
    summary = import_folder(write_folder(synthesized, ROWS))
    assert summary.files["lead_events.csv"].removed == 9
    assert [event.key for event in events_of("L1")] == [f"e{number}" for number in range(1, 13)]
    assert Lead.objects.get(key="L1").has_history
    assert not Lead.objects.get(key="L2").has_history


def test_events_without_leads_replace_synthesized_ones(synthesized: Path, tmp_path: Path) -> None:
    only = {"lead_events": ROWS["lead_events"]}
    summary = import_folder(write_folder(tmp_path / "events", only, None))
    assert summary.files["leads.csv"].updated == 1
    assert Lead.objects.get(key="L1").has_history


def test_a_lead_keeps_its_events_if_the_folder_has_none(with_events: Path) -> None:
    (with_events / "lead_events.csv").unlink()
    assert not import_folder(with_events).has_changes
    assert Lead.objects.get(key="L1").has_history


def test_a_row_that_contradicts_its_existing_events_is_refused(with_events: Path) -> None:
    (with_events / "lead_events.csv").unlink()
    files = with_cells("leads", 2, amount="5")
    with pytest.raises(Problems) as refusal:
        import_folder(write_folder(with_events, {"leads": files["leads"]}))
    [problem] = refusal.value.problems
    assert (problem.line, problem.column) == (2, "amount")


def test_a_lead_changed_since_its_import_is_not_reset(with_events: Path) -> None:
    Lead.objects.get(key="L1").reopen(by=None)
    before = kinds("L1")
    with pytest.raises(Problems) as refusal:
        import_folder(with_events)
    [problem] = refusal.value.problems
    assert (problem.file, problem.line, problem.column) == ("leads.csv", 2, "status")
    assert "lead “L1” does not match its history, which has “todo” for “status”" in problem.sentence
    assert kinds("L1") == before


def test_a_lead_with_synthesized_events_changed_since_is_not_reset(synthesized: Path) -> None:
    Lead.objects.get(key="L2").set_amount(7, by=None)
    with pytest.raises(Problems, match="column amount"):
        import_folder(synthesized)


def test_later_events_that_agree_with_the_row_are_kept(with_events: Path) -> None:
    Lead.objects.get(key="L1").reopen(by=None)
    Lead.objects.get(key="L1").win(by=User.objects.get(key="ana"))
    lead = Lead.objects.get(key="L1")
    files = with_cells("leads", 2, closed_at=lead.closed_at.isoformat())
    summary = import_folder(write_folder(with_events, files))
    assert summary.files["leads.csv"].updated == 0
    assert len(events_of("L1")) == 14


def test_events_without_leads_are_checked_against_the_existing_lead(
    with_events: Path, tmp_path: Path
) -> None:
    late = "lead_event,lead,occurred_at,kind,value\nz,L1,2026-03-01T09:00:00Z,amount,1200\n"
    with pytest.raises(Problems) as refusal:
        import_folder(write_folder(tmp_path / "part", {"lead_events": late}, None))
    [problem] = refusal.value.problems
    assert (problem.file, problem.line, problem.column) == ("lead_events.csv", 2, "value")
    assert "lead “L1” does not match its history, which has “1200” for “amount”" in problem.sentence


def test_events_without_leads_may_add_earlier_history(with_events: Path, tmp_path: Path) -> None:
    early = "lead_event,lead,occurred_at,kind,value\nz,L1,2026-01-07T09:00:00Z,amount,950\n"
    summary = import_folder(write_folder(tmp_path / "part", {"lead_events": early}, None))
    assert summary.files["lead_events.csv"].created == 1
    amounts = [value for kind, value in kinds("L1") if kind == "amount"]
    assert amounts == ["900", "950", "1000"]


def test_a_deleted_lead_is_in_the_bin_until_it_is_restored(with_events: Path) -> None:
    bins = ROWS["lead_events"] + "e13,L1,2026-02-05T09:00:00Z,,,deleted,,,,\n"
    import_folder(write_folder(with_events, ROWS | {"lead_events": bins}))
    assert Lead.objects.get(key="L1").is_deleted
    assert events_of("L1")[-1].value == "true"
    back = bins + "e14,L1,2026-02-06T09:00:00Z,,,deleted,false,,,\n"
    import_folder(write_folder(with_events, ROWS | {"lead_events": back}))
    assert not Lead.objects.get(key="L1").is_deleted


def test_events_of_one_instant_keep_the_order_of_the_file(with_events: Path) -> None:
    """This also holds for an event that a later import adds."""
    extra = "e8b,L1,2026-01-06T10:00:00+01:00,,ana,owner,bo,,,\n"
    lines = ROWS["lead_events"].splitlines(keepends=True)
    before = next(index for index, line in enumerate(lines) if line.startswith("e8,"))
    lines.insert(before, extra)
    folder = write_folder(with_events, ROWS | {"lead_events": "".join(lines)})
    import_folder(folder)
    assert [event.key for event in events_of("L1")][6:10] == ["e7", "e8b", "e8", "e9"]
    before_ids = event_ids()
    assert not import_folder(folder).has_changes
    assert event_ids() == before_ids


def test_correcting_an_event_keeps_the_ids_of_all_events(with_events: Path, tmp_path: Path) -> None:
    before = event_ids()
    part = (
        "lead_event,lead,occurred_at,kind,value,actor,recorded_at\n"
        "e7,L1,2026-01-05T10:00:00+01:00,amount,901,ana,\n"
    )
    summary = import_folder(write_folder(tmp_path / "part", {"lead_events": part}, None))
    # The next event is updated too, because its old value is the corrected amount.
    assert summary.files["lead_events.csv"].updated == 2
    assert event_ids() == before


def test_the_history_of_a_lead_changed_since_survives_export_and_import(
    synthesized: Path, tmp_path: Path
) -> None:
    lead = Lead.objects.get(key="L2")
    lead.set_amount(7, by=User.objects.get(key="ana"), at=datetime(2026, 4, 1, tzinfo=UTC))
    lead.bin(by=None)
    export_folder(tmp_path / "one")
    empty_instance()
    import_folder(tmp_path / "one")
    lead = Lead.objects.get(key="L2")
    assert (lead.is_deleted, lead.has_history, lead.amount) == (True, False, 7)
    export_folder(tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    events = contents(tmp_path / "one")["lead_events.csv"].decode()
    assert "L2" in events
    assert "L1" not in events, "its events are drawn again"


def test_a_lead_created_after_the_import_survives_export_and_import(
    with_events: Path, tmp_path: Path
) -> None:
    ana = User.objects.get(key="ana")
    lead = Lead.create(title="Here", by=ana, owner=ana, amount=5)
    lead.move_to(Step.objects.get(key="renew"), by=ana)
    lead.cancel(by=ana, at=timezone.now())
    export_folder(tmp_path / "one")
    empty_instance()
    import_folder(tmp_path / "one")
    export_folder(tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert Lead.objects.get(title="Here").has_history
