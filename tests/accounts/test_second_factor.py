"""Secrets of the second factor are encrypted in the database."""

from __future__ import annotations

import importlib
import json

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth
from cryptography.fernet import InvalidToken
from django.apps import apps

from leadlight.accounts import second_factor
from leadlight.accounts.models import User

CLEAR = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SEED = "0123456789abcdef" * 5


@pytest.fixture
def olga(db: None) -> User:
    return User.objects.create_user("olga@example.com", "a pane of green glass")


COUNTER = 58_908_960


def code_of(secret: str) -> str:
    return auth.format_hotp_value(auth.hotp_value(secret, COUNTER))


@pytest.fixture(autouse=True)
def frozen_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Freeze the clock: a code is valid for 30 seconds."""
    monkeypatch.setattr(auth, "yield_hotp_counters_from_time", lambda: iter([COUNTER]))


def stored() -> str:
    return json.dumps([row.data for row in Authenticator.objects.order_by("pk")])


def test_secret_and_recovery_seed_are_not_stored_in_clear_text(olga, monkeypatch):
    monkeypatch.setattr(RecoveryCodes, "generate_seed", lambda: SEED)
    auth.TOTP.activate(olga, CLEAR)
    RecoveryCodes.activate(olga)
    assert CLEAR not in stored()
    assert SEED not in stored()


def test_encrypted_secrets_can_be_decrypted(olga):
    totp = auth.TOTP.activate(olga, CLEAR)
    assert totp.validate_code(code_of(CLEAR))
    [first, *_] = codes = RecoveryCodes.activate(olga).generate_codes()
    again = RecoveryCodes(Authenticator.objects.get(type="recovery_codes"))
    assert again.generate_codes() == codes
    assert again.validate_code(first)


def test_the_same_secret_encrypts_to_different_texts():
    assert second_factor.encrypted(CLEAR) != second_factor.encrypted(CLEAR)


def test_a_fallback_secret_key_still_decrypts(settings, olga):
    totp = auth.TOTP.activate(olga, CLEAR)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, of forty characters at least"
    assert totp.validate_code(code_of(CLEAR))


def test_with_a_different_secret_key_every_code_is_refused(settings, olga, caplog):
    totp = auth.TOTP.activate(olga, CLEAR)
    codes = RecoveryCodes.activate(olga)
    [recovery, *_] = codes.generate_codes()
    settings.SECRET_KEY = "another key, of forty characters at least"
    with pytest.raises(InvalidToken):
        second_factor.decrypted(totp.instance.data["secret"])
    assert not totp.validate_code(code_of(CLEAR))
    assert not totp.validate_code(code_of(""))
    assert not codes.validate_code(recovery)
    assert "reset-second-factor" in caplog.text


def test_the_migration_encrypts_existing_secrets_and_is_reversible(olga):
    migration = importlib.import_module(
        "leadlight.accounts.migrations.0003_cache_and_encrypted_secrets"
    )
    Authenticator.objects.create(user=olga, type="totp", data={"secret": CLEAR})
    Authenticator.objects.create(
        user=olga, type="recovery_codes", data={"migrated_codes": ["aaaa", "bbbb"], "used_mask": 0}
    )
    before = stored()
    migration.encrypt(apps, None)
    assert CLEAR not in stored()
    assert "aaaa" not in stored()
    totp = auth.TOTP(Authenticator.objects.get(type="totp"))
    assert totp.validate_code(code_of(CLEAR))
    assert RecoveryCodes.activate(olga).generate_codes() == ["aaaa", "bbbb"]
    migration.decrypt(apps, None)
    assert stored() == before
