"""Bulk jobs: the verbs one by one, each lead once, and an exact undo."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils.translation import override

from leadlight.accounts.models import Organization, User
from leadlight.jobs.bulk import EVERY_S, PAUSE_S, Worker
from leadlight.replication.checks import check
from leadlight.sales import bulk, bulk_undo
from leadlight.sales.bulk import counts, run_batch, run_unfinished, start
from leadlight.sales.bulk_undo import begin_undo
from leadlight.sales.bulk_verbs import VERBS, reminder_arguments, shares
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
from leadlight.sales.models.event_log import Channel, through
from leadlight.sales.refusals import Refused
from leadlight.sales.unassigned import take
from leadlight.sales.undo import undo
from tests.sales.conftest import Company, at, found
from tests.sales.test_undo import row

keys = (f"bulk {number}" for number in count())


@pytest.fixture
def ada(company: Company) -> User:
    return admin()


def admin() -> User:
    return User.objects.create_user("ada@example.com", first_name="Ada", role="admin")


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs of more than two rows run in the background, in batches of three."""
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    monkeypatch.setattr(bulk_undo, "AT_ONCE", 2)
    monkeypatch.setattr(bulk, "BATCH", 3)
    monkeypatch.setattr(bulk_undo, "BATCH", 3)


def new_leads(company: Company, number: int) -> list[Lead]:
    return [
        Lead.create(title=f"Lead {one}", by=company.ana, owner=company.ana, at=at(1, 5))
        for one in range(number)
    ]


def begin(by: User, verb: str, given: Any, leads: Any = None, **rows: Any) -> BulkJob:
    chosen = Lead.objects.order_by("pk") if leads is None else leads
    with acting(next(keys), by) as action:
        return start(action, verb, given, chosen, **rows)


def rows() -> list[dict[str, Any]]:
    return [row(lead) for lead in Lead.objects.order_by("pk")]


def of(job: BulkJob) -> dict[str, int]:
    return {state: number for state, number in counts(job).items() if number}


def arguments(company: Company) -> dict[str, Any]:
    """Return arguments of each verb that leads can take."""
    tag = Tag.objects.get_or_create(key="urgent", name="urgent")[0]
    reminder = Reminder(at(12, 1), minutes=30, note="Call")
    closing = {"tags": [tag.pk], "comment": "Too late"}
    return {
        "assign": {"owner": company.bo.pk, "team": None},
        "unassign": {},
        "distribute": {"sellers": [company.bo.pk, company.ana.pk]},
        "hand-over": {"sellers": [company.bo.pk], "person": company.ana.pk},
        "tag": {"tags": [tag.pk]},
        "untag": {"tags": [tag.pk]},
        "move": {"step": company.deal.pk},
        "standby": reminder_arguments(reminder),
        "todo": {},
        "won": closing,
        "lost": closing,
        "cancelled": closing,
        "star": {},
        "unstar": {},
        "bin": {},
    }


def by_hand(verb: str, company: Company, lead: Lead, place: int, by: User) -> None:
    """Make the change of a verb by the verbs of the lead itself."""
    tag = Tag.objects.get(key="urgent")
    if verb in ("won", "lost", "cancelled"):
        lead.tag(tag, by=by)
        lead.comment("Too late", by=by)
    changes: dict[str, Callable[[], None]] = {
        "assign": lambda: lead.assign_to(company.bo, by=by),
        "unassign": lambda: lead.assign_to(None, by=by),
        "distribute": lambda: lead.assign_to((company.bo, company.ana)[place % 2], by=by),
        "hand-over": lambda: lead.assign_to(company.bo, by=by),
        "tag": lambda: lead.tag(tag, by=by),
        "untag": lambda: lead.untag(tag, by=by),
        "move": lambda: lead.move_to(company.deal, by=by),
        "standby": lambda: lead.stand_by(until=Reminder(at(12, 1), minutes=30, note="Call"), by=by),
        "todo": lambda: lead.resume(by=by),
        "won": lambda: lead.win(by=by),
        "lost": lambda: lead.lose(by=by),
        "cancelled": lambda: lead.cancel(by=by),
        "star": lambda: lead.star(by=by),
        "unstar": lambda: lead.unstar(by=by),
        "bin": lambda: lead.bin(by=by),
    }
    changes[verb]()


