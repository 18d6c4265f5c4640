"""Verification of ID tokens: signature, issuer, audience, time and nonce."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jwt
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from leadlight.accounts.lines import one_line
from leadlight.accounts.refusals import Refused

# Signatures by a private key. A token signed with the client secret could be forged by anybody who
# knows it, and an unsigned one by anybody at all.
ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
)
OPTIONS: Any = {
    "require": ["iss", "sub", "aud", "exp", "iat"],
    "enforce_minimum_key_length": True,
    # Times are compared with Django's clock, by `_is_current`.
    **{f"verify_{name}": False for name in ("exp", "iat", "nbf")},
}
CLOCK_SKEW_SECONDS = 60
LONGEST_SUBJECT = 255


@dataclass(frozen=True)
class Claims:
    """Person that an ID token is about. `email` is "" unless the provider has verified it."""

    issuer: str
    subject: str
    email: str
    first_name: str
    last_name: str


def verified_claims(
    token: str, keys: dict[str, Any], *, issuer: str, client_id: str, nonce: str
) -> Claims:
    """Return the claims of an ID token. Raises Refused if anything about the token is wrong."""
    try:
        claims = jwt.decode(
            token,
            _key(token, keys),
            algorithms=ALGORITHMS,
            issuer=issuer,
            audience=client_id,
            options=OPTIONS,
        )
        is_current = _is_current(claims)
    except (
        jwt.PyJWTError,
        ValueError,
        TypeError,
        KeyError,
        OverflowError,
        RecursionError,
    ) as wrong:
        raise _invalid() from wrong
    if not is_current:
        raise Refused(
            _(
                "The sign-in of the identity provider is not valid at this time. "
                "Its clock or that of this server is wrong, or it took too long: start again."
            )
        )
    if not _is_for(client_id, claims) or not constant_time_compare(str(claims.get("nonce")), nonce):
        raise _invalid()
    subject = claims["sub"]
    if not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise _invalid()
    return Claims(
        issuer,
        subject,
        _text(claims, "email") if _is_email_verified(claims) else "",
        _text(claims, "given_name"),
        _text(claims, "family_name"),
    )


def _key(token: str, keys: dict[str, Any]) -> jwt.PyJWK:
    """Return the key that a token names, or the only one if it names none.

    Raises KeyError, TypeError, ValueError or PyJWTError if there is no such key.
    """
    header = jwt.get_unverified_header(token)
    every = [one for one in keys["keys"] if isinstance(one, dict)]
    listed = [one for one in every if one.get("use", "sig") == "sig"]
    if "kid" in header:
        listed = [one for one in listed if one.get("kid") == header["kid"]]
    [key] = listed
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS or key.get("alg", algorithm) != algorithm:
        raise ValueError(algorithm)
    return jwt.PyJWK(key, algorithm=algorithm)


def _is_current(claims: dict[str, Any]) -> bool:
    """Return whether a token is valid now, give or take `CLOCK_SKEW_SECONDS`."""
    now = timezone.now().timestamp()
    begun = [int(claims[name]) for name in ("iat", "nbf") if name in claims]
    is_over = int(claims["exp"]) <= now - CLOCK_SKEW_SECONDS
    return not is_over and max(begun) <= now + CLOCK_SKEW_SECONDS


def _is_for(client_id: str, claims: dict[str, Any]) -> bool:
    """Return whether this client is the party that a token was issued to."""
    audience = claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and "azp" not in claims:
        return False
    return claims.get("azp", client_id) == client_id


def _is_email_verified(claims: dict[str, Any]) -> bool:
    """Return whether the provider has verified the address.

    Some providers write the value as a text. Microsoft has the claim `xms_edov` instead, which
    states that the owner of the domain was verified.
    """
    return any(
        claims.get(name) in (True, "true", "True", "1") for name in ("email_verified", "xms_edov")
    )


def _text(claims: dict[str, Any], name: str) -> str:
    """Return a claim as one line of text; "" if it is no text or has unprintable characters."""
    value = claims.get(name)
    text = one_line(value) if isinstance(value, str) else ""
    return text if text.isprintable() else ""


def _invalid() -> Refused:
    return Refused(_("The answer of the identity provider is not valid for this sign-in."))
