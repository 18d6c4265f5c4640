"""Refusals to undo an action: nothing is undone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from leadlight.accounts.models import Team
from leadlight.sales.models import (
    Action,
    Client,
    CustomField,
    Lead,
    LeadEvent,
    Tag,
)
from leadlight.sales.models.actions import UNDOABLE_FOR, acting
from leadlight.sales.refusals import Refused
from leadlight.sales.undo import undo
from tests.sales.conftest import Company, at
from tests.sales.undone_actions import (
    Work,
    act,
    assert_refused,
    call,
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
