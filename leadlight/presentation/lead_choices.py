"""Choices in filters of leads: the dimensions of reports, and status and step."""

from __future__ import annotations

from collections.abc import Iterable

from leadlight.accounts.models import User
from leadlight.accounts.readers import Reader
from leadlight.analytics.query.dimensions import LEAD_FILTERS
from leadlight.analytics.query.lead_filter import LeadFilter
from leadlight.presentation import labels
from leadlight.presentation.choices import (
    Choice,
    Choices,
    choices_of,
    may_filter_by,
    offered_choices,
)
from leadlight.sales import access
from leadlight.sales.models import Lead


def lead_choices(user: User, lead_filter: LeadFilter, names: Iterable[str]) -> tuple[Choices, ...]:
    """Return the choices of dimensions for closed menus; those not worth showing are left out."""
    every = (
        _offered(user, name, lead_filter.keys(name)) for name in names if may_choose(user, name)
    )
    return tuple(choices for choices in every if choices.is_worth_showing)


def searched_choices(user: User, dimension: str, chosen: tuple[str, ...], searched: str) -> Choices:
    """Return the choices of a dimension whose names contain the words searched for."""
    if dimension == "status":
        return _statuses(chosen)
    return choices_of(user, dimension, chosen, searched)


def may_choose(user: User, dimension: str) -> bool:
    """Return whether a user may filter leads by a dimension."""
    if dimension in ("status", "step"):
        return True
    return dimension in LEAD_FILTERS and may_filter_by(user, dimension)


def unknown_choices(reader: Reader, dimension: str, keys: tuple[str, ...]) -> Iterable[str]:
    """Return the keys that do not exist or that the reader may not see."""
    if dimension == "status":
        return [key for key in keys if key not in Lead.Status.values]
    return access.unknown_keys(reader, dimension, keys)


def _offered(user: User, dimension: str, chosen: tuple[str, ...]) -> Choices:
    return _statuses(chosen) if dimension == "status" else offered_choices(user, dimension, chosen)


def _statuses(chosen: tuple[str, ...]) -> Choices:
    shown = (Choice(str(value), str(text), value in chosen) for value, text in Lead.Status.choices)
    return Choices("status", str(labels.GROUPINGS["status"]), tuple(shown), hidden_count=0)
