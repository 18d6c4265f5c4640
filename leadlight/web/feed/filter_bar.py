"""Filter controls and chips of the feed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.analytics.query.lead_filter import WITHOUT
from leadlight.analytics.query.periods import EARLIEST, Period
from leadlight.presentation import formats, labels
from leadlight.presentation.choices import (
    Chip,
    Choice,
    Choices,
    choices_of,
    chosen_names,
    may_filter_by,
)
from leadlight.web.feed.query import PRESETS, FeedQuery


@dataclass(frozen=True)
class DayLink:
    """Link that sets or removes one filter of the feed."""

    text: str
    address: str
    is_chosen: bool


@dataclass(frozen=True)
class Bar:
    """Filter controls of the feed; `first` and `last` are the days of the form, "" for none."""

    dimensions: tuple[Choices, ...]
    day_links: tuple[DayLink, ...]
    chips: tuple[Chip, ...]
    preset: str
    first: str
    last: str
    mentions: DayLink

    @property
    def choices_at(self) -> str:
        """URL prefix of the choices; the dimension and a slash follow."""
        return reverse("feed_choices", args=["of"]).removesuffix("of/")


def filter_bar(user: User, query: FeedQuery, kinds: Mapping[str, str]) -> Bar:
    choices = [
        feed_choices(user, name, query.lead_filter.keys(name))
        for name in ("user", "team")
        if may_filter_by(user, name)
    ]
    kind_choices = tuple(Choice(kind, kinds[kind], kind in query.kinds) for kind in kinds)
    days = query.period if query.preset is None else None
    return Bar(
        (
            *(one for one in choices if one.is_worth_showing),
            Choices("kind", _("Kind"), kind_choices, hidden_count=0),
        ),
        tuple(_day_links(query)),
        tuple(_chips(user, query, kinds)),
        query.preset or "",
        days.first.isoformat() if days and days.first != EARLIEST else "",
        days.last.isoformat() if days else "",
        _mentions_link(query),
    )


def feed_choices(
    user: User, dimension: str, chosen: tuple[str, ...], searched: str = ""
) -> Choices:
    """Return the choices of users or teams; the feed has no filter for entries without a user."""
    choices = choices_of(user, dimension, chosen, searched)
    if dimension != "user":
        return choices
    return replace(choices, shown=tuple(one for one in choices.shown if one.value != WITHOUT))


def _day_links(query: FeedQuery) -> Iterator[DayLink]:
    every_day = query.without_days()
    yield DayLink(_("Any day"), every_day.address, query.period is None)
    for preset in PRESETS:
        address = every_day.address_with(("period", preset))
        yield DayLink(str(labels.PRESETS[preset]), address, query.preset == preset)


def _mentions_link(query: FeedQuery) -> DayLink:
    """Return the link to the comments that mention the reader, or back to everything."""
    other = replace(query, mentions_reader=not query.mentions_reader)
    return DayLink(_("Mentions of me"), other.address, query.mentions_reader)


def _chips(user: User, query: FeedQuery, kinds: Mapping[str, str]) -> Iterator[Chip]:
    names = chosen_names(user, query.lead_filter)
    for dimension, keys in query.lead_filter.chosen:
        for key in keys:
            left = tuple(other for other in keys if other != key)
            lead_filter = query.lead_filter.with_keys(dimension, left)
            text = labels.titled(labels.GROUPINGS[dimension], names.get((dimension, key), key))
            yield Chip(text, replace(query, lead_filter=lead_filter).address)
    for kind in query.kinds:
        left = tuple(other for other in query.kinds if other != kind)
        yield Chip(labels.titled(_("Kind"), kinds[kind]), replace(query, kinds=left).address)
    if query.mentions_reader:
        yield Chip(_("Mentions of me"), replace(query, mentions_reader=False).address)
    if query.period is not None:
        yield Chip(_days_text(query, query.period), query.without_days().address)


def _days_text(query: FeedQuery, period: Period) -> str:
    if query.preset is not None:
        return str(labels.PRESETS[query.preset])
    if period.first == EARLIEST:
        return _("up to %(last)s") % {"last": formats.day(period.last)}
    return formats.span(period.first, period.last)
