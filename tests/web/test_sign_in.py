"""Signing in and out, passwords, rate limits and the second factor."""

from __future__ import annotations

import re
import time

import pytest
from allauth.mfa.totp.internal import auth
from django.core import mail

from leadlight import settings as settings_of_an_instance
from leadlight.accounts import adapter
from leadlight.accounts.models import User
from tests import clock
from tests.web.conftest import PASSWORD
from tests.web.pages import Page

pytestmark = pytest.mark.database

SIGN_IN = "/accounts/login/"


@pytest.fixture(autouse=True)
def mails_at_once(monkeypatch):
    monkeypatch.setattr(adapter, "send_later", lambda message: message.send())


def sign_in(browser, user, password=PASSWORD, **more):
    return browser.post(SIGN_IN, {"login": user.email, "password": password, **more})


def is_signed_in(browser):
    return browser.get("/leads/").status_code == 200


def test_signing_in_with_mail_address_and_password(cast, visit):
    browser = visit()
    response = sign_in(browser, cast.olga)
    assert (response.status_code, response.url) == (302, "/")
    assert is_signed_in(browser)


def test_the_mail_address_is_not_case_sensitive(cast, visit):
    browser = visit()
    browser.post(SIGN_IN, {"login": cast.olga.email.upper(), "password": PASSWORD})
    assert is_signed_in(browser)


def test_signing_in_returns_to_the_requested_page(cast, visit):
    browser = visit()
    asked = browser.get("/leads/?q=hotel")
    assert asked.url == "/accounts/login/?next=/leads/%3Fq%3Dhotel"
    answer = sign_in(browser, cast.olga, next="/leads/?q=hotel")
    assert answer.url == "/leads/?q=hotel"


def test_signing_in_does_not_redirect_to_another_site(cast, visit):
    answer = sign_in(visit(), cast.olga, next="https://elsewhere.example/")
    assert answer.url == "/"


def test_the_error_does_not_reveal_whether_an_account_exists(cast, visit):
    browser = visit()
    wrong = Page.read(sign_in(browser, cast.olga, "green glass").content.decode())
    stranger = Page.read(
        browser.post(SIGN_IN, {"login": "x@example.com", "password": "glass"}).content.decode()
    )
    sentence = "The email address and/or password you specified are not correct."
    assert sentence in wrong.text
    assert sentence in stranger.text
    assert not is_signed_in(browser)


def test_a_closed_account_cannot_sign_in(cast, visit):
    browser = visit()
    response = sign_in(browser, cast.ina)
    assert response.url == "/accounts/inactive/"
    assert "This account is closed" in browser.get(response.url).content.decode()
    assert not is_signed_in(browser)


def test_closing_an_account_ends_its_session_at_once(cast, visit):
    browser = visit(cast.olga)
    assert is_signed_in(browser)
    User.objects.filter(pk=cast.olga.pk).update(is_active=False)
    assert not is_signed_in(browser)


def test_too_many_wrong_passwords_block_even_the_right_one(cast, visit):
    browser = visit()
    for number in range(5):
        sign_in(browser, cast.olga, f"guess {number}")
    answer = sign_in(browser, cast.olga)
    assert "Too many failed login attempts. Try again later." in answer.content.decode()
    assert not is_signed_in(browser)
    assert "Trop de tentatives" in sign_in(visit(language="fr"), cast.olga).content.decode()


def test_failed_attempts_at_one_account_do_not_block_others(cast, visit):
    for number in range(5):
        sign_in(visit(), cast.olga, f"guess {number}")
    other = visit()
    sign_in(other, cast.tom)
    assert is_signed_in(other)


def test_failed_attempts_at_many_accounts_are_blocked_too(cast, visit):
    browser = visit()
    for number in range(10):
        browser.post(SIGN_IN, {"login": f"{number}@example.com", "password": "guess"})
    answer = sign_in(browser, cast.olga)
    assert not is_signed_in(browser)
    assert "Too many" in answer.content.decode()


def test_too_many_requests_get_an_error_page(cast, visit):
    browser = visit()
    flood = [
        browser.post("/accounts/password/reset/", {"email": "x@example.com"}) for _ in range(6)
    ]
    assert flood[-1].status_code == 429
    assert Page.read(flood[-1].content.decode()).headings == ["Too many attempts"]


