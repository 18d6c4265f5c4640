"""Steps of a sign-in at the provider, and what is expected of a refusal."""

from __future__ import annotations

from django.http import HttpResponse
from django.test import Client as Browser

from tests.openid_provider import Provider
from tests.web.pages import Page

START = "/sign-in/"


def go(browser: Browser, provider: Provider, **changed: str) -> HttpResponse:
    """Sign in at the provider; return the answer to the address that it sends the person to."""
    asked = browser.get(START)
    assert asked.status_code == 302
    return browser.get(path(provider.callback(asked.url, **changed)))


def path(url: str) -> str:
    return url.removeprefix("http://testserver")


def said(response: HttpResponse) -> str:
    return Page.read(response.content.decode()).text


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/leads/").status_code == 200


def assert_refused(
    browser: Browser, response: HttpResponse, sentence: str, status: int = 400
) -> None:
    assert (response.status_code, is_signed_in(browser)) == (status, False)
    assert sentence in said(response)
