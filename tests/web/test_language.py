"""Choice of the language of a page."""

from __future__ import annotations

import pytest

from leadlight.accounts.models import Organization, User
from tests.web.pages import Page

pytestmark = pytest.mark.database

SIGN_IN = "/accounts/login/"


def language_of(browser, path=SIGN_IN, **headers):
    return Page.read(browser.get(path, headers=headers).content.decode()).language


def choose(browser, language, **more):
    return browser.post("/language/", {"language": language, **more})


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("fr", "fr"),
        ("fr-CA,en;q=0.5", "fr"),
        ("de,fr;q=0.8,en;q=0.9", "en"),
        ("en-US", "en"),
        ("FR", "fr"),
    ],
)
def test_without_signing_in_pages_are_in_the_language_of_the_browser(asked, answered, cast, visit):
    assert language_of(visit(language=asked)) == answered


@pytest.mark.parametrize("asked", ["de", "", "*", "; ;q=x"])
def test_unsupported_languages_fall_back_to_the_company_language(asked, cast, visit):
    Organization.objects.update(locale="fr")
    assert language_of(visit(language=asked)) == "fr"


def test_a_chosen_language_applies_to_this_browser_only(cast, visit):
    browser = visit(language="fr")
    choose(browser, "en")
    assert language_of(browser) == "en"
    assert language_of(visit(language="fr")) == "fr"


def test_a_language_chosen_while_signed_in_is_stored_with_the_user(cast, visit):
    choose(visit(cast.olga, "en"), "fr")
    cast.olga.refresh_from_db()
    assert cast.olga.language == "fr"
    assert language_of(visit(cast.olga, "en"), "/leads/") == "fr"


def test_the_users_language_overrides_browser_and_cookie(cast, visit):
    browser = visit(language="en")
    choose(browser, "en")
    User.objects.filter(pk=cast.olga.pk).update(language="fr")
    browser.force_login(cast.olga)
    assert language_of(browser, "/leads/") == "fr"


def test_choosing_a_language_does_not_affect_other_users(cast, visit):
    choose(visit(cast.olga), "fr")
    cast.tom.refresh_from_db()
    assert cast.tom.language == ""


def test_switching_the_language_keeps_page_and_query(cast, visit):
    answer = choose(visit(cast.olga), "fr", next="/leads/?q=hotel")
    assert answer.url == "/leads/?q=hotel"


@pytest.mark.parametrize(
    "page", ["https://elsewhere.example/", "//elsewhere.example", "", "javascript:1"]
)
def test_the_switch_does_not_redirect_to_another_site(page, cast, visit):
    assert choose(visit(), "fr", next=page).url == "/"


def test_an_unknown_language_is_refused_with_a_message(cast, visit):
    answer = choose(visit(), "de")
    assert answer.status_code == 400
    assert "The language “de” is not available." in answer.content.decode()


def test_the_language_is_switched_only_by_post(cast, visit):
    assert visit().get("/language/?language=fr").status_code == 405


def test_responses_declare_their_language_in_headers(cast, visit):
    answer = visit(language="fr").get(SIGN_IN)
    assert answer.headers["Content-Language"] == "fr"
    assert "Accept-Language" in answer.headers["Vary"]
