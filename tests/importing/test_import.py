"""Import of a company folder."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadlight.accounts.models import Membership, Organization, User
from leadlight.importing import Counts, Problems, import_folder
from leadlight.sales.models import (
    Activity,
    ActivityType,
    Category,
    Client,
    Lead,
    LeadEvent,
    Outcome,
    Pipeline,
    Prospect,
    ProspectingList,
    Tag,
)
from leadlight.sales.models.event_log import replay
from tests.importing.small import COMPANY, ROWS, row_counts, with_cells, with_row, write_folder
from tests.worked_company import write_worked_company

pytestmark = pytest.mark.django_db


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "small", ROWS)


def test_every_row_of_every_file_is_imported(small: Path) -> None:
    summary = import_folder(small)
    assert summary.files == {
        "company.toml": Counts(created=1),
        **{
            f"{name}.csv": Counts(created=number)
            for name, number in {
                "users": 2,
                "teams": 2,
                "memberships": 2,
                "pipelines": 2,
                "steps": 3,
                "past_probabilities": 2,
                "past_positions": 2,
                "past_names": 2,
                "holidays": 2,
                "refused_addresses": 2,
                "categories": 1,
                "tags": 3,
                "activity_types": 2,
                "outcomes": 2,
                "fields": 4,
                "clients": 1,
                "prospecting_lists": 1,
                "costs": 3,
                "prospect_columns": 3,
                "prospects": 2,
                "leads": 2,
                # Twelve events are in the file; six are synthesized from the other lead's row.
                "lead_events": 12 + 6,
                "activities": 2,
                "goals": 2,
            }.items()
        },
    }
    assert summary.warnings == []


def test_a_folder_from_before_the_order_of_tags_and_types_is_imported(tmp_path: Path) -> None:
    files = {
        **ROWS,
        "categories": "category,name\nregion,Region\n",
        "tags": "tag,name,category\nfr,France,region\nbe,Belgium,region\nvip,VIP,\n",
        "activity_types": "activity_type,name\ncall,Call\nvisit,Visit\n",
        "outcomes": "outcome,activity_type,name\nspoken,call,Spoken\nseen,visit,Seen\n",
    }
    import_folder(write_folder(tmp_path / "old", files))
    for model in (Category, Tag, ActivityType, Outcome):
        assert set(model.objects.values_list("position", "is_active")) == {(0, True)}


def test_cells_become_the_values_of_the_models(small: Path) -> None:
    import_folder(small)
    lead = Lead.objects.select_related("step", "owner", "client").get(key="L1")
    assert (lead.step.key, lead.status, lead.owner and lead.owner.key) == ("offer", "won", "ana")
    assert lead.closed_at == datetime(2026, 2, 3, 12, 0, 0, 250_000, tzinfo=UTC)
    assert lead.estimated_closing_on == date(2026, 2, 28)
    assert {tag.key for tag in lead.tags.all()} == {"be", "vip"}
    assert lead.client is not None
    assert lead.client.description == 'Makes "everything",\neven this'
    assert lead.is_starred
    assert lead.has_history
    prospect = Prospect.objects.get(key="x1")
    assert prospect.lead == lead
    assert prospect.texts == {"Company": "Dupont"}
    membership = Membership.objects.get(team__key="north")
    assert (membership.user.key, membership.is_manager) == ("ana", True)
    organization = Organization.current()
    assert (organization.name, organization.fiscal_year_start_month) == ("Étude & Sœurs", 4)


def test_replaying_the_events_of_a_lead_gives_its_row(small: Path) -> None:
    import_folder(small)
    for lead in Lead.objects.all():
        story = list(LeadEvent.objects.filter(lead=lead).order_by("occurred_at", "pk"))
        for attribute, value in replay(story).items():
            assert getattr(lead, attribute) == value


def test_recorded_at_defaults_to_occurred_at(small: Path) -> None:
    import_folder(small)
    told, untold = Activity.objects.get(key="a2"), Activity.objects.get(key="a1")
    assert (told.recorded_at - told.occurred_at).total_seconds() == 8 * 3600
    assert untold.recorded_at == untold.occurred_at


def test_new_users_cannot_sign_in_and_others_keep_their_password(small: Path) -> None:
    import_folder(small)
    ana = User.objects.get(key="ana")
    assert not ana.has_usable_password()
    ana.set_password("a long secret")
    ana.save()
    write_folder(small, with_cells("users", 2, first_name="Anna"))
    import_folder(small)
    ana.refresh_from_db()
    assert ana.first_name == "Anna"
    assert ana.check_password("a long secret")


def test_importing_again_writes_nothing(small: Path) -> None:
    import_folder(small)
    with CaptureQueriesContext(connection) as queries:
        summary = import_folder(small)
    assert not summary.has_changes
    assert sum(counts.unchanged for counts in summary.files.values()) == 68
    verbs = {query["sql"].split()[0] for query in queries.captured_queries}
    assert not verbs & {"INSERT", "UPDATE", "DELETE"}


def test_a_changed_cell_updates_only_its_row(small: Path) -> None:
    import_folder(small)
    ids = dict(Lead.objects.values_list("key", "pk"))
    write_folder(small, with_cells("leads", 2, title="Dupont & fils", tags="fr;vip"))
    summary = import_folder(small)
    changed = {name: counts for name, counts in summary.files.items() if counts.updated}
    assert changed == {"leads.csv": Counts(updated=1, unchanged=1)}
    lead = Lead.objects.get(key="L1")
    assert lead.title == "Dupont & fils"
    assert {tag.key for tag in lead.tags.all()} == {"fr", "vip"}
    assert dict(Lead.objects.values_list("key", "pk")) == ids


def test_a_partial_folder_may_refer_to_existing_rows(small: Path, tmp_path: Path) -> None:
    import_folder(small)
    part = write_folder(
        tmp_path / "part",
        {
            "activities": "activity,occurred_at,activity_type,outcome,lead,user\n"
            "a3,2026-02-01T10:00:00Z,call,spoken,L1,bo\n",
            "clients": "client,name\nacme,Acme Ltd\n",
        },
        company=None,
    )
    summary = import_folder(part)
    assert summary.files == {
        "company.toml": Counts(unchanged=1),
        "clients.csv": Counts(updated=1),
        "activities.csv": Counts(created=1),
    }
    client = Client.objects.get(key="acme")
    assert client.name == "Acme Ltd"
    assert client.description, "a column that is absent says nothing"
    assert Lead.objects.count() == 2


def test_an_absent_column_keeps_the_references_of_existing_rows(
    small: Path, tmp_path: Path
) -> None:
    import_folder(small)
    lists = "prospecting_list,name,created_at\nfair,The Fair,2026-01-02T09:00:00+01:00\n"
    users = "user,email\nbo,bo@example.com\n"
    part = {"prospecting_lists": lists, "users": users}
    summary = import_folder(write_folder(tmp_path / "part", part, None))
    assert summary.files["users.csv"] == Counts(unchanged=1)
    fair = ProspectingList.objects.get()
    assert (fair.name, fair.user and fair.user.key, fair.source) == ("The Fair", "ana", "fair")
    assert {tag.key for tag in fair.tags.all()} == {"be", "fr"}


def test_optional_columns_may_be_absent(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "f", {"users": "user,email\nana,ana@example.com\n"})
    import_folder(folder)
    ana = User.objects.get()
    assert (ana.role, ana.is_active, ana.first_name) == ("user", True, "")


def test_two_users_can_exchange_their_email_addresses(small: Path) -> None:
    import_folder(small)
    swapped = ROWS["users"].replace("ana@", "x@").replace("bo@", "ana@").replace("x@", "bo@")
    import_folder(write_folder(small, ROWS | {"users": swapped}))
    emails = dict(User.objects.values_list("key", "email"))
    assert emails == {"ana": "bo@example.com", "bo": "ana@example.com"}


def test_a_prospect_can_be_linked_to_another_lead(small: Path) -> None:
    import_folder(small)
    files = with_cells("leads", 2, prospect="")
    files["leads"] = files["leads"].replace(",,,,false", ",,,x1,false")
    files["prospects"] = ROWS["prospects"].replace(",L1,", ",L2,")
    import_folder(write_folder(small, files))
    assert Prospect.objects.get(key="x1").lead.key == "L2"


def test_a_gzip_file_is_read_unless_its_csv_file_is_there_too(small: Path) -> None:
    plain = small / "leads.csv"
    (small / "leads.csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
    with pytest.raises(
        Problems, match=r"leads\.csv: The folder contains both this file and leads\.csv\.gz"
    ):
        import_folder(small)
    plain.unlink()
    import_folder(small)
    assert Lead.objects.count() == 2


def test_a_byte_order_mark_and_other_line_ends_are_tolerated(small: Path) -> None:
    users = b"\xef\xbb\xbf" + ROWS["users"].replace("\n", "\r\n").encode() + b"\r\n"
    (small / "users.csv").write_bytes(users)
    (small / "company.toml").write_bytes(b"\xef\xbb\xbf" + COMPANY.encode())
    import_folder(small)
    assert User.objects.count() == 2


def test_other_files_are_ignored(small: Path) -> None:
    for name in ("README.txt", ".~lock.leads.csv#", "._leads.csv", "photo.png"):
        (small / name).write_text("…")
    assert import_folder(small).warning_count == 0


def test_a_dry_run_returns_the_summary_and_writes_nothing(small: Path) -> None:
    before = row_counts()
    summary = import_folder(small, dry_run=True)
    assert row_counts() == before
    assert summary.files == import_folder(small).files


def test_a_refused_folder_changes_nothing(small: Path) -> None:
    write_folder(small, with_cells("goals", 3, target="-1"))
    before = row_counts()
    with pytest.raises(Problems):
        import_folder(small)
    assert row_counts() == before


def test_a_lead_closed_before_creation_is_accepted_with_a_warning(small: Path) -> None:
    early = "2026-01-01T10:00:00+01:00"
    files = with_cells("leads", 2, closed_at=early)
    folder = write_folder(small, files)
    (folder / "lead_events.csv").unlink()
    summary = import_folder(folder)
    [warning] = summary.warnings
    assert (warning.file, warning.line, warning.column) == ("leads.csv", 2, "closed_at")
    lead = Lead.objects.get(key="L1")
    story = list(lead.events.order_by("occurred_at", "pk"))
    assert replay(story)["status"] == "won"
    assert replay(story)["closed_at"] == lead.closed_at
    assert min(event.recorded_at for event in story) == lead.created_at
    assert not import_folder(folder).has_changes


def test_an_activity_without_lead_or_prospect_is_accepted_with_a_warning(small: Path) -> None:
    summary = import_folder(write_folder(small, with_cells("activities", 3, lead="")))
    [warning] = summary.warnings
    assert (warning.file, warning.line, warning.column) == ("activities.csv", 3, "lead")


def test_progress_is_reported_for_each_phase(small: Path) -> None:
    told: list[tuple[str, int, int]] = []
    import_folder(small, progress=lambda *step: told.append(step))
    labels = {label for label, _done, _total in told}
    assert {"Reading leads.csv", "Checking", "Writing leads"} <= labels
    assert all(0 <= done <= total for _label, done, total in told)


def test_offsets_distinguish_the_repeated_hour_in_autumn(small: Path) -> None:
    row = ["L3", "t", "", "old", "renew", "lost", *[""] * 5, "2025-10-26T02:30:00+02:00", ""]
    row += ["2025-10-26T02:30:00+01:00", *[""] * 12]
    import_folder(write_folder(small, with_row("leads", *row)))
    lead = Lead.objects.get(key="L3")
    assert lead.closed_at is not None
    assert (lead.closed_at - lead.created_at).total_seconds() == 3600


def test_the_worked_company_is_imported(tmp_path: Path) -> None:
    import_folder(write_worked_company(tmp_path / "worked"))
    assert Pipeline.default().key == "p"
    statuses = dict(Lead.objects.values_list("key", "status"))
    assert statuses == {"L1": "won", "L2": "won", "L3": "lost", "L4": "cancelled", "L5": "todo"}
    days = Lead.objects.get(key="L2").closed_at - Lead.objects.get(key="L2").created_at
    assert days.total_seconds() / 86400 == 25.5625
    assert Lead.objects.get(key="L1").amount == Decimal(1000)
