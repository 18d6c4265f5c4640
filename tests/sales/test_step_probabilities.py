"""Probability of a step, and the history of its former values."""

from __future__ import annotations

import pytest
from django.utils import timezone

from leadlight.accounts.models import User
from leadlight.sales.models import PastProbability, Step
from leadlight.sales.refusals import Refused
from tests.sales.conftest import Company, at


def kept(step: Step) -> list[tuple[int | None, User | None]]:
    return [(past.probability, past.replaced_by) for past in step.past_probabilities.all()]


def test_a_replaced_probability_is_kept_with_user_and_instant(company: Company) -> None:
    step = company.offer
    step.set_probability(40, by=company.ana, at=at(2, 1))
    step.set_probability(35, by=company.bo, at=at(3, 1))
    step.refresh_from_db()
    assert step.probability == 35
    assert kept(step) == [(None, company.ana), (40, company.bo)]
    assert [past.replaced_at for past in step.past_probabilities.all()] == [at(2, 1), at(3, 1)]


def test_a_probability_is_replaced_now_by_default(company: Company) -> None:
    before = timezone.now()
    company.offer.set_probability(40, by=None)
    [past] = PastProbability.objects.all()
    assert before < past.replaced_at < timezone.now()


def test_setting_the_same_probability_changes_nothing(company: Company) -> None:
    company.offer.set_probability(40, by=company.ana)
    company.offer.set_probability(40, by=company.bo)
    assert kept(company.offer) == [(None, company.ana)]


def test_a_probability_can_be_removed_and_set_again(company: Company) -> None:
    for probability in (40, None, 40, 0):
        company.offer.set_probability(probability, by=company.ana)
    company.offer.refresh_from_db()
    assert company.offer.probability == 0
    assert [probability for probability, _ in kept(company.offer)] == [None, 40, None, 40]


@pytest.mark.parametrize("probability", [-1, 101])
def test_a_probability_out_of_range_is_refused(company: Company, probability: int) -> None:
    with pytest.raises(Refused, match="must be between 0 and 100"):
        company.offer.set_probability(probability, by=company.ana)
    assert not PastProbability.objects.exists()


def test_setting_the_probability_of_a_stale_step_keeps_the_value_of_the_database(
    company: Company,
) -> None:
    seen = Step.objects.get(pk=company.offer.pk)
    company.offer.set_probability(40, by=company.ana)
    seen.set_probability(30, by=company.bo)
    assert kept(company.offer) == [(None, company.ana), (40, company.bo)]


def test_deleting_a_user_keeps_the_probabilities_they_replaced(company: Company) -> None:
    company.offer.set_probability(40, by=company.ana)
    company.ana.delete()
    assert kept(company.offer) == [(None, None)]
