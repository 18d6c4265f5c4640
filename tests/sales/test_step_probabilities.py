"""The probability of a step: set from now on, and what was set before is kept."""

from __future__ import annotations

import pytest
from django.utils import timezone

from leadlight.accounts.models import User
from leadlight.sales.models import PastProbability, Step
from leadlight.sales.refusals import Refused
from tests.sales.conftest import Company, at


def kept(step: Step) -> list[tuple[int | None, User | None]]:
    return [(past.probability, past.replaced_by) for past in step.past_probabilities.all()]


def test_what_was_set_before_is_kept_with_who_replaced_it_and_when(company: Company) -> None:
    step = company.offer
    step.set_probability(40, by=company.ana, at=at(2, 1))
    step.set_probability(35, by=company.bo, at=at(3, 1))
    step.refresh_from_db()
    assert step.probability == 35
    assert kept(step) == [(None, company.ana), (40, company.bo)]
    assert [past.replaced_at for past in step.past_probabilities.all()] == [at(2, 1), at(3, 1)]


def test_it_is_set_now_unless_another_instant_is_told(company: Company) -> None:
    before = timezone.now()
    company.offer.set_probability(40, by=None)
    [past] = PastProbability.objects.all()
    assert before < past.replaced_at < timezone.now()


def test_setting_what_is_set_changes_nothing(company: Company) -> None:
    company.offer.set_probability(40, by=company.ana)
    company.offer.set_probability(40, by=company.bo)
    assert kept(company.offer) == [(None, company.ana)]


def test_it_may_be_set_again_and_taken_away(company: Company) -> None:
    for probability in (40, None, 40, 0):
        company.offer.set_probability(probability, by=company.ana)
    company.offer.refresh_from_db()
    assert company.offer.probability == 0
    assert [probability for probability, _ in kept(company.offer)] == [None, 40, None, 40]


@pytest.mark.parametrize("probability", [-1, 101])
def test_no_per_cent_is_refused(company: Company, probability: int) -> None:
    with pytest.raises(Refused, match="between 0 and 100 per cent"):
        company.offer.set_probability(probability, by=company.ana)
    assert not PastProbability.objects.exists()


def test_what_another_request_set_meanwhile_is_what_is_replaced(company: Company) -> None:
    seen = Step.objects.get(pk=company.offer.pk)
    company.offer.set_probability(40, by=company.ana)
    seen.set_probability(30, by=company.bo)
    assert kept(company.offer) == [(None, company.ana), (40, company.bo)]


def test_who_left_leaves_what_he_replaced(company: Company) -> None:
    company.offer.set_probability(40, by=company.ana)
    company.ana.delete()
    assert kept(company.offer) == [(None, None)]
