"""What a reader asks for, as a value: parse, print, describe, narrow.

A filter is read from a query string, printed back to it in one canonical order (equal filters are
equal addresses), told in sentences, and narrows a table of leads. Bad values are refused with a
sentence (`BadFilter`), never ignored. Keys are external ids; `none` asks for rows without one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from ibis.expr.types import BooleanValue, IntegerColumn, Table

from leadlight.analytics.query import periods, query_params
from leadlight.analytics.query.bound_values import bound
from leadlight.analytics.query.filter_words import (
    ALL_OF,
    ANY_OF,
    DIMENSION_WORDS,
    SWITCH_SENTENCES,
    UNKNOWN,
    WITHOUT_WORDS,
)
from leadlight.analytics.query.no_value import NO_VALUE
from leadlight.analytics.query.periods import UNITS, Calendar, Period, Unit
from leadlight.analytics.query.phrases import BadFilter, Phrase, gettext_noop
from leadlight.analytics.query.query_params import DEFAULT_PRESET, Clock, QueryParams
from leadlight.analytics.star.schema import TABLES

WITHOUT = "none"
SOME = "*"  # in the shape of filters: keys, whichever they are

# Dimension → the table of its keys, or None where the lead holds the key itself.
DIMENSIONS: dict[str, str | None] = {
    "user": "users",
    "team": "teams",
    "pipeline": "pipelines",
    "tag": "tags",
    "source": None,
    "prospecting_list": "prospecting_lists",
    "client": "clients",
}
# Answered by the credited user and team of each fact; the others by the lead itself.
CREDITED = ("user", "team")

# Name → the choices, the default first.
SWITCHES: dict[str, tuple[str, ...]] = {
    "credit": ("event", "owner", "creator"),
    "leave_cancelled_out": ("no", "yes"),
    "tags": ("any", "all"),
    # How durations are told.
    "days": ("calendar", "working"),
    # Pipeline: whether a step that was skipped was entered.
    "skipping": ("reached", "visited"),
    # Activities: what they were done on.
    "activities_on": ("both", "leads", "prospects"),
    # Prospecting: whether the period chooses lists by their day, or events by theirs.
    "prospects_by": ("list", "event"),
    # Leads by creation: what the triangle shows the share of.
    "share_of": ("won", "lost", "cancelled", "closed"),
}
COMPARISONS = ("previous", "last_year")

NAMES = (
    "period",
    "from",
    "to",
    "compare",
    "group_by",
    "bucket",
    "as_of",
    "view",
    *DIMENSIONS,
    *SWITCHES,
)

PAST = gettext_noop("You are looking at the past: what was recorded later does not count here.")


@dataclass(frozen=True)
class Filters:
    """One reader's question, without the report it is put to.

    `today` is the local day of `as_of`, or of now; `asked_at` the instant up to which facts count.
    """

    period: Period
    today: date
    calendar: Calendar
    asked_at: datetime = field(compare=False)
    zone: ZoneInfo
    preset: str | None = None
    as_of: datetime | None = None
    compare: Literal["previous", "last_year"] | None = None
    group_by: str | None = None
    unit: Unit | None = None
    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    switched: tuple[tuple[str, str], ...] = ()
    view: str | None = None
    default_preset: str = DEFAULT_PRESET

    # Parse

    @classmethod
    def from_query(
        cls,
        params: QueryParams,
        clock: Clock,
        *,
        groupings: Iterable[str],
        preset: str = DEFAULT_PRESET,
        view: str | None = None,
        extra_params: Iterable[str] = (),
    ) -> Filters:
        """Read a query string: name → values. Names in `extra_params` are the caller's own.

        `groupings`, the default `preset` and the `view` are those of the report that is asked.
        """
        query_params.refuse_unknown_names(params, {*NAMES, *extra_params})
        as_of = query_params.as_of(params, clock)
        asked_at = as_of or clock.now
        today = clock.day_of(asked_at)
        chosen_preset, period = query_params.period(params, today, clock, preset)
        return cls(
            period=period,
            preset=chosen_preset,
            default_preset=preset,
            view=view,
            today=today,
            calendar=clock.calendar,
            zone=clock.zone,
            asked_at=asked_at,
            as_of=as_of,
            compare=cast(
                "Literal['previous', 'last_year'] | None",
                query_params.one_of(params, "compare", COMPARISONS),
            ),
            group_by=_grouping(params, groupings),
            unit=cast("Unit | None", query_params.one_of(params, "bucket", UNITS)),
            chosen=tuple(
                (name, keys) for name in DIMENSIONS if (keys := query_params.values(params, name))
            ),
            switched=tuple(
                (name, value)
                for name, choices in SWITCHES.items()
                if (value := query_params.one_of(params, name, choices)) and value != choices[0]
            ),
        )

    # Read

    def keys(self, dimension: str) -> tuple[str, ...]:
        """The chosen keys, sorted; empty when the dimension restricts nothing."""
        return dict(self.chosen).get(dimension, ())

    def switch(self, name: str) -> str:
        return dict(self.switched).get(name, SWITCHES[name][0])

    @property
    def bucket_unit(self) -> Unit:
        """Chosen, or that of a period to come, or the finest that gives at most 40 rows."""
        if self.unit:
            return self.unit
        coming, _times = periods.COMING_PRESETS.get(self.preset or "", (None, 0))
        return coming or periods.default_unit(self.period, self.calendar)

    def buckets(self) -> list[periods.Bucket]:
        return periods.buckets(self.period, self.bucket_unit, self.calendar)

    def is_unfinished(self, bucket: periods.Bucket) -> bool:
        """Whether the bucket is not over yet, or reaches beyond the period."""
        cut = bucket.first < self.period.first or bucket.last > self.period.last
        return cut or bucket.last >= self.today

    def is_coming(self, bucket: periods.Bucket) -> bool:
        """Whether the bucket, unfinished as it is, has not begun yet and is not cut."""
        return self.today < bucket.first and bucket.last <= self.period.last

    def choosing(self, dimension: str, keys: tuple[str, ...]) -> Filters:
        """The same question with these keys of a dimension instead."""
        chosen = dict(self.chosen) | {dimension: keys}
        return replace(
            self, chosen=tuple((name, chosen[name]) for name in DIMENSIONS if chosen.get(name))
        )

    def refuse_unknown(self, unknown: Callable[[str, tuple[str, ...]], Iterable[str]]) -> None:
        """Refuse keys that `unknown(dimension, keys)` does not know, or may not know."""
        for dimension, keys in self.chosen:
            for key in unknown(dimension, tuple(key for key in keys if key != WITHOUT)):
                raise BadFilter(
                    UNKNOWN,
                    dimension=Phrase(DIMENSION_WORDS[dimension]),
                    key=key,
                )

    # Derive

    @property
    def shape(self) -> Filters:
        """Filters without values: questions of equal shapes share their SQL.

        It has neither days nor instants nor keys. Who reads one of them from it is told so: it
        must be a bound value.
        """
        return replace(
            self,
            period=cast(Period, NO_VALUE),
            today=cast(date, NO_VALUE),
            asked_at=cast(datetime, NO_VALUE),
            zone=cast(ZoneInfo, NO_VALUE),
            as_of=self.as_of and cast(datetime, NO_VALUE),
            preset=None,
            default_preset="",
            compare=None,
            group_by=shape_of_grouping(self.group_by),
            unit=self.bucket_unit,
            chosen=tuple((dimension, _shape_of_keys(keys)) for dimension, keys in self.chosen),
        )

    def compared(self) -> Filters | None:
        """The same question about the period compared with; None when there is none."""
        if self.compare is None:
            return None
        if self.compare == "previous":
            period = periods.previous(self.period, self.preset, self.calendar)
        else:
            period = periods.same_last_year(self.period)
        return replace(self, period=period, preset=None, compare=None, unit=self.bucket_unit)

    # Print

    def to_pairs(self) -> list[tuple[str, str]]:
        """Names and values in canonical order; equal filters give equal pairs."""
        pairs: list[tuple[str, str | None]] = [("view", self.view)]
        if self.preset:
            is_default = self.preset == self.default_preset
            pairs.append(("period", None if is_default else self.preset))
        else:
            pairs += [("from", self.period.first.isoformat()), ("to", self.period.last.isoformat())]
        pairs += [("compare", self.compare), ("group_by", self.group_by), ("bucket", self.unit)]
        pairs += [(name, key) for name, keys in self.chosen for key in keys]
        pairs += self.switched
        if self.as_of:
            pairs.append(("as_of", self.as_of.astimezone(self.zone).isoformat()))
        return [(name, value) for name, value in pairs if value is not None]

    def to_query(self, **extra_params: str) -> str:
        """The query string, with the caller's own names after it."""
        return urlencode([*self.to_pairs(), *extra_params.items()])

    # Describe

    def describe(self, name_of: Callable[[str, str], str]) -> list[Phrase]:
        """The question in sentences; `name_of(dimension, key)` gives names to keys."""
        first, last = self.period.first, self.period.last
        days = (
            Phrase(gettext_noop("On %(day)s."), {"day": first})
            if first == last
            else Phrase(gettext_noop("From %(first)s to %(last)s."), {"first": first, "last": last})
        )
        sentences = [days]
        for dimension, keys in self.chosen:
            names = [
                Phrase(WITHOUT_WORDS[dimension]) if key == WITHOUT else name_of(dimension, key)
                for key in keys
            ]
            every = dimension == "tag" and self.switch("tags") == "all"
            sentences.append(Phrase(ALL_OF if every else ANY_OF[dimension], {"names": names}))
        sentences += [
            Phrase(SWITCH_SENTENCES[name, value])
            for name, value in self.switched
            if (name, value) in SWITCH_SENTENCES
        ]
        if self.as_of:
            sentences.append(
                Phrase(gettext_noop("As recorded up to %(instant)s."), {"instant": self.as_of})
            )
        return sentences

    # Narrow

    def narrow(self, leads: Table) -> Table:
        """The leads with the chosen pipelines, tags, sources, lists and clients."""
        for dimension, keys in self.chosen:
            if dimension == "tag":
                leads = self._with_tags(leads, keys)
            elif dimension not in CREDITED:
                leads = leads.filter(having(leads, dimension, keys))
        return leads

    def narrow_credited(self, facts: Table) -> Table:
        """The facts credited to the chosen users and teams (`user_id`, `team_id`)."""
        for dimension in CREDITED:
            if keys := self.keys(dimension):
                facts = facts.filter(having(facts, dimension, keys))
        return facts

    def _with_tags(self, leads: Table, keys: tuple[str, ...]) -> Table:
        """Those with any of the tags, or with all: as many of the chosen ones as there are."""
        if self.switch("tags") == "any":
            return leads.filter(tagged(leads, keys))
        if WITHOUT in keys:
            leads = leads.filter(tagged(leads, (WITHOUT,)))
        if has_named(keys):
            found = _chosen_tags().group_by("lead_id").aggregate(tags=lambda rows: rows.count())
            leads = leads.filter(leads.lead_id.isin(found.filter(found.tags == TAGS).lead_id))
        return leads


