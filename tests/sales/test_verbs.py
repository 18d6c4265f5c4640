"""Verbs of leads: the resulting row, the events they log, and the calls they refuse."""

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


def logged(lead: Lead, last: int) -> list[tuple[str, str]]:
    """Return kind and value of the `last` newest events, oldest first."""
    facts = list(lead.events.order_by("pk").values_list("kind", "value"))
    return facts[-last:]


def test_a_new_lead_has_defaults_and_one_opening_event_per_value(
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
    assert logged(lead, 20) == [
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


def test_creating_a_lead_without_owner_logs_no_owner_team_or_amount(company: Company) -> None:
    lead = Lead.create(title="Windows", by=None, at=at(1, 5))
    assert {kind for kind, _ in logged(lead, 20)} == {"created", "pipeline", "step", "status"}


def test_an_event_has_its_two_instants_and_the_actor(company: Company, lead: Lead) -> None:
    before = timezone.now()
    lead.win(by=company.bo, at=at(2, 3))
    fact = lead.events.get(kind="status", value="won")
    assert (fact.occurred_at, fact.actor) == (at(2, 3), company.bo)
    assert before < fact.recorded_at < timezone.now()


def test_moving_within_a_pipeline_logs_only_the_step(company: Company, lead: Lead) -> None:
    lead.move_to(company.deal, by=company.ana)
    assert logged(lead, 2)[1] == ("step", str(company.deal.pk))
    assert lead.events.filter(kind="pipeline").count() == 1


def test_moving_to_another_pipeline_logs_pipeline_and_step(company: Company, lead: Lead) -> None:
    lead.move_to(company.elsewhere, by=company.ana)
    lead.refresh_from_db()
    assert lead.pipeline == company.elsewhere.pipeline
    assert logged(lead, 2) == [
        ("pipeline", str(company.elsewhere.pipeline_id)),
        ("step", str(company.elsewhere.pk)),
    ]


@pytest.mark.parametrize(
    ("close", "status"), [(Lead.win, "won"), (Lead.lose, "lost"), (Lead.cancel, "cancelled")]
)
def test_closing_sets_status_and_closing_instant(
    company: Company, lead: Lead, close: Callable[..., None], status: str
) -> None:
    close(lead, by=company.ana, at=at(2, 3))
    lead.refresh_from_db()
    assert (lead.status, lead.closed_at, lead.is_closed) == (status, at(2, 3), True)
    assert logged(lead, 1) == [("status", status)]


def test_a_closed_lead_can_be_closed_again_only_with_another_status(
    company: Company, lead: Lead
) -> None:
    lead.lose(by=company.ana, at=at(2, 3))
    with pytest.raises(Refused, match="already has the status “Lost”"):
        lead.lose(by=company.ana)
    lead.win(by=company.ana, at=at(2, 4))
    assert (lead.status, lead.closed_at) == ("won", at(2, 4))


def test_reopening_clears_the_closing_instant(company: Company, lead: Lead) -> None:
    lead.win(by=company.ana, at=at(2, 3))
    lead.reopen(by=company.ana, at=at(2, 10))
    lead.refresh_from_db()
    assert (lead.status, lead.closed_at, lead.is_open) == ("todo", None, True)
    assert logged(lead, 2) == [("status", "won"), ("status", "todo")]


def test_an_open_lead_cannot_be_reopened(company: Company, lead: Lead) -> None:
    with pytest.raises(Refused, match="already open"):
        lead.reopen(by=company.ana)


def test_a_lead_is_put_on_standby_and_resumed(company: Company, lead: Lead) -> None:
    lead.stand_by(by=company.ana)
    assert (lead.status, lead.is_open) == ("standby", True)
    lead.resume(by=company.ana)
    assert logged(lead, 2) == [("status", "standby"), ("status", "todo")]


@pytest.mark.parametrize("rest", [Lead.stand_by, Lead.resume])
def test_a_closed_lead_cannot_be_put_on_standby_or_resumed(
    company: Company, lead: Lead, rest: Callable[..., None]
) -> None:
    lead.lose(by=company.ana)
    with pytest.raises(Refused, match="Reopen it first"):
        rest(lead, by=company.ana)


def test_assigning_a_lead_moves_it_to_the_team_of_the_owner(company: Company, lead: Lead) -> None:
    lead.assign_to(company.bo, by=company.ana)
    lead.refresh_from_db()
    assert (lead.owner, lead.team) == (company.bo, company.south)
    assert logged(lead, 2) == [("owner", str(company.bo.pk)), ("team", str(company.south.pk))]


def test_unassigning_a_lead_keeps_its_team(company: Company, lead: Lead) -> None:
    lead.assign_to(None, by=company.ana)
    assert (lead.owner, lead.team) == (None, company.north)
    assert logged(lead, 1) == [("owner", "")]


def test_a_lead_cannot_be_assigned_to_an_inactive_user(company: Company, lead: Lead) -> None:
    company.bo.is_active = False
    company.bo.save()
    with pytest.raises(Refused, match="no longer active"):
        lead.assign_to(company.bo, by=company.ana)


def test_amounts_are_logged_as_plain_decimals(company: Company, lead: Lead) -> None:
    for amount in (Decimal("10.50"), 1000, None):
        lead.set_amount(amount, by=company.ana)
    assert logged(lead, 3) == [("amount", "10.50"), ("amount", "1000"), ("amount", "")]


@pytest.mark.parametrize("amount", [Decimal("0.001"), Decimal(10) ** 12])
def test_an_amount_that_does_not_fit_is_refused(
    company: Company, lead: Lead, amount: Decimal
) -> None:
    with pytest.raises(Refused, match="two decimals"):
        lead.set_amount(amount, by=company.ana)


@pytest.mark.parametrize("probability", [-1, 101])
def test_a_probability_out_of_range_is_refused(
    company: Company, lead: Lead, probability: int
) -> None:
    with pytest.raises(Refused, match="between 0 and 100"):
        lead.set_probability(probability, by=company.ana)


def test_probability_and_expected_closing_date_are_logged(company: Company, lead: Lead) -> None:
    lead.set_probability(70, by=company.ana)
    lead.set_estimated_closing(date(2026, 4, 1), by=company.ana)
    lead.set_estimated_closing(None, by=company.ana)
    assert logged(lead, 3) == [
        ("probability", "70"),
        ("estimated_closing", "2026-04-01"),
        ("estimated_closing", ""),
    ]


def test_a_binned_lead_can_be_restored(company: Company, lead: Lead) -> None:
    lead.bin(by=company.ana)
    assert lead.is_deleted
    lead.restore(by=company.ana)
    assert logged(lead, 2) == [("deleted", "true"), ("deleted", "false")]


def test_verbs_without_effect_log_nothing(company: Company, lead: Lead) -> None:
    before = lead.events.count()
    lead.move_to(company.contact, by=company.ana)
    lead.set_amount(None, by=company.ana)
    lead.assign_to(company.ana, by=company.bo)
    assert lead.events.count() == before


def test_changes_cannot_be_dated_in_the_future_or_before_the_creation(
    company: Company, lead: Lead
) -> None:
    with pytest.raises(Refused, match="in the future"):
        lead.win(by=company.ana, at=timezone.now() + timedelta(hours=1))
    with pytest.raises(Refused, match="did not exist"):
        lead.win(by=company.ana, at=at(1, 4))


def test_a_change_cannot_be_dated_before_a_later_change_of_the_same_field(
    company: Company, lead: Lead
) -> None:
    lead.assign_to(company.bo, by=company.ana, at=at(2, 9))
    with pytest.raises(Refused, match="has changed since"):
        lead.assign_to(None, by=company.ana, at=at(2, 8))
    lead.win(by=company.ana, at=at(2, 6))
    assert lead.closed_at == at(2, 6)


def test_a_verb_reloads_a_stale_row(company: Company, lead: Lead) -> None:
    stale = Lead.objects.get(pk=lead.pk)
    lead.win(by=company.ana, at=at(2, 3))
    with pytest.raises(Refused, match="already has the status “Won”"):
        stale.win(by=company.bo)
    assert lead.events.filter(value="won").count() == 1


def test_row_and_events_are_written_in_one_transaction(company: Company, lead: Lead) -> None:
    before = lead.events.count()
    with transaction.atomic():
        lead.win(by=company.ana)
        transaction.set_rollback(True)
    lead.refresh_from_db()
    assert (lead.status, lead.events.count()) == ("todo", before)


def test_the_database_refuses_a_closed_lead_without_a_closing_instant(lead: Lead) -> None:
    with pytest.raises(IntegrityError):
        Lead.objects.filter(pk=lead.pk).update(status="won")


def test_replaying_the_events_gives_the_row(company: Company, lead: Lead) -> None:
    lead.move_to(company.offer, by=company.ana, at=at(1, 10))
    lead.set_amount(Decimal("99.90"), by=company.ana, at=at(1, 11))
    lead.assign_to(company.bo, by=company.ana, at=at(1, 12))
    lead.lose(by=company.bo, at=at(2, 3))
    lead.refresh_from_db()
    state = replay(lead.events.order_by("occurred_at", "pk"))
    assert {name: getattr(lead, name) for name in state} == state
    assert state["closed_at"] == at(2, 3)
