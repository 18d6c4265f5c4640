"""Each verb: the row it leaves, the facts it writes, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from leadlight.sales.models import Lead
from leadlight.sales.models.event_log import replay
from leadlight.sales.refusals import Refused
from tests.sales.conftest import Company, at


@pytest.fixture
def lead(company: Company) -> Lead:
    return Lead.create(title="Windows", by=company.ana, owner=company.ana, at=at(1, 5))


def told(lead: Lead, last: int) -> list[tuple[str, str]]:
    """Kind and value of the last so many facts."""
    facts = list(lead.events.order_by("pk").values_list("kind", "value"))
    return facts[-last:]


def test_a_new_lead_is_to_do_in_the_first_step_and_tells_each_opening_fact_once(
    company: Company,
) -> None:
    lead = Lead.create(
        title="Windows",
        by=company.ana,
        owner=company.bo,
        amount=1000,
        probability=40,
        estimated_closing_on=date(2026, 3, 31),
        at=at(1, 5),
    )
    assert (lead.status, lead.step, lead.team) == ("todo", company.contact, company.south)
    assert lead.created_by == company.ana
    assert told(lead, 20) == [
        ("created", ""),
        ("pipeline", str(company.contact.pipeline_id)),
        ("step", str(company.contact.pk)),
        ("status", "todo"),
        ("owner", str(company.bo.pk)),
        ("team", str(company.south.pk)),
        ("amount", "1000"),
        ("probability", "40"),
        ("estimated_closing", "2026-03-31"),
    ]


def test_a_lead_of_nobody_tells_nothing_of_owner_team_or_amount(company: Company) -> None:
    lead = Lead.create(title="Windows", by=None, at=at(1, 5))
    assert {kind for kind, _ in told(lead, 20)} == {"created", "pipeline", "step", "status"}


def test_every_fact_has_both_clocks_and_the_actor(company: Company, lead: Lead) -> None:
    before = timezone.now()
    lead.win(by=company.bo, at=at(2, 3))
    fact = lead.events.get(kind="status", value="won")
    assert (fact.occurred_at, fact.actor) == (at(2, 3), company.bo)
    assert before < fact.recorded_at < timezone.now()


def test_moving_to_a_step_of_the_same_pipeline_tells_the_step_only(
    company: Company, lead: Lead
) -> None:
    lead.move_to(company.deal, by=company.ana)
    assert told(lead, 2)[1] == ("step", str(company.deal.pk))
    assert lead.events.filter(kind="pipeline").count() == 1


def test_moving_to_another_pipeline_tells_both(company: Company, lead: Lead) -> None:
    lead.move_to(company.elsewhere, by=company.ana)
    lead.refresh_from_db()
    assert lead.pipeline == company.elsewhere.pipeline
    assert told(lead, 2) == [
        ("pipeline", str(company.elsewhere.pipeline_id)),
        ("step", str(company.elsewhere.pk)),
    ]


@pytest.mark.parametrize(
    ("close", "status"), [(Lead.win, "won"), (Lead.lose, "lost"), (Lead.cancel, "cancelled")]
)
def test_closing_says_how_and_when(
    company: Company, lead: Lead, close: Callable[..., None], status: str
) -> None:
    close(lead, by=company.ana, at=at(2, 3))
    lead.refresh_from_db()
    assert (lead.status, lead.closed_at, lead.is_closed) == (status, at(2, 3), True)
    assert told(lead, 1) == [("status", status)]


def test_a_closed_lead_cannot_be_closed_the_same_way_again_but_another_way(
    company: Company, lead: Lead
) -> None:
    lead.lose(by=company.ana, at=at(2, 3))
    with pytest.raises(Refused, match="lost already"):
        lead.lose(by=company.ana)
    lead.win(by=company.ana, at=at(2, 4))
    assert (lead.status, lead.closed_at) == ("won", at(2, 4))


def test_reopening_clears_the_closing(company: Company, lead: Lead) -> None:
    lead.win(by=company.ana, at=at(2, 3))
    lead.reopen(by=company.ana, at=at(2, 10))
    lead.refresh_from_db()
    assert (lead.status, lead.closed_at, lead.is_open) == ("todo", None, True)
    assert told(lead, 2) == [("status", "won"), ("status", "todo")]


def test_an_open_lead_cannot_be_reopened(company: Company, lead: Lead) -> None:
    with pytest.raises(Refused, match="open already"):
        lead.reopen(by=company.ana)


def test_resting_and_taking_up_again(company: Company, lead: Lead) -> None:
    lead.stand_by(by=company.ana)
    assert (lead.status, lead.is_open) == ("standby", True)
    lead.resume(by=company.ana)
    assert told(lead, 2) == [("status", "standby"), ("status", "todo")]


@pytest.mark.parametrize("rest", [Lead.stand_by, Lead.resume])
def test_a_closed_lead_neither_rests_nor_is_taken_up(
    company: Company, lead: Lead, rest: Callable[..., None]
) -> None:
    lead.lose(by=company.ana)
    with pytest.raises(Refused, match="re-open it first"):
        rest(lead, by=company.ana)


def test_a_lead_given_to_a_seller_goes_to_his_team(company: Company, lead: Lead) -> None:
    lead.assign_to(company.bo, by=company.ana)
    lead.refresh_from_db()
    assert (lead.owner, lead.team) == (company.bo, company.south)
    assert told(lead, 2) == [("owner", str(company.bo.pk)), ("team", str(company.south.pk))]


def test_a_lead_given_to_nobody_keeps_its_team(company: Company, lead: Lead) -> None:
    lead.assign_to(None, by=company.ana)
    assert (lead.owner, lead.team) == (None, company.north)
    assert told(lead, 1) == [("owner", "")]


def test_a_lead_is_not_given_to_who_has_left(company: Company, lead: Lead) -> None:
    company.bo.is_active = False
    company.bo.save()
    with pytest.raises(Refused, match="no longer active"):
        lead.assign_to(company.bo, by=company.ana)


def test_amounts_are_told_as_plain_decimals(company: Company, lead: Lead) -> None:
    for amount in (Decimal("10.50"), 1000, None):
        lead.set_amount(amount, by=company.ana)
    assert told(lead, 3) == [("amount", "10.50"), ("amount", "1000"), ("amount", "")]


@pytest.mark.parametrize("amount", [Decimal("0.001"), Decimal(10) ** 12])
def test_an_amount_that_does_not_fit_is_refused(
    company: Company, lead: Lead, amount: Decimal
) -> None:
    with pytest.raises(Refused, match="two decimals"):
        lead.set_amount(amount, by=company.ana)


@pytest.mark.parametrize("probability", [-1, 101])
def test_a_probability_beyond_its_bounds_is_refused(
    company: Company, lead: Lead, probability: int
) -> None:
    with pytest.raises(Refused, match="between 0 and 100"):
        lead.set_probability(probability, by=company.ana)


def test_probability_and_expected_day_are_told(company: Company, lead: Lead) -> None:
    lead.set_probability(70, by=company.ana)
    lead.set_estimated_closing(date(2026, 4, 1), by=company.ana)
    lead.set_estimated_closing(None, by=company.ana)
    assert told(lead, 3) == [
        ("probability", "70"),
        ("estimated_closing", "2026-04-01"),
        ("estimated_closing", ""),
    ]


def test_a_binned_lead_can_be_restored(company: Company, lead: Lead) -> None:
    lead.bin(by=company.ana)
    assert lead.is_deleted
    lead.restore(by=company.ana)
    assert told(lead, 2) == [("deleted", "true"), ("deleted", "false")]


def test_changing_nothing_tells_nothing(company: Company, lead: Lead) -> None:
    before = lead.events.count()
    lead.move_to(company.contact, by=company.ana)
    lead.set_amount(None, by=company.ana)
    lead.assign_to(company.ana, by=company.bo)
    assert lead.events.count() == before


def test_nothing_happens_in_the_future_or_before_the_lead(company: Company, lead: Lead) -> None:
    with pytest.raises(Refused, match="not come yet"):
        lead.win(by=company.ana, at=timezone.now() + timedelta(hours=1))
    with pytest.raises(Refused, match="did not exist"):
        lead.win(by=company.ana, at=at(1, 4))


def test_a_fact_is_refused_before_a_later_one_of_its_kind_but_not_of_another(
    company: Company, lead: Lead
) -> None:
    lead.assign_to(company.bo, by=company.ana, at=at(2, 9))
    with pytest.raises(Refused, match="has changed since"):
        lead.assign_to(None, by=company.ana, at=at(2, 8))
    lead.win(by=company.ana, at=at(2, 6))
    assert lead.closed_at == at(2, 6)


def test_a_verb_works_on_the_row_as_it_is_not_as_it_was_read(company: Company, lead: Lead) -> None:
    stale = Lead.objects.get(pk=lead.pk)
    lead.win(by=company.ana, at=at(2, 3))
    with pytest.raises(Refused, match="won already"):
        stale.win(by=company.bo)
    assert lead.events.filter(value="won").count() == 1


def test_row_and_history_are_written_together_or_not_at_all(company: Company, lead: Lead) -> None:
    before = lead.events.count()
    with transaction.atomic():
        lead.win(by=company.ana)
        transaction.set_rollback(True)
    lead.refresh_from_db()
    assert (lead.status, lead.events.count()) == ("todo", before)


def test_the_database_refuses_a_closed_lead_without_an_instant(lead: Lead) -> None:
    with pytest.raises(IntegrityError):
        Lead.objects.filter(pk=lead.pk).update(status="won")


def test_a_history_replayed_gives_the_row(company: Company, lead: Lead) -> None:
    lead.move_to(company.offer, by=company.ana, at=at(1, 10))
    lead.set_amount(Decimal("99.90"), by=company.ana, at=at(1, 11))
    lead.assign_to(company.bo, by=company.ana, at=at(1, 12))
    lead.lose(by=company.bo, at=at(2, 3))
    lead.refresh_from_db()
    state = replay(lead.events.order_by("occurred_at", "pk"))
    assert {name: getattr(lead, name) for name in state} == state
    assert state["closed_at"] == at(2, 3)
