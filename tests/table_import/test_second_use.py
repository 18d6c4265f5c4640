"""The second use of an import: the same file again, undo, and the same file after an undo."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from leadlight.replication.checks import check
from leadlight.sales import bulk, client_checks
from leadlight.sales.bulk_cleanup import ITEMS_KEPT_FOR, remove_old_items
from leadlight.sales.bulk_undo import begin_undo
from leadlight.sales.models import (
    Action,
    ActivityType,
    BulkItem,
    BulkJob,
    Client,
    CustomField,
    Lead,
    LeadEvent,
    Tag,
)
from leadlight.sales.refusals import Refused
from leadlight.table_import import jobs
from leadlight.table_import.files import earlier_imports
from tests.sales.undone_actions import row
from tests.table_import.given import Tables, counts

pytestmark = pytest.mark.database

TEXT = "Name;Client;State;Mail;Tags\n" + "".join(
    f"Lead {number};Client {number % 2};won;p{number}@lake.example;Hot\n" for number in range(5)
)
TARGETS = ("title", "client", "status", "email", "tags")


@pytest.fixture
def batches_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 0)
    monkeypatch.setattr(jobs, "BATCH", 2)
    monkeypatch.setattr(jobs, "CHECKED_AT_ONCE", 2)
    monkeypatch.setattr("leadlight.sales.bulk_undo.AT_ONCE", 0)
    monkeypatch.setattr("leadlight.sales.bulk_undo.BATCH", 2)


@pytest.fixture(autouse=True)
def tag(tables: Tables) -> None:
    Tag.objects.create(name="Hot")


def shown() -> list[Any]:
    return [row(lead) for lead in Lead.objects.filter(is_deleted=False).order_by("pk")]


def test_the_same_file_again_creates_nothing_and_is_announced(tables: Tables) -> None:
    first = tables.imported(TEXT, TARGETS)
    second = tables.checked(TEXT, TARGETS)
    assert earlier_imports(second) == [first]
    assert counts(second) == {"skipped-new": 5}
    with pytest.raises(Refused, match="nothing to import"):
        jobs.start(second)
    assert Lead.objects.count() == 5


def test_two_equal_rows_of_one_file_are_two_leads_once(tables: Tables) -> None:
    text = "Name\nRoof\nRoof\n"
    tables.imported(text, ["title"])
    assert counts(tables.imported(text, ["title"])) == {"skipped-new": 2}
    assert Lead.objects.count() == 2


def test_the_rows_that_were_refused_are_imported_the_second_time(tables: Tables) -> None:
    text = "Name;Tag\nRoof;Hot\nDoor;Cold\n"
    tables.imported(text, ["title", "tags"])
    Tag.objects.create(name="Cold")
    assert counts(tables.imported(text, ["title", "tags"])) == {"skipped-new": 1, "done-new": 1}


def test_an_undo_removes_leads_and_clients_and_the_file_can_come_again(tables: Tables) -> None:
    given = tables.imported(TEXT, TARGETS)
    tables.undo(given)
    assert given.job is not None
    assert given.job.state == BulkJob.State.UNDONE
    assert Lead.objects.filter(is_deleted=False).count() == 0
    assert not Client.objects.filter(is_active=True).exists()
    assert list(check()) == []
    assert list(client_checks.differences()) == []

    again = tables.imported(TEXT, TARGETS)
    assert counts(again) == {"done-new": 5}
    assert Client.objects.filter(is_active=True).count() == Client.objects.count() == 2
    assert list(check()) == []


def test_an_undone_import_with_keys_restores_its_leads_when_it_comes_again(tables: Tables) -> None:
    text = "Id;Name;Amount\nA;Roof;5\nB;Door;6\n"
    targets = ("key", "title", "amount")
    given = tables.imported(text, targets, key="key")
    before = shown()
    tables.undo(given)
    again = tables.imported(text, targets, key="key")
    assert counts(again) == {"done": 2}
    assert shown() == before
    tables.undo(again)
    assert shown() == []
    assert list(check()) == []


def test_an_undo_brings_back_every_value_that_was_changed(tables: Tables) -> None:
    field = CustomField.define("lead", "Floors", "text")
    lead = Lead.create(title="Roof", by=None, key="A", amount=5, description="Old", source="Fair")
    other = Lead.create(title="Door", by=None, key="B")
    before = [row(lead), row(other)]
    given = tables.imported(
        "Id;Name;Amount;Text;From;State;Client;Floors;Due;Mail;Step;Seller;Remind\n"
        "A;Gate;7;New;Web;won;Lake;3;2026-05-01;a@b.example;Offer;Ana;\n"
        "B;;;;;standby;;;;;;;2026-02-01\n",
        [
            *("key", "title", "amount", "description", "source", "status", "client"),
            *(f"field:{field.key}", "expected", "email", "step", "owner", "reminder"),
        ],
        key="key",
    )
    assert counts(given) == {"done": 2}
    lead.refresh_from_db()
    assert (lead.title, lead.status, lead.field_texts) == ("Gate", "won", {field.key: "3"})
    tables.undo(given)
    assert [row(lead), row(other)] == before
    assert list(check()) == []


def test_a_lead_that_was_worked_on_since_stays_and_is_listed(tables: Tables) -> None:
    given = tables.imported(TEXT, TARGETS)
    lead = Lead.objects.order_by("pk")[0]
    lead.log_activity(ActivityType.objects.create(name="Call"), by=None)
    tables.undo(given)
    assert counts(given) == {"undone-new": 4, "kept-new": 1}
    [item] = BulkItem.objects.filter(state="kept")
    assert (item.lead, item.reason) == (lead, "“Lead 0” has changed since.")
    assert [one.title for one in Lead.objects.filter(is_deleted=False)] == ["Lead 0"]
    assert lead.client.is_active
    # What stayed is not created again.
    assert counts(tables.checked(TEXT, TARGETS)) == {"skipped-new": 1, "pending-new": 4}


@pytest.mark.usefixtures("batches_of_two")
def test_a_large_file_is_checked_written_and_undone_in_batches(tables: Tables) -> None:
    given = tables.checked(TEXT, TARGETS)
    assert given.job is not None
    assert given.job.state == BulkJob.State.CHECKING
    assert jobs.run_unfinished() == 1
    given.job.refresh_from_db()
    assert (given.job.state, given.job.total) == (BulkJob.State.CHECKED, 5)
    jobs.start(given)
    assert jobs.run_batch(given.job.pk)
    assert Lead.objects.count() == 2
    assert bulk.run_unfinished() == 0  # not one of the bulk changes
    jobs.run_unfinished()
    assert Lead.objects.count() == 5
    begin_undo(given.job.action, by=tables.admin)
    assert Lead.objects.filter(is_deleted=False).count() == 5
    bulk.run_unfinished()
    assert Lead.objects.filter(is_deleted=False).count() == 0
    assert counts(given) == {"undone-new": 5}


@pytest.mark.usefixtures("batches_of_two")
def test_a_stopped_check_goes_on_where_it_was(tables: Tables) -> None:
    text = "Id;Name\nA;1\nB;2\nC;3\nA;4\n"
    given = tables.checked(text, ["key", "title"], key="key")
    assert given.job is not None
    calls = iter([False, True])
    assert not jobs.check(given.job.pk, is_stopped=lambda: next(calls))
    assert given.job.items.count() == 2
    assert jobs.check(given.job.pk)
    assert counts(given) == {"pending-new": 3, "refused": 1}


@pytest.mark.usefixtures("batches_of_two")
def test_the_undo_of_a_running_import_stops_it(tables: Tables) -> None:
    given = tables.checked(TEXT, TARGETS)
    assert given.job is not None
    jobs.check(given.job.pk)
    jobs.start(given)
    jobs.run_batch(given.job.pk)
    begin_undo(given.job.action, by=tables.admin)
    jobs.run_unfinished()
    bulk.run_unfinished()
    assert counts(given) == {"undone-new": 2, "stopped-new": 3}


def test_an_import_that_was_not_started_cannot_be_undone(tables: Tables) -> None:
    given = tables.checked(TEXT, TARGETS)
    assert given.job is not None
    with pytest.raises(Refused, match="not started"):
        begin_undo(given.job.action, by=tables.admin)


def test_rows_of_imports_stay_and_rows_of_old_checks_go(tables: Tables) -> None:
    written = tables.imported(TEXT, TARGETS)
    checked = tables.checked("Name\nRoof\n", ["title"])
    Action.objects.update(at=timezone.now() - 2 * ITEMS_KEPT_FOR)
    remove_old_items()
    assert counts(written) == {"done-new": 5}
    assert counts(checked) == {}


def test_an_import_writes_the_same_as_the_verbs(tables: Tables) -> None:
    """The rows that are made in few statements equal those of the verbs, one after the other."""
    company, tag = tables.company, Tag.objects.get()
    field = CustomField.define("lead", "Floors", "text")
    tables.imported(
        "Name;Amount;State;Tags;Floors;Step;Seller;Created;Closed\n"
        "Roof;5;lost;Hot;3;Offer;Ana;2026-01-05 10:00;2026-01-09 11:00\n",
        [
            *("title", "amount", "status", "tags", f"field:{field.key}", "step", "owner"),
            *("created", "closed"),
        ],
    )
    imported = Lead.objects.get()
    lead = Lead.create(
        title="Roof",
        by=tables.admin,
        amount=5,
        step=company.offer,
        owner=company.ana,
        at=imported.created_at,
    )
    lead.tag(tag, by=tables.admin)
    lead.set_field(field, "3", by=tables.admin)
    lead.lose(by=tables.admin, at=imported.closed_at)

    def events(one: Lead) -> set[Any]:
        rows = LeadEvent.objects.filter(lead=one).exclude(kind__in=("tags", "field"))
        return set(rows.values_list("kind", "value", "old_value", "occurred_at", "actor"))

    assert events(imported) == events(lead)
    apart = ("id", "key", "has_history")
    mine, theirs = row(imported), row(lead)
    assert {k: v for k, v in mine.items() if k not in apart} == {
        k: v for k, v in theirs.items() if k not in apart
    }
