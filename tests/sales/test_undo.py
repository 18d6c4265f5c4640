"""Undo of actions: the values before them come back exactly."""

from __future__ import annotations

from datetime import date

import pytest

from leadlight.replication.checks import check
from leadlight.sales.models import (
    Activity,
    Client,
    Lead,
)
from leadlight.sales.models.actions import acting
from leadlight.sales.undo import undo
from tests.sales.conftest import Company, at
from tests.sales.undone_actions import (
    Work,
    act,
    assert_refused,
    call,
    comments,
    keys,
    last_comment,
    new_lead,
    own,
    reminder,
    row,
    states,
    tag,
)


@pytest.fixture
def lead(company: Company) -> Lead:
    return new_lead(company)


WORK: dict[str, list[Work]] = {
    "three amounts": [
        lambda lead, c: lead.set_amount(20, by=c.ana),
        lambda lead, c: lead.set_amount(None, by=c.ana),
        lambda lead, c: lead.set_amount(30, by=c.ana),
    ],
    "there and back": [
        lambda lead, c: lead.move_to(c.deal, by=c.ana),
        lambda lead, c: lead.move_to(c.contact, by=c.ana),
    ],
    "win": [lambda lead, c: lead.win(by=c.ana)],
    "win in the past": [lambda lead, c: lead.win(by=c.ana, at=at(3, 1))],
    "win and correct": [
        lambda lead, c: lead.win(by=c.ana),
        lambda lead, c: lead.correct_closing(at(3, 1), by=c.ana),
    ],
    "call, stand by": [
        lambda lead, c: lead.log_activity(call(), by=c.ana, content="No answer"),
        lambda lead, c: lead.stand_by(by=c.ana, until=reminder(1)),
    ],
    "two postponements": [
        lambda lead, c: lead.stand_by(by=c.ana, until=reminder(1)),
        lambda lead, c: lead.stand_by(
            by=c.ana, until=reminder(3, is_all_day=True, minutes=30, note="Again")
        ),
    ],
    "assign": [lambda lead, c: lead.assign_to(c.bo, by=c.ana)],
    "no owner": [lambda lead, c: lead.assign_to(None, by=c.ana)],
    "another pipeline": [lambda lead, c: lead.move_to(c.elsewhere, by=c.ana)],
    "tags": [
        lambda lead, c: lead.tag(tag("urgent"), tag("big"), by=c.ana),
        lambda lead, c: lead.untag(tag("urgent"), by=c.ana),
    ],
    "client, source": [
        lambda lead, c: lead.set_client(Client.objects.create(name="Hotel"), by=c.ana),
        lambda lead, c: lead.set_source("Fair", by=c.ana),
    ],
    "texts": [
        lambda lead, c: lead.rename("Doors", by=c.ana),
        lambda lead, c: lead.describe("Two\r\nlines", by=c.ana),
    ],
    "numbers": [
        lambda lead, c: lead.set_probability(0, by=c.ana),
        lambda lead, c: lead.set_estimated_closing(date(2026, 12, 24), by=c.ana),
    ],
    "star, bin": [lambda lead, c: lead.star(by=c.ana), lambda lead, c: lead.bin(by=c.ana)],
    "own fields": [
        lambda lead, c: lead.set_field(own("Size", ("S", "M")), "M", by=c.ana),
        lambda lead, c: lead.set_field(own("Size"), "S", by=c.ana),
        lambda lead, c: lead.set_field(own("Visit"), "Monday", by=c.ana),
    ],
    "comment": [lambda lead, c: lead.comment("Busy", by=c.ana)],
    "comment, edit, remove": [
        lambda lead, c: lead.comment("Busy", by=c.ana),
        lambda lead, c: lead.edit_comment(last_comment(lead), "Away", by=c.ana),
        lambda lead, c: lead.edit_comment(last_comment(lead), "Back", by=c.ana),
        lambda lead, c: lead.remove_comment(last_comment(lead), by=c.ana),
    ],
    "correct the creation": [lambda lead, c: lead.correct_creation(at(1, 2), by=c.ana)],
}
BEFORE: dict[str, list[Work]] = {
    "new": [],
    "worked on": [
        lambda lead, c: lead.move_to(c.offer, by=c.ana, at=at(2, 1)),
        lambda lead, c: lead.log_activity(call(), by=c.ana, at=at(2, 2)),
        lambda lead, c: lead.stand_by(
            by=c.ana,
            until=reminder(9, minutes=15, activity_type=call(), note="Plans"),
            at=at(2, 3),
        ),
        lambda lead, c: lead.tag(tag("urgent"), tag("small"), by=c.ana),
        lambda lead, c: lead.set_field(own("Size", ("S", "M")), "S", by=c.ana),
        lambda lead, c: lead.comment("New", by=c.ana),
    ],
}


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("work", WORK)
def test_an_undo_restores_every_value(company: Company, lead: Lead, before: str, work: str) -> None:
    for each in BEFORE[before]:
        each(lead, company)
    held, events = states([lead]), lead.events.count()
    version = Lead.objects.get(pk=lead.pk).version
    action = act(company, lead, *WORK[work])
    assert lead.events.count() > events
    (undone,) = undo(action, by=company.ana)
    assert (states([lead]), undone) == (held, lead)
    assert undone.version > version + 1
    assert not [str(one) for one in check()]