def test_nobody_can_sign_up(cast, visit):
    browser = visit()
    page = browser.get("/accounts/signup/").content.decode()
    assert Page.read(page).headings == ["Accounts are created by an admin"]
    browser.post("/accounts/signup/", {"email": "new@example.com", "password1": PASSWORD})
    assert not User.objects.filter(email="new@example.com").exists()
    assert "/accounts/signup/" not in browser.get(SIGN_IN).content.decode()


def test_signing_out_requires_a_post(cast, visit):
    browser = visit(cast.olga)
    browser.get("/accounts/logout/")
    assert is_signed_in(browser)
    browser.post("/accounts/logout/")
    assert not is_signed_in(browser)


def test_a_forgotten_password_is_reset_through_a_mailed_link(cast, visit):
    browser = visit()
    browser.post("/accounts/password/reset/", {"email": cast.olga.email})
    [letter] = mail.outbox
    assert letter.subject == "[Delorme Glazing] Choose a new password"
    link = re.search(r"http://testserver(/\S+)", letter.body)[1]
    form = browser.get(link, follow=True)
    fresh = "a pane of blue glass"
    browser.post(form.request["PATH_INFO"], {"password1": fresh, "password2": fresh})
    assert sign_in(visit(), cast.olga, fresh).url == "/"
    assert "This link no longer works" in visit().get(link, follow=True).content.decode()


def test_the_mail_is_in_the_language_of_the_request(cast, visit):
    visit(language="fr").post("/accounts/password/reset/", {"email": cast.olga.email})
    assert mail.outbox[0].subject == "[Delorme Glazing] Choisissez un nouveau mot de passe"
    assert "votre compte" in mail.outbox[0].body


def test_changing_the_password_requires_the_old_one(cast, visit):
    browser, fresh = visit(cast.olga), "a pane of blue glass"
    change = {"password1": fresh, "password2": fresh}
    browser.post("/accounts/password/change/", {"oldpassword": "guess", **change})
    assert not sign_in(visit(), cast.olga, fresh).has_header("location")
    browser.post("/accounts/password/change/", {"oldpassword": PASSWORD, **change})
    assert sign_in(visit(), cast.olga, fresh).url == "/"
    assert is_signed_in(browser)


def test_a_common_password_is_refused(cast, visit):
    change = {"oldpassword": PASSWORD, "password1": "password123", "password2": "password123"}
    visit(cast.olga).post("/accounts/password/change/", change)
    cast.olga.refresh_from_db()
    assert cast.olga.check_password(PASSWORD)


@pytest.fixture
def code_of(monkeypatch):
    """Return the code that an authenticator app shows, at a frozen instant."""
    monkeypatch.setattr(time, "time", clock.START.timestamp)

    def code_of(secret):
        [now] = auth.yield_hotp_counters_from_time()
        return auth.format_hotp_value(auth.hotp_value(secret, now))

    return code_of


def test_with_a_second_factor_the_password_alone_is_not_enough(cast, visit, code_of):
    secret = auth.generate_totp_secret()
    auth.TOTP.activate(cast.olga, secret)
    browser = visit()
    assert sign_in(browser, cast.olga).url == "/accounts/2fa/authenticate/"
    assert not is_signed_in(browser)
    wrong = browser.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert "Incorrect code." in wrong.content.decode()
    browser.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert is_signed_in(browser)


def test_users_set_up_the_second_factor_themselves(cast, visit, code_of):
    browser = visit()
    # A password reset leaves a mail address unverified, because an admin entered it.
    browser.post("/accounts/password/reset/", {"email": cast.olga.email})
    sign_in(browser, cast.olga)
    asked = browser.get("/accounts/2fa/totp/activate/", follow=True)
    assert Page.read(asked.content.decode()).headings == ["Confirm your identity"]
    again = {"password": PASSWORD, "next": "/accounts/2fa/totp/activate/"}
    page = browser.post("/accounts/reauthenticate/", again, follow=True)
    secret = page.context["form"].secret
    assert secret in page.content.decode()
    done = browser.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)}, follow=True)
    assert Page.read(done.content.decode()).headings == ["Recovery codes"]
    codes = re.findall(r"<code>(.+?)</code>", done.content.decode())
    other = visit()
    sign_in(other, cast.olga)
    other.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert is_signed_in(other)


def test_passwords_are_hashed_with_argon2():
    assert settings_of_an_instance.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")
