"""Required second factor: whoever has none sees only its set-up."""

from __future__ import annotations

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from django.core.cache import cache

from leadlight.accounts.keys import new_key
from leadlight.accounts.models import AuditEntry, Organization
from tests import clock
from tests.web.conftest import PASSWORD
from tests.web.pages import Page

pytestmark = pytest.mark.database

SIGN_IN, SET_UP, PAGE = "/accounts/login/", "/accounts/2fa/totp/activate/", "/settings/sign-in/"


@pytest.fixture(autouse=True)
def no_rate_limits(db):
    cache.clear()


@pytest.fixture
def code_of(monkeypatch):
    """Return the code that an authenticator app shows, at a frozen instant."""
    monkeypatch.setattr(time, "time", clock.START.timestamp)

    def code_of(secret):
        [now] = auth.yield_hotp_counters_from_time()
        return auth.format_hotp_value(auth.hotp_value(secret, now))

    return code_of


def require(whom):
    Organization.objects.update(second_factor=whom)


def sign_in(browser, user):
    return browser.post(SIGN_IN, {"login": user.email, "password": PASSWORD})


def said(response) -> str:
    return Page.read(response.content.decode()).text


def sent(chosen, **more):
    stored = Organization.current().second_factor
    return {"second_factor": chosen, "initial-second_factor": stored, **more}


@pytest.mark.parametrize(
    ("whom", "led"),
    [("nobody", []), ("admins", ["ada"]), ("everybody", ["olga", "mona", "ada"])],
)
def test_people_without_a_second_factor_are_led_to_its_set_up(whom, led, cast, visit):
    require(whom)
    for name in ("olga", "mona", "ada"):
        browser = visit()
        sign_in(browser, getattr(cast, name))
        answer = browser.get("/leads/")
        assert (answer.status_code == 302 and answer.url == SET_UP) == (name in led), name
        assert (answer.status_code == 200) == (name not in led), name


def test_after_the_password_the_set_up_leads_to_every_page(cast, visit, code_of):
    require("everybody")
    browser = visit()
    page = browser.get(sign_in(browser, cast.olga).url, follow=True)
    assert page.request["PATH_INFO"] == SET_UP
    assert "Your company requires a second factor. Set it up to go on." in said(page)
    wrong = browser.post(SET_UP, {"code": "000000"})
    assert "Incorrect code." in wrong.content.decode()
    assert browser.get("/leads/").url == SET_UP
    secret = page.context["form"].secret
    done = browser.post(SET_UP, {"code": code_of(secret)}, follow=True)
    assert Page.read(done.content.decode()).headings == ["Recovery codes"]
    assert browser.get("/leads/").status_code == 200
    assert "Your company requires" not in said(browser.get("/accounts/2fa/", follow=True))


def test_a_session_of_before_is_led_to_the_set_up_too(cast, visit):
    browser = visit(cast.olga)
    assert browser.get("/leads/").status_code == 200
    require("everybody")
    assert browser.get("/leads/").url == SET_UP


def test_the_set_up_asks_for_the_password_long_after_the_sign_in(cast, visit, monkeypatch):
    require("everybody")
    browser = visit()
    sign_in(browser, cast.olga)
    assert browser.get(SET_UP).status_code == 200
    later = time.time() + 3600
    monkeypatch.setattr(time, "time", lambda: later)
    asked = browser.get(SET_UP)
    assert asked.url.startswith("/accounts/reauthenticate/?next=")
    again = browser.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": SET_UP})
    assert again.url == SET_UP
    assert browser.get(SET_UP).status_code == 200


def test_the_factor_is_removed_only_to_set_up_another(cast, visit, code_of):
    require("everybody")
    secret = auth.generate_totp_secret()
    auth.TOTP.activate(cast.olga, secret)
    browser = visit()
    sign_in(browser, cast.olga)
    browser.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert browser.get("/leads/").status_code == 200
    Authenticator.objects.filter(user=cast.olga).delete()
    assert browser.get("/leads/").url == SET_UP


def test_parts_of_pages_reload_the_page(cast, visit):
    require("everybody")
    answer = visit(cast.olga).get("/leads/", headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (204, "true")


def test_signing_out_and_the_language_remain(cast, visit):
    require("everybody")
    browser = visit(cast.olga)
    assert browser.post("/language/", {"language": "fr", "next": SET_UP}).url == SET_UP
    assert browser.post("/accounts/logout/").url == "/"
    assert browser.get("/leads/").url.startswith(SIGN_IN)


def test_an_admin_without_a_second_factor_cannot_require_one(cast, visit):
    for whom in ("admins", "everybody"):
        refused = visit(cast.ada).post(PAGE, sent(whom))
        assert refused.status_code == 400
        assert "Set up your own second factor first" in said(refused)
    assert Organization.current().second_factor == "nobody"


def test_the_setting_is_saved_recorded_and_undone(cast, visit):
    auth.TOTP.activate(cast.ada, auth.generate_totp_secret())
    browser, key = visit(cast.ada), new_key()
    saved = browser.post(PAGE, sent("everybody", action=key), follow=True)
    assert "Sign-in settings saved." in said(saved)
    assert Organization.current().second_factor == "everybody"
    entry = AuditEntry.objects.get(action="second_factor")
    assert (entry.old_value, entry.new_value, entry.actor) == ("nobody", "everybody", cast.ada)
    browser.post(f"/undo/{key}/", {"next": PAGE})
    assert Organization.current().second_factor == "nobody"
    assert "Nothing has changed." in said(browser.post(PAGE, sent("nobody"), follow=True))


def test_unknown_choices_are_refused(cast, visit):
    refused = visit(cast.ada).post(PAGE, sent("\0<script>"))
    assert refused.status_code == 400
    assert "Choose one of the options." in said(refused)


def test_only_admins_reach_the_page(cast, visit):
    for user in (cast.mona, cast.olga):
        for address in (PAGE, f"{PAGE}provider/"):
            assert visit(user).get(address).status_code == 403
            assert visit(user).post(address, sent("everybody")).status_code == 403


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("address", [PAGE, f"{PAGE}provider/"])
def test_the_pages_are_well_formed(address, language, cast, visit):
    page = Page.read(visit(cast.ada, language).get(address).content.decode())
    assert (page.language, len(page.headings)) == (language, 1)
    assert page.faults == page.unlabelled == []


def test_signing_out_everywhere_ends_all_sessions_of_one_person(cast, visit):
    here, there, other = visit(cast.olga), visit(cast.olga), visit(cast.tom)
    assert "Sign out everywhere" in said(here.get("/my-settings/"))
    done = here.post("/my-settings/sign-out-everywhere/", follow=True)
    assert "You are signed out everywhere." in said(done)
    for browser, status in ((here, 302), (there, 302), (other, 200)):
        assert browser.get("/leads/").status_code == status
    assert AuditEntry.objects.get(action="signed_out_everywhere").actor == cast.olga
