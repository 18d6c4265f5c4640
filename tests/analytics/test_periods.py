"""Truth tables of presets, compared periods and their edge cases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from leadlight.analytics.query.periods import (
    CALENDAR_PRESETS,
    PRESETS,
    ROLLING_PRESETS,
    Calendar,
    Period,
    days_of,
    moved_by,
    previous,
    resolve,
    same_last_year,
)
from leadlight.analytics.query.phrases import BadFilter

EARLIEST = date(2019, 5, 6)
MONDAY, SUNDAY = Calendar(), Calendar(first_weekday=7)
APRIL = Calendar(fiscal_year_start_month=4)


def days(text: str) -> Period:
    """Parse `2024-02-01..2024-02-29`, or a single day."""
    first, _, last = text.partition("..")
    return Period(date.fromisoformat(first), date.fromisoformat(last or first))


@pytest.mark.parametrize(
    ("preset", "today", "expected", "before"),
    [
        # Sunday 31 March 2024: a week, a month and a quarter end; Paris springs forward.
        ("today", "2024-03-31", "2024-03-31", "2024-03-30"),
        ("yesterday", "2024-03-31", "2024-03-30", "2024-03-29"),
        ("this_week", "2024-03-31", "2024-03-25..2024-03-31", "2024-03-18..2024-03-24"),
        ("last_week", "2024-03-31", "2024-03-18..2024-03-24", "2024-03-11..2024-03-17"),
        ("this_month", "2024-03-31", "2024-03-01..2024-03-31", "2024-02-01..2024-02-29"),
        ("last_month", "2024-03-31", "2024-02-01..2024-02-29", "2024-01-01..2024-01-31"),
        ("this_quarter", "2024-03-31", "2024-01-01..2024-03-31", "2023-10-01..2023-12-30"),
        ("last_quarter", "2024-03-31", "2023-10-01..2023-12-31", "2023-07-01..2023-09-30"),
        ("this_year", "2024-03-31", "2024-01-01..2024-03-31", "2023-01-01..2023-04-01"),
        ("last_year", "2024-03-31", "2023-01-01..2023-12-31", "2022-01-01..2022-12-31"),
        ("last_7_days", "2024-03-31", "2024-03-25..2024-03-31", "2024-03-18..2024-03-24"),
        ("last_30_days", "2024-03-31", "2024-03-02..2024-03-31", "2024-02-01..2024-03-01"),
        ("last_90_days", "2024-03-31", "2024-01-02..2024-03-31", "2023-10-04..2024-01-01"),
        ("last_365_days", "2024-03-31", "2023-04-02..2024-03-31", "2022-04-02..2023-04-01"),
        ("all_time", "2024-03-31", "2019-05-06..2024-03-31", "2014-06-09..2019-05-05"),
        # 1 January: each unit has one day, and the unit before is in the year before.
        ("this_month", "2024-01-01", "2024-01-01", "2023-12-01"),
        ("this_year", "2024-01-01", "2024-01-01", "2023-01-01"),
        ("this_week", "2024-01-01", "2024-01-01", "2023-12-25"),
        ("yesterday", "2024-01-01", "2023-12-31", "2023-12-30"),
        # The current month is compared with as many days, at most to the end of the month before.
        ("this_month", "2024-03-12", "2024-03-01..2024-03-12", "2024-02-01..2024-02-12"),
        ("this_month", "2024-03-29", "2024-03-01..2024-03-29", "2024-02-01..2024-02-29"),
        ("this_month", "2024-03-30", "2024-03-01..2024-03-30", "2024-02-01..2024-02-29"),
        ("this_month", "2023-03-30", "2023-03-01..2023-03-30", "2023-02-01..2023-02-28"),
        ("this_month", "2024-05-31", "2024-05-01..2024-05-31", "2024-04-01..2024-04-30"),
        # 29 February
        ("this_month", "2024-02-29", "2024-02-01..2024-02-29", "2024-01-01..2024-01-29"),
        ("this_year", "2024-12-31", "2024-01-01..2024-12-31", "2023-01-01..2023-12-31"),
        ("this_year", "2023-12-31", "2023-01-01..2023-12-31", "2022-01-01..2022-12-31"),
        # 2020 had 53 weeks: the week of 28 December is the last one and ends in 2021.
        ("this_week", "2021-01-01", "2020-12-28..2021-01-01", "2020-12-21..2020-12-25"),
        ("last_week", "2021-01-04", "2020-12-28..2021-01-03", "2020-12-21..2020-12-27"),
    ],
)
def test_a_preset_has_these_days_and_these_compared_days(
    preset: str, today: str, expected: str, before: str
) -> None:
    period = resolve(preset, date.fromisoformat(today), MONDAY, EARLIEST)
    assert period == days(expected)
    assert previous(period, preset, MONDAY) == days(before)


@pytest.mark.parametrize(
    ("preset", "today", "calendar", "expected", "before"),
    [
        ("this_week", "2024-03-31", SUNDAY, "2024-03-31", "2024-03-24"),
        ("this_week", "2024-03-30", SUNDAY, "2024-03-24..2024-03-30", "2024-03-17..2024-03-23"),
        ("last_week", "2024-03-31", SUNDAY, "2024-03-24..2024-03-30", "2024-03-17..2024-03-23"),
        ("last_week", "2024-03-30", SUNDAY, "2024-03-17..2024-03-23", "2024-03-10..2024-03-16"),
        ("this_year", "2024-03-31", APRIL, "2023-04-01..2024-03-31", "2022-04-01..2023-03-31"),
        ("this_year", "2024-04-01", APRIL, "2024-04-01", "2023-04-01"),
        ("last_year", "2024-03-31", APRIL, "2022-04-01..2023-03-31", "2021-04-01..2022-03-31"),
        ("this_quarter", "2024-03-31", APRIL, "2024-01-01..2024-03-31", "2023-10-01..2023-12-30"),
        (
            "this_quarter",
            "2024-03-31",
            Calendar(fiscal_year_start_month=2),
            "2024-02-01..2024-03-31",
            "2023-11-01..2023-12-30",
        ),
        (
            "last_quarter",
            "2024-03-31",
            Calendar(fiscal_year_start_month=2),
            "2023-11-01..2024-01-31",
            "2023-08-01..2023-10-31",
        ),
        ("this_month", "2024-03-31", APRIL, "2024-03-01..2024-03-31", "2024-02-01..2024-02-29"),
    ],
)
def test_weeks_and_years_begin_as_the_calendar_is_set(
    preset: str, today: str, calendar: Calendar, expected: str, before: str
) -> None:
    period = resolve(preset, date.fromisoformat(today), calendar, EARLIEST)
    assert period == days(expected)
    assert previous(period, preset, calendar) == days(before)


@pytest.mark.parametrize(
    ("period", "before"),
    [
        ("2024-03-01", "2024-02-29"),
        ("2024-03-01..2024-03-31", "2024-01-30..2024-02-29"),
        ("2024-02-27..2024-03-01", "2024-02-23..2024-02-26"),
        ("2023-12-31..2024-01-01", "2023-12-29..2023-12-30"),
    ],
)
def test_chosen_days_are_compared_with_as_many_days_before(period: str, before: str) -> None:
    assert previous(days(period), None, MONDAY) == days(before)


@pytest.mark.parametrize(
    ("period", "before"),
    [
        ("2024-02-29", "2023-02-28"),
        ("2024-02-28..2024-02-29", "2023-02-28"),
        ("2024-02-29..2024-03-01", "2023-02-28..2023-03-01"),
        ("2025-02-28", "2024-02-28"),
        ("2025-03-01", "2024-03-01"),
        ("2024-03-31", "2023-03-31"),
        ("2024-01-01..2024-12-31", "2023-01-01..2023-12-31"),
        ("2023-12-31..2024-01-01", "2022-12-31..2023-01-01"),
        ("2021-01-03", "2020-01-03"),  # the day of week 53, although the year before has no week 53
    ],
)
def test_last_year_compares_with_the_same_dates(period: str, before: str) -> None:
    assert same_last_year(days(period)) == days(before)


def test_a_preset_ends_by_today_and_its_compared_days_end_before_it() -> None:
    for number in range(800):
        today = date(2023, 6, 1) + timedelta(number)
        for preset in PRESETS:
            period = resolve(preset, today, APRIL, EARLIEST)
            assert period.last <= today
            before = previous(period, preset, APRIL)
            assert before.last < period.first
            if preset not in CALENDAR_PRESETS:
                assert before.days == period.days
            elif preset.startswith("this_"):
                assert before.days <= period.days
            if preset in ROLLING_PRESETS:
                assert (period.last, period.days) == (today, ROLLING_PRESETS[preset])


def test_all_time_begins_on_the_earliest_day_or_today() -> None:
    today = date(2024, 3, 31)
    assert resolve("all_time", today, MONDAY, EARLIEST) == Period(EARLIEST, today)
    assert resolve("all_time", today, MONDAY, today + timedelta(1)) == Period(today, today)
    assert resolve("all_time", today, MONDAY, date.max) == Period(today, today)


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(BadFilter, match="Unknown period: “next_week”"):
        resolve("next_week", date(2024, 3, 31), MONDAY, EARLIEST)


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(
        BadFilter, match="last day, 2024-01-01, is before the first day, 2024-01-02"
    ):
        days("2024-01-02..2024-01-01")


@pytest.mark.parametrize("day", ["1899-12-31", "2201-01-01", "0001-01-01", "9999-12-31"])
def test_a_day_outside_1900_to_2200_is_refused(day: str) -> None:
    with pytest.raises(BadFilter, match=f"{day} is too far in the past or future"):
        days(day)


@pytest.mark.parametrize("day", ["1900-01-01", "2200-12-31"])
def test_the_first_day_of_1900_and_the_last_of_2200_are_accepted(day: str) -> None:
    assert days(day).days == 1


def test_a_period_includes_both_ends() -> None:
    period = days("2024-02-28..2024-03-01")
    assert list(days_of(period)) == [date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1)]
    assert period.days == 3
    assert all(day in period for day in days_of(period))
    assert date(2024, 2, 27) not in period
    assert date(2024, 3, 2) not in period
    assert period.shifted(-3) == days("2024-02-25..2024-02-27")


# Stepping to the period before and after, on 27 November 2026


@pytest.mark.parametrize(
    ("period", "preset", "earlier", "later"),
    [
        ("2026-11-01..2026-11-27", "this_month", "2026-10-01..2026-10-31", None),
        ("2026-10-01..2026-10-31", None, "2026-09-01..2026-09-30", "2026-11-01..2026-11-27"),
        ("2026-01-01..2026-11-27", "this_year", "2025-01-01..2025-12-31", None),
        ("2025-01-01..2025-12-31", None, "2024-01-01..2024-12-31", "2026-01-01..2026-11-27"),
        ("2026-07-01..2026-09-30", None, "2026-04-01..2026-06-30", "2026-10-01..2026-11-27"),
        ("2026-11-16..2026-11-22", None, "2026-11-09..2026-11-15", "2026-11-23..2026-11-27"),
        ("2026-11-27..2026-11-27", "today", "2026-11-26..2026-11-26", None),
        # two whole months step by two months, whatever their length
        ("2024-01-01..2024-02-29", None, "2023-11-01..2023-12-31", "2024-03-01..2024-04-30"),
        # other periods step by their days, and are cut by today
        ("2026-10-29..2026-11-27", "last_30_days", "2026-09-29..2026-10-28", None),
        ("2026-11-02..2026-11-20", None, "2026-10-14..2026-11-01", "2026-11-21..2026-11-27"),
        # a period of the future may go on
        ("2026-11-01..2027-01-31", None, "2026-08-01..2026-10-31", "2027-02-01..2027-04-30"),
        ("1900-01-01..1900-12-31", None, None, "1901-01-01..1901-12-31"),
    ],
)
def test_a_period_steps_to_the_one_before_and_after(
    period: str, preset: str | None, earlier: str | None, later: str | None
) -> None:
    today = date(2026, 11, 27)
    found = [moved_by(days(period), preset, MONDAY, today, by) for by in (-1, 1)]
    assert found == [earlier and days(earlier), later and days(later)]
