"""The language a page is answered in."""

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
def test_a_stranger_is_answered_in_the_language_of_his_browser(asked, answered, cast, visit):
    assert language_of(visit(language=asked)) == answered


@pytest.mark.parametrize("asked", ["de", "", "*", "; ;q=x"])
def test_without_a_language_that_we_know_it_is_the_company_s(asked, cast, visit):
    Organization.objects.update(locale="fr")
    assert language_of(visit(language=asked)) == "fr"


def test_a_choice_holds_in_this_browser(cast, visit):
    browser = visit(language="fr")
    choose(browser, "en")
    assert language_of(browser) == "en"
    assert language_of(visit(language="fr")) == "fr"


def test_a_choice_made_while_signed_in_goes_with_the_person(cast, visit):
    choose(visit(cast.olga, "en"), "fr")
    cast.olga.refresh_from_db()
    assert cast.olga.language == "fr"
    assert language_of(visit(cast.olga, "en"), "/leads/") == "fr"


def test_the_person_s_language_wins_over_the_browser_s_and_its_last_choice(cast, visit):
    browser = visit(language="en")
    choose(browser, "en")
    User.objects.filter(pk=cast.olga.pk).update(language="fr")
    browser.force_login(cast.olga)
    assert language_of(browser, "/leads/") == "fr"


def test_a_choice_of_one_does_not_touch_another(cast, visit):
    choose(visit(cast.olga), "fr")
    cast.tom.refresh_from_db()
    assert cast.tom.language == ""


def test_one_stays_on_the_page_with_its_question(cast, visit):
    answer = choose(visit(cast.olga), "fr", next="/leads/?q=hotel")
    assert answer.url == "/leads/?q=hotel"


@pytest.mark.parametrize(
    "page", ["https://elsewhere.example/", "//elsewhere.example", "", "javascript:1"]
)
def test_the_switch_leads_to_no_other_site(page, cast, visit):
    assert choose(visit(), "fr", next=page).url == "/"


def test_an_unknown_language_is_refused_with_a_sentence(cast, visit):
    answer = choose(visit(), "de")
    assert answer.status_code == 400
    assert "“de” is not a language of this site." in answer.content.decode()


def test_the_switch_takes_a_button_not_a_link(cast, visit):
    assert visit().get("/language/?language=fr").status_code == 405


def test_answers_say_that_they_differ_by_language(cast, visit):
    answer = visit(language="fr").get(SIGN_IN)
    assert answer.headers["Content-Language"] == "fr"
    assert "Accept-Language" in answer.headers["Vary"]