def has_named(keys: tuple[str, ...]) -> bool:
    """Whether any of the keys is that of something."""
    return any(key != WITHOUT for key in keys)


def having(table: Table, dimension: str, keys: tuple[str, ...]) -> BooleanValue:
    """Whether a row's id (or text) in this dimension is one of the keys chosen, or missing where
    `none` is among them."""
    name = DIMENSIONS[dimension]
    column = table[f"{dimension}_id" if name else dimension]
    found = column.isin(_ids(dimension)) if name else KEYS[dimension].contains(column)
    if WITHOUT not in keys:
        return found
    return column.isnull() | found if has_named(keys) else column.isnull()


def tagged(leads: Table, keys: tuple[str, ...]) -> BooleanValue:
    """Whether a lead has one of the tags chosen, or no tag at all where `none` is among them."""
    has_one = leads.lead_id.isin(_chosen_tags().lead_id)
    if WITHOUT not in keys:
        return has_one
    untagged = leads.lead_id.notin(TABLES["lead_tags"].lead_id)
    return untagged | has_one if has_named(keys) else untagged


def _chosen_tags() -> Table:
    lead_tags = TABLES["lead_tags"]
    return lead_tags.filter(lead_tags.tag_id.isin(_ids("tag")))


def _ids(dimension: str) -> IntegerColumn:
    rows = TABLES[cast(str, DIMENSIONS[dimension])]
    chosen = rows.filter(KEYS[dimension].contains(rows[f"{dimension}_key"]))
    return cast(IntegerColumn, chosen[f"{dimension}_id"])