def prepared(company: Company) -> list[Lead]:
    """Return leads in several states, twice the same."""
    leads = new_leads(company, 10)
    tag = Tag.objects.get_or_create(key="urgent", name="urgent")[0]
    for place, lead in enumerate(leads):
        if place % 5 == 1:
            lead.tag(tag, by=company.ana)
            lead.star(by=company.ana)
        if place % 5 == 2:
            lead.stand_by(until=Reminder(at(11, 30)), by=company.ana, at=at(2, 1))
        if place % 5 == 3:
            lead.lose(by=company.ana, at=at(3, 1))
    return leads


def logged(lead: Lead) -> list[tuple[str, ...]]:
    events = lead.events.order_by("pk").exclude(kind="created")
    return list(events.values_list("kind", "old_value", "value", "channel", "actor__email"))


# Columns that differ between two leads that were treated alike.
OWN = ("created_at", "status_since", "step_since", "closed_at", "key", "id", "title")


def values(lead: Lead) -> dict[str, Any]:
    return {name: value for name, value in row(lead).items() if name not in OWN}


@pytest.mark.parametrize("verb", VERBS)
def test_a_job_makes_the_same_changes_as_the_verbs_one_by_one(
    verb: str, company: Company, ada: User, small_batches: None
) -> None:
    leads = prepared(company)
    refused = 0
    given = arguments(company)[verb]
    for place, lead in enumerate(leads[:5]):
        try:
            with transaction.atomic(), through(Channel.PAGE):
                by_hand(verb, company, lead, place, ada)
        except Refused:
            refused += 1
    job = begin(ada, verb, given, Lead.objects.filter(pk__gt=leads[4].pk).order_by("pk"))
    assert job.state == "running"
    run_unfinished()
    for one, other in zip(leads[:5], leads[5:], strict=True):
        assert (logged(one), values(one)) == (logged(other), values(other))
    assert counts(job)["refused"] == refused
    assert sum(counts(job).values()) == 5


@pytest.mark.parametrize("verb", VERBS)
def test_an_undone_job_leaves_every_lead_as_it_was(
    verb: str, company: Company, ada: User, small_batches: None
) -> None:
    prepared(company)
    before = rows()
    job = begin(ada, verb, arguments(company)[verb])
    run_unfinished()
    done = counts(job)["done"]
    assert done
    begin_undo(job.action, by=ada)
    run_unfinished()
    assert rows() == before
    assert counts(job)["undone"] == done
    job.refresh_from_db()
    job.action.refresh_from_db()
    assert (job.state, job.action.undone_at is not None) == ("undone", True)
    assert list(check()) == []


@pytest.mark.parametrize("verb", VERBS)
def test_a_small_job_is_done_and_undone_at_once(verb: str, company: Company, ada: User) -> None:
    prepared(company)
    before = rows()
    job = begin(ada, verb, arguments(company)[verb])
    assert job.state == "done"
    assert rows() != before
    assert begin_undo(job.action, by=ada).state == "undone"
    assert rows() == before
    assert list(check()) == []


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
        Prospect.objects.create(prospecting_list=lists[0], user=company.ana, cells=[["Name", name]])
        for name in ("One", "Two", "Three")
    ]
    given = {"sellers": [company.bo.pk, ada.pk], "person": company.ana.pk}
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
        return seconds == EVERY_S

    Worker(wait).join()
    assert of(job) == {"done": 5}
    assert waits == [PAUSE_S, PAUSE_S, EVERY_S]
