"""Choices that a reader has in the filters of a report, and the names of the chosen ones."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.accounts.readers import SYSTEM, Reader
from leadlight.analytics.query.dimensions import (
    FIELD_PREFIX,
    field_of,
    is_of_field,
    is_report_filter,
)
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.lead_filter import ME, WITHOUT, LeadFilter
from leadlight.analytics.reports import company
from leadlight.presentation import labels
from leadlight.reporting.reader import report_reader, scope_of
from leadlight.sales import access
from leadlight.sales.models import CustomField

STEP_ORDER = ("-pipeline__is_default", "pipeline__name", "pipeline_id", "position", "pk")
# Number of choices to show; the others are found by search.
MOST_CHOICES = 40
# Dimensions of which a reader who does not see all leads sees the values of their leads only.
NAMES_OF_LEADS = ("client", "prospecting_list")


@dataclass(frozen=True)
class Choice:
    value: str
    text: str
    is_chosen: bool = False


@dataclass(frozen=True)
class Choices:
    """Choices of one dimension: the chosen ones, then at most `MOST_CHOICES` others.

    `hidden_count` is the number of choices that are not shown. With `is_single`, only one can be
    chosen.
    """

    dimension: str
    title: str
    shown: tuple[Choice, ...]
    hidden_count: int
    is_single: bool = False

    @property
    def html_id(self) -> str:
        """Dimension as part of an HTML id, with whitespace replaced by underscores."""
        return re.sub(r"\s", "_", self.dimension)

    @property
    def chosen(self) -> tuple[Choice, ...]:
        return tuple(choice for choice in self.shown if choice.is_chosen)

    @property
    def boxes(self) -> SafeString:
        """Checkboxes, or radio buttons, as HTML.

        A loop in a template would be ten times slower, on every page.
        """
        name, kind = escape(self.dimension), "radio" if self.is_single else "checkbox"
        return mark_safe(  # noqa: S308 - names, values and texts are escaped
            "\n".join(
                f'<li><label><input type="{kind}" form="filters" name="{name}" '
                f'value="{escape(choice.value)}"{" checked" * choice.is_chosen}> '
                f"{escape(choice.text)}</label></li>"
                for choice in self.shown
            )
        )

    @property
    def is_worth_showing(self) -> bool:
        """Whether there are enough choices: two users or pipelines, or one of another dimension.

        *Me* and the choice without a value do not count. A dimension with a chosen value is always
        worth showing.
        """
        names = [choice for choice in self.shown if choice.value not in (ME, WITHOUT)]
        fewest = 2 if self.dimension in ("user", "pipeline") else 1
        return len(names) + self.hidden_count >= fewest or bool(self.chosen)


@dataclass(frozen=True)
class Chip:
    """Active filter; `address` is that of the page without it, "" if the filter is required."""

    text: str
    address: str


def query_sentences(reader: Reader, filters: Filters) -> list[str]:
    """Return sentences: the reader's scope if it is restricted, then the filters."""
    names = chosen_names(reader, filters)
    return [*labels.whose(scope_of(reader)), *labels.filter_sentences(filters, names)]


def choices_of(user: User, dimension: str, chosen: Sequence[str], searched: str = "") -> Choices:
    """Return a reader's choices of a dimension; `searched` filters those that are not chosen.

    The first user is always the reader, as *Me*, whatever is searched for.
    """
    without = labels.without_choice(dimension)
    found, hidden_count = _matching_choices(user, dimension, chosen, searched)
    shown = [Choice(WITHOUT, without, WITHOUT in chosen)] if without and found else []
    if dimension == "user":
        shown = [Choice(ME, _me(user), ME in chosen), *shown]
    return Choices(dimension, str(labels.GROUPINGS[dimension]), (*shown, *found), hidden_count)


def field_choices(field: CustomField, chosen: Sequence[str]) -> Choices:
    """Return all choices of a custom field, in its order."""
    name = FIELD_PREFIX + field.key
    without = Choice(WITHOUT, labels.without_choice(name), WITHOUT in chosen)
    shown = (Choice(choice, choice, choice in chosen) for choice in field.choices)
    return Choices(name, field.name, (without, *shown), hidden_count=0)


def _me(user: User) -> str:
    return _("Me (%(name)s)") % {"name": user}


def offered_choices(user: User, dimension: str, chosen: Sequence[str]) -> Choices:
    """Return the choices of a dimension for a closed menu.

    Choices that take long to look up are looked up only when the menu is opened: sources, which
    need a query on the replica, and `NAMES_OF_LEADS`, for readers who do not see all leads. Until
    then only the chosen ones are shown, and `hidden_count` is 1 if there may be others.
    """
    title = str(labels.GROUPINGS[dimension])
    if dimension == "source":
        known = tuple(Choice(key, key, True) for key in chosen)
        return Choices(dimension, title, known, hidden_count=1)
    if dimension not in NAMES_OF_LEADS or chosen or access.sees_all_leads(user):
        return choices_of(user, dimension, chosen)
    exists = access.choices(SYSTEM, dimension).exists()
    return Choices(dimension, title, (), hidden_count=int(exists))


