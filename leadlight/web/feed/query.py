"""Query of the feed: filters and days, parsed from and printed to a query string."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from leadlight.accounts.models import User
from leadlight.analytics.query import query_params
from leadlight.analytics.query.lead_filter import EVERY_LEAD, ME, UNKNOWN, WITHOUT, LeadFilter
from leadlight.analytics.query.periods import EARLIEST, Period
from leadlight.analytics.query.phrases import BadFilter, Phrase, gettext_noop
from leadlight.analytics.query.query_params import Clock
from leadlight.sales import access
from leadlight.web.feed.moments import Moment
from leadlight.web.shell.query_string import params_of

PRESETS = ("today", "yesterday", "last_7_days")
CUSTOM = "custom"
MENTIONED = "mentioned"
DIMENSIONS = ("team", "user")
DAYS = ("period", "from", "to")
BETWEEN = "~"  # between the instant and the lead of a position in an address


@dataclass(frozen=True)
class FeedQuery:
    """Query of the feed: the users who did something, the teams of the leads, kinds and days.

    `period` is None for all days; `preset` is its name if it was chosen by name.
    With `mentions_reader`, the feed has only the comments that mention the reader.
    """

    lead_filter: LeadFilter = EVERY_LEAD
    kinds: tuple[str, ...] = ()
    preset: str | None = None
    period: Period | None = None
    mentions_reader: bool = False

    @classmethod
    def from_request(
        cls,
        request: HttpRequest,
        clock: Clock,
        kinds: Collection[str],
        page_params: tuple[str, ...],
    ) -> FeedQuery:
        """Parse the query string of a request. Raises BadFilter for an invalid parameter."""
        params = params_of(request)
        query_params.refuse_unknown_names(
            params, {*DIMENSIONS, *DAYS, "kind", MENTIONED, *page_params}
        )
        preset, period = _days(params, clock)
        chosen = query_params.values(params, "kind")
        for kind in chosen:
            if kind not in kinds:
                raise BadFilter(UNKNOWN, dimension=Phrase(gettext_noop("kind")), key=kind)
        mentioned = query_params.one_of(params, MENTIONED, (ME,)) == ME
        lead_filter = LeadFilter.from_params(params, DIMENSIONS)
        return cls(lead_filter, chosen, preset, period, mentioned)

    def for_reader(self, user: User) -> FeedQuery:
        """Return the query with `me` replaced by the key of a user.

        Raises BadFilter for keys that do not exist or that the user may not see.
        """
        lead_filter = self.lead_filter.for_reader(user.key)
        if WITHOUT in lead_filter.keys("user"):
            raise BadFilter(UNKNOWN, dimension=Phrase(gettext_noop("user")), key=WITHOUT)
        lead_filter.refuse_unknown(lambda name, keys: access.unknown_keys(user, name, keys))
        return replace(self, lead_filter=lead_filter)

    @property
    def user_keys(self) -> tuple[str, ...]:
        return self.lead_filter.resolved.keys("user")

    @property
    def is_filtered(self) -> bool:
        return self != FeedQuery()

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Query-string pairs; equal queries have equal pairs."""
        pairs = [*self.lead_filter.to_pairs(), *(("kind", kind) for kind in self.kinds)]
        pairs += [(MENTIONED, ME)] if self.mentions_reader else []
        if self.preset is not None:
            pairs.append(("period", self.preset))
        elif self.period is not None:
            first, last = self.period.first, self.period.last
            pairs += [("from", first.isoformat())] * (first != EARLIEST)
            pairs.append(("to", last.isoformat()))
        return pairs

    @property
    def address(self) -> str:
        return self.address_with()

    def address_with(self, *more: tuple[str, str], name: str = "feed") -> str:
        pairs = [*self.pairs, *more]
        return reverse(name) + (f"?{urlencode(pairs)}" if pairs else "")

    def without_days(self) -> FeedQuery:
        return replace(self, preset=None, period=None)

    def instants(self, clock: Clock) -> tuple[datetime, datetime] | None:
        """Return the first instant of the days, and the first one after them; None for all days."""
        return None if self.period is None else self.period.instants(clock.zone)


def _days(params: Mapping[str, list[str]], clock: Clock) -> tuple[str | None, Period | None]:
    """Parse the days. A first or last day overrides a preset; either of them can be left out."""
    given = {name: query_params.values(params, name) for name in DAYS}
    preset = query_params.one_of(params, "period", (*PRESETS, CUSTOM))
    if given["from"] or given["to"]:
        given["period"] = ()
        given["from"] = given["from"] or (EARLIEST.isoformat(),)
    elif preset in (None, CUSTOM):
        return None, None
    return query_params.period(given, clock.day_of(clock.now), clock)


# Positions


def position_text(moment: Moment) -> str:
    at = moment.recorded_at.astimezone(UTC).replace(tzinfo=None)
    return f"{at.isoformat()}{BETWEEN}{moment.lead_id}"


def position_of(params: Mapping[str, list[str]]) -> Moment | None:
    """Parse the parameter `before`. Raises BadFilter if it is no position."""
    text = query_params.one(params, "before")
    if text is None:
        return None
    instant, _, number = text.partition(BETWEEN)
    try:
        at = datetime.fromisoformat(instant)
        if number.isascii() and number.isdecimal() and len(number) < 19 and at.tzinfo is None:
            return Moment(at.replace(tzinfo=UTC), int(number))
    except ValueError:
        pass  # not an instant: reported like any other malformed text
    raise BadFilter(
        gettext_noop("“%(value)s” is not a valid position on the Activity page."), value=text
    )
