"""Requests to the identity provider, its answers, and the page to go on to."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session

from leadlight.accounts import identity_provider
from leadlight.accounts.models import AuditEntry
from leadlight.accounts.readers import SYSTEM
from tests import clock
from tests.web.pages import Page
from tests.web.single_sign_on.steps import START, assert_refused, go, path

pytestmark = pytest.mark.database

INVALID = "The answer of the identity provider is not valid for this sign-in."
NOT_STARTED = "This sign-in was not started here, was used, or took too long."


def test_the_request_to_the_provider_has_state_nonce_and_challenge(cast, visit, provider):
    one, other = (visit().get(START).url for _time in range(2))
    asked = parse_qs(urlsplit(one).query)
    assert one.startswith(f"{provider.issuer}/authorize?")
    assert asked["redirect_uri"] == ["http://testserver/sign-in/callback/"]
    assert asked["scope"] == ["openid email profile"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[name][0]) == 43
        assert asked[name] != parse_qs(urlsplit(other).query)[name]


def test_an_answer_with_another_state_is_refused(cast, visit, provider):
    browser = visit()
    assert_refused(browser, go(browser, provider, state="another"), NOT_STARTED)
    assert_refused(browser, browser.get("/sign-in/callback/"), NOT_STARTED)
    assert "/token" not in provider.asked


def test_an_answer_that_nobody_asked_for_makes_no_session(cast, visit, provider):
    browser = visit()
    browser.get("/sign-in/callback/?code=code&state=state")
    assert not Session.objects.exists()
    assert not AuditEntry.objects.filter(kind="sign-in").exists()


def test_an_answer_to_another_session_is_refused(cast, visit, provider):
    mine, theirs = visit(), visit()
    answer = path(provider.callback(mine.get(START).url))
    theirs.get(START)
    assert_refused(theirs, theirs.get(answer), NOT_STARTED)


def test_an_answer_is_accepted_once(cast, visit, provider):
    browser = visit()
    answer = path(provider.callback(browser.get(START).url))
    browser.get(answer)
    browser.post("/accounts/logout/")
    assert_refused(browser, browser.get(answer), NOT_STARTED)


def test_a_used_code_is_refused(cast, visit, provider):
    browser = visit()
    first = browser.get(START).url
    code = provider.code_for(first)
    provider.codes.clear()
    state = parse_qs(urlsplit(first).query)["state"][0]
    answer = browser.get(f"/sign-in/callback/?code={code}&state={state}")
    assert_refused(browser, answer, "The identity provider no longer accepts this sign-in.")


def test_a_code_of_another_sign_in_is_refused(cast, visit, provider):
    """PKCE: the code of a victim is worth nothing with the state of the attacker."""
    victim, attacker = visit(), visit()
    code = provider.code_for(victim.get(START).url)
    state = parse_qs(urlsplit(attacker.get(START).url).query)["state"][0]
    answer = attacker.get(f"/sign-in/callback/?code={code}&state={state}")
    assert_refused(attacker, answer, "The identity provider no longer accepts this sign-in.")


def test_an_answer_of_another_issuer_is_refused(cast, visit, provider):
    browser = visit()
    assert_refused(browser, go(browser, provider, iss="https://elsewhere.example"), INVALID)
    assert go(browser, provider, iss=provider.issuer).url == "/"


def test_a_sign_in_that_took_too_long_is_refused(cast, visit, provider):
    browser = visit()
    answer = path(provider.callback(browser.get(START).url))
    clock.go_on_from(16 * 60 * 1000)
    assert_refused(browser, browser.get(answer), NOT_STARTED)


def test_several_tabs_can_sign_in_at_once(cast, visit, provider):
    browser = visit()
    first, second = (browser.get(START).url for _time in range(2))
    assert browser.get(path(provider.callback(first))).url == "/"
    assert browser.get(path(provider.callback(second))).url == "/"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("access_denied", "The sign-in was cancelled, or the identity provider refused it."),
        ("server_error", "The identity provider refused the sign-in (server_error)."),
        ("<script>\0", "The identity provider refused the sign-in (?)."),
        ("x" * 10_000, "The identity provider refused the sign-in (?)."),
    ],
)
def test_an_error_of_the_provider_is_said(error, sentence, cast, visit, provider):
    browser = visit()
    assert_refused(browser, go(browser, provider, error=error), sentence)
    entry = AuditEntry.objects.get(action="provider_failed")
    assert (entry.subject, entry.actor) == (sentence, None)


def test_a_wrong_client_secret_is_said(cast, visit, provider):
    identity_provider.change({"secret": "wrong"}, by=SYSTEM)
    browser = visit()
    sentence = "The identity provider refused the client ID or the client secret."
    assert_refused(browser, go(browser, provider), sentence)


def test_the_secret_is_sent_in_the_form_where_the_provider_asks_for_it(cast, visit, provider):
    provider.document = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert go(visit(), provider).url == "/"


def test_a_secret_that_cannot_be_decrypted_is_said(cast, visit, provider, settings):
    settings.SECRET_KEY = "another key " * 4
    browser = visit()
    assert_refused(browser, go(browser, provider), "An admin must enter it again.")


def test_the_sign_in_returns_to_the_requested_page(cast, visit, provider):
    browser = visit()
    page = browser.get("/leads/?q=hotel", follow=True).content.decode()
    [link] = [one for one in Page.read(page).links if one.startswith(START)]
    assert link == "/sign-in/?next=%2Fleads%2F%3Fq%3Dhotel"
    answer = browser.get(path(provider.callback(browser.get(link).url)))
    assert answer.url == "/leads/?q=hotel"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "javascript:alert(1)",
        "leads",
        "\0",
        "https://testserver.elsewhere.example/",
    ],
)
def test_the_sign_in_does_not_redirect_to_another_site(elsewhere, cast, visit, provider):
    browser = visit()
    asked = browser.get(START, {"next": elsewhere})
    assert browser.get(path(provider.callback(asked.url))).url == "/"
    assert browser.get(START, {"next": elsewhere}).url == "/"


def test_the_address_behind_a_proxy_is_that_of_the_origin(cast, visit, provider, settings):
    settings.LEADLIGHT_ORIGIN = "https://sales.example.com"
    asked = parse_qs(urlsplit(visit().get(START).url).query)
    assert asked["redirect_uri"] == ["https://sales.example.com/sign-in/callback/"]


def test_without_a_provider_there_is_no_single_sign_on(cast, visit):
    for address in (START, "/sign-in/callback/"):
        assert visit().get(address).status_code == 404
    assert START not in visit().get("/accounts/login/").content.decode()


def test_too_many_sign_ins_are_refused(cast, visit, provider):
    browser = visit()
    statuses = [browser.get(START).status_code for _time in range(31)]
    assert statuses == [302] * 30 + [429]
