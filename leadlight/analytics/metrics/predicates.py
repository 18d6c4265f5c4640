"""Conditions on leads and closed leads, and the days from creation to closing."""

from __future__ import annotations

import ibis
from ibis.expr.types import BooleanValue, FloatingValue, Table

from leadlight.analytics.star.schema import OPEN_STATUSES

SECONDS_PER_DAY = 86_400


def is_any(rows: Table) -> BooleanValue:
    """Return true for every row."""
    return ibis.literal(True)


def is_won(closed: Table) -> BooleanValue:
    return closed.status == "won"


def is_open(leads: Table) -> BooleanValue:
    return leads.status.isin(OPEN_STATUSES)


def is_standby(leads: Table) -> BooleanValue:
    return leads.status == "standby"


def is_lost(closed: Table) -> BooleanValue:
    return closed.status == "lost"


def is_cancelled(closed: Table) -> BooleanValue:
    return closed.status == "cancelled"


def is_unsuccessful(closed: Table) -> BooleanValue:
    """Return whether a closed lead was lost or cancelled."""
    return closed.status.isin(("lost", "cancelled"))


def is_decided(closed: Table) -> BooleanValue:
    """Return whether a closed lead was won or lost."""
    return closed.status.isin(("won", "lost"))


def is_won_without_amount(closed: Table) -> BooleanValue:
    return is_won(closed) & closed.amount.isnull()


def is_closed_before_creation(closed: Table) -> BooleanValue:
    return closed.seconds_to_close < 0


def days_to_close(closed: Table) -> FloatingValue:
    """Return the days from creation to closing, at least 0, in the unit of `seconds_to_close`."""
    return closed.seconds_to_close.clip(lower=0) / SECONDS_PER_DAY
