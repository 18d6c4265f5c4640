"""Closing an account ends its sessions for good, even if the account is reopened later."""

from __future__ import annotations

from pathlib import Path

import pytest
from allauth.mfa.totp.internal import auth
from django.test import Client as Browser

from leadlight import cli, importing
from leadlight.accounts.models import User
from leadlight.replication import replica
from tests.worked_company import write_worked_company


@pytest.fixture
def ana(db: None, tmp_path: Path):
    write_worked_company(tmp_path)
    importing.import_folder(tmp_path)
    yield User.objects.get(email="ana@example.com")
    replica.forget()


def run(*words: str) -> None:
    cli.app(words, exit_on_error=False, result_action="return_value")


def signed_in(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/leads/").status_code == 200


def test_reopening_an_account_does_not_revive_its_sessions(ana):
    browser, other = signed_in(ana), signed_in(User.objects.get(email="bo@example.com"))
    assert is_signed_in(browser)
    run("user", "close", ana.email)
    User.objects.filter(pk=ana.pk).update(is_active=True)
    assert not is_signed_in(browser)
    assert is_signed_in(other)
    assert is_signed_in(signed_in(ana))


def test_an_import_that_closes_an_account_ends_its_sessions(ana, tmp_path):
    browser, other = signed_in(ana), signed_in(User.objects.get(email="bo@example.com"))
    users = next(tmp_path.glob("users*"))
    before = users.read_text()
    header, *lines = before.splitlines()
    column = header.split(",").index("is_active")
    cells = next(line for line in lines if line.startswith("ana,")).split(",")
    closed = ",".join([*cells[:column], "false", *cells[column + 1 :]])
    users.write_text(before.replace(",".join(cells), closed))
    importing.import_folder(tmp_path)
    users.write_text(before)
    importing.import_folder(tmp_path)
    ana.refresh_from_db()
    assert ana.is_active
    assert not is_signed_in(browser)
    assert is_signed_in(other)


def test_the_command_line_resets_a_second_factor(ana, capsys):
    auth.TOTP.activate(ana, auth.generate_totp_secret())
    run("user", "reset-second-factor", ana.email)
    assert "signs in with the password only" in capsys.readouterr().out
    assert not ana.authenticator_set.exists()
