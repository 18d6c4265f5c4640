"""Adopting the measured win rate of a step as its probability, and reverting it."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from leadlight.accounts.models import User
from leadlight.analytics.metrics.columns import Rate
from leadlight.sales.models import Lead, PastProbability, Step
from leadlight.web.reports.adoptable_probabilities import effect, whole_per_cent
from tests.web.worked import figure, html

pytestmark = pytest.mark.database

STEPS = "/reports/forecast/?view=steps"
ADDRESS = "/reports/forecast/probability/"
NOT_WHOLE = ("-1", "2.5", "ten", "²", "1000")


@pytest.fixture
def readers(readers):
    for number in range(40):
        lead = Lead.create(title=str(number), by=readers.ada)
        (lead.win if number < 9 else lead.lose)(by=readers.ada)
    return readers


def block(page: str) -> str:
    start = page.index("Set probabilities")
    return unescape(
        " ".join(re.sub(r"<[^>]+>", " ", page[start : page.index("</section>", start)]).split())
    )


def offered(page: str) -> list[tuple[str, str]]:
    """Return step and per cent of each button."""
    return re.findall(
        r'name="step" value="([^"]+)"><input[^>]*name="probability" value="(\d*)"', page
    )


def put(browser: Any, status: int = 302, **said: str) -> str:
    response = browser.post(ADDRESS, said)
    assert response.status_code == status
    return response.content.decode()


def test_one_click_adopts_the_measured_rate(readers, visit):
    browser = visit(readers.ada)
    page = html(browser, STEPS)
    # 44 leads are closed and L5 is open. All had reached Contact, and 11 were won. Too few reached
    # Offer and Deal.
    assert offered(page) == [("contact", "25")]
    assert "too few leads to judge" in block(page)
    response = browser.post(ADDRESS, {"step": "contact", "probability": "25"})
    assert response["Location"] == "/reports/forecast/?view=steps&pipeline=p"
    assert Step.objects.get(key="contact").probability == 25
    [past] = PastProbability.objects.all()
    assert (past.probability, past.replaced_by) == (None, readers.ada)
    page = html(browser, STEPS)
    assert "The probability of “Contact” is now 25%." in unescape(page)
    assert "already set" in block(page)
    assert "replaced by Ada" in block(page)


EFFECT = "Weighted forecast of open leads: "


def test_the_effect_in_money_is_shown_before_a_probability_is_adopted(readers, visit):
    # L5 is open in Contact; 25 % of the amount of 300 is 75.
    Step.objects.get(key="contact").set_probability(50, by=readers.ada)
    browser = visit(readers.ada)
    shown = f"Adopt 25% Contact {EFFECT}€150 → €75 (−€75, −50.0%)"
    assert shown in block(html(browser, STEPS))
    # A probability counts for the leads of everybody.
    assert shown in block(html(browser, f"{STEPS}&pipeline=p&user=ana&source=none"))
    put(browser, step="contact", probability="25")
    page = html(browser, STEPS)
    assert EFFECT not in block(page)
    assert figure(page, "weighted_amount") == "75"


@pytest.mark.parametrize(
    ("now", "then", "words"),
    [
        ("1230000", "1310000", "€1.23M → €1.31M (+€80.0k, +6.5%)"),
        ("100", "99.5", "€100 → €99.50 (−€0.50, −0.5%)"),
        ("0", "75", "€0 → €75 (+€75)"),
        ("75", "75", "stays at €75"),
    ],
)
def test_an_effect_is_a_sentence(db, now, then, words):
    assert effect(Decimal(now), Decimal(then)) == EFFECT + words


def test_adopting_keeps_the_filters(readers, visit):
    browser = visit(readers.ada)
    page = html(browser, f"{STEPS}&pipeline=p&user=bo&days=working")
    [address] = set(re.findall(rf'action="({ADDRESS}[^"]*)"', page))
    response = browser.post(unescape(address), {"step": "contact", "probability": "25"})
    said = parse_qs(urlsplit(response["Location"]).query)
    assert said == {"view": ["steps"], "pipeline": ["p"], "user": ["bo"], "days": ["working"]}


def test_one_click_restores_the_previous_probability(readers, visit):
    browser = visit(readers.ada)
    Step.objects.get(key="contact").set_probability(10, by=readers.ada)
    put(browser, step="contact", probability="25")
    assert offered(html(browser, STEPS)) == [("contact", "10")]
    put(browser, step="contact", probability="10")
    assert Step.objects.get(key="contact").probability == 10
    assert [past.probability for past in PastProbability.objects.all()] == [None, 10, 25]


def test_an_empty_text_removes_the_probability(readers, visit):
    Step.objects.get(key="contact").set_probability(10, by=readers.ada)
    put(visit(readers.ada), step="contact", probability="")
    assert Step.objects.get(key="contact").probability is None


def test_only_admins_can_set_probabilities(readers, visit):
    for reader in (readers.mona, readers.ana, readers.uma):
        browser = visit(reader)
        assert "Set probabilities" not in html(browser, STEPS)
        said = put(browser, status=403, step="contact", probability="90")
        assert "Only admins can set step probabilities" in said
    assert put(visit(None), step="contact", probability="90") == ""
    assert Step.objects.get(key="contact").probability is None


def test_probabilities_cannot_be_set_as_of_the_past(readers, visit):
    page = html(visit(readers.ada), f"{STEPS}&as_of=2026-03-15")
    assert "Set probabilities" not in page


def test_other_tables_do_not_offer_to_set_probabilities(readers, visit):
    browser = visit(readers.ada)
    for address in ("/reports/forecast/", "/reports/pipeline/"):
        assert "Set probabilities" not in html(browser, address)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("101", "A probability must be between 0 and 100."),
        *((text, "Enter the probability as a whole number from 0 to 100.") for text in NOT_WHOLE),
    ],
)
def test_an_invalid_probability_is_refused_with_a_message(readers, visit, text, sentence):
    said = put(visit(readers.ada), status=400, step="contact", probability=text)
    assert sentence in said
    assert not PastProbability.objects.exists()


def test_a_step_that_does_not_exist_is_not_found(readers, visit):
    for key in ("nothing", "", "con\0tact\0s"):
        put(visit(readers.ada), status=404, step=key, probability="10")


def test_setting_a_probability_requires_a_post_with_csrf_token(readers, visit):
    browser = visit(readers.ada)
    assert browser.get(ADDRESS).status_code == 405
    browser.handler.enforce_csrf_checks = True
    put(browser, status=403, step="contact", probability="10")
    assert not PastProbability.objects.exists()


def test_a_past_forecast_keeps_the_former_probability(readers, visit):
    browser = visit(readers.ada)
    now = timezone.localtime().isoformat()
    put(browser, step="contact", probability="90")
    assert Step.objects.get(key="contact").probability == 90
    then = html(browser, f"{STEPS}&as_of={now.replace('+', '%2B')}")
    assert "90.0%" not in then
    assert "90.0%" in html(browser, STEPS)


@pytest.mark.parametrize(
    ("won", "closed", "per_cent"),
    [(0, 30, 0), (30, 30, 100), (7, 29, None), (7, 30, 23), (1, 40, 3), (3, 200, 2), (9, 200, 5)],
)
def test_a_rate_is_rounded_half_up_to_a_whole_per_cent(won, closed, per_cent):
    assert whole_per_cent(Rate(won, closed)) == per_cent


def test_names_with_markup_are_escaped(readers, visit):
    Step.objects.filter(key="contact").update(name="<b>Contact</b>")
    User.objects.filter(pk=readers.ada.pk).update(first_name="<i>Ada</i>")
    browser = visit(User.objects.get(pk=readers.ada.pk))
    put(browser, step="contact", probability="25")
    page = html(browser, STEPS)
    assert "<b>Contact" not in page
    assert "<i>Ada" not in page
