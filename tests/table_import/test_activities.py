"""Activities from a file: of existing leads, refused with a sentence, undone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from leadlight.accounts.models import Membership, User
from leadlight.replication.checks import check
from leadlight.sales.models import (
    Activity,
    ActivityType,
    BulkJob,
    CustomField,
    Lead,
    Outcome,
    Prospect,
    ProspectingList,
)
from leadlight.sales.prospecting import states
from leadlight.table_import import jobs
from leadlight.table_import.files import upload
from tests.sales.conftest import at
from tests.table_import.given import Tables, counts, reasons

pytestmark = pytest.mark.database


@pytest.fixture
def call(tables: Tables) -> ActivityType:
    found = ActivityType.objects.create(name="Phone call", kind="call")
    Outcome.objects.create(activity_type=found, name="Reached", is_reached=True)
    ActivityType.objects.create(name="Visit", kind="meeting")
    return found


@pytest.fixture
def lead(tables: Tables, call: ActivityType) -> Lead:
    made = Lead.create(
        title="Roof", by=None, key="A-1", description="lea@lake.example\n+33612345678"
    )
    field = CustomField.define("lead", "Number", "text", is_key=True)
    made.set_field(field, "K-7", by=None)
    return made


def test_a_row_becomes_an_activity_with_all_its_values(tables: Tables, lead: Lead) -> None:
    given = tables.imported(
        "Lead;Day;Hour;Type;Result;Who;Minutes;Text\n"
        "A-1;05/01/2026;14:30;phone CALL;reached;Ana;30;Offer wanted\n",
        ["lead", "occurred_at", "time", "activity_type", "outcome", "user", "minutes", "content"],
        kind="activities",
        reading={"day_order": "dmy"},
    )
    assert (counts(given), reasons(given)) == ({"done-new": 1}, {})
    activity = Activity.objects.get()
    assert (activity.lead, activity.user) == (lead, tables.company.ana)
    assert activity.occurred_at == datetime(2026, 1, 5, 13, 30, tzinfo=UTC)
    assert (activity.activity_type.name, str(activity.outcome)) == ("Phone call", "Reached")
    assert activity.content == "Duration: 30 min\nOffer wanted"
    assert activity.recorded_at > activity.occurred_at
    before = lead.version
    lead.refresh_from_db()
    assert (lead.version, lead.last_activity_at) == (before + 1, activity.occurred_at)
    assert list(check()) == []


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("lead", "A-1"),
        ("email", "LEA@lake.example"),
        ("phone", "06 12 34 56 78"),
        ("lead_title", "Roof"),
        ("field", "k-7"),
    ],
)
def test_the_lead_is_found_by_each_column_that_can_name_it(
    tables: Tables, lead: Lead, target: str, text: str
) -> None:
    target = f"field:{CustomField.objects.get().key}" if target == "field" else target
    given = tables.imported(
        f"Of;Day;Type\n{text};2026-01-05;Visit\n",
        [target, "occurred_at", "activity_type"],
        kind="activities",
    )
    assert counts(given) == {"done-new": 1}
    assert Activity.objects.get().lead == lead


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ("B-2;2026-01-05;Visit;;;", "No lead has “B-2”."),
        (";2026-01-05;Visit;;;", "The row does not name a lead."),
        ("A-1;;Visit;;;", "The row has no date."),
        ("A-1;2199-01-05;Visit;;;", "This date is in the future."),
        ("A-1;2026-02-31;Visit;;;", "Day: This date does not exist."),
        ("A-1;2026-01-05;Lunch;;;", "Type: “Lunch” does not exist."),
        ("A-1;2026-01-05;;;;", "The row has no activity type."),
        ("A-1;2026-01-05;Visit;Reached;;", "“Reached” is not an outcome of “Visit”."),
        ("A-1;2026-01-05;Visit;;Zoe;", "Who: “Zoe” does not exist."),
        ("A-1;2026-01-05;Visit;;;1500", "A duration must be between 1 minute and 24 hours."),
    ],
)
def test_a_row_that_cannot_be_an_activity_is_refused_with_the_reason(
    tables: Tables, lead: Lead, cells: str, sentence: str
) -> None:
    given = tables.imported(
        f"Lead;Day;Type;Result;Who;Minutes\nA-1;2026-01-05;Visit;;;\n{cells}\n",
        ["lead", "occurred_at", "activity_type", "outcome", "user", "minutes"],
        kind="activities",
    )
    assert sentence in reasons(given).get(3, "")
    assert Activity.objects.count() == 1


def test_a_lead_in_the_bin_and_a_title_of_two_leads_are_refused(tables: Tables, lead: Lead) -> None:
    Lead.create(title="Roof", by=None)
    gone = Lead.create(title="Gone", by=None, key="G")
    gone.bin(by=None)
    given = tables.imported(
        "Lead;Title;Day;Type\nG;;2026-01-05;Visit\n;Roof;2026-01-05;Visit\n",
        ["lead", "lead_title", "occurred_at", "activity_type"],
        kind="activities",
    )
    assert reasons(given) == {
        2: "“Gone” is in the bin. Restore it first.",
        3: "2 leads have “Roof”.",
    }


def test_a_manager_adds_no_activity_to_the_leads_of_others(tables: Tables, call: Any) -> None:
    company = tables.company
    mona = User.objects.create_user("mona@example.com", first_name="Mona", role="manager")
    Membership.objects.create(user=mona, team=company.north, is_manager=True)
    lead = Lead.create(title="Far", by=None, key="F", owner=company.bo)
    given = tables.imported(
        "Lead;Day;Type\nF;2026-01-05;Visit\n",
        ["lead", "occurred_at", "activity_type"],
        kind="activities",
        by=mona,
    )
    assert reasons(given) == {2: "You cannot change the lead “F”."}
    assert not lead.activities.exists()


def test_a_type_that_is_missing_can_be_chosen_for_all_rows(
    tables: Tables, lead: Lead, call: ActivityType
) -> None:
    given = tables.imported(
        "Lead;Day\nA-1;2026-01-05\n",
        ["lead", "occurred_at"],
        kind="activities",
        activity_type=call.pk,
    )
    assert counts(given) == {"done-new": 1}
    assert Activity.objects.get().activity_type == call


def test_the_same_file_again_creates_nothing_with_a_key_and_without(
    tables: Tables, lead: Lead
) -> None:
    text = "Id;Lead;Day;Type\nX1;A-1;2026-01-05;call\nX2;A-1;2026-01-05;call\n"
    targets = ["key", "lead", "occurred_at", "activity_type"]
    first = tables.imported(text, targets, kind="activities")
    assert counts(first) == {"done-new": 2}
    assert counts(tables.imported(text, targets, kind="activities")) == {"refused": 2}
    by_key = tables.imported(text + "\n", targets, key="key", kind="activities")
    assert counts(by_key) == {"unchanged": 2}
    other = tables.imported(
        "Id;Lead;Day;Type\nX1;A-1;2026-01-06;call\n", targets, key="key", kind="activities"
    )
    assert reasons(other) == {
        2: "The activity with this key differs, and activities are not changed."
    }
    plain = "Lead;Day;Type\nA-1;2026-01-07;call\nA-1;2026-01-07;call\n"
    assert counts(tables.imported(plain, targets[1:], kind="activities")) == {"done-new": 2}
    assert counts(tables.imported(plain, targets[1:], kind="activities")) == {"skipped-new": 2}
    assert Activity.objects.count() == 4


def test_an_undo_removes_the_activities_and_nothing_else(tables: Tables, lead: Lead) -> None:
    own = lead.log_activity(ActivityType.objects.get(name="Visit"), by=None, at=at(1, 6))
    rows = "".join(f"A-1;2026-01-{day};call\n" for day in range(10, 15))
    targets = ["lead", "occurred_at", "activity_type"]
    given = tables.imported("Lead;Day;Type\n" + rows, targets, kind="activities")
    lead.refresh_from_db()
    assert lead.last_activity_at == datetime(2026, 1, 13, 23, tzinfo=UTC)
    tables.undo(given)
    assert given.job is not None
    assert (counts(given), given.job.state) == ({"undone-new": 5}, BulkJob.State.UNDONE)
    assert list(Activity.objects.all()) == [own]
    lead.refresh_from_db()
    assert lead.last_activity_at == own.occurred_at
    assert list(check()) == []
    again = tables.imported("Lead;Day;Type\n" + rows, targets, kind="activities")
    assert counts(again) == {"done-new": 5}


def test_a_large_file_is_written_and_undone_in_batches(
    tables: Tables, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 0)
    monkeypatch.setattr(jobs, "BATCH", 2)
    rows = "".join(f"A-1;2026-01-{day};call\n" for day in range(10, 15))
    targets = ["lead", "occurred_at", "activity_type"]
    given = tables.checked("Lead;Day;Type\n" + rows, targets, kind="activities")
    jobs.run_unfinished()
    jobs.start(given)
    assert given.job is not None
    assert jobs.run_batch(given.job.pk)
    assert Activity.objects.count() == 2
    tables.undo(given)
    assert counts(given) == {"undone-new": 2, "stopped-new": 3}
    assert Activity.objects.count() == 0


def test_an_activity_of_a_prospect_counts_as_a_call_until_it_is_undone(
    tables: Tables, call: ActivityType
) -> None:
    listed = ProspectingList.objects.create(name="Fair", user=tables.admin)
    prospect = Prospect.objects.create(prospecting_list=listed, key="P", user=tables.admin)
    given = tables.imported(
        "Prospect;Day;Type\nP;2026-01-05;call\nQ;2026-01-05;call\n",
        ["prospect", "occurred_at", "activity_type"],
        kind="activities",
    )
    assert reasons(given) == {3: "No prospect has “Q”."}
    prospect.refresh_from_db()
    assert (prospect.state, list(states.differences())) == (Prospect.State.CALLED, [])
    tables.undo(given)
    prospect.refresh_from_db()
    assert (prospect.state, list(states.differences())) == (Prospect.State.TO_QUALIFY, [])


def test_hostile_notes_come_in_as_text(tables: Tables, lead: Lead) -> None:
    notes = ["=1+2", "‮evil", "🦊" * 40, "<script>alert(1)</script>", "x" * 10_000]
    rows = "".join(f'A-1,2026-01-05,call,"{note}"\n' for note in notes)
    targets = ["lead", "occurred_at", "activity_type", "content"]
    tables.imported("Lead,Day,Type,Note\n" + rows, targets, kind="activities")
    assert set(Activity.objects.values_list("content", flat=True)) == set(notes)


@pytest.mark.parametrize(
    ("headers", "targets"),
    [
        (
            ("Lead", "Date", "Time", "Type", "User", "Note"),
            ("lead", "occurred_at", "time", "kind", "user", "content"),
        ),
        (("Key of the lead", "Lead", "Result"), ("lead", "lead_title", "outcome")),
        (("lead", "lead_title", "kind"), ("lead", "lead_title", "kind")),
        (
            ("Opportunité", "Date", "Heure", "Type d’activité", "Type"),
            ("lead_title", "occurred_at", "time", "activity_type", "kind"),
        ),
    ],
)
def test_the_usual_headers_are_recognised(
    tables: Tables, headers: tuple[str, ...], targets: tuple[str, ...]
) -> None:
    cells = {"user": "ana@example.com", "occurred_at": "2026-01-05", "time": "14:30"}
    row = ";".join(cells.get(target, "Text") for target in targets)
    text = ";".join(headers) + f"\n{row}\n"
    given = upload(tables.admin, "activities", "t.csv", [text.encode()])
    assert tuple(given.mapping.values()) == targets


def test_a_title_is_understood_in_the_column_of_the_lead(tables: Tables, lead: Lead) -> None:
    other = Lead.create(title="A-1", by=None)
    given = tables.imported(
        "Lead;Day;Type\nRoof;2026-01-05;call\nA-1;2026-01-06;call\nDoor;2026-01-06;call\n",
        ["lead", "occurred_at", "kind"],
        kind="activities",
    )
    assert reasons(given) == {4: "No lead has “Door”."}
    assert (lead.activities.count(), other.activities.count()) == (2, 0)
