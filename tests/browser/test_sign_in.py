"""Single sign-on, and the set-up of a required second factor, in a real browser."""

from __future__ import annotations

import time

import pytest
from allauth.mfa.totp.internal import auth
from django.core.cache import cache
from playwright.sync_api import expect

from leadlight.accounts import identity_provider
from leadlight.accounts.models import Identity, IdentityProvider, Organization
from leadlight.accounts.readers import SYSTEM
from tests import clock
from tests.browser.conftest import DESKTOP, PHONE, press
from tests.browser.test_frame import assert_fits
from tests.openid_provider import CLIENT_ID, SECRET, running_provider
from tests.web.conftest import PASSWORD, small_company

pytestmark = pytest.mark.django_db(transaction=True)

PLACES = [
    pytest.param((DESKTOP, "en"), id="desktop-en"),
    pytest.param((PHONE, "fr"), id="phone-fr"),
]
SIGN_IN = {"en": "Sign in with Work", "fr": "Se connecter avec Work"}
BACK = {"en": "Back to sign-in", "fr": "Retour à la connexion"}
SET_UP = {"en": "Set up the authenticator app", "fr": "Configurer l’application d’authentification"}


@pytest.fixture
def cast(transactional_db):
    cache.clear()  # the rate limit of sign-ins
    return small_company()


@pytest.fixture
def provider():
    with running_provider(clock.START.timestamp) as provider:
        provider.claims = {"email": "olga@example.com", "email_verified": True}
        yield provider


@pytest.mark.parametrize("place", PLACES)
def test_a_person_signs_in_at_the_provider_and_returns_to_the_page(
    place, cast, provider, open_page, live_server
):
    values = {"issuer": provider.issuer, "client_id": CLIENT_ID, "secret": SECRET, "name": "Work"}
    identity_provider.change(values, by=SYSTEM)
    page = open_page(*place)
    page.goto("/leads/?q=hotel")
    button = page.get_by_role("link", name=SIGN_IN[place[1]])
    assert_fits(page)
    button.focus()
    press(page, "Enter")
    page.wait_for_url(f"{provider.issuer}/authorize**")
    page.get_by_role("link", name="Sign in").click()
    page.wait_for_url(f"{live_server.url}/leads/?q=hotel")
    expect(page.get_by_role("link", name=cast.lead.title)).to_be_visible()
    assert Identity.objects.get().user == cast.olga


@pytest.mark.parametrize("place", PLACES)
def test_a_refused_person_reads_why_and_goes_back(place, cast, provider, open_page, complaints):
    values = {"issuer": provider.issuer, "client_id": CLIENT_ID, "secret": SECRET, "name": "Work"}
    identity_provider.change({**values, "allows_passwords": False}, by=SYSTEM)
    provider.claims["email_verified"] = False
    page = open_page(*place)
    page.goto("/leads/")
    expect(page.locator("input[type=password]")).to_have_count(0)
    page.get_by_role("link", name=SIGN_IN[place[1]]).click()
    page.get_by_role("link", name="Sign in").click()
    page.wait_for_url("**/sign-in/callback/**")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        {"en": "The sign-in did not succeed", "fr": "La connexion a échoué"}[place[1]]
    )
    assert_fits(page)
    expect(page.get_by_role("link", name=BACK[place[1]])).to_be_visible()
    complaints.clear()  # the status 400 of this page


@pytest.mark.parametrize("place", PLACES)
def test_an_admin_sets_the_provider_up_and_tests_it(place, cast, provider, open_page, enter):
    page = enter(open_page(*place), cast.ada)
    page.goto("/settings/")
    page.locator("a[href='/settings/sign-in/']").click()
    page.wait_for_url("**/settings/sign-in/")
    assert_fits(page)
    page.locator("a[href='/settings/sign-in/provider/']").click()
    page.wait_for_url("**/settings/sign-in/provider/")
    assert_fits(page)
    page.locator("[name=issuer]").fill(provider.issuer)
    with page.expect_navigation():
        page.locator("button[name=test]").click()
    expect(page.locator(".note.success")).to_be_visible()
    assert not IdentityProvider.objects.exists()
    for name, text in (("client_id", CLIENT_ID), ("secret", SECRET), ("name", "Work")):
        page.locator(f"[name={name}]").fill(text)
    page.locator("form.settled button.primary").focus()
    with page.expect_navigation():
        press(page, "Enter")
    expect(page.locator("[name=secret]")).to_have_value("")
    assert IdentityProvider.current().secret == SECRET
    assert_fits(page)


@pytest.mark.parametrize("place", PLACES)
def test_the_required_second_factor_is_set_up_after_the_password(
    place, cast, open_page, monkeypatch
):
    monkeypatch.setattr(time, "time", clock.START.timestamp)
    Organization.objects.update(second_factor="everybody")
    page = open_page(*place)
    page.goto("/leads/")
    page.locator("input[name=login]").fill(cast.olga.email)
    page.locator("input[name=password]").fill(PASSWORD)
    press(page, "Enter")
    page.wait_for_url("**/2fa/totp/activate/")
    expect(page.get_by_role("heading", level=1)).to_have_text(SET_UP[place[1]])
    assert_fits(page)
    page.goto("/leads/")
    page.wait_for_url("**/2fa/totp/activate/")
    secret = page.locator("#authenticator_secret").input_value()
    [now] = auth.yield_hotp_counters_from_time()
    page.locator("[name=code]").fill(auth.format_hotp_value(auth.hotp_value(secret, now)))
    press(page, "Enter")
    page.wait_for_url("**/2fa/recovery-codes/")
    assert_fits(page)
    page.goto("/leads/")
    expect(page.get_by_role("link", name=cast.lead.title)).to_be_visible()
