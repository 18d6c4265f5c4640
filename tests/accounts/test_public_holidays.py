"""The French public holidays."""

from __future__ import annotations

from datetime import date

import pytest

from leadlight.accounts.public_holidays import easter, french_holidays


@pytest.mark.parametrize(
    "sunday", ["1961-04-02", "2000-04-23", "2008-03-23", "2024-03-31", "2025-04-20", "2038-04-25"]
)
def test_easter_falls_on_the_right_sunday(sunday: str) -> None:
    day = date.fromisoformat(sunday)
    assert easter(day.year) == day


def test_2026_has_eleven_public_holidays() -> None:
    days = " ".join(f"{day:%d/%m}" for day in french_holidays(2026))
    assert days == "01/01 06/04 01/05 08/05 14/05 25/05 14/07 15/08 01/11 11/11 25/12"


def test_ascension_and_labour_day_on_one_date_are_one_holiday() -> None:
    assert len(french_holidays(2008)) == 10
    assert french_holidays(2008)[date(2008, 5, 1)] == "Labour Day"
