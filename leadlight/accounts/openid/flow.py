"""Authorization code flow with PKCE: the redirect to the provider, and its callback."""

from __future__ import annotations

import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import quote_plus, urlencode

from cryptography.fernet import InvalidToken
from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.accounts.models import IdentityProvider
from leadlight.accounts.openid.discovery import Discovery, discovered
from leadlight.accounts.openid.fetching import (
    ProviderError,
    Unreachable,
    error_sentence,
    fetched,
    known_code,
)
from leadlight.accounts.openid.id_token import Claims, verified_claims
from leadlight.accounts.refusals import Refused

SCOPE = "openid email profile"
PENDING = "openid_pending"  # in the session: OAuth state → values to check the answer with
MOST_PENDING = 5  # sign-ins of one session at a time, such as in several tabs
LONGEST_SECONDS = 15 * 60
LONGEST_CODE = 4_000


class NotStarted(Refused):
    """Answer to a sign-in that was not started in this session, was completed, or took too long."""


def authorization_url(
    provider: IdentityProvider, session: SessionBase, *, redirect_uri: str, next_page: str
) -> str:
    """Return the URL of the provider's sign-in page.

    The session keeps the values that the answer is checked with.

    Raises Unreachable if the discovery document cannot be read.
    """
    endpoint = discovered(provider.issuer).authorization_endpoint
    state, nonce, verifier = (secrets.token_urlsafe(32) for _number in range(3))
    pending = dict(list(session.get(PENDING, {}).items())[1 - MOST_PENDING :])
    pending[state] = {
        "nonce": nonce,
        "verifier": verifier,
        "issuer": provider.issuer,
        "next": next_page,
        "at": timezone.now().timestamp(),
    }
    session[PENDING] = pending
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": redirect_uri,
        "scope": SCOPE,
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"


def claims_of_answer(
    provider: IdentityProvider,
    session: SessionBase,
    answer: Mapping[str, str],
    *,
    redirect_uri: str,
) -> tuple[Claims, str]:
    """Return the verified claims for an answer of the provider, and the page to show next.

    Each state works once. Raises NotStarted, Unreachable, ProviderError, and Refused for an answer
    that is not valid.
    """
    pending = dict(session.get(PENDING, {}))
    asked = pending.pop(answer.get("state", ""), None)
    if asked is not None:  # otherwise each visitor would get a session
        session[PENDING] = pending
    is_known = asked is not None and asked["issuer"] == provider.issuer
    if not is_known or timezone.now().timestamp() - asked["at"] > LONGEST_SECONDS:
        raise NotStarted(_("This sign-in was not started here, was used, or took too long."))
    if answer.get("iss", provider.issuer) != provider.issuer:
        raise Refused(_("The answer of the identity provider is not valid for this sign-in."))
    if code := answer.get("error"):
        raise ProviderError(error_sentence(code), known_code(code))
    discovery = discovered(provider.issuer)
    tokens = _tokens(provider, discovery, answer.get("code", ""), asked["verifier"], redirect_uri)
    claims = verified_claims(
        tokens,
        fetched(discovery.jwks_uri, issuer=provider.issuer),
        issuer=provider.issuer,
        client_id=provider.client_id,
        nonce=asked["nonce"],
    )
    return claims, asked["next"]


def _tokens(
    provider: IdentityProvider, discovery: Discovery, code: str, verifier: str, redirect_uri: str
) -> str:
    """Exchange the code for the ID token."""
    if not 0 < len(code) <= LONGEST_CODE:
        raise Refused(_("The answer of the identity provider is not valid for this sign-in."))
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
        "client_id": provider.client_id,
    }
    headers: dict[str, str] = {}
    secret = _secret(provider)
    if discovery.is_secret_in_form:
        form["client_secret"] = secret
    else:
        pair = f"{quote_plus(provider.client_id)}:{quote_plus(secret)}"
        headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    answer: dict[str, Any] = fetched(
        discovery.token_endpoint, issuer=provider.issuer, form=form, headers=headers
    )
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise Unreachable(_("The identity provider sent no ID token."))
    return token


def _secret(provider: IdentityProvider) -> str:
    try:
        return provider.secret
    except InvalidToken as error:
        raise Refused(
            _(
                "The client secret cannot be read, because the secret key of this server has "
                "changed. An admin must enter it again."
            )
        ) from error
