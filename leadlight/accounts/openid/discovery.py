"""Discovery document of the identity provider: its endpoints, cached for `KEPT_SECONDS`."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from leadlight.accounts.openid.fetching import Unreachable, fetched, is_loopback

WELL_KNOWN = "/.well-known/openid-configuration"
KEPT_SECONDS = 600
PLAIN = re.compile(r"[!-~]{1,300}")


@dataclass(frozen=True)
class Discovery:
    """Endpoints of a provider.

    The token endpoint expects the client secret in the form if `is_secret_in_form`, otherwise in
    the header of HTTP Basic authentication.
    """

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    is_secret_in_form: bool


_kept: dict[str, tuple[float, Discovery]] = {}


def an_issuer(url: str) -> None:
    """Validate the URL of an issuer: https, or http on this computer."""
    if not _is_allowed(url, url) or urlsplit(url).query or urlsplit(url).fragment:
        raise ValidationError(
            _(
                "Enter an https address, such as https://login.example.com/realms/company. "
                "http is allowed only on this computer."
            )
        )


def discovered(issuer: str) -> Discovery:
    """Return the endpoints of an issuer, read at most `KEPT_SECONDS` ago. Raises Unreachable."""
    read_at, discovery = _kept.get(issuer, (0.0, None))
    if discovery is None or not 0 <= time.monotonic() - read_at < KEPT_SECONDS:
        discovery = read(issuer)
        _kept.clear()
        _kept[issuer] = time.monotonic(), discovery
    return discovery


def read(issuer: str) -> Discovery:
    """Read the discovery document of an issuer, and check it. Raises Unreachable."""
    document = fetched(issuer.rstrip("/") + WELL_KNOWN, issuer=issuer)
    named = document.get("issuer")
    if named != issuer:
        raise Unreachable(
            _("The identity provider calls itself “%(issuer)s”. Enter exactly this as the issuer.")
            % {"issuer": str(named)[:300]}
        )
    methods = document.get("token_endpoint_auth_methods_supported")
    is_basic = not isinstance(methods, list) or "client_secret_basic" in methods
    return Discovery(
        issuer=issuer,
        authorization_endpoint=_endpoint(document, "authorization_endpoint", issuer),
        token_endpoint=_endpoint(document, "token_endpoint", issuer),
        jwks_uri=_endpoint(document, "jwks_uri", issuer),
        is_secret_in_form=not is_basic,
    )


def _endpoint(document: dict[str, Any], name: str, issuer: str) -> str:
    url = document.get(name)
    if not isinstance(url, str) or not _is_allowed(url, issuer):
        raise Unreachable(
            _("The discovery document of the identity provider has no valid %(name)s.")
            % {"name": name}
        )
    return url


def _is_allowed(url: str, issuer: str) -> bool:
    """Return whether a URL is one of https, or of http if it and the issuer are on this computer.

    It has no user name, no password and no character outside printable ASCII.
    """
    if not PLAIN.fullmatch(url) or "\\" in url:
        return False
    try:
        parts, host = urlsplit(url), urlsplit(issuer).hostname
        _ = parts.port
    except ValueError:
        return False
    if not parts.hostname or parts.username is not None or parts.password is not None:
        return False
    if parts.scheme == "http":
        return is_loopback(parts.hostname) and is_loopback(host)
    return parts.scheme == "https"
