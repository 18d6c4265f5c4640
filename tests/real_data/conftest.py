"""Tests on real companies' data, collected only if LEADLIGHT_REAL_DATA names its folder."""

from __future__ import annotations

import os

REAL_DATA = os.environ.get("LEADLIGHT_REAL_DATA", "")
collect_ignore_glob = [] if REAL_DATA else ["test_*.py"]
