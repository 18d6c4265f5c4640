"""Accessibility of every page, each in one setting; `make browser` tests every page in all."""

from __future__ import annotations

from itertools import cycle

import pytest

from tests.browser.accessibility import (
    ROLES,
    SETTINGS,
    every_address,
    furnish,
    is_page,
    signed_in,
    violations,
)

# Real transactions: the server's thread must see the rows too.
pytestmark = pytest.mark.django_db(transaction=True)

SHARES = 2
# The home page leads to another; the others are of flows that a company with passwords has not.
UNUSED = {
    "/",
    "/accounts/password/set/",
    "/accounts/login/code/confirm/",
    "/shortcuts/nothing/",
}


@pytest.fixture
def sessions(readers):
    furnish(readers)
    return signed_in(readers)


@pytest.mark.parametrize("share", range(SHARES))
def test_every_page_has_no_accessibility_violation(share, sessions, open_as, complaints):
    addresses = list(zip(*(every_address(role) for role in ROLES), strict=True))
    settings, found, unused = cycle(SETTINGS[share::SHARES]), [], set()
    for number, by_role in enumerate(addresses[share::SHARES]):
        setting = next(settings)
        roles = sorted(ROLES, key=lambda role: (ROLES.index(role) - number) % len(ROLES))
        address_of = dict(zip(ROLES, by_role, strict=True))
        readers = (
            role
            for or_error in (False, True)
            for role in roles
            if is_page(sessions[role], address_of[role], or_error=or_error)
        )
        role = next(readers, None)
        if role is None:
            unused.add(by_role[0])
            continue
        seen = violations(open_as(sessions[role], setting), address_of[role])
        assert seen is not None, f"{role} {address_of[role]}"
        found += [f"{role} {setting} {one}" for one in seen]
    assert not found, "\n".join(found)
    assert unused <= UNUSED
    complaints[:] = [text for text in complaints if "Failed to load resource" not in text]
