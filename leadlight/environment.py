"""Settings read from environment variables.

Each method parses one variable. It raises ImproperlyConfigured with the variable's name, its value
and the expected form if the value is invalid. An empty variable counts as unset.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

DEFAULT_HOSTS = "localhost,127.0.0.1,[::1]"
MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}

# FULL, not NORMAL: after a power cut the replica, which is a separate file, must not contain a
# change that this database has lost.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode = WAL;"
        "PRAGMA synchronous = FULL;"
        "PRAGMA cache_size = -65536;"
        "PRAGMA mmap_size = 268435456;"
        "PRAGMA temp_store = MEMORY;"
        "PRAGMA journal_size_limit = 67108864"
    ),
}


class Environment:
    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables

    def text(self, name: str, default: str = "") -> str:
        return self.variables.get(name, "").strip() or default

    def refuse(self, name: str, right: str, *, shown: str | None = None) -> ImproperlyConfigured:
        value = self.text(name) if shown is None else shown
        return ImproperlyConfigured(f"{name} is “{value}”: {right}")

    def flag(self, name: str) -> bool:
        word = self.text(name, "false").lower()
        if word not in {"true", "false", "yes", "no", "1", "0", "on", "off"}:
            raise self.refuse(name, "it must be true or false.")
        return word in {"true", "yes", "1", "on"}

    def choice(self, name: str, choices: Iterable[str], default: str) -> str:
        known = list(choices)
        chosen = self.text(name, default)
        if chosen not in known:
            raise self.refuse(name, f"it must be one of {', '.join(known)}.")
        return chosen

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        written = self.text(name, str(default))
        if not re.fullmatch(r"[0-9]{1,9}", written) or not least <= int(written) <= most:
            raise self.refuse(name, f"it must be a whole number from {least} to {most}.")
        return int(written)

    def memory(self, name: str, default: str) -> str:
        written = self.text(name, default)
        if not re.fullmatch(r"[1-9][0-9]{0,8} ?[KMGT]i?B", written):
            raise self.refuse(name, "it must be an amount of memory, such as 768MB or 2GB.")
        return written

    def folder(self, name: str, default: str) -> Path:
        """Return the folder; create it, with its parents, if it is missing."""
        path = Path(self.text(name, default)).expanduser().resolve()
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self.refuse(
                name, f"no folder can be made there ({error.strerror}).", shown=str(path)
            ) from error
        if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
            raise self.refuse(
                name, "it must be a folder that may be read and written.", shown=str(path)
            )
        return path

    def listen(self, name: str, default: str) -> str:
        """Return the address and port to listen on; an IPv6 address is in brackets."""
        written = self.text(name, default)
        match = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})", written)
        if match is None or not 1 <= int(match[2]) <= 65535:
            raise self.refuse(name, "it must be an address and a port, such as 127.0.0.1:8000.")
        return written

    def hosts(self, name: str, default: str) -> list[str]:
        names = [part.strip() for part in self.text(name, default).split(",")]
        for host in names:
            if not re.fullmatch(r"\*|\.?[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\]", host):
                raise self.refuse(
                    name,
                    "it must be host names separated by commas, without scheme or port, "
                    f"such as {DEFAULT_HOSTS}.",
                )
        return names

    def origin(self, name: str) -> str:
        """Return the public https address of the instance, or an empty string."""
        written = self.text(name).rstrip("/")
        if not written:
            return ""
        parts = self.split(name, "it must be an https address, such as https://sales.example.com.")
        if parts.scheme != "https" or not parts.hostname or parts.path.strip("/") or parts.query:
            raise self.refuse(
                name,
                "it must be an https address without a path, such as https://sales.example.com.",
            )
        return written

    def database(self, name: str, default: Path) -> dict[str, Any]:
        """Return Django's database settings, for a SQLite file at `default` if the variable is
        unset. Error messages do not show the address, which may contain a password."""
        right = (
            "it must be postgresql://user:password@host:5432/name "
            "or sqlite:////folder/file.sqlite3."
        )
        address = self.text(name, f"sqlite:///{quote(str(default))}")
        scheme, separator, rest = address.partition("://")
        shown = f"{scheme}{separator}…" if separator else "…"
        if scheme not in {"sqlite", "postgres", "postgresql"}:
            raise self.refuse(name, right, shown=shown)
        try:
            database: dict[str, Any] = dict(dj_database_url.parse(address))
        except ValueError as error:
            raise self.refuse(name, right, shown=shown) from error
        if not rest or not database["NAME"]:
            raise self.refuse(name, right, shown=shown)
        database |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
        if scheme == "sqlite":
            database["OPTIONS"] = SQLITE_OPTIONS
            # A file, as in production: an in-memory database has no WAL and only one process.
            database["TEST"] = {"NAME": str(default.with_name("test.sqlite3"))}
        return database

    def email(self, name: str) -> dict[str, Any]:
        """Return Django's email settings; without a server, mails are printed to the console."""
        written = self.text(name, "console:")
        if written == "console:":
            return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
        right = (
            "it must be console: or smtp://host, smtp+tls://user:password@host:587 or "
            "smtps://user:password@host:465, with ?from=sender@example.com if wanted."
        )
        parts = self.split(name, right)
        query = parse_qs(parts.query)
        if parts.scheme not in MAIL_PORTS or not parts.hostname or query.keys() - {"from"}:
            raise self.refuse(name, right, shown=f"{parts.scheme}:…")
        sender = {"DEFAULT_FROM_EMAIL": query["from"][0]} if query else {}
        return sender | {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": parts.hostname,
            "EMAIL_PORT": parts.port or MAIL_PORTS[parts.scheme],
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
            "EMAIL_USE_SSL": parts.scheme == "smtps",
            "EMAIL_TIMEOUT": 20,
        }

    def secret(self, name: str, path: Path) -> str:
        """Return the signing key; if unset, one generated once and kept in a file that only its
        owner can read."""
        given = self.text(name)
        if not given:
            return stored_secret(path)
        if len(given) < 32:
            raise self.refuse(name, "it must have at least 32 characters.", shown="…")
        return given

    def split(self, name: str, right: str) -> SplitResult:
        try:
            parts = urlsplit(self.text(name))
            _ = parts.port
        except ValueError as error:
            raise self.refuse(name, right, shown="…") from error
        return parts


def stored_secret(path: Path) -> str:
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48) + "\n")
        try:
            # If two processes start together, one link succeeds and both read the same key.
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()
