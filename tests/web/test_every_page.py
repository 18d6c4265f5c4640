"""Properties of every page, for every reader and in every language."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

import leadlight.web
from leadlight.analytics.reports import CATALOGUE
from tests.web.pages import Page

TEMPLATES = Path(leadlight.web.__file__).parent / "templates"
OPEN_TO_ALL = [
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/inactive/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/done/",
]
FOR_THE_SIGNED_IN = [
    "/search/",
    "/search/?q=hotel",
    "/search/?q=nothing+of+this+name",
    "/search/?q=h",
    "/leads/",
    "/leads/?q=hotel",
    "/leads/?q=nothing+of+this+name",
    "/clients/",
    "/clients/?q=nothing+of+this+name",
    "/today/",
    "/today/pace/",
    *(f"/reports/{key}/" for key in CATALOGUE),
    "/reports/",
    "/shortcuts/",
    "/goals/",
    "/accounts/password/change/",
    "/accounts/reauthenticate/",
    "/accounts/2fa/",
]
MISSING = "/no/such/page/"
EVERY_PAGE = [*OPEN_TO_ALL, *FOR_THE_SIGNED_IN, "/accounts/logout/", MISSING, "LEAD", "CLIENT"]

# English words of our pages, none of which occurs in the data of the small company.
ENGLISH = re.compile(
    r"\b(amount|and|back|cancelled|created|expected|lead|leads|lost|owner|password|please|reports"
    r"|search|sign|step|team|unassigned|with|won|you|your)\b",
    re.IGNORECASE,
)


def address_of(path, cast):
    client = f"/clients/{cast.lead.client.key}/"
    return path.replace("LEAD", f"/leads/{cast.lead.key}/").replace("CLIENT", client)


def ask(browser, path, cast):
    response = browser.get(address_of(path, cast), follow=True)
    assert response.status_code == (404 if path == MISSING else 200)
    return Page.read(response.content.decode())


def reader(path, cast):
    return None if path in OPEN_TO_ALL else cast.olga


@pytest.mark.parametrize("path", [*FOR_THE_SIGNED_IN, "LEAD", "CLIENT", "/"])
def test_every_page_requires_signing_in(path, cast, visit):
    address = address_of(path, cast)
    response = visit().get(address)
    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/?next=/")
    assert cast.lead.title not in response.content.decode()


@pytest.mark.parametrize(
    "path", ["/", "/leads/", "LEAD", *(f"/reports/{key}/" for key in CATALOGUE)]
)
def test_a_closed_account_has_no_access(path, cast, visit):
    address = address_of(path, cast)
    response = visit(cast.ina).get(address)
    assert response.url.startswith("/accounts/login/?next=/")


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_every_page_is_well_formed_and_has_title_heading_and_language(path, cast, visit):
    page = ask(visit(reader(path, cast)), path, cast)
    assert page.language == "en"
    assert len(page.headings) == 1
    assert page.headings[0].strip()
    assert re.fullmatch(r"\S.* · Delorme Glazing", page.title.strip(), re.DOTALL)
    # The page contains nothing that the content security policy forbids.
    assert page.faults == []
    # Ids are unique and each field has a label.
    assert [name for name, times in Counter(page.ids).items() if times > 1] == []
    assert page.unlabelled == []


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_every_page_is_completely_in_french(path, cast, visit):
    page = ask(visit(reader(path, cast), "fr"), path, cast)
    assert page.language == "fr"
    # `prose` omits code: file and command-line keywords are the same in every language.
    assert ENGLISH.findall(page.prose + page.title) == []


def test_the_menu_lists_every_report_and_marks_the_current_page(cast, visit):
    html = visit(cast.olga).get("/leads/").content.decode()
    page = Page.read(html)
    assert {f"/reports/{key}/" for key in CATALOGUE} <= {
        one.partition("?")[0] for one in page.links
    }
    assert re.findall(r'<a href="([^"]+)" aria-current="page">', html) == ["/leads/"]


def test_the_sign_in_page_has_neither_menu_nor_search(cast, visit):
    page = ask(visit(), "/accounts/login/", cast)
    assert not {"navigation", "account", "search"} & set(page.ids)


@pytest.mark.parametrize(
    ("who", "address"), [("olga", "/today/"), ("mona", "/reports/"), ("ada", "/reports/")]
)
def test_the_home_page_is_today_for_sellers_and_the_overview_for_others(who, address, cast, visit):
    assert visit(getattr(cast, who)).get("/").url == address


def test_htmx_is_configured_to_respect_the_content_security_policy(cast, visit):
    html = visit(cast.olga).get("/leads/").content.decode()
    [config] = re.findall(r"<meta name=\"htmx-config\" content='([^']+)'>", html)
    assert "&quot;allowEval&quot;: false" in config
    assert "&quot;includeIndicatorStyles&quot;: false" in config


def test_an_htmx_request_after_the_session_ended_reloads_the_page(cast, visit):
    response = visit().get("/leads/", headers={"hx-request": "true"})
    assert (response.status_code, response.headers["HX-Refresh"]) == (204, "true")


def test_users_cannot_change_their_sign_in_address(cast, visit):
    assert visit(cast.olga).get("/accounts/email/").status_code == 404


def test_a_part_that_replaces_itself_by_time_keeps_the_focus_on_its_buttons():
    # htmx focuses the element of the new part that has the id of the one that had the focus.
    timed = [
        (path.name, button)
        for path in TEMPLATES.rglob("*.html")
        if 'hx-trigger="load delay:' in (text := path.read_text())
        for button in re.findall(r"<button[^>]*>", text)
    ]
    assert {name for name, _ in timed} == {"part.html", "pending.html", "progress.html"}
    # The buttons that start an import are on its page only while nothing is replaced.
    assert [one for one in timed if " id=" not in one[1] and "primary" not in one[1]] == []
