"""Filter controls of the list of leads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.analytics.query.dimensions import LEAD_FILTERS
from leadlight.presentation import labels
from leadlight.presentation.choices import Chip, Choices, chosen_names
from leadlight.presentation.lead_choices import lead_choices
from leadlight.sales.field_filter import FieldFilter
from leadlight.web.leads.list_query import ListQuery
from leadlight.web.leads.work_filter import CRITERIA

FIRST = ("status", "user", "team", "step")


@dataclass(frozen=True)
class Bar:
    """Filter controls of the list in display order; `more` are those in an extra menu."""

    dimensions: tuple[Choices, ...]
    more: tuple[Choices, ...]
    chips: tuple[Chip, ...]
    all_tags: bool

    @property
    def choices_at(self) -> str:
        """URL prefix of the choices; the dimension and a slash follow."""
        return reverse("lead_choices", args=["of"]).removesuffix("of/")

    @property
    def used(self) -> int:
        """Number of filter values chosen in the extra menu; `all_tags` counts as one."""
        return sum(len(choices.chosen) for choices in self.more) + self.all_tags


def filter_bar(user: User, query: ListQuery) -> Bar:
    rest = tuple(name for name in LEAD_FILTERS if name not in FIRST)
    return Bar(
        dimensions=lead_choices(user, query.lead_filter, FIRST),
        more=lead_choices(user, query.lead_filter, rest),
        chips=tuple(_chips(user, query)),
        all_tags=query.lead_filter.all_tags,
    )


def _chips(user: User, query: ListQuery) -> Iterable[Chip]:
    names: Mapping[tuple[str, str], str] = chosen_names(user, query.lead_filter)
    for dimension, keys in query.lead_filter.chosen:
        for key in keys:
            left = tuple(other for other in keys if other != key)
            name = names.get((dimension, key), key)
            without = replace(query, lead_filter=query.lead_filter.with_keys(dimension, left))
            yield Chip(labels.titled(labels.GROUPINGS[dimension], name), without.address)
    for name, value in query.work.values:
        without = replace(query, work=query.work.with_value(name, None))
        yield Chip(CRITERIA[name].chip_of(value), without.address)
    for one in query.field_filters:
        others = tuple(other for other in query.field_filters if other is not one)
        without = replace(query, field_filters=others)
        yield Chip(labels.titled(one.field, ", ".join(_values_of(one))), without.address)


def _values_of(one: FieldFilter) -> Iterable[str]:
    """Yield the values of a filter by a custom field as texts for its chip."""
    yield from one.texts
    if one.first and one.last:
        yield _("%(first)s to %(last)s") % {"first": one.first, "last": one.last}
    elif one.first:
        yield _("from %(first)s") % {"first": one.first}
    elif one.last:
        yield _("up to %(last)s") % {"last": one.last}
    if one.is_none:
        yield _("without a value")
