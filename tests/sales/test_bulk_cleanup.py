"""Removal of the rows of old bulk jobs; their numbers stay."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadlight.sales import bulk_cleanup
from leadlight.sales.bulk import counts, start
from leadlight.sales.bulk_cleanup import ITEMS_KEPT_FOR, differences, remove_old_items
from leadlight.sales.models import Action, BulkItem, BulkJob, Lead
from leadlight.sales.models.actions import UNDOABLE_FOR, acting
from tests.sales.bulk_jobs import begin, new_leads
from tests.sales.conftest import Company

pytestmark = pytest.mark.database


def age(job: BulkJob, days: timedelta) -> None:
    Action.objects.filter(pk=job.action.pk).update(at=job.action.at - days)


def test_the_rows_are_kept_for_longer_than_a_job_can_be_undone(company: Company) -> None:
    new_leads(company, 3)
    job = begin(company.ana, "star", {})
    age(job, ITEMS_KEPT_FOR - timedelta(hours=1))
    assert remove_old_items() == 0
    assert job.items.count() == 3
    assert ITEMS_KEPT_FOR > UNDOABLE_FOR


def test_the_numbers_stay_when_the_rows_are_removed(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_cleanup, "ITEMS_AT_ONCE", 2)
    closed, *_others = new_leads(company, 4)
    closed.win(by=company.ana)
    job = begin(company.ana, "todo", {})
    before = counts(job)
    recent = begin(company.ana, "star", {})
    age(job, ITEMS_KEPT_FOR + timedelta(hours=1))
    assert remove_old_items() == 4
    job = BulkJob.objects.get(pk=job.pk)
    assert (job.items.count(), counts(job)) == (0, before)
    assert sum(before.values()) == 4
    assert recent.items.count() == 4
    assert list(differences()) == []
    assert remove_old_items() == 0
    assert Lead.objects.count() == 4


def test_a_removal_that_was_stopped_goes_on(company: Company) -> None:
    new_leads(company, 3)
    job = begin(company.ana, "star", {})
    before = counts(job)
    age(job, ITEMS_KEPT_FOR + timedelta(hours=1))
    assert remove_old_items(is_stopped=lambda: True) == 0
    BulkItem.objects.filter(job=job).first().delete()  # type: ignore[union-attr]
    assert remove_old_items() == 2
    assert counts(BulkJob.objects.get(pk=job.pk)) == before


def test_the_rows_of_an_unfinished_job_stay(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leadlight.sales.bulk.AT_ONCE", 2)
    new_leads(company, 3)
    with acting("large", company.ana) as action:
        job = start(action, "star", {}, Lead.objects.order_by("pk"))
    age(job, ITEMS_KEPT_FOR + timedelta(hours=1))
    assert remove_old_items() == 0
    assert job.items.count() == 3


def test_the_check_finds_wrong_jobs(company: Company) -> None:
    new_leads(company, 2)
    one, other = begin(company.ana, "star", {}), begin(company.ana, "unstar", {})
    BulkItem.objects.filter(job=one).update(state="pending")
    BulkJob.objects.filter(pk=other.pk).update(counts={"done": 1})
    assert list(differences()) == [
        f"Bulk change {one.action.key} is finished, but some of its leads are pending.",
        f"The numbers of bulk change {other.action.key} do not add up.",
    ]
