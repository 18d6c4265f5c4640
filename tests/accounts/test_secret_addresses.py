"""Secret addresses: found by their token only, renewed, revoked, and absent from logs."""

from __future__ import annotations

import io
import logging

import pytest
from django.conf import settings
from django.test import override_settings

from leadlight.accounts import secret_addresses
from leadlight.accounts.models import AuditEntry, SecretAddress, User
from leadlight.accounts.readers import SYSTEM
from leadlight.accounts.secret_addresses import Kind
from leadlight.accounts.tokens import TOKEN, new_token
from leadlight.log_format import WithoutSecrets


@pytest.fixture
def person(db: None) -> User:
    return User.objects.create_user("ann@example.com", "correct horse", first_name="Ann")


def test_an_address_is_found_by_its_token_and_kind(person: User) -> None:
    address = secret_addresses.create(Kind.CALENDAR, by=person, user=person)

    assert TOKEN.fullmatch(address.token)
    assert secret_addresses.find(Kind.CALENDAR, address.token) == address
    assert secret_addresses.find(Kind.MAIL, address.token) is None
    assert secret_addresses.find(Kind.CALENDAR, new_token()) is None


@pytest.mark.parametrize("token", ["", "ll", "\0", "x" * 10_000, "’" * 34, "LL" + "A" * 32])
def test_a_text_that_is_no_token_finds_nothing(person: User, token: str) -> None:
    assert secret_addresses.find(Kind.CALENDAR, token) is None


def test_a_second_address_of_a_person_replaces_the_first(person: User) -> None:
    first = secret_addresses.create(Kind.CALENDAR, by=person, user=person).token
    second = secret_addresses.create(Kind.CALENDAR, by=person, user=person).token

    assert first != second
    assert secret_addresses.find(Kind.CALENDAR, first) is None
    assert secret_addresses.find(Kind.CALENDAR, second) is not None
    assert SecretAddress.objects.count() == 1


def test_a_renewed_or_revoked_address_stops_working(person: User) -> None:
    address = secret_addresses.create(Kind.FORM, by=SYSTEM, subject="Website")
    first = address.token
    secret_addresses.renew(address, by=person, subject="Website")
    renewed = address.token
    assert secret_addresses.find(Kind.FORM, first) is None
    assert secret_addresses.find(Kind.FORM, renewed) == address

    secret_addresses.revoke(address, by=person, subject="Website")
    assert secret_addresses.find(Kind.FORM, renewed) is None

    entries = AuditEntry.objects.filter(kind="addresses").order_by("pk")
    assert [entry.action for entry in entries] == ["created", "renewed", "revoked"]
    assert {entry.subject for entry in entries} == {"Form address: Website"}


def test_the_addresses_of_an_inactive_person_stop_working(person: User) -> None:
    token = secret_addresses.create(Kind.MAIL, by=person, user=person).token
    User.objects.filter(pk=person.pk).update(is_active=False)

    assert secret_addresses.find(Kind.MAIL, token) is None


def test_the_database_does_not_contain_the_token(person: User) -> None:
    token = secret_addresses.create(Kind.CALENDAR, by=person, user=person).token
    (row,) = SecretAddress.objects.values()

    assert token not in str(row)
    assert token not in str(list(AuditEntry.objects.values()))


def test_after_a_change_of_the_secret_key_an_address_works_but_cannot_be_shown(
    person: User,
) -> None:
    address = secret_addresses.create(Kind.CALENDAR, by=person, user=person)
    token = address.token

    with override_settings(SECRET_KEY="another key of this instance, for this test"):
        assert address.token == ""
        assert secret_addresses.find(Kind.CALENDAR, token) == address


def test_log_lines_contain_no_token(person: User) -> None:
    token = new_token()
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(WithoutSecrets(settings.LOGGING["formatters"]["plain"]["format"]))
    logger = logging.getLogger("tests.secret")
    logger.addHandler(handler)
    try:
        try:
            raise ValueError(token)
        except ValueError:
            logger.exception("Not found: %s", f"/calendar/{token}.ics")
    finally:
        logger.removeHandler(handler)

    assert token not in written.getvalue()
    assert written.getvalue().count("[secret]") == 2
