"""Leads from a file: created, found by a key, refused with a sentence."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from leadlight.accounts.models import Membership, User
from leadlight.replication.checks import check
from leadlight.sales import client_checks
from leadlight.sales.models import BulkItem, Category, Client, CustomField, Lead, Tag
from leadlight.sales.models.event_log import Channel
from leadlight.table_import import jobs
from tests.sales.conftest import at
from tests.table_import.given import Tables, counts, reasons

pytestmark = pytest.mark.database


def test_a_row_becomes_a_lead_with_all_its_values(tables: Tables) -> None:
    Tag.objects.create(name="Hot"), Tag.objects.create(name="Cold, or not")
    field = CustomField.define("lead", "Floors", "number")
    given = tables.imported(
        "Name;Client;Amount;State;Stage;Seller;Created;Closed;Due;Tags;Mail;Who;Floors;Percent\n"
        "Roof;Lake Ltd;1 234,50 €;Won;offer;Ana@example.com;05/01/2026;09/01/2026 14:30;"
        "31/03/2026;hot, cold, or not;Lea@Lake.example;Lea Lake;3,5;40 %\n",
        [
            *("title", "client", "amount", "status", "step", "owner", "created", "closed"),
            *("expected", "tags", "email", "name", f"field:{field.key}", "probability"),
        ],
        reading={"day_order": "dmy"},
    )
    assert reasons(given) == {}
    lead = Lead.objects.get()
    assert (lead.title, str(lead.client), lead.amount) == ("Roof", "Lake Ltd", Decimal("1234.50"))
    assert (lead.status, lead.step, lead.owner) == ("won", tables.company.offer, tables.company.ana)
    assert lead.team == tables.company.north
    assert lead.created_at == datetime(2026, 1, 4, 23, tzinfo=UTC)  # midnight in Paris
    assert lead.closed_at == datetime(2026, 1, 9, 13, 30, tzinfo=UTC)
    assert lead.estimated_closing_on == date(2026, 3, 31)
    assert {tag.name for tag in lead.tags.all()} == {"Hot", "Cold, or not"}
    [point] = lead.contact_points.all()
    assert (point.value, point.name) == ("lea@lake.example", "Lea Lake")
    assert (lead.field_texts, lead.probability) == ({field.key: "3.5"}, 40)


def test_reports_follow_the_days_of_the_file_and_the_check_is_clean(tables: Tables) -> None:
    Tag.objects.create(name="Hot")
    CustomField.define("lead", "Floors", "text")
    tables.imported(
        "Name;Client;Created;Closed;State;Remind;Tags;Mail;Amount\n"
        "Roof;Lake;2026-01-05;2026-01-09;lost;;Hot;a@b.example;5\n"
        "Door;Lake;2026-01-06;;standby;2026-02-01;;;\n"
        "Gate;Mill;2026-01-07;2026-01-07;cancelled;;;;\n"
        "Wall;;;;to do;2026-02-01 10:00;;;\n",
        ["title", "client", "created", "closed", "status", "reminder", "tags", "email", "amount"],
    )
    assert Lead.objects.count() == 4
    assert list(check()) == []
    assert list(client_checks.differences()) == []
    roof = Lead.objects.get(title="Roof")
    channels = set(roof.events.values_list("channel", flat=True))
    assert channels == {Channel.IMPORT}
    status = roof.events.filter(kind="status").order_by("pk").values_list("value", "occurred_at")
    assert [value for value, _at in status] == ["todo", "lost"]
    assert status[1][1] == roof.closed_at
    assert not roof.has_history
    door = Lead.objects.get(title="Door")
    assert (door.status, door.reminder_is_all_day, door.postponements) == ("standby", True, 1)


@pytest.mark.parametrize(
    ("column", "text", "sentence"),
    [
        ("amount", "a lot", "Value: This is not a number."),
        ("amount", "12k", "Value: This is not an amount."),
        ("amount", "1.2.3", "Value: This is not a number."),
        ("amount", "0.123", "An amount can have at most twelve digits"),
        ("probability", "140", "between 0 and 100"),
        ("status", "maybe", "“maybe” is not a status."),
        ("step", "Nowhere", "“Nowhere” does not exist."),
        ("owner", "Zoe", "“Zoe” does not exist."),
        ("created", "31/02/2026", "This date does not exist."),
        ("created", "2199-01-01", "This date is in the future."),
        ("closed", "2026-01-01", "An open lead has no close date."),
        ("status", "standby", "A lead on standby needs a reminder."),
        ("tags", "Unknown", "“Unknown” does not exist."),
        ("title", "x" * 301, "At most 300 are allowed."),
        ("source", "x" * 201, "At most 200 are allowed."),
        ("pipeline", "Nowhere", "“Nowhere” does not exist."),
    ],
)
def test_a_value_that_the_page_refuses_is_refused(
    tables: Tables, column: str, text: str, sentence: str
) -> None:
    given = tables.imported(
        f"Name;Value\nGood;\nBad;{text}\n",
        ["title" if column != "title" else "description", column],
    )
    assert sentence in reasons(given).get(3, "")
    assert Lead.objects.filter(title="Bad").count() == 0


def test_hostile_texts_come_in_as_text(tables: Tables) -> None:
    titles = ["=1+2", "‮evil", "🦊" * 40, "<script>alert(1)</script>", "  0042"]
    rows = "".join(f'"{title}"\n' for title in titles)
    tables.imported("Title,\n".replace(",", "") + rows, ["title"])
    found = set(Lead.objects.values_list("title", flat=True))
    assert found == {title.strip() for title in titles}


def test_a_row_with_the_nul_character_is_refused_and_shown(tables: Tables) -> None:
    text = "Title,Key\nA\0,k\0\nB,b\nC,c\0,too many\n"
    given = tables.imported(text, ("title", "key"), key="key")
    assert counts(given) == {"done-new": 1, "refused": 2}
    assert given.job.items.order_by("place")[0].cells == ["A\ufffd", "k\ufffd"]


def test_a_lead_with_the_key_is_changed_and_one_without_is_created(tables: Tables) -> None:
    lead = Lead.create(title="Roof", by=None, amount=5, key="A-1", description="Old")
    given = tables.imported(
        "Id;Name;Amount;Text\nA-1;Roof;7;\nA-2;Door;8;New\n",
        ["key", "title", "amount", "description"],
        key="key",
    )
    assert counts(given) == {"done": 1, "done-new": 1}
    lead.refresh_from_db()
    assert (lead.amount, lead.description) == (Decimal(7), "Old")
    assert Lead.objects.get(key="A-2").amount == 8
    kinds = set(lead.events.filter(action=given.job.action).values_list("kind", flat=True))
    assert kinds == {"amount"}


@pytest.mark.parametrize(
    ("key", "text"),
    [("email", "LEA@lake.example"), ("phone", "06 12 34 56 78"), ("field", "k-7")],
)
def test_leads_are_found_by_email_phone_or_a_key_field(tables: Tables, key: str, text: str) -> None:
    tables.company.ana.refresh_from_db()
    field = CustomField.define("lead", "Number", "text", is_key=True)
    lead = Lead.create(title="Roof", by=None, description="lea@lake.example\n+33612345678")
    lead.set_field(field, "K-7", by=None)
    target = f"field:{field.key}" if key == "field" else key
    given = tables.imported(f"Find;Amount\n{text};9\n", [target, "amount"], key=target)
    lead.refresh_from_db()
    assert (counts(given), lead.amount) == ({"done": 1}, Decimal(9))
    assert lead.description == "lea@lake.example\n+33612345678"


def test_a_key_of_two_leads_is_refused_and_so_is_an_empty_one(tables: Tables) -> None:
    for title in ("Roof", "Door"):
        Lead.create(title=title, by=None, description="lea@lake.example")
    given = tables.imported(
        "Mail;Amount\nlea@lake.example;9\n;8\n", ["email", "amount"], key="email"
    )
    assert reasons(given) == {
        2: "2 leads have this key.",
        3: "“Mail” is empty, so the row cannot be matched with existing ones.",
    }


def test_the_second_row_with_a_key_is_refused(tables: Tables) -> None:
    given = tables.imported("Id;Name\nA;Roof\nB;Door\nA;Gate\n", ["key", "title"], key="key")
    assert reasons(given) == {4: "Row 2 of the file has the same key."}
    assert set(Lead.objects.values_list("title", flat=True)) == {"Roof", "Door"}


def test_a_lead_in_the_bin_is_not_changed(tables: Tables) -> None:
    lead = Lead.create(title="Roof", by=None, key="A")
    lead.bin(by=None)
    given = tables.imported("Id;Name\nA;Gate\n", ["key", "title"], key="key")
    assert reasons(given) == {2: "The lead with this key is in the bin. Restore it first."}


def test_a_name_of_two_rows_is_never_guessed(tables: Tables) -> None:
    Client.create(name="Lake", by=None), Client.create(name="LAKE", by=None)
    given = tables.imported("Name;Client\nRoof;lake\n", ["title", "client"])
    assert reasons(given) == {2: "Client: “lake” is ambiguous: there are 2 with this name."}


def test_a_step_of_another_pipeline_needs_its_pipeline_only_if_both_have_it(tables: Tables) -> None:
    tables.imported(
        "Name;Step;Pipeline\nRoof;Request;\nDoor;Request;Loans\n", ["title", "step", "pipeline"]
    )
    steps = set(Lead.objects.values_list("step", flat=True))
    assert steps == {tables.company.elsewhere.pk}


def test_a_reason_that_closing_asks_for_is_asked_of_files_too(tables: Tables) -> None:
    why = Category.objects.create(name="Why", reason_for="lost", is_required=True)
    Tag.objects.create(name="Price", category=why)
    given = tables.imported(
        "Name;State;Tags\nRoof;lost;\nDoor;lost;price\n", ["title", "status", "tags"]
    )
    assert reasons(given) == {2: "A tag in “Why” is missing."}
    assert Lead.objects.get().title == "Door"


def test_a_manager_changes_only_leads_that_they_may_change(tables: Tables) -> None:
    mona = User.objects.create_user("mona@example.com", first_name="Mona", role="manager")
    Membership.objects.create(team=tables.company.north, user=mona, is_manager=True)
    Lead.create(title="North", by=None, owner=tables.company.ana, key="N")
    Lead.create(title="South", by=None, owner=tables.company.bo, key="S")
    given = tables.imported("Id;Amount\nN;1\nS;2\n", ["key", "amount"], key="key", by=mona)
    assert reasons(given) == {3: "You cannot change the lead with this key."}
    assert Lead.objects.get(key="S").amount is None


def test_a_title_is_made_of_client_or_person_if_there_is_none(tables: Tables) -> None:
    tables.imported(
        "Company;First;Last;Mail\nLake;;;\n;Lea;Lake;\n;;;lea@lake.example\n",
        ["client", "first_name", "last_name", "email"],
    )
    titles = set(Lead.objects.values_list("title", flat=True))
    assert titles == {"Lake", "Lea Lake", "lea@lake.example"}


def test_contacts_are_added_once(tables: Tables) -> None:
    text = "Id;Who;Mail;Tel\nA;Lea Lake;lea@lake.example;01 42 68 53 00\n"
    targets = ["key", "name", "email", "phone"]
    tables.imported(text, targets, key="key")
    lead = Lead.objects.get()
    points = set(lead.contact_points.values_list("value", flat=True))
    assert points == {"lea@lake.example", "+33142685300"}
    again = tables.imported(text + "\n", targets, key="key")
    assert counts(again) == {"unchanged": 1}
    version = lead.version
    lead.refresh_from_db()
    assert lead.version == version


def test_an_import_is_at_an_instant_of_its_own(tables: Tables) -> None:
    lead = Lead.create(title="Roof", by=None, key="A", at=at(1, 5))
    lead.win(by=None, at=at(1, 8))
    given = tables.imported(
        "Id;Created;Closed\nA;2026-01-04;2026-01-10\n", ["key", "created", "closed"], key="key"
    )
    lead.refresh_from_db()
    assert counts(given) == {"done": 1}
    assert lead.created_at == datetime(2026, 1, 3, 23, tzinfo=UTC)
    assert lead.closed_at == datetime(2026, 1, 9, 23, tzinfo=UTC)
    assert not BulkItem.objects.filter(state="pending").exists()
    assert list(check()) == []


def test_missing_tags_are_created_once_if_an_admin_wants_it(tables: Tables) -> None:
    Tag.objects.create(name="Hot")
    lead = Lead.create(title="Old", by=None, key="A")
    text = "Id;Name;Tags\nA;Old;hot, cold\nB;Roof;COLD, hot\nC;Door;Wet\n"
    given = tables.imported(text, ["key", "title", "tags"], key="key")
    assert set(reasons(given).values()) == {
        "Tags: “cold” does not exist.",
        "Tags: “COLD” does not exist.",
        "Tags: “Wet” does not exist.",
    }
    given = tables.checked(text, ["key", "title", "tags"], key="key", create_tags=True)
    assert Tag.objects.count() == 1
    jobs.start(given)
    assert counts(given) == {"done": 1, "done-new": 2}
    assert sorted(Tag.objects.values_list("name", flat=True)) == ["Hot", "Wet", "cold"]
    assert {str(tag) for tag in lead.tags.all()} == {"Hot", "cold"}
    assert {str(tag) for tag in Lead.objects.get(key="B").tags.all()} == {"Hot", "cold"}
    assert list(check()) == []
    tables.undo(given)
    assert not lead.tags.exists()
    assert list(check()) == []
    assert Tag.objects.count() == 3


def test_a_manager_creates_no_tags(tables: Tables) -> None:
    mona = User.objects.create_user("mona@example.com", first_name="Mona", role="manager")
    Membership.objects.create(user=mona, team=tables.company.north, is_manager=True)
    given = tables.imported("Name;Tag\nRoof;Wet\n", ["title", "tags"], by=mona, create_tags=True)
    assert reasons(given) == {2: "Tag: “Wet” does not exist."}
