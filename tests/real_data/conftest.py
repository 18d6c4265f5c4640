"""Tests on the real companies, collected only where LEADLIGHT_REAL_DATA names their folder."""

from __future__ import annotations

import os

REAL_DATA = os.environ.get("LEADLIGHT_REAL_DATA", "")
collect_ignore_glob = [] if REAL_DATA else ["test_*.py"]
