"""Filters of a report as a value: parse, print, describe and apply them.

Filters are parsed from a query string, printed back in one canonical order (equal filters give
equal addresses), described in sentences, and applied to a table of leads. An invalid value is never
ignored: it raises `BadFilter` with a sentence for the user. The keys are those of `LeadFilter`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from ibis.expr.types import Table

from leadlight.analytics.query import periods, query_params, switches
from leadlight.analytics.query.bound_values import bound
from leadlight.analytics.query.dimensions import (
    FIELD_PREFIX,
    REPORT_FILTERS,
    field_of,
    is_of_field,
)
from leadlight.analytics.query.lead_filter import EVERY_LEAD, SOME, Chosen, LeadFilter
from leadlight.analytics.query.no_value import NO_VALUE
from leadlight.analytics.query.periods import UNITS, Calendar, Period, Unit
from leadlight.analytics.query.phrases import Phrase, gettext_noop
from leadlight.analytics.query.query_params import DEFAULT_PRESET, Clock, QueryParams
from leadlight.analytics.query.switches import SWITCHES

COMPARISONS = ("previous", "last_year")
NO_COMPARISON = "none"

NAMES = (
    "period",
    "from",
    "to",
    "compare",
    "group_by",
    "bucket",
    "as_of",
    "view",
    *REPORT_FILTERS,
    *SWITCHES,
)

PAST = gettext_noop("These are past figures: anything recorded later is not counted.")


@dataclass(frozen=True)
class Filters:
    """Filters, period, grouping and switches of one query, without the report and the scope.

    `as_of` is the past instant to report on, None for now. `instant` is `as_of` or now: the
    instant up to which facts count. `today` is the local day of `instant`. `preset` is None for
    custom days. `chosen_switches` has the switches with a value other than their default.

    `kept_period` is set in a report about the present (`Report.is_about_now`), which ignores the
    chosen period: it has the preset and the days of this period, which addresses keep for the other
    views. Such a report has no comparison.
    """

    period: Period
    today: date
    calendar: Calendar
    instant: datetime = field(compare=False)
    zone: ZoneInfo
    preset: str | None = None
    as_of: datetime | None = None
    compare: Literal["previous", "last_year"] | None = None
    group_by: str | None = None
    unit: Unit | None = None
    lead_filter: LeadFilter = EVERY_LEAD
    chosen_switches: tuple[tuple[str, str], ...] = ()
    view: str | None = None
    default_preset: str = DEFAULT_PRESET
    kept_period: tuple[str | None, Period] | None = None

    # Parse

    @classmethod
    def from_params(
        cls,
        params: QueryParams,
        clock: Clock,
        *,
        groupings: Iterable[str],
        preset: str = DEFAULT_PRESET,
        view: str | None = None,
        extra_params: Iterable[str] = (),
    ) -> Filters:
        """Parse a query string (name → values). Raise BadFilter for a bad value or an unknown name.

        `groupings`, the default `preset` and the `view` are those of the report. The names in
        `extra_params` are accepted and left to the caller.
        """
        fields = filter(is_of_field, params)
        query_params.refuse_unknown_names(params, {*NAMES, *fields, *extra_params})
        as_of = query_params.as_of(params, clock)
        instant = as_of or clock.now
        today = clock.day_of(instant)
        chosen_preset, period = query_params.period(params, today, clock, preset)
        return cls(
            period=period,
            preset=chosen_preset,
            default_preset=preset,
            view=view,
            today=today,
            calendar=clock.calendar,
            zone=clock.zone,
            instant=instant,
            as_of=as_of,
            compare=_comparison(params),
            group_by=_grouping(params, groupings),
            unit=cast("Unit | None", query_params.one_of(params, "bucket", UNITS)),
            lead_filter=LeadFilter.from_params(
                params,
                REPORT_FILTERS,
                all_tags=query_params.one_of(params, "tags", SWITCHES["tags"]) == "all",
                with_fields=True,
            ),
            chosen_switches=tuple(
                (name, value)
                for name, choices in SWITCHES.items()
                if (value := query_params.one_of(params, name, choices)) and value != choices[0]
            ),
        )

    # Read

    @property
    def chosen(self) -> Chosen:
        """Chosen dimensions and their keys."""
        return self.lead_filter.chosen

    def keys(self, dimension: str) -> tuple[str, ...]:
        """Return the chosen keys, sorted; empty if there is no filter by this dimension."""
        return self.lead_filter.keys(dimension)

    def resolved_keys(self, dimension: str) -> tuple[str, ...]:
        """Return the chosen keys other than `none`, with the key of the reader in place of `me`."""
        return self.lead_filter.resolved_keys(dimension)

    def switch(self, name: str) -> str:
        return dict(self.chosen_switches).get(name, SWITCHES[name][0])

    @property
    def leaves_cancelled_out(self) -> bool:
        """Whether win rates are computed over the leads won or lost, not over all closed leads."""
        return self.switch("leave_cancelled_out") == "yes"

    @property
    def bucket_unit(self) -> Unit:
        """Unit of the time buckets.

        This is the chosen unit, else the unit of a preset of the future, else the finest unit with
        at most 40 buckets.
        """
        if self.unit:
            return self.unit
        future_unit, _times = periods.FUTURE_PRESETS.get(self.preset or "", (None, 0))
        return future_unit or periods.default_unit(self.period, self.calendar)

    def buckets(self) -> list[periods.Bucket]:
        """Return the buckets of the period. Raise BadFilter for too many."""
        return periods.buckets(self.period, self.bucket_unit, self.calendar)

    def is_unfinished(self, bucket: periods.Bucket) -> bool:
        """Return whether the bucket ends later than `instant`, or extends beyond the period.

        At the last moment of a day, a bucket that ends on that day is over.
        """
        cut = bucket.first < self.period.first or bucket.last > self.period.last
        return cut or bucket.last >= self.first_unfinished_day

    @property
    def first_unfinished_day(self) -> date:
        """First day that is not over: today, or tomorrow if `instant` is the end of today."""
        is_over = self.instant >= query_params.end_of(self.today, self.zone)
        return self.today + timedelta(1) if is_over else self.today

    def is_future(self, bucket: periods.Bucket) -> bool:
        """Return whether the bucket begins after today and ends within the period."""
        return self.today < bucket.first and bucket.last <= self.period.last

    def for_reader(self, user_key: str) -> Filters:
        """Return the filters in which the key `me` stands for this user."""
        return replace(self, lead_filter=self.lead_filter.for_reader(user_key))

    def with_keys(self, dimension: str, keys: tuple[str, ...]) -> Filters:
        """Return the filters with the keys of one dimension replaced."""
        return replace(self, lead_filter=self.lead_filter.with_keys(dimension, keys))

    def refuse_unknown(self, unknown: Callable[[str, tuple[str, ...]], Iterable[str]]) -> None:
        """Raise BadFilter for the first key that `unknown(dimension, keys)` returns.

        `unknown` returns the keys that do not exist or that the reader must not see.
        """
        self.lead_filter.refuse_unknown(unknown)

    # Derive

    def at_present(self) -> Filters:
        """Return the filters for a report about the present; `kept_period` keeps the period."""
        today = Period(self.today, self.today)
        kept = self.kept_period or (self.preset, self.period)
        return replace(self, period=today, preset="today", kept_period=kept)

    def for_view(self, view: str | None, default_preset: str) -> Filters:
        """Return the filters for another view, without the grouping and the bucket unit.

        The period stays, but the default period of this view becomes that of the other view.
        """
        preset, period = self.kept_period or (self.preset, self.period)
        if preset == self.default_preset:
            preset = default_preset
            period = periods.resolve(preset, self.today, self.calendar, period.first)
        return replace(
            self,
            view=view,
            default_preset=default_preset,
            preset=preset,
            period=period,
            kept_period=None,
            group_by=None,
            unit=None,
        )

    @property
    def shape(self) -> Filters:
        """Filters without values; queries whose filters have equal shapes share their compiled SQL.

        A shape has placeholders for days, instants and keys: code that needs one of them must use
        a bound value. Reading a day or an instant of a shape raises `NoValue`.
        """
        return replace(
            self,
            period=cast(Period, NO_VALUE),
            today=cast(date, NO_VALUE),
            instant=cast(datetime, NO_VALUE),
            zone=cast(ZoneInfo, NO_VALUE),
            as_of=self.as_of and cast(datetime, NO_VALUE),
            preset=None,
            default_preset="",
            kept_period=None,
            compare=None,
            group_by=shape_of_grouping(self.group_by),
            unit=self.bucket_unit,
            lead_filter=self.lead_filter.shape,
        )

    def compared(self) -> Filters | None:
        """Return the filters with the period of the comparison; None if nothing is compared."""
        if self.compare is None or self.kept_period:
            return None
        if self.compare == "previous":
            period = periods.previous(self.period, self.preset, self.calendar)
        else:
            period = periods.same_last_year(self.period)
        return replace(self, period=period, preset=None, compare=None, unit=self.bucket_unit)

    def moved_by(self, by: int, presets: Iterable[str]) -> Filters | None:
        """Return the filters with the period `by` steps later; None if it is out of range.

        If a calendar preset among `presets` has the same days, the result has this preset, so that
        the period stays relative to today.
        """
        period = periods.moved_by(self.period, self.preset, self.calendar, self.today, by)
        if period is None:
            return None
        preset = next(
            (
                name
                for name in presets
                if name in periods.CALENDAR_PRESETS
                and periods.resolve(name, self.today, self.calendar, self.today) == period
            ),
            None,
        )
        return replace(self, period=period, preset=preset)

    # Print

    def to_pairs(self) -> list[tuple[str, str]]:
        """Return names and values in canonical order; equal filters give equal pairs."""
        pairs: list[tuple[str, str | None]] = [("view", self.view)]
        preset, period = self.kept_period or (self.preset, self.period)
        if preset:
            pairs.append(("period", None if preset == self.default_preset else preset))
        else:
            pairs += [("from", period.first.isoformat()), ("to", period.last.isoformat())]
        pairs += [("compare", self.compare), ("group_by", self.group_by), ("bucket", self.unit)]
        pairs += self.lead_filter.to_pairs()
        pairs += self.chosen_switches
        if self.as_of:
            pairs.append(("as_of", self.as_of.astimezone(self.zone).isoformat()))
        return [(name, value) for name, value in pairs if value is not None]

    def to_query(self, **extra_params: str | list[str]) -> str:
        """Return the query string, with the caller's own parameters at the end.

        A parameter that is a list is repeated for each of its values.
        """
        return urlencode([*self.to_pairs(), *extra_params.items()], doseq=True)

    # Describe

    def describe(self, name_of: Callable[[str, str], str]) -> list[Phrase]:
        """Return sentences on the filters; `name_of(dimension, key)` returns the name of a key."""
        days = [] if self.kept_period else [days_phrase(self.period)]
        sentences = [*days, *self.lead_filter.describe(name_of)]
        sentences += [
            Phrase(switches.SENTENCES[name, value])
            for name, value in self.chosen_switches
            if (name, value) in switches.SENTENCES
        ]
        if self.as_of:
            sentences.append(
                Phrase(gettext_noop("As recorded on %(instant)s."), {"instant": self.as_of})
            )
        return sentences

    # Apply

    def narrow(self, leads: Table) -> Table:
        """Return the leads with the chosen pipelines, tags, sources, lists, clients and choices."""
        return self.lead_filter.narrow(leads)

    def narrow_credited(self, facts: Table) -> Table:
        """Return the facts credited to the chosen users and teams (`user_id`, `team_id`)."""
        return self.lead_filter.narrow_credited(facts)


def days_phrase(period: Period) -> Phrase:
    """Return the sentence that states the days of a period."""
    if period.first == period.last:
        return Phrase(gettext_noop("On %(day)s."), {"day": period.first})
    days = {"first": period.first, "last": period.last}
    return Phrase(gettext_noop("From %(first)s to %(last)s."), days)


def _comparison(params: QueryParams) -> Literal["previous", "last_year"] | None:
    chosen = query_params.one_of(params, "compare", (*COMPARISONS, NO_COMPARISON))
    value = None if chosen == NO_COMPARISON else chosen
    return cast("Literal['previous', 'last_year'] | None", value)


# Shape of a grouping

CATEGORY_PREFIX = "category:"
KEYED_GROUPINGS = (CATEGORY_PREFIX, FIELD_PREFIX)


def shape_of_grouping(group_by: str | None) -> str | None:
    """Return the grouping with a placeholder for the key of a category or a field."""
    for prefix in KEYED_GROUPINGS:
        if group_by and group_by.startswith(prefix):
            return prefix + SOME
    return group_by


# Bound values of filters


FIRST = bound("first_day", "date", lambda query: query.filters.period.first)
LAST = bound("last_day", "date", lambda query: query.filters.period.last)
TODAY = bound("today", "date", lambda query: query.filters.today)
# Last day of the period, or today if that is earlier.
LAST_SO_FAR = bound(
    "last_day_so_far",
    "date",
    lambda query: min(query.filters.period.last, query.filters.today),
)
CATEGORY = bound(
    "category", "string", lambda query: query.filters.group_by.removeprefix(CATEGORY_PREFIX)
)
FIELD = bound("field", "string", lambda query: field_of(query.filters.group_by))


def _grouping(params: QueryParams, groupings: Iterable[str]) -> str | None:
    """Return the chosen grouping, or None.

    A report with the grouping `category` can be grouped by the tags of a category
    (`category:KEY`) and by the choices of a custom field (`field:KEY`).
    """
    value = query_params.one(params, "group_by")
    if value is not None and value.startswith(KEYED_GROUPINGS) and "category" in groupings:
        return value
    return query_params.one_of(
        params, "group_by", [name for name in groupings if name != "category"]
    )
