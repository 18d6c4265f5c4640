"""Exceptions with which a job says what becomes of it, instead of being tried again as usual."""

from __future__ import annotations

from datetime import datetime


class Hopeless(Exception):
    """Another attempt would fail too. The job is failed, with this sentence for the admins."""


class Postponed(Exception):
    """The job runs at `at` instead; this attempt does not count."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self.at = at
