"""Provider that does not answer, or not as it should."""

from __future__ import annotations

import pytest

from leadlight.accounts import identity_provider
from leadlight.accounts.openid import fetching
from leadlight.accounts.readers import SYSTEM
from tests.web.pages import Page
from tests.web.single_sign_on.steps import START, assert_refused, go, is_signed_in

pytestmark = pytest.mark.database

UNREACHABLE = "The identity provider cannot be reached at 127.0.0.1. Try again in a few minutes."


JSON = {"Content-Type": "application/json"}
OUTAGES = {
    "error": (500, {}, b"<h1>Down</h1>"),
    "no JSON": (200, {}, b"<h1>Welcome</h1>"),
    "a list": (200, JSON, b"[]"),
    "deep": (200, JSON, b"[" * 100_000),
    "long": (200, JSON, b'{"a": "' + b"x" * 300_000 + b'"}'),
    "redirect": (302, {"Location": "http://127.0.0.1:1/"}, b""),
}


@pytest.mark.parametrize("name", OUTAGES)
@pytest.mark.parametrize("where", ["/token", "/keys"])
def test_an_outage_during_the_sign_in_gets_a_sentence(where, name, cast, visit, provider):
    provider.answers[where] = OUTAGES[name]
    browser = visit()
    answer = go(browser, provider)
    assert (answer.status_code, is_signed_in(browser)) == (503, False)
    assert Page.read(answer.content.decode()).headings == ["The sign-in did not succeed"]
    provider.answers.clear()
    assert go(browser, provider).url == "/"


def test_an_outage_before_the_sign_in_gets_a_sentence(cast, visit, provider):
    provider.answers["/.well-known/openid-configuration"] = (503, {}, b"")
    browser = visit()
    assert_refused(browser, browser.get(START), "(status 503)", 503)
    identity_provider.change({"issuer": "http://127.0.0.1:9", "secret": "x"}, by=SYSTEM)
    assert_refused(browser, browser.get(START), UNREACHABLE, 503)


def test_a_slow_provider_is_given_up_on(cast, visit, provider, monkeypatch):
    monkeypatch.setattr(fetching, "TOTAL_SECONDS", 0.05)
    browser = visit()
    provider.is_awake.clear()
    try:
        assert_refused(browser, browser.get(START), UNREACHABLE, 503)
    finally:
        provider.is_awake.set()


@pytest.mark.parametrize(
    "document",
    [
        {"token_endpoint": "http://login.example.com/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
        {"token_endpoint": "https://user:password@login.example.com/"},
        {"jwks_uri": "https://login.example.com:99999/"},
        {"jwks_uri": "https://login.example.com/\r\nHost: x"},
    ],
)
def test_a_discovery_document_names_no_strange_addresses(document, cast, visit, provider):
    provider.document = document
    browser = visit()
    sentence = f"has no valid {next(iter(document))}."
    assert_refused(browser, browser.get(START), sentence, 503)


def test_another_host_of_the_discovery_document_must_be_public(cast, visit, provider):
    """The provider says 127.0.0.1; “localhost” is another name for a private address."""
    provider.document = {"jwks_uri": provider.issuer.replace("127.0.0.1", "localhost") + "/keys"}
    browser = visit()
    sentence = "The identity provider cannot be reached at localhost."
    assert_refused(browser, go(browser, provider), sentence, 503)
    assert "/keys" not in provider.asked


def test_a_document_of_another_issuer_is_refused(cast, visit, provider):
    provider.document = {"issuer": "https://elsewhere.example"}
    browser = visit()
    sentence = "The identity provider calls itself “https://elsewhere.example”."
    assert_refused(browser, browser.get(START), sentence, 503)
