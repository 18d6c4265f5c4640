"""Verbs of bulk jobs: the same changes as the verbs of a lead, and an exact undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from leadlight.accounts.models import User
from leadlight.replication.checks import check
from leadlight.sales.bulk import counts, run_unfinished
from leadlight.sales.bulk_undo import begin_undo
from leadlight.sales.bulk_verbs import VERBS, reminder_arguments
from leadlight.sales.models import (
    Lead,
    Reminder,
    Tag,
)
from leadlight.sales.models.event_log import Channel, through
from leadlight.sales.refusals import Refused
from tests.sales.bulk_jobs import begin, new_leads, rows
from tests.sales.conftest import Company, at
from tests.sales.undone_actions import row


def arguments(company: Company) -> dict[str, Any]:
    """Return arguments of each verb that leads can take."""
    tag = Tag.objects.get_or_create(key="urgent", name="urgent")[0]
    reminder = Reminder(at(12, 1), minutes=30, note="Call")
    closing = {"tags": [tag.pk], "comment": "Too late"}
    return {
        "assign": {"owner": company.bo.pk, "team": None},
        "unassign": {},
        "distribute": {"sellers": [company.bo.pk, company.ana.pk]},
        "hand-over": {"sellers": [company.bo.pk], "person": company.ana.pk, "closed": True},
        "tag": {"tags": [tag.pk]},
        "untag": {"tags": [tag.pk]},
        "merge-tags": {"tag": tag.pk, "to": _other_tag().pk},
        "move": {"step": company.deal.pk},
        "close-step": {"step": company.deal.pk, "closed": company.contact.pk},
        "standby": reminder_arguments(reminder),
        "todo": {},
        "won": closing,
        "lost": closing,
        "cancelled": closing,
        "star": {},
        "unstar": {},
        "bin": {},
    }


def _other_tag() -> Tag:
    return Tag.objects.get_or_create(key="pressing", name="pressing")[0]


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
        "merge-tags": lambda: lead.set_tags([_other_tag()], by=by) if place % 5 == 1 else None,
        "move": lambda: lead.move_to(company.deal, by=by),
        "close-step": lambda: lead.move_to(company.deal, by=by),
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
