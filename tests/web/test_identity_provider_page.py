"""Settings page of the single sign-on."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from leadlight.accounts import identity_provider
from leadlight.accounts.keys import new_key
from leadlight.accounts.models import AuditEntry, IdentityProvider
from leadlight.accounts.openid import discovery
from leadlight.accounts.readers import SYSTEM
from tests import clock
from tests.openid_provider import CLIENT_ID, SECRET, running_provider
from tests.web.pages import Page

pytestmark = pytest.mark.database

PAGE = "/settings/sign-in/provider/"
TEXTS = ("issuer", "client_id", "name", "domains")
SWITCHES = ("has_second_factor", "allows_passwords")
GIVEN = {
    "issuer": "https://login.example.com/realms/glass",
    "client_id": CLIENT_ID,
    "secret": SECRET,
    "name": "Work",
}


@pytest.fixture
def running(monkeypatch):
    monkeypatch.setattr(discovery, "_kept", {})
    with running_provider(clock.START.timestamp) as provider:
        yield provider


def sent(**changes):
    """Return what the form sends if these settings are changed."""
    provider = IdentityProvider.current()
    shown = {name: getattr(provider, name) for name in (*TEXTS, *SWITCHES)}
    form = {f"initial-{name}": value for name, value in shown.items()}
    form |= {name: shown[name] for name in TEXTS}
    form |= {name: "on" for name in SWITCHES if shown[name]} | changes
    return {name: value for name, value in form.items() if value is not None}


def said(response) -> str:
    return Page.read(response.content.decode()).text


def test_the_settings_are_saved_and_recorded_without_the_secret(cast, visit):
    browser = visit(cast.ada)
    assert "Single sign-on saved." in said(browser.post(PAGE, sent(**GIVEN), follow=True))
    provider = IdentityProvider.current()
    assert {name: getattr(provider, name) for name in GIVEN} == GIVEN
    rows = AuditEntry.objects.filter(kind="provider").values_list("action", "new_value", "actor")
    assert sorted(rows) == [
        ("client_id", CLIENT_ID, cast.ada.pk),
        ("issuer", GIVEN["issuer"], cast.ada.pk),
        ("name", "Work", cast.ada.pk),
        ("secret", "", cast.ada.pk),
    ]
    for page in (PAGE, "/settings/sign-in/", "/settings/audit/"):
        shown = browser.get(page).content.decode()
        assert GIVEN["issuer"] in shown
        assert SECRET[:6] not in shown
    assert "Sign in with Work" in visit().get("/accounts/login/").content.decode()
    assert "Nothing has changed." in said(browser.post(PAGE, sent(), follow=True))
    assert IdentityProvider.current().secret == SECRET


def test_a_change_is_undone_but_not_that_of_a_secret(cast, visit):
    browser, first, second = visit(cast.ada), new_key(), new_key()
    saved = browser.post(PAGE, sent(**GIVEN, action=first), follow=True)
    assert f"/undo/{first}/" not in saved.content.decode()
    undone = browser.post(f"/undo/{first}/", {"next": PAGE}, follow=True)
    assert "This change can no longer be undone." in said(undone)
    change = sent(name="Glass", has_second_factor="on", domains="glass.example", action=second)
    saved = browser.post(PAGE, change, follow=True)
    assert f"/undo/{second}/" in saved.content.decode()
    browser.post(f"/undo/{second}/", {"next": PAGE})
    provider = IdentityProvider.current()
    assert (provider.name, provider.has_second_factor, provider.domains) == ("Work", False, "")
    assert (provider.issuer, provider.secret) == (GIVEN["issuer"], SECRET)


def test_another_issuer_does_not_get_the_secret_of_the_first(cast, visit):
    browser = visit(cast.ada)
    browser.post(PAGE, sent(**GIVEN))
    refused = browser.post(PAGE, sent(issuer="https://elsewhere.example"))
    assert refused.status_code == 400
    assert "Enter the client secret of this issuer." in said(refused)
    assert IdentityProvider.current().issuer == GIVEN["issuer"]
    browser.post(PAGE, sent(issuer=""))
    provider = IdentityProvider.current()
    assert (provider.is_on, provider.secret) == (False, "")
    assert "Sign in with Work" not in visit().get("/accounts/login/").content.decode()


@pytest.mark.parametrize(
    "issuer",
    [
        "login.example.com",
        "http://login.example.com",
        "http://localhost.example.com",
        "https://",
        "https:///realms",
        "https://user:password@login.example.com",
        "https://login.example.com/?realm=glass",
        "https://login.example.com/#realm",
        "https://login.example.com:99999",
        "https://[::1",
        "https://login.example.com/a b",
        "https://elsewhere.example\\@login.example.com",
        "https://lögin.example.com",
        "ftp://login.example.com",
        "javascript:alert(1)",
        "=1+1",
        "🔑",
    ],
)
def test_only_https_addresses_are_issuers(issuer, cast, visit):
    refused = visit(cast.ada).post(PAGE, sent(**{**GIVEN, "issuer": issuer}))
    assert refused.status_code == 400
    assert "Enter an https address, such as" in said(refused)
    assert not IdentityProvider.current().is_on


@pytest.mark.parametrize("issuer", ["http://localhost:8080", "http://127.0.0.1/", "http://[::1]:1"])
def test_http_is_allowed_on_this_computer(issuer, cast, visit):
    assert visit(cast.ada).post(PAGE, sent(**{**GIVEN, "issuer": issuer})).status_code == 302


def test_the_address_of_the_discovery_document_is_taken_as_the_issuer(cast, visit):
    document = f"{GIVEN['issuer']}/.well-known/openid-configuration"
    visit(cast.ada).post(PAGE, sent(**{**GIVEN, "issuer": document}))
    assert IdentityProvider.current().issuer == GIVEN["issuer"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("client_id", ""),
        ("name", ""),
        ("secret", ""),
        ("client_id", "a\0b"),
        ("name", "x" * 61),
        ("issuer", "https://login.example.com/" + "x" * 10_000),
        ("secret", "x" * 1_001),
        ("domains", "not a domain"),
        ("domains", "glass.example\u202e"),
        ("domains", "<script>.example"),
        ("domains", "glass.example," * 1_000),
    ],
)
def test_missing_and_strange_values_are_refused(name, text, cast, visit):
    refused = visit(cast.ada).post(PAGE, sent(**{**GIVEN, name: text}))
    assert refused.status_code == 400
    assert not IdentityProvider.current().is_on
    assert not AuditEntry.objects.filter(kind="provider").exists()


def test_domains_are_kept_in_one_form(cast, visit):
    visit(cast.ada).post(
        PAGE, sent(**GIVEN, domains=" @Glass.example; north.example,\tglass.EXAMPLE ")
    )
    assert IdentityProvider.current().domains == "glass.example north.example"


def test_the_connection_is_tested_without_saving(cast, visit, running):
    browser = visit(cast.ada)
    tested = browser.post(PAGE, sent(**{**GIVEN, "issuer": running.issuer}, test="1"))
    assert tested.status_code == 200
    assert "The provider answers, and its addresses are valid." in said(tested)
    assert SECRET not in tested.content.decode()
    assert not IdentityProvider.objects.exists()
    refused = browser.post(PAGE, sent(issuer=f"{running.issuer}/", test="1"))
    assert f"The identity provider calls itself “{running.issuer}”." in said(refused)
    running.answers["/.well-known/openid-configuration"] = (500, {}, b"")
    refused = browser.post(PAGE, sent(issuer=running.issuer, test="1"))
    assert refused.status_code == 400
    assert "127.0.0.1 did not answer like an identity provider (status 500)." in said(refused)
    assert "Enter the issuer first." in said(browser.post(PAGE, sent(test="1")))


def test_passwords_are_forbidden_only_by_an_admin_who_came_through_the_provider(
    cast, visit, running
):
    cache.clear()
    running.claims = {"email": cast.ada.email, "email_verified": True}
    identity_provider.change({**GIVEN, "issuer": running.issuer}, by=SYSTEM)
    refused = visit(cast.ada).post(PAGE, sent(allows_passwords=None))
    assert refused.status_code == 400
    assert "Sign in through this provider yourself before you forbid passwords." in said(refused)
    assert IdentityProvider.current().allows_passwords
    browser = visit()
    back = running.callback(browser.get("/sign-in/").url)
    assert browser.get(back.removeprefix("http://testserver")).url == "/"
    assert browser.post(PAGE, sent(allows_passwords=None)).status_code == 302
    assert IdentityProvider.current().refuses_passwords
    # Another client could be a wrong one, and then nobody would get in.
    other = visit(cast.ada)
    assert other.post(PAGE, sent(client_id="another")).status_code == 400
    assert other.post(PAGE, sent(domains="glass.example")).status_code == 302


def test_the_command_allows_passwords_again(cast):
    identity_provider.change({**GIVEN, "allows_passwords": False}, by=SYSTEM)
    assert identity_provider.allow_passwords(by=SYSTEM)
    assert not identity_provider.allow_passwords(by=SYSTEM)
    entry = AuditEntry.objects.get(action="allows_passwords", new_value="True")
    assert entry.is_by_command


def test_a_page_that_was_open_meanwhile_does_not_set_other_settings_back(cast, visit):
    identity_provider.change(GIVEN, by=SYSTEM)
    old = sent(name="Glass")
    identity_provider.change({"domains": "glass.example"}, by=SYSTEM)
    visit(cast.ada).post(PAGE, old)
    provider = IdentityProvider.current()
    assert (provider.name, provider.domains) == ("Glass", "glass.example")


def test_the_page_shows_the_address_to_register(cast, visit, settings):
    settings.LEADLIGHT_ORIGIN = "https://sales.example.com"
    shown = visit(cast.ada).get(PAGE).content.decode()
    assert 'value="https://sales.example.com/sign-in/callback/"' in shown
