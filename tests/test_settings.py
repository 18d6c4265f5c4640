"""Environment variables: a wrong value stops the start and names the variable and a valid value."""

from __future__ import annotations

import os
import runpy
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

import leadlight
from leadlight.environment import Environment

SETTINGS = Path(leadlight.__file__).with_name("settings.py")


@pytest.fixture(autouse=True)
def _separate_instance(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("LEADLIGHT_") or name == "DATABASE_URL":
            monkeypatch.delenv(name)
    monkeypatch.setenv("LEADLIGHT_DATA", str(tmp_path / "data"))


def settings() -> dict[str, Any]:
    """Return the settings an instance with this environment would start with."""
    return runpy.run_path(str(SETTINGS))


WRONG = [
    ("LEADLIGHT_LISTEN", "8000", "127.0.0.1:8000"),
    ("LEADLIGHT_LISTEN", "127.0.0.1:0", "127.0.0.1:8000"),
    ("LEADLIGHT_LISTEN", "127.0.0.1:65536", "127.0.0.1:8000"),
    ("LEADLIGHT_HOSTS", "https://sales.example.com", "localhost"),
    ("LEADLIGHT_HOSTS", "sales.example.com,,", "localhost"),
    ("LEADLIGHT_HOSTS", "sales.example.com:8000", "localhost"),
    ("LEADLIGHT_ORIGIN", "http://sales.example.com", "https://sales.example.com"),
    ("LEADLIGHT_ORIGIN", "https://sales.example.com/crm", "https://sales.example.com"),
    ("LEADLIGHT_ORIGIN", "https://sales.example.com:many", "https://sales.example.com"),
    ("LEADLIGHT_WORKERS", "0", "from 1 to 32"),
    ("LEADLIGHT_WORKERS", "33", "from 1 to 32"),
    ("LEADLIGHT_THREADS", "0", "from 1 to 256"),
    ("LEADLIGHT_THREADS", "four", "from 1 to 256"),
    ("LEADLIGHT_ANALYTICS_THREADS", "-1", "from 1 to 256"),
    ("LEADLIGHT_ANALYTICS_THREADS", "257", "from 1 to 256"),
    ("LEADLIGHT_DUCKDB_MEMORY", "768", "768MB"),
    ("LEADLIGHT_DUCKDB_MEMORY", "lots", "768MB"),
    ("LEADLIGHT_DEBUG", "maybe", "true or false"),
    ("LEADLIGHT_PRIVATE_WEBHOOKS", "maybe", "true or false"),
    ("LEADLIGHT_SERVE_ONLY", "maybe", "true or false"),
    ("LEADLIGHT_LANGUAGE", "de", "en, fr"),
    ("LEADLIGHT_SECRET_KEY", "short", "at least 32 characters"),
    ("LEADLIGHT_EMAIL_URL", "mail.example.com", "smtp://host"),
    ("LEADLIGHT_EMAIL_URL", "smtp://", "smtp://host"),
    ("LEADLIGHT_EMAIL_URL", "smtp://mail.example.com:many", "smtp://host"),
    ("LEADLIGHT_EMAIL_URL", "smtp://mail.example.com?form=a@example.com", "smtp://host"),
    ("DATABASE_URL", "mysql://localhost/leadlight", "postgresql://"),
    ("DATABASE_URL", "postgresql://localhost", "postgresql://"),
    ("DATABASE_URL", "postgresql://localhost:many/leadlight", "postgresql://"),
    ("DATABASE_URL", "leadlight.sqlite3", "postgresql://"),
]


@pytest.mark.parametrize(("name", "value", "right"), WRONG)
def test_an_invalid_value_is_refused_with_its_variable_and_a_valid_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, right: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured) as refused:
        settings()
    sentence = str(refused.value)
    assert sentence.startswith(f"{name} is “")
    assert right in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("name", ["LEADLIGHT_SECRET_KEY", "LEADLIGHT_EMAIL_URL", "DATABASE_URL"])
