"""Security headers of every response, and the absence of a sign-up."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from leadlight.accounts.adapter import ClosedSignup
from leadlight.web.shell.security import ContentSecurityPolicy


def policy_of(response: HttpResponse) -> dict[str, str]:
    answered = ContentSecurityPolicy(lambda _: response)(RequestFactory().get("/"))
    directives = answered["Content-Security-Policy"].split("; ")
    return dict(directive.split(" ", 1) for directive in directives)


def test_the_policy_allows_only_scripts_and_styles_of_the_site() -> None:
    policy = policy_of(HttpResponse())
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert not [source for source in policy.values() if "unsafe" in source or "*" in source]


def test_a_view_may_set_a_stricter_policy() -> None:
    stricter = HttpResponse(headers={"Content-Security-Policy": "default-src 'none'"})
    assert policy_of(stricter) == {"default-src": "'none'"}


def test_nobody_can_sign_up() -> None:
    assert ClosedSignup().is_open_for_signup(RequestFactory().get("/")) is False


@pytest.mark.django_db
def test_the_icon_that_browsers_ask_for_sets_no_cookie(client):
    response = client.get("/favicon.ico")
    assert (response.status_code, response.url) == (302, "/static/leadlight/icon.svg")
    assert not response.cookies
