"""Verbs for fields without reported history, comments, and corrections of dates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from leadlight.sales.models import Client, Lead, LeadEvent, Reminder, Tag
from leadlight.sales.models.event_log import Channel, replay, through
from leadlight.sales.models.lead_changes import DERIVED
from leadlight.sales.refusals import Refused
from tests.sales.conftest import Company, at


@pytest.fixture
def lead(company: Company) -> Lead:
    return Lead.create(title="Windows", by=company.ana, owner=company.ana, at=at(1, 5))


def last_event(lead: Lead) -> tuple[str, str, str]:
    """Return kind, old value and value of the last event saved."""
    return lead.events.order_by("pk").values_list("kind", "old_value", "value").last()


def test_renaming_a_lead_logs_the_old_and_new_title(lead: Lead, company: Company) -> None:
    lead.rename("  Doors ", by=company.bo)
    lead.refresh_from_db()
    assert (lead.title, last_event(lead)) == ("Doors", ("title", "Windows", "Doors"))


@pytest.mark.parametrize("title", ["", "   ", "x" * 301, "a\0b"])
def test_a_title_has_one_to_three_hundred_characters(lead: Lead, title: str) -> None:
    with pytest.raises(Refused):
        lead.rename(title, by=None)
    assert lead.events.count() == 6


def test_a_description_of_many_lines_is_kept_whole(lead: Lead) -> None:
    text = "Phone: +33 1 02 03 04 05\n" * 2_000
    lead.describe(text, by=None)
    assert last_event(lead) == ("description", "", text.strip())


def test_a_client_is_set_and_removed(lead: Lead) -> None:
    hotel = Client.objects.create(name="Hotel")
    lead.set_client(hotel, by=None)
    assert last_event(lead) == ("client", "", str(hotel.pk))
    lead.set_client(None, by=None)
    assert (lead.client, last_event(lead)) == (None, ("client", str(hotel.pk), ""))


def test_tags_are_added_and_removed_as_sets(lead: Lead) -> None:
    urgent, big, old = (Tag.objects.create(name=name) for name in ("urgent", "big", "old"))
    lead.tag(urgent, big, by=None)
    assert last_event(lead) == ("tags", "", f"{urgent.pk} {big.pk}")
    lead.tag(old, big, by=None)
    lead.untag(urgent, by=None)
    assert last_event(lead) == (
        "tags",
        f"{urgent.pk} {big.pk} {old.pk}",
        f"{big.pk} {old.pk}",
    )
    assert set(Lead.objects.get(pk=lead.pk).tags.all()) == {big, old}


def test_verbs_without_effect_write_nothing(lead: Lead) -> None:
    before = (lead.version, lead.events.count())
    lead.rename("Windows", by=None)
    lead.unstar(by=None)
    lead.untag(Tag.objects.create(name="urgent"), by=None)
    lead.set_reminder(None, by=None)
    lead.refresh_from_db()
    assert (lead.version, lead.events.count()) == before


# Pairs of calls, of which the second undoes the first.
PAIRS: dict[str, tuple[Callable[[Lead], Any], Callable[[Lead], Any]]] = {
    "star": (lambda lead: lead.star(by=None), lambda lead: lead.unstar(by=None)),
    "title": (
        lambda lead: lead.rename("Doors", by=None),
        lambda lead: lead.rename("Windows", by=None),
    ),
    "source": (
        lambda lead: lead.set_source("Fair", by=None),
        lambda lead: lead.set_source("", by=None),
    ),
    "reminder": (
        lambda lead: lead.set_reminder(Reminder(at(12, 1)), by=None),
        lambda lead: lead.set_reminder(None, by=None),
    ),
    "amount": (
        lambda lead: lead.set_amount(5, by=None),
        lambda lead: lead.set_amount(None, by=None),
    ),
    "standby": (lambda lead: lead.stand_by(by=None), lambda lead: lead.resume(by=None)),
    "won": (lambda lead: lead.win(by=None), lambda lead: lead.reopen(by=None)),
    "bin": (lambda lead: lead.bin(by=None), lambda lead: lead.restore(by=None)),
}


@pytest.mark.parametrize("pair", PAIRS)
def test_the_second_verb_of_a_pair_undoes_the_first(lead: Lead, pair: str) -> None:
    do, undo = PAIRS[pair]
    fields = {field.attname for field in Lead._meta.concrete_fields}
    fields -= {"version", "updated_at", *DERIVED}
    before = {name: getattr(lead, name) for name in fields}
    do(lead)
    assert {name: getattr(lead, name) for name in fields} != before
    undo(lead)
    lead.refresh_from_db()
    assert {name: getattr(lead, name) for name in fields} == before


def test_every_verb_increases_the_version_and_its_events_hold_it(
    lead: Lead, company: Company
) -> None:
    assert lead.version == 1
    lead.move_to(company.offer, by=None)
    lead.assign_to(company.bo, by=None)
    lead.comment("Called twice.", by=None)
    lead.refresh_from_db()
    assert lead.version == 4
    versions = dict(lead.events.exclude(version=1).values_list("kind", "version"))
    assert versions == {"step": 2, "owner": 3, "team": 3, "comment": 4}
    assert timezone.now() - lead.updated_at < timedelta(minutes=1)


def test_an_event_holds_its_channel(lead: Lead) -> None:
    with through(Channel.MAIL):
        lead.star(by=None)
    lead.unstar(by=None)
    channels = list(lead.events.order_by("pk").values_list("channel", flat=True))
    assert channels[-2:] == ["mail", "command"]


# Comments


def test_a_comment_is_edited_removed_and_restored(lead: Lead, company: Company) -> None:
    first = lead.comment("He is away until May.", by=company.ana)
    lead.edit_comment(first, "He is away until June.", by=company.bo)
    lead.remove_comment(first, by=company.bo)
    lead.edit_comment(first, "He is away until June.", by=company.ana)
    events = lead.events.filter(kind="comment").order_by("pk")
    assert list(events.values_list("about", "old_value", "value")) == [
        ("", "", "He is away until May."),
        (first.key, "He is away until May.", "He is away until June."),
        (first.key, "He is away until June.", ""),
        (first.key, "", "He is away until June."),
    ]


def test_a_comment_needs_a_text_and_belongs_to_its_lead(lead: Lead, company: Company) -> None:
    with pytest.raises(Refused):
        lead.comment(" \n", by=None)
    other = Lead.create(title="Doors", by=None)
    with pytest.raises(ValueError, match="no comment of"):
        other.edit_comment(lead.comment("Mine", by=None), "Yours", by=None)


# Corrections


def test_correcting_the_creation_sets_and_logs_the_instant(lead: Lead) -> None:
    lead.correct_creation(at(1, 2), by=None)
    lead.refresh_from_db()
    assert lead.created_at == at(1, 2)
    assert last_event(lead) == ("created_at", "2026-01-05T09:00:00Z", "2026-01-02T09:00:00Z")
    assert replay(lead.events.order_by("occurred_at", "pk"))["created_at"] == at(1, 2)


def test_the_creation_cannot_be_corrected_to_after_a_later_event(
    lead: Lead, company: Company
) -> None:
    lead.move_to(company.offer, by=None, at=at(1, 8))
    lead.correct_creation(at(1, 8), by=None)
    with pytest.raises(Refused, match="has earlier events"):
        lead.correct_creation(at(1, 9), by=None)
    with pytest.raises(Refused, match="in the future"):
        lead.correct_creation(timezone.now() + timedelta(days=1), by=None)


def test_a_corrected_closing_applies_until_the_next_status(lead: Lead) -> None:
    lead.win(by=None, at=at(2, 1))
    lead.correct_closing(at(1, 20), by=None)
    lead.refresh_from_db()
    assert lead.closed_at == at(1, 20)
    assert replay(lead.events.order_by("occurred_at", "pk"))["closed_at"] == at(1, 20)
    lead.reopen(by=None)
    lead.refresh_from_db()
    assert lead.closed_at is None
    lead.lose(by=None)
    assert lead.closed_at == lead.events.filter(kind="status").latest("pk").occurred_at


def test_a_closing_is_corrected_only_on_closed_leads_and_after_creation(
    lead: Lead,
) -> None:
    with pytest.raises(Refused, match="not closed"):
        lead.correct_closing(at(1, 20), by=None)
    lead.win(by=None, at=at(2, 1))
    with pytest.raises(Refused, match="did not exist"):
        lead.correct_closing(at(1, 4), by=None)
    with pytest.raises(Refused, match="has earlier events"):
        lead.correct_creation(at(2, 2), by=None)


def test_a_status_change_cannot_be_dated_before_a_correction_of_the_closing(lead: Lead) -> None:
    lead.win(by=None, at=at(2, 1))
    lead.correct_closing(at(1, 20), by=None)
    with pytest.raises(Refused, match="changed since"):
        lead.reopen(by=None, at=at(2, 2))


def test_the_event_log_and_the_row_agree_after_verbs_and_corrections(lead: Lead) -> None:
    urgent = Tag.objects.create(name="urgent")
    lead.tag(urgent, by=None)
    lead.set_reminder(Reminder(datetime(2027, 1, 1, 8, 30, 0, 250, UTC)), by=None)
    lead.star(by=None)
    lead.win(by=None)
    lead.correct_closing(at(3, 1), by=None)
    lead.correct_creation(at(1, 1), by=None)
    lead = Lead.objects.get(pk=lead.pk)
    events: list[LeadEvent] = list(lead.events.order_by("occurred_at", "pk"))
    for attribute, value in replay(events).items():
        assert getattr(lead, attribute) == value, attribute
