"""Time buckets: their first and last days, their keys, and their numbers in the engine."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import pytest

from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.query.buckets import bucket_number
from leadlight.analytics.query.periods import (
    UNITS,
    Bucket,
    Calendar,
    Period,
    bucket_named,
    bucket_of,
    buckets,
    default_unit,
)
from leadlight.analytics.query.phrases import BadFilter
from tests.analytics import naive_days

FIRST, LAST = date(1999, 1, 1), date(2031, 12, 31)
EVERY_DAY = [FIRST + timedelta(number) for number in range((LAST - FIRST).days + 1)]
MONDAY, SUNDAY = Calendar(), Calendar(first_weekday=7)
# Each first weekday, and each start of the fiscal year, with each unit that depends on it.
CALENDARS = [
    *(("week", Calendar(first_weekday=weekday)) for weekday in range(1, 8)),
    *(
        (unit, Calendar(fiscal_year_start_month=month))
        for unit in ("quarter", "year")
        for month in range(1, 13)
    ),
    ("day", MONDAY),
    ("month", MONDAY),
]


def test_the_engine_numbers_every_day_as_the_calendar_does(engine: Engine) -> None:
    days = ibis.table({"day": "date"}, name="every_day")
    numbers = [
        bucket_number(days.day, unit, calendar).name(f"n{place}")
        for place, (unit, calendar) in enumerate(CALENDARS)
    ]
    text = ibis.to_sql(days.select(days.day, *numbers), dialect="duckdb")
    span = f"range(DATE '{FIRST}', DATE '{LAST + timedelta(1)}', INTERVAL 1 DAY)"
    every_day = f"every_day AS (SELECT unnest({span})::DATE AS day)"
    rows = engine.run(f"WITH {every_day} SELECT * FROM ({text}) ORDER BY day")
    assert [day for day, *_ in rows] == EVERY_DAY
    for day, *numbers in rows:
        assert numbers == [bucket_of(day, unit, calendar).number for unit, calendar in CALENDARS]


@pytest.mark.parametrize("day", ["1900-01-01", "1969-12-31", "1970-01-01", "2200-12-31"])
def test_the_engine_numbers_far_days_too(engine: Engine, day: str) -> None:
    there = date.fromisoformat(day)
    for unit, calendar in CALENDARS:
        text = ibis.to_sql(bucket_number(ibis.date(there), unit, calendar), dialect="duckdb")
        assert engine.run(text) == [(bucket_of(there, unit, calendar).number,)]


@pytest.mark.parametrize(("unit", "calendar"), CALENDARS)
def test_buckets_equal_those_found_day_by_day(unit: str, calendar: Calendar) -> None:
    # Six years: leap days, a week 53, every month.
    for day in EVERY_DAY[6000:8200]:
        bucket = bucket_of(day, unit, calendar)
        assert bucket.first <= day <= bucket.last
        assert bucket.key == naive_days.key_of(day, unit, calendar)
        assert bucket_named(bucket.key, calendar) == bucket
        following = bucket_of(day + timedelta(1), unit, calendar)
        assert following.number == bucket.number + (day == bucket.last)


@pytest.mark.parametrize(
    ("key", "first", "last", "calendar"),
    [
        ("2012-01-17", "2012-01-17", "2012-01-17", MONDAY),
        ("2024-02-29", "2024-02-29", "2024-02-29", MONDAY),
        ("2012-W03", "2012-01-16", "2012-01-22", MONDAY),
        ("2020-W53", "2020-12-28", "2021-01-03", MONDAY),
        ("2020-W53", "2020-12-27", "2021-01-02", SUNDAY),
        ("2024-W01", "2024-01-01", "2024-01-07", MONDAY),
        ("2024-W01", "2023-12-31", "2024-01-06", SUNDAY),
        ("2026-W53", "2026-12-28", "2027-01-03", MONDAY),
        ("2012-01", "2012-01-01", "2012-01-31", MONDAY),
        ("2023-02", "2023-02-01", "2023-02-28", MONDAY),
        ("2024-02", "2024-02-01", "2024-02-29", MONDAY),
        ("2012-Q1", "2012-01-01", "2012-03-31", MONDAY),
        ("2012-Q4", "2012-10-01", "2012-12-31", MONDAY),
        ("2012-Q4", "2013-01-01", "2013-03-31", Calendar(fiscal_year_start_month=4)),
        ("2012", "2012-01-01", "2012-12-31", MONDAY),
        ("2012", "2012-04-01", "2013-03-31", Calendar(fiscal_year_start_month=4)),
        ("2023", "2023-03-01", "2024-02-29", Calendar(fiscal_year_start_month=3)),
    ],
)
def test_a_bucket_key_stands_for_its_days(
    key: str, first: str, last: str, calendar: Calendar
) -> None:
    bucket = bucket_named(key, calendar)
    assert (bucket.first.isoformat(), bucket.last.isoformat()) == (first, last)
    assert bucket.key == key


@pytest.mark.parametrize(
    "key",
    [
        "",
        "2012-13",
        "2012-00",
        "2012-02-30",
        "2012-W00",
        "2021-W53",
        "2012-W3",
        "2012-Q0",
        "2012-Q5",
        "2012-1-7",
        "12",
        "2012-",
        "2012-W03-1",
        "1899",
        "2201",
        "0000-01",
        "9999-12-31",
        " 2012",
        "2012\n",
        "٢٠١٢",
    ],
)
def test_an_invalid_bucket_key_is_refused(key: str) -> None:
    with pytest.raises(BadFilter, match="is not a day, week, month, quarter or year"):
        bucket_named(key, MONDAY)


def test_a_period_touches_every_bucket_between_its_ends() -> None:
    period = Period(date(2023, 12, 31), date(2024, 3, 1))
    keys = {unit: [bucket.key for bucket in buckets(period, unit, MONDAY)] for unit in UNITS}
    assert len(keys["day"]) == 62
    assert keys["day"][0] == "2023-12-31"
    assert keys["week"] == ["2023-W52", *(f"2024-W{week:02}" for week in range(1, 10))]
    assert keys["month"] == ["2023-12", "2024-01", "2024-02", "2024-03"]
    assert keys["quarter"] == ["2023-Q4", "2024-Q1"]
    assert keys["year"] == ["2023", "2024"]


def test_a_period_with_too_many_buckets_is_refused() -> None:
    first = date(2020, 1, 1)
    assert len(buckets(Period(first, first + timedelta(1199)), "day", MONDAY)) == 1200
    with pytest.raises(BadFilter, match="This would make 1201 rows"):
        buckets(Period(first, first + timedelta(1200)), "day", MONDAY)


@pytest.mark.parametrize("calendar", [MONDAY, SUNDAY, Calendar(fiscal_year_start_month=4)])
def test_the_default_gives_5_to_40_rows_where_it_can(calendar: Calendar) -> None:
    for number in range(0, 14_200, 7):
        for first in (date(1999, 1, 1), date(1999, 6, 30)):
            period = Period(first, first + timedelta(number))
            rows = len(buckets(period, default_unit(period, calendar), calendar))
            assert min(5, period.days) <= rows <= 40


def test_the_default_is_the_finest_that_fits() -> None:
    def unit(count: int) -> str:
        return default_unit(Period(FIRST, FIRST + timedelta(count - 1)), MONDAY)

    # 1 January 1999 is a Friday: its week has three days left, 39 more follow.
    assert (unit(1), unit(40), unit(41)) == ("day", "day", "week")
    assert (unit(3 + 39 * 7), unit(3 + 39 * 7 + 1)) == ("week", "month")
    assert default_unit(Period(FIRST, date(2002, 4, 30)), MONDAY) == "month"
    assert default_unit(Period(FIRST, date(2002, 5, 1)), MONDAY) == "quarter"
    assert default_unit(Period(FIRST, date(2008, 12, 31)), MONDAY) == "quarter"
    assert default_unit(Period(FIRST, date(2009, 1, 1)), MONDAY) == "year"
    assert default_unit(Period(date(1900, 1, 1), date(2200, 12, 31)), MONDAY) == "year"


def test_a_bucket_number_gives_its_key_and_first_day() -> None:
    assert Bucket("month", 2012 * 12, MONDAY).key == "2012-01"
    assert Bucket("quarter", 2012 * 4 + 3, MONDAY).key == "2012-Q4"
    assert Bucket("day", 0, MONDAY).first == date(1970, 1, 1)
    assert Bucket("week", 0, MONDAY).first == date(1969, 12, 29)