def test_an_error_message_never_contains_a_password(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(
        name, "ftp://me:hunter2@x:y" if name != "LEADLIGHT_SECRET_KEY" else "hunter2"
    )
    with pytest.raises(ImproperlyConfigured) as refused:
        settings()
    assert "hunter2" not in str(refused.value)


def test_every_variable_is_tested_with_an_invalid_value() -> None:
    asked: set[str] = {"LEADLIGHT_DATA"}  # tested below

    class Noted(Environment):
        def text(self, name: str, default: str = "") -> str:
            asked.add(name)
            return super().text(name, default)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("leadlight.environment.Environment", Noted)
        settings()
    assert asked == {name for name, _, _ in WRONG} | {"LEADLIGHT_DATA"}


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, _, _ in WRONG:
        monkeypatch.setenv(name, "")
    started = settings()
    assert started["LEADLIGHT_LISTEN"] == "127.0.0.1:8000"
    assert started["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    assert started["DEBUG"] is False
    assert started["EMAIL_BACKEND"].endswith("console.EmailBackend")


def test_a_data_folder_that_is_a_file_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LEADLIGHT_DATA", str(tmp_path / "file"))
    with pytest.raises(ImproperlyConfigured, match=r"^LEADLIGHT_DATA is “.*/file”: no folder"):
        settings()


def test_a_read_only_data_folder_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Root may write anywhere, so the permission check is patched.
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(ImproperlyConfigured, match=r"^LEADLIGHT_DATA is “.*”: it must be a folder"):
        settings()


def test_the_data_folder_is_created_and_contains_all_files(tmp_path: Path) -> None:
    started = settings()
    data = tmp_path / "data"
    assert started["LEADLIGHT_DATA"] == data
    assert data.is_dir()
    assert started["DATABASES"]["default"]["NAME"] == str(data / "leadlight.sqlite3")
    assert started["STATIC_ROOT"].is_relative_to(data)


def test_a_data_folder_may_have_special_characters_in_its_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    odd = tmp_path / "données 50%20 #1?"
    monkeypatch.setenv("LEADLIGHT_DATA", str(odd))
    assert settings()["DATABASES"]["default"]["NAME"] == str(odd / "leadlight.sqlite3")


def test_the_signing_key_is_generated_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    first, second = settings()["SECRET_KEY"], settings()["SECRET_KEY"]
    assert first == second
    assert len(first) >= 50
    kept = tmp_path / "data" / "secret-key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert sorted(path.name for path in kept.parent.iterdir()) == ["secret-key", "static"]


def test_a_signing_key_from_the_environment_is_not_stored(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LEADLIGHT_SECRET_KEY", "k" * 50)
    assert settings()["SECRET_KEY"] == "k" * 50
    assert not (tmp_path / "data" / "secret-key").exists()


def test_an_https_origin_is_trusted_and_makes_cookies_secure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LEADLIGHT_ORIGIN", "https://sales.example.com/")
    started = settings()
    assert started["CSRF_TRUSTED_ORIGINS"] == ["https://sales.example.com"]
    assert "sales.example.com" in started["ALLOWED_HOSTS"]
    assert started["SESSION_COOKIE_SECURE"] is True
    assert started["CSRF_COOKIE_SECURE"] is True


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("smtp://mail.example.com", ("mail.example.com", 25, "", "", False, False)),
        (
            "smtp+tls://me:p%40ss@mail.example.com",
            ("mail.example.com", 587, "me", "p@ss", True, False),
        ),
        ("smtps://mail.example.com:4650", ("mail.example.com", 4650, "", "", False, True)),
    ],
)
def test_a_mail_server_url_is_parsed(
    monkeypatch: pytest.MonkeyPatch, address: str, expected: tuple[Any, ...]
) -> None:
    monkeypatch.setenv("LEADLIGHT_EMAIL_URL", address + "?from=crm@example.com")
    started = settings()
    names = ["HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_TLS", "USE_SSL"]
    assert tuple(started[f"EMAIL_{name}"] for name in names) == expected
    assert started["DEFAULT_FROM_EMAIL"] == "crm@example.com"


def test_a_postgresql_url_selects_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:secret@db.example.com:5433/sales")
    database = settings()["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["HOST"], database["PORT"], database["NAME"]) == (
        "db.example.com",
        5433,
        "sales",
    )


@pytest.mark.parametrize("address", ["[::1]:80", "0.0.0.0:8080", "sales.lan:9000"])
def test_the_instance_listens_on_the_configured_address(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("LEADLIGHT_LISTEN", address)
    assert settings()["LEADLIGHT_LISTEN"] == address
