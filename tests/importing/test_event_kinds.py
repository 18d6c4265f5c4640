"""Events of every kind in company folders: export, import, and events for imported changes."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from leadlight.accounts.models import User
from leadlight.importing import Problems, export_folder, import_folder
from leadlight.replication.checks import check
from leadlight.sales.models import Client, Lead, LeadEvent, Mention, Relation, Reminder, Tag
from leadlight.sales.models.event_log import Channel, Kind, through
from leadlight.sales.models.relations import relate, relations_of
from tests.importing.small import ROWS, contents, empty_instance, with_cells, write_folder

pytestmark = pytest.mark.django_db


@pytest.fixture
def small(tmp_path: Path) -> Path:
    folder = write_folder(tmp_path / "small", ROWS)
    import_folder(folder)
    return folder


def work_on(lead: Lead) -> None:
    """Change a lead so that it has events of every kind."""
    ana = User.objects.get(key="ana")
    urgent, big = (Tag.objects.create(name=name) for name in ("urgent", "big"))
    with through(Channel.PAGE):
        lead.rename("Two windows; “north”, facing\nthe sea", by=ana)
        lead.describe("Phone: +33 1 02 03 04 05\n\nE-mail: paul@example.com", by=ana)
        lead.set_client(Client.objects.create(name="Hotel"), by=ana)
        lead.set_client(None, by=ana)
        lead.set_source("Fair", by=ana)
        lead.tag(urgent, big, by=ana)
        lead.untag(urgent, by=ana)
        lead.set_reminder(Reminder(datetime(2027, 1, 1, 8, 30, 0, 250, UTC)), by=ana)
        lead.star(by=ana)
        comment = lead.comment("Away until May", by=ana)
        edited = f"Away until June, tell @{ana.full_name} or @{ana.key}"
        lead.edit_comment(comment, edited, by=ana)
        lead.pin_comment(comment, by=ana)
        lead.unpin_comment(comment, by=ana)
        lead.pin_comment(comment, by=ana)
        for relation in (Relation.NOT_DUPLICATE, "", Relation.MERGED_WITH):
            relate(lead, "another lead", relation, by=ana)
        lead.correct_closing(datetime(2026, 1, 30, 12, tzinfo=UTC), by=ana)
        lead.correct_creation(datetime(2026, 1, 2, 12, tzinfo=UTC), by=ana)


def logged(key: str) -> list[tuple[Any, ...]]:
    """Return the events of a lead without ids, which differ between instances."""
    names = ("key", "kind", "channel", "about", "occurred_at", "recorded_at", "actor__key")
    events = LeadEvent.objects.filter(lead__key=key).order_by("occurred_at", "pk")
    return list(events.values_list(*names))


def of_kind(key: str, kind: str) -> list[tuple[str, str, str]]:
    events = LeadEvent.objects.filter(lead__key=key, kind=kind).order_by("occurred_at", "pk")
    return list(events.values_list("old_value", "value", "channel"))


def test_events_of_every_kind_survive_export_and_import(small: Path, tmp_path: Path) -> None:
    work_on(Lead.objects.get(key="L1"))
    lead = Lead.objects.get(key="L1")
    before = (logged("L1"), lead.created_at, lead.closed_at, lead.title, lead.reminder_at)
    titles = of_kind("L1", Kind.TITLE)
    export_folder(tmp_path / "one")
    empty_instance()
    import_folder(tmp_path / "one")
    lead = Lead.objects.get(key="L1")
    after = (logged("L1"), lead.created_at, lead.closed_at, lead.title, lead.reminder_at)
    assert after == before
    assert of_kind("L1", Kind.TITLE) == titles
    assert relations_of(lead) == {"another lead": Relation.MERGED_WITH}
    assert [value for _old, value, _channel in of_kind("L1", Kind.PIN)] == ["true", "false", "true"]
    mention = Mention.objects.get()
    assert (mention.user.key, mention.comment.lead, mention.comment.about) == ("ana", lead, "")
    export_folder(tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert [str(one) for one in check()] == []


def test_importing_a_fresh_export_changes_nothing(small: Path, tmp_path: Path) -> None:
    work_on(Lead.objects.get(key="L1"))
    export_folder(tmp_path / "one")
    versions = dict(Lead.objects.values_list("key", "version"))
    assert not import_folder(tmp_path / "one").has_changes
    assert dict(Lead.objects.values_list("key", "version")) == versions


def test_changes_of_a_row_are_logged_as_import_events(small: Path, tmp_path: Path) -> None:
    before = Lead.objects.get(key="L1")
    only = {"leads": with_cells("leads", 2, title="Doors", source="")["leads"]}
    import_folder(write_folder(tmp_path / "changed", only, None))
    assert of_kind("L1", Kind.TITLE) == [(before.title, "Doors", "import")]
    assert of_kind("L1", Kind.SOURCE) == [(before.source, "", "import")]
    assert Lead.objects.get(key="L1").version == before.version + 1
    assert LeadEvent.objects.get(kind=Kind.TITLE).version == before.version + 1
    assert not import_folder(tmp_path / "changed").has_changes
    assert [str(one) for one in check()] == []


def test_an_older_folder_restores_a_title_and_logs_an_event(small: Path) -> None:
    lead = Lead.objects.get(key="L1")
    title = lead.title
    lead.rename("Doors", by=None)
    import_folder(small)
    lead.refresh_from_db()
    assert lead.title == title
    assert of_kind("L1", Kind.TITLE)[-1] == ("Doors", title, "import")


def test_a_row_that_contradicts_the_events_of_its_folder_is_refused(
    small: Path, tmp_path: Path
) -> None:
    Lead.objects.get(key="L1").rename("Doors", by=None)
    export_folder(tmp_path / "one")
    leads = tmp_path / "one" / "leads.csv"
    leads.write_text(leads.read_text().replace("Doors", "Gates"))
    with pytest.raises(Problems) as refusal:
        import_folder(tmp_path / "one")
    (problem,) = refusal.value.problems
    assert (problem.column, problem.value) == ("title", "Gates")
    assert "“Doors”" in problem.sentence


def test_events_with_unknown_keys_are_refused(small: Path, tmp_path: Path) -> None:
    Lead.objects.get(key="L1").tag(Tag.objects.create(name="urgent", key="urgent"), by=None)
    export_folder(tmp_path / "one")
    events = tmp_path / "one" / "lead_events.csv"
    rows = list(csv.DictReader(io.StringIO(events.read_text())))
    assert "urgent" in rows[-1]["value"].split(";")
    events.write_text(events.read_text().replace("urgent", "nowhere"))
    empty_instance()
    with pytest.raises(Problems) as refusal:
        import_folder(tmp_path / "one")
    assert {problem.file for problem in refusal.value.problems} == {"lead_events.csv"}
    assert "neither in tags.csv" in str(refusal.value)
