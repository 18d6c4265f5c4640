"""Readers of reports: a person, or the system itself, which sees everything."""

from __future__ import annotations

from enum import Enum

from leadlight.accounts.models import User


class System(Enum):
    """The one reader that is nobody's account: the command line, the benchmark, the checks."""

    SYSTEM = "system"


SYSTEM = System.SYSTEM
Reader = User | System
