"""Requests to the identity provider, with limits on time, size and address.

No redirect is followed. A host other than that of the issuer must have a public address, so that
a discovery document cannot make this server read from its own network.
"""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import ip_address
from threading import Timer
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

from django.utils.translation import gettext as _

from leadlight.accounts.refusals import Refused

CONNECT_SECONDS = 5
TOTAL_SECONDS = 10
LARGEST_ANSWER = 256 * 1024  # bytes
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


class Unreachable(Refused):
    """Missing answer of the provider, or one that does not follow OpenID Connect."""


class ProviderError(Refused):
    """OAuth error in the provider's answer; `code` is the error code, "" if it is malformed."""

    def __init__(self, sentence: str, code: str = "") -> None:
        super().__init__(sentence)
        self.code = code


def is_loopback(host: str | None) -> bool:
    return host in LOOPBACK_NAMES


def fetched(
    url: str,
    *,
    issuer: str,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the JSON object at a URL of the provider; a form is sent by POST.

    Raises Unreachable if there is no answer, or if it is a redirect, too long or no JSON object.
    Raises ProviderError if it is an OAuth error.
    """
    parts = urlsplit(url)
    try:
        with _answer(parts, urlsplit(issuer).hostname, form, headers or {}) as response:
            content = response.read(LARGEST_ANSWER + 1)
            status = response.status
    except (OSError, HTTPException, ValueError) as error:
        raise Unreachable(
            _("The identity provider cannot be reached at %(host)s. Try again in a few minutes.")
            % {"host": parts.hostname}
        ) from error
    if len(content) > LARGEST_ANSWER:
        raise Unreachable(_("The identity provider sent an answer that is too long."))
    return _object(content, status, parts)


@contextmanager
def _answer(
    parts: SplitResult,
    issuer_host: str | None,
    form: Mapping[str, str] | None,
    headers: Mapping[str, str],
) -> Iterator[HTTPResponse]:
    """Connect, check the address, send the request, and close the connection afterwards."""
    host, ends_at = parts.hostname or "", time.monotonic() + TOTAL_SECONDS
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection: HTTPConnection = HTTPSConnection(
            host, parts.port, timeout=CONNECT_SECONDS, context=context
        )
    else:
        connection = HTTPConnection(host, parts.port, timeout=CONNECT_SECONDS)
    try:
        connection.connect()
        if host != issuer_host and not ip_address(connection.sock.getpeername()[0]).is_global:
            raise OSError(f"{host} is a private address")
        # Limits on single reads alone would let a provider send one byte at a time for hours.
        watchdog = Timer(ends_at - time.monotonic(), _cut, [connection.sock])
        watchdog.daemon = True
        watchdog.start()
        try:
            target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
            body = urlencode(form).encode() if form is not None else None
            more = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
            sent = {"Accept": "application/json", "User-Agent": "Leadlight", **more, **headers}
            connection.request("POST" if body else "GET", target, body, sent)
            yield connection.getresponse()
        finally:
            watchdog.cancel()
    finally:
        connection.close()


def _cut(connected: socket.socket) -> None:
    """Shut a connection down, so that the thread that reads from it stops waiting."""
    try:
        socket.socket.shutdown(connected, socket.SHUT_RDWR)
    except OSError:
        return


def _object(content: bytes, status: int, parts: SplitResult) -> dict[str, Any]:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        answer = None
    if status == 200 and isinstance(answer, dict):
        return answer
    code = answer.get("error") if isinstance(answer, dict) else None
    if 400 <= status < 500 and isinstance(code, str):
        raise ProviderError(error_sentence(code), known_code(code))
    raise Unreachable(
        _("%(host)s did not answer like an identity provider (status %(status)d).")
        % {"host": parts.hostname, "status": status}
    )


def known_code(code: str) -> str:
    """Return an error code of OAuth; "" if it is no word of ASCII letters, digits and “_”."""
    is_code = len(code) <= 60 and code.isascii() and code.replace("_", "").isalnum()
    return code if is_code else ""


def error_sentence(code: str) -> str:
    """Return the message to the user for an error code of OAuth."""
    if code in ("invalid_client", "unauthorized_client"):
        return _("The identity provider refused the client ID or the client secret.")
    if code == "access_denied":
        return _("The sign-in was cancelled, or the identity provider refused it.")
    if code == "invalid_grant":
        return _("The identity provider no longer accepts this sign-in. Start again.")
    return _("The identity provider refused the sign-in (%(code)s).") % {
        "code": known_code(code) or "?"
    }
