"""Accounts of people who sign in at the identity provider, and what passwords remain."""

from __future__ import annotations

import pytest
from allauth.mfa.totp.internal import auth
from django.core import mail

from leadlight.accounts import adapter, identity_provider
from leadlight.accounts.models import AuditEntry, Identity, IdentityProvider, User
from leadlight.accounts.readers import SYSTEM
from tests.openid_provider import SECRET
from tests.web.conftest import PASSWORD
from tests.web.pages import Page
from tests.web.single_sign_on.steps import assert_refused, go, is_signed_in, said

pytestmark = pytest.mark.database

SIGN_IN = "/accounts/login/"


def test_a_person_signs_in_and_is_linked_by_the_verified_address(cast, visit, provider):
    browser = visit()
    answer = go(browser, provider)
    assert (answer.status_code, answer.url) == (302, "/")
    assert is_signed_in(browser)
    assert list(Identity.objects.values_list("user", "issuer", "subject")) == [
        (cast.olga.pk, provider.issuer, "subject-1")
    ]
    entries = AuditEntry.objects.exclude(kind="provider").order_by("pk")
    assert list(entries.values_list("action", "about", "new_value")) == [
        ("linked", cast.olga.pk, "subject-1"),
        ("signed_in", cast.olga.pk, ""),
    ]


def test_once_linked_the_subject_counts_and_not_the_address(cast, visit, provider):
    go(visit(), provider)
    provider.claims = {"email": cast.mona.email, "email_verified": True}
    browser = visit()
    go(browser, provider)
    assert browser.session["_auth_user_id"] == str(cast.olga.pk)


def test_another_subject_does_not_take_over_a_linked_account(cast, visit, provider):
    go(visit(), provider)
    provider.claims["sub"] = "subject-2"
    browser = visit()
    sentence = "Your account here belongs to another account of the identity provider."
    assert_refused(browser, go(browser, provider), sentence)
    assert visit(cast.ada).post(f"/settings/people/{cast.olga.key}/unlink/").status_code == 302
    assert go(browser, provider).url == "/"
    assert Identity.objects.get().subject == "subject-2"


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "false"},
        {"email": None},
        {"email": ["olga@example.com"]},
        {"email": "olga@example.com\ud800"},
        {"email": "\u202eolga@example.com"},
    ],
)
def test_an_unverified_address_links_nothing(claims, cast, visit, provider):
    provider.claims |= claims
    browser = visit()
    sentence = "The identity provider has not confirmed your email address."
    assert_refused(browser, go(browser, provider), sentence)
    assert not Identity.objects.exists()


@pytest.mark.parametrize("claims", [{"email_verified": "true"}, {"xms_edov": True}])
def test_verification_as_some_providers_write_it(claims, cast, visit, provider):
    provider.claims = {"email": "olga@example.com", **claims}
    assert go(visit(), provider).url == "/"


def test_a_letter_that_databases_take_for_another_is_no_match(cast, visit, provider):
    provider.claims["email"] = "olga@example.com".replace("l", "ł")
    browser = visit()
    assert_refused(browser, go(browser, provider), "There is no account for")
    User.objects.filter(pk=cast.tom.pk).update(email="mike@example.com")
    for lookalike in ("mıke@example.com", "mi\N{KELVIN SIGN}e@example.com"):
        provider.claims["email"] = lookalike
        assert_refused(browser, go(browser, provider), "There is no account for")


def test_a_closed_account_never_gets_in(cast, visit, provider):
    browser = visit()
    provider.claims["email"] = cast.ina.email
    assert go(browser, provider).url == "/accounts/inactive/"
    assert not is_signed_in(browser)
    assert not Identity.objects.exists()
    Identity.objects.create(user=cast.ina, issuer=provider.issuer, subject="subject-1")
    assert go(browser, provider).url == "/accounts/inactive/"
    assert not is_signed_in(browser)


