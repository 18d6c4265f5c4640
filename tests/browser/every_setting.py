"""Accessibility of every page in every setting, for `make browser`: it takes half an hour.

pytest does not collect this module by itself.
"""

from __future__ import annotations

import pytest

from tests.browser.accessibility import (
    ROLES,
    SETTINGS,
    every_address,
    furnish,
    signed_in,
    violations,
)

# Real transactions: the server's thread must see the rows too.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "setting", SETTINGS, ids=lambda one: f"{one.language}-{one.size[0]}-{one.color_scheme}"
)
def test_every_page_has_no_accessibility_violation(role, setting, readers, open_as, complaints):
    furnish(readers)
    page = open_as(signed_in(readers)[role], setting)
    found = [one for address in every_address(role) for one in violations(page, address) or ()]
    assert not found, "\n".join(found)
    complaints[:] = [text for text in complaints if "Failed to load resource" not in text]
