"""The `as_of` parameter: parsing, refusal and its effect on today."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.grouping import GROUPINGS
from leadlight.analytics.query.periods import Calendar, Period
from leadlight.analytics.query.phrases import BadFilter
from leadlight.analytics.query.query_params import Clock

NOW = datetime(2024, 3, 11, 23, 30, tzinfo=UTC)
CLOCK = Clock(NOW, ZoneInfo("Europe/Paris"), Calendar(), date(2020, 1, 1))


def read(clock: Clock = CLOCK, **query: Any) -> Filters:
    listed = {name: [value] if isinstance(value, str) else value for name, value in query.items()}
    listed |= {"from": listed.pop("start")} if "start" in listed else {}
    return Filters.from_params(listed, clock, groupings=GROUPINGS)


def days(first: str, last: str) -> Period:
    return Period(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"as_of": "yesterday"}, "“yesterday” is not a date and time"),
        ({"as_of": "2024-03-01T12:00"}, "Write it as 2026-01-31T18:00+01:00"),
        ({"as_of": "2024-03-01 12:00"}, "Write it as 2026-01-31T18:00+01:00"),
        ({"as_of": "2024-02-30"}, "“2024-02-30” is not a date"),
        ({"as_of": "2024-02-30T12:00Z"}, "“2024-02-30T12:00Z” is not a date and time"),
        ({"as_of": "2024-03-01T25:00Z"}, "is not a date and time"),
        ({"as_of": "0001-01-01T00:00+00:00"}, "is too far in the past or future"),
        ({"as_of": "1899-12-31T23:59:59.999999Z"}, "is too far in the past or future"),
        ({"as_of": "0001-01-01"}, "0001-01-01 is too far in the past or future"),
        ({"as_of": "2024-03-11T23:30:00.000001Z"}, "is in the future"),
        ({"as_of": "2024-03-13"}, "“2024-03-13” is in the future. Choose a past date."),
        ({"as_of": "9999-12-31"}, "“9999-12-31” is in the future. Choose a past date."),
        ({"as_of": "9999-12-31T23:59-14:00"}, "9999-12-31T23:59-14:00"),
        ({"as_of": ["2024-03-01", "2024-03-02"]}, "only one value for “as_of”"),
    ],
)
def test_as_of_refuses_text_that_is_no_past_instant(query: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadFilter) as refusal:
        read(**query)
    assert sentence in str(refusal.value)


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati", "Pacific/Niue"])
@pytest.mark.parametrize("as_of", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_the_calendar_are_refused_in_every_zone(zone: str, as_of: str) -> None:
    with pytest.raises(BadFilter):
        read(replace(CLOCK, zone=ZoneInfo(zone)), as_of=as_of, start="2024-01-01")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2024-03-01T00:00+01:00", "2024-02-29T23:00:00+00:00"),
        ("2024-03-01T00:00 01:00", "2024-02-29T23:00:00+00:00"),
        ("2024-03-01T00:00:00.000001 0100", "2024-02-29T23:00:00.000001+00:00"),
        ("2024-03-01 00:00:00+01:00", "2024-02-29T23:00:00+00:00"),
        ("2024-03-01T00:00-05:00", "2024-03-01T05:00:00+00:00"),
        ("2024-03-01T00:00Z", "2024-03-01T00:00:00+00:00"),
        # A past day means its last microsecond in the company's zone; today means now.
        ("2024-03-01", "2024-03-01T22:59:59.999999+00:00"),
        ("2024-03-12", "2024-03-11T23:30:00+00:00"),
        ("2023-07-01", "2023-07-01T21:59:59.999999+00:00"),
        ("2023-03-26", "2023-03-26T21:59:59.999999+00:00"),
    ],
)
def test_as_of_is_an_instant_or_the_end_of_a_day(text: str, instant: str) -> None:
    filters = read(as_of=text)
    assert filters.as_of == filters.instant == datetime.fromisoformat(instant)
    again = read(**{name: [value] for name, value in filters.to_pairs()})
    assert again == filters


@pytest.mark.parametrize(
    ("zone", "day", "instant"),
    [
        # Clocks go back at midnight: the last hour occurs twice, and the day ends after both.
        ("America/Santiago", "2023-04-01", "2023-04-02T03:59:59.999999+00:00"),
        ("Asia/Beirut", "2023-10-28", "2023-10-28T21:59:59.999999+00:00"),
        # A day that the zone skipped ends with the day before it.
        ("Pacific/Apia", "2011-12-30", "2011-12-30T09:59:59.999999+00:00"),
        ("Pacific/Apia", "2011-12-29", "2011-12-30T09:59:59.999999+00:00"),
        ("Pacific/Apia", "2011-12-31", "2011-12-31T09:59:59.999999+00:00"),
    ],
)
def test_a_day_ends_after_all_its_hours_despite_clock_changes(
    zone: str, day: str, instant: str
) -> None:
    filters = read(replace(CLOCK, zone=ZoneInfo(zone)), as_of=day)
    assert filters.as_of == datetime.fromisoformat(instant)


def test_as_of_moves_today_and_with_it_every_preset() -> None:
    filters = read(as_of="2024-01-31T23:30Z", period="this_month")
    assert filters.today == date(2024, 2, 1)
    assert filters.period == days("2024-02-01", "2024-02-01")
    assert read(as_of="2023-12-31", period="this_year").period == days("2023-01-01", "2023-12-31")