def test_strangers_get_an_account_only_of_named_domains(cast, visit, provider):
    provider.claims |= {"email": "new@glass.example", "given_name": "Nina\n", "family_name": "N"}
    browser = visit()
    sentence = "There is no account for new@glass.example here."
    assert_refused(browser, go(browser, provider), sentence)
    for domains in ("example.com", "evilglass.example", "ass.example"):
        identity_provider.change({"domains": domains}, by=SYSTEM)
        assert_refused(browser, go(browser, provider), sentence)
    identity_provider.change({"domains": "example.com glass.example"}, by=SYSTEM)
    assert go(browser, provider).url == "/"
    user = User.objects.get(email="new@glass.example")
    assert (str(user), user.role, user.is_active, user.teams.count()) == ("Nina N", "user", True, 0)
    assert not user.has_usable_password()
    assert is_signed_in(browser)
    listed = said(visit(cast.ada).get("/settings/people/?q=nina"))
    assert "no password yet" not in listed


@pytest.mark.parametrize(
    "email", ["@glass.example", "a b@glass.example", "x" * 300 + "@glass.example"]
)
def test_an_address_that_is_none_gets_no_account(email, cast, visit, provider):
    identity_provider.change({"domains": "glass.example"}, by=SYSTEM)
    provider.claims["email"] = email
    browser, before = visit(), User.objects.count()
    answer = go(browser, provider)
    assert (answer.status_code, is_signed_in(browser)) == (400, False)
    assert User.objects.count() == before


def test_the_own_second_factor_is_asked_unless_that_of_the_provider_counts(cast, visit, provider):
    auth.TOTP.activate(cast.olga, auth.generate_totp_secret())
    browser = visit()
    assert go(browser, provider).url == "/accounts/2fa/authenticate/"
    assert not is_signed_in(browser)
    identity_provider.change({"has_second_factor": True}, by=SYSTEM)
    assert go(browser, provider).url == "/"
    assert is_signed_in(browser)
    with_password = visit()
    with_password.post(SIGN_IN, {"login": cast.olga.email, "password": PASSWORD})
    assert not is_signed_in(with_password)


def test_without_passwords_only_the_provider_lets_people_in(cast, visit, provider):
    identity_provider.change({"allows_passwords": False}, by=SYSTEM)
    browser = visit()
    page = browser.get(SIGN_IN).content.decode()
    assert 'type="password"' not in page
    assert "Sign in with Work" in page
    answer = browser.post(SIGN_IN, {"login": cast.olga.email, "password": PASSWORD})
    assert "Your company does not allow passwords. Sign in with Work." in said(answer)
    assert not is_signed_in(browser)
    assert go(browser, provider).url == "/"
    identity_provider.allow_passwords(by=SYSTEM)
    other = visit()
    other.post(SIGN_IN, {"login": cast.olga.email, "password": PASSWORD})
    assert is_signed_in(other)


def test_without_passwords_invitations_lead_to_the_single_sign_on(
    cast, visit, provider, monkeypatch, settings, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(adapter, "send_later", lambda message: message.send())
    identity_provider.change({"allows_passwords": False}, by=SYSTEM)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    form = {"emails": "nina@example.com", "role": "user", "language": ""}
    with django_capture_on_commit_callbacks(execute=True):
        visit(cast.ada).post("/settings/people/invite/", form)
    [letter] = mail.outbox
    assert "Sign in with Work here, with this email address:" in letter.body
    assert "http://testserver/accounts/login/" in letter.body
    provider.claims["email"] = "nina@example.com"
    assert go(visit(), provider).url == "/"


def test_a_person_without_a_password_can_choose_one(cast, visit, provider):
    User.objects.filter(pk=cast.olga.pk).update(password="!")
    browser = visit(language="fr")
    go(browser, provider)
    page = browser.get("/accounts/password/change/", follow=True)
    assert Page.read(page.content.decode()).headings == ["Choisissez un mot de passe"]


def test_the_secret_is_nowhere_to_be_read(cast, visit, provider):
    row = IdentityProvider.objects.values().get()
    assert SECRET not in str(row)
    assert IdentityProvider.current().secret == SECRET
    pages = [visit(cast.ada).get(f"/settings/{page}/") for page in ("sign-in/provider", "audit")]
    assert all("s3cret" not in page.content.decode() for page in pages)
    assert "s3cret" not in str(list(AuditEntry.objects.values()))
