"""Actions: the changes of one click, made once however often its form is sent."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from leadlight.sales.models import Action, Activity, ActivityType, Lead, LeadEvent
from leadlight.sales.models.actions import AlreadyDone, acting, current_action
from leadlight.sales.refusals import Refused
from leadlight.sales.undo import undo
from tests.sales.conftest import Company, at, found


@pytest.fixture
def lead(company: Company) -> Lead:
    return Lead.create(title="Windows", by=company.ana, owner=company.ana, at=at(1, 5))


def test_events_and_activities_of_a_click_belong_to_its_action(
    company: Company, lead: Lead
) -> None:
    call = ActivityType.objects.create(name="Call")
    with acting("k1", company.ana) as action:
        lead.set_amount(10, by=company.ana)
        lead.log_activity(call, by=company.ana)
        lead.comment("Busy", by=company.ana)
    lead.set_amount(20, by=company.ana)
    assert set(action.events.values_list("kind", "value")) == {
        ("amount", "10"),
        ("comment", "Busy"),
    }
    assert list(action.activities.all()) == list(Activity.objects.all())
    assert lead.events.filter(action=None, kind="amount").get().value == "20"
    assert current_action() is None


def test_a_form_sent_twice_acts_once(company: Company, lead: Lead) -> None:
    with acting("k1", company.ana) as action:
        lead.set_amount(10, by=company.ana)
    with pytest.raises(AlreadyDone) as again, acting("k1", company.ana):
        lead.set_amount(20, by=company.ana)
    assert again.value.action == action
    lead.refresh_from_db()
    assert lead.amount == 10


def test_a_form_sent_again_after_its_undo_does_not_act_again(company: Company, lead: Lead) -> None:
    with acting("k1", company.ana) as action:
        lead.set_amount(10, by=company.ana)
    undo(action, by=company.ana)
    with pytest.raises(AlreadyDone) as again, acting("k1", company.ana):
        lead.set_amount(20, by=company.ana)
    assert again.value.action.undone_at is not None


def test_a_failed_action_leaves_nothing_and_its_key_can_be_used_again(
    company: Company, lead: Lead
) -> None:
    events = LeadEvent.objects.count()

    def fail() -> None:
        with acting("k1", company.ana):
            lead.set_amount(10, by=company.ana)
            lead.reopen(by=company.ana)

    with pytest.raises(Refused):
        fail()
    lead.refresh_from_db()
    assert (lead.amount, LeadEvent.objects.count(), Action.objects.count()) == (None, events, 0)
    assert current_action() is None
    with acting("k1", company.ana):
        lead.set_amount(10, by=company.ana)
    lead.refresh_from_db()
    assert lead.amount == 10


def test_the_key_of_another_user_is_replaced(company: Company, lead: Lead) -> None:
    with acting("k1", company.ana) as hers:
        lead.set_amount(10, by=company.ana)
    with acting("k1", company.bo) as his:
        lead.set_amount(20, by=company.bo)
    assert his.key != hers.key
    assert [(action.user, action.events.get().value) for action in (hers, his)] == [
        (company.ana, "10"),
        (company.bo, "20"),
    ]


@pytest.mark.parametrize("key", ["", "x" * 201, "a\0b", "a\nb", "\ud800", "é"], ids=repr)
def test_a_text_that_is_no_key_is_replaced(company: Company, lead: Lead, key: str) -> None:
    for amount in (10, 20):
        with acting(key, company.ana) as action:
            lead.set_amount(amount, by=company.ana)
        assert action.key != key
        assert action.events.get().value == str(amount)
    with acting("x" * 200, company.ana) as action:
        lead.set_amount(10, by=company.ana)
    assert action.key == "x" * 200


def test_actions_do_not_nest(company: Company, lead: Lead) -> None:
    def nest() -> None:
        with acting("k1", company.ana):
            lead.set_amount(10, by=company.ana)
            with acting("k2", company.ana):
                lead.star(by=company.ana)

    with pytest.raises(RuntimeError):
        nest()
    lead.refresh_from_db()
    assert (lead.amount, lead.is_starred, Action.objects.count()) == (None, False, 0)


@pytest.mark.django_db(transaction=True)
def test_a_double_click_in_two_threads_acts_once() -> None:
    company = found()
    lead = Lead.create(title="Windows", by=company.ana, owner=company.ana, at=at(1, 5))
    both = threading.Barrier(2)
    ends: list[str] = []

    def click() -> None:
        try:
            both.wait()
            with acting("k1", company.ana):
                Lead.objects.get(pk=lead.pk).comment("Busy", by=company.ana)
            ends.append("done")
        except AlreadyDone:
            ends.append("already done")
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["already done", "done"]
    assert lead.events.filter(kind="comment").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_undos_at_once_undo_once() -> None:
    company = found()
    lead = Lead.create(title="Windows", by=company.ana, owner=company.ana, at=at(1, 5))
    with acting("k1", company.ana) as action:
        lead.win(by=company.ana)
    both = threading.Barrier(2)
    ends: list[str] = []

    def click() -> None:
        try:
            both.wait()
            undo(action, by=company.ana)
            ends.append("undone")
        except Refused as refused:
            ends.append(str(refused))
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["This change was already undone.", "undone"]
    assert list(
        lead.events.filter(kind="status").order_by("pk").values_list("value", flat=True)
    ) == [*("todo", "won", "todo")]
