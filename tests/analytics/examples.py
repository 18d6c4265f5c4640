"""How many examples hypothesis tries.

The same at every run, so that a failure is the change's fault. HYPOTHESIS_PROFILE=search looks
fifty times further, and for new ones each time.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

ci = settings(
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
IS_SEARCH = os.environ.get("HYPOTHESIS_PROFILE") == "search"


def examples(number: int) -> settings:
    if IS_SEARCH:
        return settings(ci, derandomize=False, max_examples=50 * number)
    return settings(ci, max_examples=number)
