"""ID tokens that are not those of a provider, for this client, sign-in and time."""

from __future__ import annotations

import jwt
import pytest

from leadlight.accounts.models import Identity
from tests import clock
from tests.openid_provider import CLIENT_ID, KEY, OTHER_KEY, SECRET, jwk
from tests.web.single_sign_on.steps import assert_refused, go

pytestmark = pytest.mark.database

INVALID = "The answer of the identity provider is not valid for this sign-in."


WRONG_CLAIMS = {
    "nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "issuer": {"iss": "https://elsewhere.example"},
    "audience": {"aud": "another"},
    "audiences without a party": {"aud": [CLIENT_ID, "another"]},
    "issued to another party": {"aud": [CLIENT_ID, "another"], "azp": "another"},
    "no subject": {"sub": None},
    "empty subject": {"sub": ""},
    "subject of another type": {"sub": 1},
    "long subject": {"sub": "s" * 256},
    "subject with NUL": {"sub": "a\0b"},
    "time of another type": {"exp": "tomorrow"},
}


@pytest.mark.parametrize("name", WRONG_CLAIMS)
def test_a_token_with_wrong_claims_is_refused(name, cast, visit, provider):
    provider.claims |= WRONG_CLAIMS[name]
    browser = visit()
    assert_refused(browser, go(browser, provider), INVALID)
    assert not Identity.objects.exists()


def test_several_audiences_are_accepted_if_this_client_is_the_party(cast, visit, provider):
    provider.claims |= {"aud": [CLIENT_ID, "another"], "azp": CLIENT_ID}
    assert go(visit(), provider).url == "/"


@pytest.mark.parametrize(
    ("claims", "is_accepted"),
    [
        ({"exp": -61}, False),
        ({"exp": -50}, True),
        ({"iat": 70}, False),
        ({"iat": 50}, True),
        ({"nbf": 70}, False),
    ],
)
def test_clocks_may_differ_by_a_minute(claims, is_accepted, cast, visit, provider):
    start = int(clock.START.timestamp())
    provider.claims |= {name: start + seconds for name, seconds in claims.items()}
    browser = visit()
    answer = go(browser, provider)
    if is_accepted:
        assert answer.url == "/"
    else:
        assert_refused(browser, answer, "is not valid at this time.")


def unsigned(claims):
    return jwt.encode(claims, None, algorithm="none")


def symmetric(claims):
    return jwt.encode(claims, SECRET * 2, algorithm="HS256", headers={"kid": "first"})


def without_signature(claims):
    return (
        jwt.encode(claims, KEY, algorithm="RS256", headers={"kid": "first"}).rpartition(".")[0]
        + "."
    )


def by_another_key(claims):
    return jwt.encode(claims, OTHER_KEY, algorithm="RS256", headers={"kid": "first"})


def of_an_unknown_key(claims):
    return jwt.encode(claims, OTHER_KEY, algorithm="RS256", headers={"kid": "second"})


def with_its_own_key(claims):
    headers = {"kid": "first", "jwk": jwk(OTHER_KEY), "jku": "https://elsewhere.example/keys"}
    return jwt.encode(claims, OTHER_KEY, algorithm="RS256", headers=headers)


def no_token(_claims):
    return "three.small.words"


FORGERIES = (
    unsigned,
    symmetric,
    without_signature,
    by_another_key,
    of_an_unknown_key,
    with_its_own_key,
    no_token,
)


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.__name__)
def test_a_token_that_the_provider_has_not_signed_is_refused(forgery, cast, visit, provider):
    provider.sign = forgery
    browser = visit()
    assert_refused(browser, go(browser, provider), INVALID)


@pytest.mark.parametrize(
    "keys", [[], [{}], ["text"], [{**jwk(KEY), "use": "enc"}], [{**jwk(KEY), "alg": "PS256"}], None]
)
def test_keys_that_are_none_verify_nothing(keys, cast, visit, provider):
    provider.keys = keys
    browser = visit()
    assert_refused(browser, go(browser, provider), INVALID)


def test_a_new_key_of_the_provider_is_used_at_once(cast, visit, provider):
    go(visit(), provider)
    provider.keys = [jwk(KEY), jwk(OTHER_KEY, "second")]
    provider.sign = of_an_unknown_key
    assert go(visit(), provider).url == "/"