# The shape of filters


def _shape_of_keys(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        key for key in (SOME, WITHOUT) if (has_named(keys) if key == SOME else key in keys)
    )


def shape_of_grouping(group_by: str | None) -> str | None:
    """The grouping, of whichever category it is."""
    return f"category:{SOME}" if group_by and group_by.startswith("category:") else group_by


# The values of filters


def _named(dimension: str) -> Callable[[Any], list[str]]:
    return lambda query: [key for key in query.filters.keys(dimension) if key != WITHOUT]


FIRST = bound("first_day", "date", lambda query: query.filters.period.first)
LAST = bound("last_day", "date", lambda query: query.filters.period.last)
TODAY = bound("today", "date", lambda query: query.filters.today)
# The last day of the period, or today where that is earlier.
LAST_SO_FAR = bound(
    "last_day_so_far",
    "date",
    lambda query: min(query.filters.period.last, query.filters.today),
)
KEYS = {
    dimension: bound(f"{dimension}_keys", "array<string>", _named(dimension))
    for dimension in DIMENSIONS
}
TAGS = bound("tags", "int64", lambda query: len(_named("tag")(query)))
CATEGORY = bound(
    "category", "string", lambda query: query.filters.group_by.removeprefix("category:")
)


def _grouping(params: QueryParams, groupings: Iterable[str]) -> str | None:
    """A grouping by name; `category:KEY` stands for the tags of that category."""
    value = query_params.one(params, "group_by")
    if value is not None and value.startswith("category:") and "category" in groupings:
        return value
    return query_params.one_of(
        params, "group_by", [name for name in groupings if name != "category"]
    )
