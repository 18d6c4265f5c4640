"""Readers of reports: a user, or the system, which sees everything."""

from __future__ import annotations

from enum import Enum

from leadlight.accounts.models import User


class System(Enum):
    """Reader without an account: the command line, the benchmark and the checks."""

    SYSTEM = "system"


SYSTEM = System.SYSTEM
Reader = User | System
