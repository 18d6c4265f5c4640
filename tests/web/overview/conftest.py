"""Clock of the overview: the 14th of February, unless a test sets another instant."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests.web.overview.parts import MID_FEBRUARY


@pytest.fixture(autouse=True)
def now(readers, monkeypatch):
    def set_now(instant):
        monkeypatch.setattr(timezone, "now", lambda: instant)

    set_now(MID_FEBRUARY)
    return set_now