def _matching_choices(
    user: User, dimension: str, chosen: Sequence[str], searched: str
) -> tuple[list[Choice], int]:
    if dimension == "source":
        return _sources(user, chosen, searched)
    rows = access.choices(user, dimension)
    if dimension == "tag":
        rows = rows.select_related("category").order_by("category__name", "name", "pk")
    if dimension == "step":
        rows = rows.select_related("pipeline").order_by(*STEP_ORDER)
    if dimension in ("client", "prospecting_list"):
        rows = rows.only("key", "name")
    if dimension == "user":
        rows = rows.order_by("-is_active", "first_name", "last_name", "pk")
    picked = list(rows.filter(key__in=chosen)) if set(chosen) - {WITHOUT} else []
    rest = _matching(rows.exclude(key__in=chosen), dimension, searched)
    shown = list(rest[: MOST_CHOICES + 1])
    hidden_count = rest.count() - MOST_CHOICES if len(shown) > MOST_CHOICES else 0
    choices = [Choice(row.key, _name(row, dimension), True) for row in picked]
    choices += [Choice(row.key, _name(row, dimension)) for row in shown[:MOST_CHOICES]]
    return choices, hidden_count


def _matching(rows: QuerySet[Any], dimension: str, searched: str) -> QuerySet[Any]:
    """Filter the rows to those whose name contains every searched word."""
    names = ("first_name", "last_name") if dimension == "user" else ("name",)
    for word in searched.split():
        having = Q()
        for name in names:
            having |= Q(**{f"{name}__icontains": word})
        rows = rows.filter(having)
    return rows


def _sources(user: User, chosen: Sequence[str], searched: str) -> tuple[list[Choice], int]:
    """Return the sources of the leads visible to the reader, and the number of further ones.

    Sources have no table: a report lists them. It is a query on the replica, run only when the
    reader opens this filter.
    """
    picked = [Choice(source, source, True) for source in chosen if source != WITHOUT]
    params = {"period": ["all_time"], "group_by": ["source"]}
    rows = report_reader(user).run(company.REPORT, params).rows
    words = searched.casefold().split()
    names = [
        row.key
        for row in rows
        if row.key and row.key not in chosen and all(word in row.key.casefold() for word in words)
    ]
    shown = [Choice(name, name) for name in names[:MOST_CHOICES]]
    return [*picked, *shown], len(names) - len(shown)


def _name(row: Any, dimension: str) -> str:
    if dimension == "step":
        return f"{row.pipeline} · {row}"
    if dimension == "tag" and row.category:
        return f"{row.category} · {row}"
    if dimension == "user" and not row.is_active:
        return _("%(name)s (has left)") % {"name": row}
    return str(row)


def chosen_names(reader: Reader, filters: Filters | LeadFilter) -> dict[tuple[str, str], str]:
    """Return the names of all chosen values, and of the reader if chosen as *Me*.

    The keys are pairs (dimension, key); the names of custom fields are in the dimension `field`.
    """
    names = _field_names(filters)
    for dimension, keys in filters.chosen:
        for key in keys:
            names[dimension, key] = labels.without_choice(dimension) or _("none")
        if dimension == "status":
            names |= {(dimension, key): labels.status(key) for key in keys if key != WITHOUT}
        elif dimension == "source" or is_of_field(dimension):
            names |= {(dimension, key): key for key in keys if key != WITHOUT}
        elif set(keys) - {WITHOUT}:
            rows = access.choices(reader, dimension).filter(key__in=keys)
            names |= {(dimension, row.key): str(row) for row in rows}
        if dimension == "user" and ME in keys and reader is not SYSTEM:
            names |= {("user", ME): _me(reader), ("user", reader.key): str(reader)}
    return names


def _field_names(filters: Filters | LeadFilter) -> dict[tuple[str, str], str]:
    keys = [field for name, _keys in filters.chosen if (field := field_of(name)) is not None]
    if not keys:
        return {}
    named = CustomField.objects.filter(key__in=keys).values_list("key", "name")
    return {("field", key): name for key, name in named}


def may_filter_by(user: User, dimension: str) -> bool:
    """Return whether the reader may filter by a dimension; by team only if there are any."""
    return is_report_filter(dimension) and (
        dimension != "team" or access.filterable_teams(user).exists()
    )


def filterable(user: User, dimension: str, keys: Collection[str]) -> frozenset[str]:
    """Return those of the keys by which this reader may filter.

    In a dimension that the reader may filter by, `none` is always allowed. A report can have rows
    that the reader may not filter by: past owners of a lead that the reader can see now, and teams
    of other managers.
    """
    if not may_filter_by(user, dimension):
        return frozenset()
    named = [key for key in keys if key != WITHOUT]
    return frozenset(keys) - frozenset(access.unknown_keys(user, dimension, named))
