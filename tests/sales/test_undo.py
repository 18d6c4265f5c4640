"""Undo of actions: the values before them come back exactly, or nothing is undone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest

from leadlight.accounts.models import Team
from leadlight.replication.checks import check
from leadlight.sales.models import (
    Action,
    Activity,
    ActivityType,
    Client,
    CustomField,
    Lead,
    LeadEvent,
    Reminder,
    Tag,
)
from leadlight.sales.models.actions import UNDOABLE_FOR, acting
from leadlight.sales.refusals import Refused
from leadlight.sales.undo import undo
from tests.sales.conftest import Company, at

keys = (f"key {number}" for number in count())
Work = Callable[[Lead, Company], Any]


@pytest.fixture
def lead(company: Company) -> Lead:
    return new_lead(company)


def new_lead(company: Company, title: str = "Windows") -> Lead:
    return Lead.create(title=title, by=company.ana, owner=company.ana, amount=10, at=at(1, 5))


def row(lead: Lead) -> dict[str, Any]:
    """Return the columns of a lead that are the same after an undo, its tags and own fields."""
    lead = Lead.objects.get(pk=lead.pk)
    names = {field.attname for field in Lead._meta.concrete_fields} - {"version", "updated_at"}
    values = {name: getattr(lead, name) for name in names}
    return values | {"tags": lead.tag_ids, "fields": lead.field_texts}


def comments(lead: Lead) -> dict[str, str]:
    """Return the texts of the comments of a lead by key, without removed ones."""
    events = lead.events.filter(kind="comment").order_by("pk")
    texts = {event.about or event.key: event.value for event in events}
    return {key: text for key, text in texts.items() if text}


def states(leads: Iterable[Lead]) -> list[Any]:
    return [(row(lead), comments(lead), lead.activities.count()) for lead in leads]


def act(company: Company, lead: Lead, *work: Work) -> Action:
    with acting(next(keys), company.ana) as action:
        for each in work:
            each(lead, company)
    return action


def assert_refused(action: Action, company: Company, leads: Iterable[Lead]) -> None:
    """Check that an undo is refused and changes nothing."""
    leads = list(leads)
    before, events = states(leads), LeadEvent.objects.count()
    with pytest.raises(Refused):
        undo(action, by=company.ana)
    assert (states(leads), LeadEvent.objects.count()) == (before, events)
    action.refresh_from_db()
    assert action.undone_at is None


def reminder(day: int, **more: Any) -> Reminder:
    return Reminder(at(12, day), **more)


def tag(name: str) -> Tag:
    return Tag.objects.get_or_create(name=name, key=name)[0]


def own(name: str, choices: tuple[str, ...] = ()) -> CustomField:
    kind = "choice" if choices else "text"
    return CustomField.objects.filter(name=name).first() or CustomField.define(
        "lead", name, kind, choices=choices
    )


def call() -> ActivityType:
    return ActivityType.objects.get_or_create(name="Call")[0]


def last_comment(lead: Lead) -> LeadEvent:
    comment = lead.events.filter(kind="comment", about="").order_by("pk").last()
    assert comment is not None
    return comment


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


SINCE: dict[str, tuple[Work, Work]] = {
    "amount": (
        lambda lead, c: lead.set_amount(20, by=c.ana),
        lambda lead, c: lead.set_amount(30, by=c.bo),
    ),
    "closing": (
        lambda lead, c: lead.win(by=c.ana),
        lambda lead, c: lead.correct_closing(at(3, 1), by=c.bo),
    ),
    "won again": (
        lambda lead, c: lead.win(by=c.ana),
        lambda lead, c: (lead.lose(by=c.bo), lead.win(by=c.bo)),
    ),
    "note of the reminder": (
        lambda lead, c: lead.set_reminder(reminder(1), by=c.ana),
        lambda lead, c: lead.set_reminder(reminder(1, note="Plans"), by=c.bo),
    ),
    "team": (
        lambda lead, c: lead.assign_to(c.bo, by=c.ana),
        lambda lead, c: lead.assign_to(c.bo, by=c.bo, team=c.north),
    ),
    "tags": (
        lambda lead, c: lead.tag(tag("urgent"), by=c.ana),
        lambda lead, c: lead.tag(tag("big"), by=c.bo),
    ),
    "edited comment": (
        lambda lead, c: lead.comment("Busy", by=c.ana),
        lambda lead, c: lead.edit_comment(last_comment(lead), "Away", by=c.bo),
    ),
    "own field": (
        lambda lead, c: lead.set_field(own("Visit"), "Monday", by=c.ana),
        lambda lead, c: lead.set_field(own("Visit"), "Tuesday", by=c.bo),
    ),
}


@pytest.mark.parametrize("what", SINCE)
def test_nothing_is_undone_once_a_value_has_changed_again(company: Company, what: str) -> None:
    leads = [new_lead(company, title) for title in ("One", "Two", "Three")]
    do, change = SINCE[what]
    with acting(next(keys), company.ana) as action:
        for lead in leads:
            do(lead, company)
            lead.log_activity(call(), by=company.ana)
    change(leads[1], company)
    assert_refused(action, company, leads)


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


# Values that cannot come back


def with_choice(company: Company, lead: Lead) -> tuple[CustomField, Action]:
    size = own("Size", ("S", "M"))
    lead.set_field(size, "S", by=company.ana)
    return size, act(company, lead, lambda lead, c: lead.set_field(size, "M", by=c.ana))


def test_a_choice_that_was_removed_does_not_come_back(company: Company, lead: Lead) -> None:
    size, action = with_choice(company, lead)
    size.set_choices(["M"])
    assert_refused(action, company, [lead])


def test_an_archived_field_gets_no_value_back(company: Company, lead: Lead) -> None:
    size, action = with_choice(company, lead)
    size.archive()
    assert_refused(action, company, [lead])


def test_the_value_of_a_deleted_field_does_not_come_back(company: Company, lead: Lead) -> None:
    size, action = with_choice(company, lead)
    size.leadfieldvalues.all().delete()
    size.delete()
    assert_refused(action, company, [lead])


GONE: dict[str, tuple[Work, Work, type[Any]]] = {
    "tag": (
        lambda lead, c: lead.tag(tag("urgent"), by=c.ana),
        lambda lead, c: lead.set_tags([], by=c.ana),
        Tag,
    ),
    "client": (
        lambda lead, c: lead.set_client(Client.objects.create(name="Hotel"), by=c.ana),
        lambda lead, c: lead.set_client(None, by=c.ana),
        Client,
    ),
    "team": (
        lambda lead, c: lead.assign_to(c.ana, by=c.ana, team=Team.objects.create(name="West")),
        lambda lead, c: lead.assign_to(c.ana, by=c.ana, team=c.south),
        Team,
    ),
}


@pytest.mark.parametrize("what", GONE)
def test_a_deleted_row_does_not_come_back(company: Company, lead: Lead, what: str) -> None:
    give, take, model = GONE[what]
    give(lead, company)
    action = act(company, lead, take)
    model.objects.order_by("pk").last().delete()
    assert_refused(action, company, [lead])


# Who can undo, and when


def test_an_action_is_undone_once(company: Company, lead: Lead) -> None:
    action = act(company, lead, lambda lead, c: lead.win(by=c.ana))
    undo(action, by=company.ana)
    held, events = states([lead]), LeadEvent.objects.count()
    with pytest.raises(Refused, match="already undone"):
        undo(action, by=company.ana)
    assert (states([lead]), LeadEvent.objects.count()) == (held, events)


def test_only_the_one_who_acted_can_undo(company: Company, lead: Lead) -> None:
    action = act(company, lead, lambda lead, c: lead.win(by=c.ana))
    with pytest.raises(Refused):
        undo(action, by=company.bo)
    assert row(lead)["status"] == "won"
    undo(action, by=company.ana)
    with pytest.raises(Refused, match="no longer"):
        undo(action, by=company.bo)


def test_an_action_can_be_undone_for_one_day(company: Company, lead: Lead) -> None:
    action = act(company, lead, lambda lead, c: lead.win(by=c.ana))
    acted_at = action.at
    Action.objects.update(at=acted_at - UNDOABLE_FOR)
    assert_refused(action, company, [lead])
    Action.objects.update(at=acted_at - UNDOABLE_FOR + timedelta(minutes=1))
    undo(action, by=company.ana)
    assert row(lead)["status"] == "todo"


def test_an_undone_action_does_not_block_the_undo_before_it(company: Company, lead: Lead) -> None:
    first = act(company, lead, lambda lead, c: lead.stand_by(by=c.ana, until=reminder(1)))
    held = states([lead])
    undo(act(company, lead, lambda lead, c: lead.win(by=c.ana)), by=company.ana)
    assert states([lead]) == held
    undo(first, by=company.ana)
    assert row(lead)["status"] == "todo"
    assert row(lead)["postponements"] == 0


def test_a_closing_that_the_log_no_longer_tells_is_not_restored(
    company: Company, lead: Lead
) -> None:
    lead.lose(by=company.ana, at=at(3, 1))
    action = act(company, lead, lambda lead, c: lead.reopen(by=c.ana))
    lead.events.filter(value="lost").delete()
    assert_refused(action, company, [lead])
