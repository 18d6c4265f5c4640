"""Malformed addresses get an error page, never a server error."""

from __future__ import annotations

import pytest

from leadlight.replication import replica
from tests.web.pages import Page

pytestmark = pytest.mark.database

DIGITS = "9" * 5000
FAR = [
    {"as_of": "0001-01-01", "as_of_time": "00:00"},
    {"as_of": "0001-01-01"},
    {"as_of": "9999-12-31"},
    {"as_of": "9999-12-31", "as_of_time": "23:59"},
    {"as_of": "9999-12-31T23:59:59-14:00"},
    {"as_of": "0001-01-01T00:00:00+14:00"},
    {"since": "0001-01-01", "since_time": "00:00"},
    {"since": "9999-12-31", "since_time": "23:59"},
    {"since": "9999-12-31T23:59:59-14:00"},
    {"since": "0001-01-01T00:00:00+14:00"},
]
PAGE_PARAMS = {
    "": {},
    "leads/": {"column": "created_leads"},
    "changes/": {"since": "2026-01-01"},
    "explain/": {"column": "created_leads"},
    "quality/": {},
    "credit/": {},
    "export/csv": {},
    "changes/export/csv": {"since": "2026-01-01"},
}


@pytest.fixture(autouse=True)
def left():
    yield
    replica.forget()


@pytest.mark.parametrize(
    ("address", "more", "status"),
    [
        ("/leads/", {}, 400),
        ("/reports/company/leads/", {"column": "created_leads"}, 400),
        ("/reports/company/changes/", {"since": "2026-01-01"}, 400),
        ("/reports/company/credit/", {}, 400),
    ],
)
def test_an_invalid_page_number_is_refused(address, more, status, cast, visit):
    browser = visit(cast.olga)
    for page in (DIGITS, "٣" * 5000, "-1", "0", "1" * 8, "one", "1.5", "²"):
        response = browser.get(address, {**more, "page": page})
        assert response.status_code == status, page[:10]
        if status == 400:
            assert (
                "does not exist. Go back to the first page"
                in Page.read(response.content.decode()).text
            )


@pytest.mark.parametrize("beside", PAGE_PARAMS)
def test_an_instant_out_of_range_is_refused(beside, cast, visit):
    browser = visit(cast.ada)
    for far in FAR if "changes" in beside else [far for far in FAR if "since" not in far]:
        response = browser.get(f"/reports/company/{beside}", PAGE_PARAMS[beside] | far)
        assert response.status_code == 400, far
        text = Page.read(response.content.decode()).text
        assert "is too far in the past or future" in text or "is in the future" in text, far


def test_choosing_a_language_does_not_redirect_to_another_site(cast, visit):
    browser = visit(cast.olga)
    for page in (
        *("word", "leads", "", "//elsewhere.example", "https://elsewhere.example/", "/\\elsewhere"),
        *("javascript:alert(1)", "a b", "\r\nX-Header: 1", "./leads/", "?q=1", "x:y", "#x"),
        *("http:///elsewhere.example", "///elsewhere.example", " /leads/", "\\\\elsewhere"),
    ):
        response = browser.post("/language/", {"language": "fr", "next": page})
        assert (response.status_code, response.url) == (302, "/"), page
        assert "X-Header" not in response.headers


def test_choosing_a_language_returns_to_the_page(cast, visit):
    response = visit(cast.olga).post("/language/", {"language": "fr", "next": "/leads/?q=hotel"})
    assert response.url == "/leads/?q=hotel"
