"""Attacks on authentication: forged posts, old session cookies, reused codes."""

from __future__ import annotations

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth
from django.conf import settings
from django.test import Client as Browser
from django.urls import URLPattern, get_resolver

from leadlight.accounts.models import Organization
from leadlight.accounts.tokens import new_token
from leadlight.web.urls import urlpatterns
from tests.web.conftest import PASSWORD

pytestmark = pytest.mark.database

SIGN_IN = "/accounts/login/"
SECOND_STEP = "/accounts/2fa/authenticate/"
ACCOUNTS = [
    *("login", "logout", "password/change", "password/reset", "reauthenticate"),
    *("2fa/totp/activate", "2fa/totp/deactivate", "2fa/recovery-codes/generate", "password/set"),
]


# Converter of a parameter → an example; other parameters take any text.
EXAMPLES = {"int": "1", "secret": new_token()}
# Addresses with a signed or secret link, which work without signing in: their own tests are in
# test_scheduled_mails, test_calendar and test_public_forms. What is shared changes nothing
# (test_sharing), and the rest has no data.
LINKS = (
    *("/stop-mail/", "/calendar/", "/form/", "/partner/", "/share/"),
    *("/manifest.webmanifest", "/service-worker.js", "/offline/"),
)


def addresses():
    """Yield our addresses with parameters filled in, and those of allauth that take posts."""
    ours = [one for one in urlpatterns if isinstance(one, URLPattern)]
    for pattern in ours:
        route = str(pattern.pattern)
        while "<" in route:
            before, _, rest = route.partition("<")
            parameter, _, rest = rest.partition(">")
            route = before + EXAMPLES.get(parameter.partition(":")[0], "company") + rest
        yield f"/{route}"
    yield from (f"/accounts/{name}/" for name in ACCOUNTS)


def sign_in(browser, user, password=PASSWORD):
    return browser.post(SIGN_IN, {"login": user.email, "password": password})


def is_signed_in(browser):
    return browser.get("/leads/").status_code == 200


def session_of(browser):
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def test_every_address_requires_signing_in(cast):
    """Addresses that take only posts answer 405; the others redirect to the sign-in.

    The single sign-on is for people who have not signed in.
    """
    for_strangers = ("/accounts/", "/sign-in/", *LINKS)
    ours = [one for one in addresses() if not one.startswith(for_strangers)]
    seen = {address: Browser().get(address) for address in ours}
    assert len(seen) >= 31
    for address, response in seen.items():
        assert response.status_code in (302, 405), address
        assert response.status_code == 405 or response.url.startswith(SIGN_IN), address


def test_every_address_refuses_a_post_without_a_csrf_token(cast):
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(cast.ada)
    for address in addresses():
        if not address.startswith(LINKS):
            assert browser.post(address, {}).status_code == 403, address


def test_a_csrf_token_is_refused_with_a_foreign_origin(cast):
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(cast.ada)
    browser.get("/shortcuts/")
    browser.get("/goals/")
    token = browser.cookies[settings.CSRF_COOKIE_NAME].value
    for origin, status in [("https://elsewhere.example", 403), ("null", 403)]:
        sent = {"language": "fr", "csrfmiddlewaretoken": token}
        answer = browser.post("/language/", sent, headers={"origin": origin})
        assert answer.status_code == status
    answer = browser.post("/language/", sent, headers={"origin": "http://testserver"})
    assert answer.status_code == 302


def test_get_requests_change_nothing(cast, visit):
    browser = visit(cast.ada)
    for address in ("/language/", "/working-days/add/", "/shortcuts/new/", "/shortcuts/x/pin/"):
        assert browser.get(address).status_code == 405


def test_signing_in_invalidates_the_previous_session(cast, visit):
    browser, thief = visit(), Browser()
    browser.get(SIGN_IN)
    session = browser.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    browser.cookies[settings.SESSION_COOKIE_NAME] = planted
    sign_in(browser, cast.olga)
    assert is_signed_in(browser)
    assert session_of(browser) != planted
    thief.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert not is_signed_in(thief)


def test_signing_out_invalidates_the_session(cast, visit):
    browser, thief = visit(), Browser()
    sign_in(browser, cast.olga)
    thief.cookies[settings.SESSION_COOKIE_NAME] = session_of(browser)
    assert is_signed_in(thief)
    browser.post("/accounts/logout/")
    assert not is_signed_in(thief)


def test_changing_the_password_ends_other_sessions(cast, visit):
    browser, elsewhere = visit(), visit()
    sign_in(browser, cast.olga)
    sign_in(elsewhere, cast.olga)
    fresh = "a pane of blue glass"
    change = {"oldpassword": PASSWORD, "password1": fresh, "password2": fresh}
    browser.post("/accounts/password/change/", change)
    assert is_signed_in(browser)
    assert not is_signed_in(elsewhere)


def test_a_code_is_accepted_only_once(cast, visit, monkeypatch):
    # A code is valid for 30 seconds, so the clock of codes is frozen.
    monkeypatch.setattr(auth, "yield_hotp_counters_from_time", lambda: iter([58_908_960]))
    secret = auth.generate_totp_secret()
    auth.TOTP.activate(cast.olga, secret)
    code = auth.format_hotp_value(auth.hotp_value(secret, 58_908_960))
    first, second = visit(), visit()
    for browser in (first, second):
        sign_in(browser, cast.olga)
        browser.post(SECOND_STEP, {"code": code})
    assert is_signed_in(first)
    assert not is_signed_in(second)


def test_a_recovery_code_is_accepted_only_once(cast, visit):
    auth.TOTP.activate(cast.olga, auth.generate_totp_secret())
    [code, *_] = RecoveryCodes.activate(cast.olga).generate_codes()
    first, second = visit(), visit()
    for browser in (first, second):
        sign_in(browser, cast.olga)
        browser.post(SECOND_STEP, {"code": code})
    assert is_signed_in(first)
    assert not is_signed_in(second)


def test_every_url_pattern_is_covered():
    assert len(list(addresses())) >= len(get_resolver("leadlight.web.urls").url_patterns)


def test_without_the_required_second_factor_every_address_leads_to_its_set_up(cast):
    """Pages, forms, exports and parts of pages, of ours and of allauth."""
    Organization.objects.update(second_factor="everybody")
    browser, set_up = Browser(), "/accounts/2fa/totp/activate/"
    browser.force_login(cast.ada)
    allowed = {"/language/", "/my-settings/sign-out-everywhere/", set_up}
    allowed |= {f"/accounts/{name}/" for name in ("login", "logout", "reauthenticate")}
    asked = [one for one in addresses() if one not in allowed and not one.startswith(LINKS)]
    assert len(asked) > 150
    for address in asked:
        for send in (browser.get, browser.post):
            answer = send(address)
            assert (answer.status_code, answer.headers.get("Location")) == (302, set_up), address
