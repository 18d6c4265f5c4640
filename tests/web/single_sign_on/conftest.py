"""Identity provider on loopback, at which Olga of the small company has an account."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from leadlight.accounts import identity_provider
from leadlight.accounts.openid import discovery
from leadlight.accounts.readers import SYSTEM
from tests import clock
from tests.openid_provider import CLIENT_ID, KEY, SECRET, jwk, running_provider


@pytest.fixture(scope="module")
def running():
    with running_provider(clock.START.timestamp) as provider:
        yield provider


@pytest.fixture
def provider(running, cast, monkeypatch):
    """Return the provider, to which the company is connected."""
    monkeypatch.setattr(discovery, "_kept", {})
    cache.clear()  # the rate limit of sign-ins
    running.claims = {"email": "Olga@Example.com", "email_verified": True}
    running.document, running.answers, running.sign = {}, {}, None
    running.keys, running.asked = [jwk(KEY)], []
    values = {"issuer": running.issuer, "client_id": CLIENT_ID, "secret": SECRET, "name": "Work"}
    identity_provider.change(values, by=SYSTEM)
    return running
