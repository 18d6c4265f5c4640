"""Bulk jobs: each lead once, whole batches, and an undo that leaves out what changed since."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from django.db import OperationalError, connection
from django.utils.translation import override

from leadlight.accounts.models import Organization, User
from leadlight.jobs import background
from leadlight.jobs.background import Repeater
from leadlight.jobs.every_job import CHANGE_LEADS
from leadlight.replication.checks import check
from leadlight.sales import bulk
from leadlight.sales.bulk import run_batch, run_unfinished, start
from leadlight.sales.bulk_undo import begin_undo
from leadlight.sales.bulk_verbs import reminder_arguments, shares
from leadlight.sales.models import (
    Action,
    BulkJob,
    Category,
    Lead,
    LeadEvent,
    Prospect,
    ProspectingList,
    Reminder,
    Tag,
)
from leadlight.sales.models.actions import AlreadyDone, acting
from leadlight.sales.refusals import Refused
from leadlight.sales.unassigned import take
from leadlight.sales.undo import undo
from tests.prospects import add_prospect
from tests.sales.bulk_jobs import admin, begin, new_leads, of, rows
from tests.sales.conftest import Company, at, found
from tests.sales.undone_actions import row


def test_between_two_batches_each_lead_is_whole(
    company: Company, ada: User, small_batches: None
) -> None:
    new_leads(company, 8)
    job = begin(ada, "star", {})
    assert run_batch(job.pk)
    assert of(job) == {"done": 3, "pending": 5}
    assert Lead.objects.filter(is_starred=True).count() == 3
    assert list(check()) == []
    run_unfinished()
    begin_undo(job.action, by=ada)
    assert run_batch(job.pk)
    assert of(job) == {"done": 5, "undone": 3}
    assert Lead.objects.filter(is_starred=True).count() == 5
    assert list(check()) == []


def test_leads_that_changed_since_stay_and_are_listed(
    company: Company, ada: User, small_batches: None
) -> None:
    leads = new_leads(company, 5)
    job = begin(ada, "standby", reminder_arguments(Reminder(at(12, 1))))
    run_unfinished()
    leads[1].win(by=company.ana)
    changed = row(leads[1])
    begin_undo(job.action, by=ada)
    run_unfinished()
    assert of(job) == {"undone": 4, "kept": 1}
    kept = job.items.get(state="kept")
    assert kept.lead == leads[1]
    assert kept.reason == "“Lead 1” has changed since."
    assert row(leads[1]) == changed
    assert list(check()) == []
    assert not leads[0].events.filter(action=job.action).exists()
    assert leads[1].events.filter(action=job.action).count() == 2


def test_what_was_not_undone_can_be_undone_later(company: Company, ada: User) -> None:
    leads = new_leads(company, 3)
    before = rows()
    job = begin(ada, "assign", {"owner": company.bo.pk, "team": None})
    leads[0].assign_to(None, by=company.ana)
    assert of(begin_undo(job.action, by=ada)) == {"undone": 2, "kept": 1}
    leads[0].assign_to(company.bo, by=company.ana)
    assert of(begin_undo(job.action, by=ada)) == {"undone": 3}
    assert rows() == before
    with pytest.raises(Refused, match="already undone"):
        begin_undo(job.action, by=ada)


def test_an_undo_stops_a_job_that_runs(company: Company, ada: User, small_batches: None) -> None:
    new_leads(company, 8)
    before = rows()
    job = begin(ada, "star", {})
    run_batch(job.pk)
    begin_undo(job.action, by=ada)
    run_unfinished()
    assert of(job) == {"undone": 3, "stopped": 5}
    assert rows() == before


def test_only_the_user_of_a_job_can_undo_it_and_only_for_a_day(company: Company, ada: User) -> None:
    new_leads(company, 1)
    job = begin(ada, "star", {})
    with pytest.raises(Refused):
        begin_undo(job.action, by=company.ana)
    Action.objects.update(at=at(1, 1))
    with pytest.raises(Refused):
        begin_undo(job.action, by=ada)
    assert Lead.objects.get().is_starred


def test_the_undo_of_other_actions_refuses_a_job(company: Company, ada: User) -> None:
    new_leads(company, 1)
    job = begin(ada, "star", {})
    with pytest.raises(RuntimeError):
        undo(job.action, by=ada)


def test_a_form_sent_twice_starts_one_job(company: Company, ada: User) -> None:
    new_leads(company, 3)
    with acting("same", ada) as action:
        job = start(action, "star", {}, Lead.objects.all())
    with pytest.raises(AlreadyDone) as again, acting("same", ada):
        pass
    assert again.value.action.job == job
    assert BulkJob.objects.count() == 1


def test_leads_that_one_may_not_change_are_left_out_and_counted(company: Company) -> None:
    new_leads(company, 3)
    theirs = Lead.create(title="Bo's", by=company.bo, owner=company.bo)
    Organization.objects.update(privacy="shared")
    job = begin(company.ana, "star", {})
    assert (job.total, job.skipped) == (3, 1)
    assert set(Lead.objects.filter(is_starred=False)) == {theirs}
    with pytest.raises(Refused, match="cannot change any"):
        begin(company.ana, "star", {}, Lead.objects.filter(pk=theirs.pk))


def test_leads_that_one_may_no_longer_change_are_refused(
    company: Company, small_batches: None
) -> None:
    leads = new_leads(company, 4)
    job = begin(company.ana, "star", {})
    leads[3].assign_to(company.bo, by=company.bo)
    run_unfinished()
    assert of(job) == {"done": 3, "refused": 1}
    assert job.items.get(state="refused").reason == "You cannot change this lead any more."


def test_reasons_are_in_the_language_of_the_user(
    company: Company, ada: User, small_batches: None
) -> None:
    leads = new_leads(company, 3)
    with override("fr"):
        job = begin(ada, "todo", {})
    leads[0].win(by=ada)
    run_unfinished()
    assert job.items.get(state="refused").reason.startswith("L’opportunité")


def test_a_verb_refuses_single_leads_whole(company: Company, ada: User) -> None:
    """A lead that is lost already gets neither the comment nor the tag of the closing."""
    leads = new_leads(company, 2)
    leads[0].lose(by=company.ana)
    before = row(leads[0])
    tag = Tag.objects.create(name="Price")
    job = begin(ada, "lost", {"tags": [tag.pk], "comment": "Too dear"})
    assert of(job) == {"done": 1, "refused": 1}
    assert row(leads[0]) == before
    assert not leads[0].events.filter(kind="comment").exists()
    assert leads[1].events.filter(kind="comment").get().value == "Too dear"


def test_won_leads_need_a_tag_of_each_required_category(company: Company, ada: User) -> None:
    product = Category.objects.create(name="Product", is_required=True)
    windows = Tag.objects.create(name="Windows", category=product)
    leads = new_leads(company, 2)
    leads[0].tag(windows, by=company.ana)
    job = begin(ada, "won", {"tags": [], "comment": ""})
    assert of(job) == {"done": 1, "refused": 1}
    assert job.items.get(state="refused").reason == "“Lead 1” has no tag in “Product”."
    job = begin(
        ada, "won", {"tags": [windows.pk], "comment": ""}, Lead.objects.filter(status="todo")
    )
    assert of(job) == {"done": 1}


@pytest.mark.parametrize(("number", "sellers"), [(1, 1), (7, 3), (2, 5), (12, 4), (0, 3)])
def test_round_robin_is_even(number: int, sellers: int) -> None:
    expected = [0] * sellers
    for place in range(number):
        expected[place % sellers] += 1
    assert shares(number, sellers) == expected


def test_distributed_leads_go_in_turn(company: Company, ada: User, small_batches: None) -> None:
    new_leads(company, 7)
    begin(ada, "distribute", {"sellers": [company.bo.pk, ada.pk, company.ana.pk]})
    run_unfinished()
    owners = Lead.objects.order_by("pk").values_list("owner__first_name", flat=True)
    assert list(owners) == ["Bo", "Ada", "Ana", "Bo", "Ada", "Ana", "Bo"]


def test_a_lead_taken_since_is_not_assigned_to_somebody_else(
    company: Company, ada: User, small_batches: None
) -> None:
    leads = new_leads(company, 3)
    for lead in leads:
        lead.assign_to(None, by=ada)
    job = begin(ada, "assign", {"owner": company.bo.pk, "team": None, "is_unassigned": True})
    take(leads[1], by=company.ana)
    run_unfinished()
    assert of(job) == {"done": 2, "refused": 1}
    assert job.items.get(state="refused").reason == "“Lead 1” was taken by Ana."


def test_a_hand_over_moves_leads_prospects_and_lists_and_its_undo_returns_them(
    company: Company, ada: User
) -> None:
    new_leads(company, 3)
    lists = [ProspectingList.objects.create(name=name, user=company.ana) for name in "AB"]
    prospects = [
        add_prospect(lists[0], {"Name": name}, user=company.ana) for name in ("One", "Two", "Three")
    ]
    given = {"sellers": [company.bo.pk, ada.pk], "person": company.ana.pk, "closed": False}
    rows_before = rows()
    job = begin(
        ada,
        "hand-over",
        given,
        prospects=Prospect.objects.all(),
        lists=ProspectingList.objects.all(),
    )
    assert of(job) == {"done": 8}
    users = [company.bo, ada, company.bo]
    assert [lead.owner for lead in Lead.objects.order_by("pk")] == users
    assert [prospect.user for prospect in Prospect.objects.order_by("pk")] == users
    assert [one.user for one in ProspectingList.objects.order_by("pk")] == users[:2]
    assert list(check()) == []
    Prospect.objects.filter(pk=prospects[1].pk).update(user=company.bo)
    assert of(begin_undo(job.action, by=ada)) == {"undone": 7, "kept": 1}
    assert rows() == rows_before
    assert [one.user for one in Prospect.objects.order_by("pk")] == [
        *(company.ana, company.bo, company.ana)
    ]
    assert {one.user for one in ProspectingList.objects.all()} == {company.ana}


def test_two_leads_more_than_allowed_are_refused(
    company: Company, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST_LEADS", 2)
    new_leads(company, 3)
    with pytest.raises(Refused, match="At most 2 leads"):
        begin(ada, "star", {})
    assert not Action.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_processes_do_each_lead_once(small_batches: None) -> None:
    company, by = found(), admin()
    new_leads(company, 20)
    job = begin(by, "move", {"step": company.deal.pk})
    both = threading.Barrier(2)

    def work() -> None:
        try:
            both.wait()
            run_unfinished()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run_unfinished()
    assert of(job) == {"done": 20}
    assert LeadEvent.objects.filter(kind="step", action=job.action).count() == 20


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_take_a_lead_one_gets_it() -> None:
    company = found()
    lead = Lead.create(title="Windows", by=company.ana, team=company.north)
    both = threading.Barrier(2)
    ends: list[str] = []

    def work(user: User) -> None:
        try:
            mine = Lead.objects.get(pk=lead.pk)
            both.wait()
            with acting(f"take {user}", user):
                take(mine, by=user)
            ends.append("taken")
        except Refused as refusal:
            ends.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[user]) for user in (company.ana, company.bo)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lead.refresh_from_db()
    assert sorted(ends) == sorted(["taken", f"“Windows” was taken by {lead.owner}."])
    assert lead.events.filter(kind="owner").exclude(value="").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_background_thread_does_a_job_and_ends(small_batches: None) -> None:
    company, by = found(), admin()
    new_leads(company, 5)
    job = begin(by, "star", {})
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        return seconds == CHANGE_LEADS.every_s

    Repeater(CHANGE_LEADS, wait).join()
    assert of(job) == {"done": 5}
    assert waits == [CHANGE_LEADS.pause_s] * 2 + [CHANGE_LEADS.every_s]


@pytest.mark.parametrize(("is_busy", "waits"), [(True, 1), (False, 30)])
def test_an_error_is_logged_and_the_thread_tries_again(
    is_busy: bool, waits: float, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**_more: object) -> int:
        raise OperationalError("database is locked")

    monkeypatch.setattr(background, "is_busy", lambda _error: is_busy)
    waited: list[float] = []

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        return len(waited) == 2

    with caplog.at_level("INFO"):
        Repeater(replace(CHANGE_LEADS, work=fail), wait).join()
    assert waited == [waits, waits]
    assert {record.levelname for record in caplog.records} == {"INFO" if is_busy else "ERROR"}