CLOSED: dict[str, list[Work]] = {
    "reopen": [lambda lead, c: lead.reopen(by=c.ana)],
    "reopen and win": [lambda lead, c: lead.reopen(by=c.ana), lambda lead, c: lead.win(by=c.ana)],
    "win": [lambda lead, c: lead.win(by=c.ana)],
    "win at the same instant": [lambda lead, c: lead.win(by=c.ana, at=at(3, 1))],
    "win, lose": [lambda lead, c: lead.win(by=c.ana), lambda lead, c: lead.lose(by=c.ana)],
    "correct": [lambda lead, c: lead.correct_closing(at(2, 1), by=c.ana)],
    "correct, reopen": [
        lambda lead, c: lead.correct_closing(at(2, 1), by=c.ana),
        lambda lead, c: lead.reopen(by=c.ana),
    ],
}


@pytest.mark.parametrize("is_corrected", [False, True], ids=["as closed", "corrected"])
@pytest.mark.parametrize("work", CLOSED)
def test_an_undo_restores_the_exact_instant_of_closing(
    company: Company, lead: Lead, work: str, is_corrected: bool
) -> None:
    lead.lose(by=company.ana, at=at(3, 1))
    if is_corrected and work != "win at the same instant":
        lead.correct_closing(at(2, 20), by=company.ana)
    held = states([lead])
    undo(act(company, lead, *CLOSED[work]), by=company.ana)
    assert states([lead]) == held
    assert not [str(one) for one in check()]


def test_a_lead_closed_before_its_creation_is_restored_too(company: Company, lead: Lead) -> None:
    lead.lose(by=company.ana, at=at(3, 1))
    Lead.objects.filter(pk=lead.pk).update(closed_at=at(1, 1))
    lead.events.filter(value="lost").update(occurred_at=at(1, 1))
    lead.events.filter(value="todo").delete()
    undo(act(company, lead, lambda lead, c: lead.reopen(by=c.ana)), by=company.ana)
    assert Lead.objects.get(pk=lead.pk).closed_at == at(1, 1)


def test_an_undone_creation_moves_the_lead_to_the_bin_with_its_values(company: Company) -> None:
    with acting(next(keys), company.ana) as action:
        lead = new_lead(company)
        lead.tag(tag("urgent"), by=company.ana)
        lead.stand_by(by=company.ana, until=reminder(1))
        lead.comment("Busy", by=company.ana)
        lead.log_activity(call(), by=company.ana)
    held = row(lead)
    undo(action, by=company.ana)
    assert row(lead) == held | {"is_deleted": True, "last_activity_at": None}
    assert comments(lead)
    assert not [str(one) for one in check()]


@pytest.mark.parametrize("more", ["comment", "call", "change"])
def test_a_creation_is_not_undone_after_more_work_on_the_lead(company: Company, more: str) -> None:
    with acting(next(keys), company.ana) as action:
        lead = new_lead(company)
    {
        "comment": lambda: lead.comment("Busy", by=company.bo),
        "call": lambda: lead.log_activity(call(), by=company.bo),
        "change": lambda: lead.set_source("Fair", by=company.ana),
    }[more]()
    assert_refused(action, company, [lead])


def test_a_creation_can_be_undone_after_later_actions_were(company: Company) -> None:
    with acting(next(keys), company.ana) as action:
        lead = new_lead(company)
    undo(act(company, lead, lambda lead, c: lead.win(by=c.ana)), by=company.ana)
    undo(action, by=company.ana)
    assert row(lead)["is_deleted"]


def test_an_undo_keeps_what_someone_else_changed(company: Company, lead: Lead) -> None:
    action = act(company, lead, *WORK["three amounts"])
    lead.rename("Doors", by=company.bo)
    lead.comment("Mine", by=company.bo)
    undo(action, by=company.ana)
    lead.refresh_from_db()
    assert (lead.amount, lead.title, len(comments(lead))) == (10, "Doors", 1)


def test_an_undo_of_many_leads_restores_them_all(company: Company) -> None:
    leads = [new_lead(company, str(number)) for number in range(20)]
    held = states(leads)
    with acting(next(keys), company.ana) as action:
        for lead in leads:
            lead.assign_to(company.bo, by=company.ana)
    assert states(leads) != held
    assert undo(action, by=company.ana) == leads
    assert states(leads) == held


def test_an_activity_on_a_prospect_alone_is_undone(company: Company) -> None:
    with acting(next(keys), company.ana) as action:
        Activity.objects.create(activity_type=call(), user=company.ana, action=action)
    assert undo(action, by=company.ana) == []
    assert not Activity.objects.exists()


def test_an_undone_activity_gives_the_lead_a_new_version(company: Company, lead: Lead) -> None:
    action = act(company, lead, lambda lead, c: lead.log_activity(call(), by=c.ana))
    version = Lead.objects.get(pk=lead.pk).version
    (undone,) = undo(action, by=company.ana)
    assert undone.version == version + 1
