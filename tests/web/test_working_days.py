"""Settings page of working days, and reports with durations in working days."""

from __future__ import annotations

from datetime import date
from html import unescape

import pytest

from leadlight.accounts.models import Holiday, Organization
from tests.web.test_exports import file_of, read
from tests.web.worked import MONTHS, THEN, html

pytestmark = pytest.mark.database

CHOSEN = "days=working"


def post(browser, address="", status=302, **given):
    response = browser.post(f"/working-days/{address}", given)
    assert response.status_code == status, response.content.decode()[:3000]
    return unescape(response.content.decode())


def test_an_admin_sets_the_weekend(readers, visit):
    browser = visit(readers.ada)
    post(browser, weekend=["5", "6"])
    assert Organization.current().weekend == [5, 6]
    page = html(browser, "/working-days/")
    assert page[page.index("<main") : page.index("</main")].count(" checked") == 2
    post(browser)
    assert Organization.current().weekend == []


def test_a_week_without_a_working_day_is_refused(readers, visit):
    page = post(visit(readers.ada), status=400, weekend=list("1234567"))
    assert "At least one day of the week must be a working day." in page
    assert Organization.current().weekend == [6, 7]


def test_an_invalid_weekday_is_refused(readers, visit):
    page = post(visit(readers.ada), status=400, weekend=["8"])
    assert "Choose a day of the week." in page


def test_an_admin_adds_and_removes_a_holiday(readers, visit):
    browser = visit(readers.ada)
    post(browser, "add/", day="2026-05-15", name="Bridge")
    [holiday] = Holiday.objects.all()
    assert (holiday.day, holiday.name) == (date(2026, 5, 15), "Bridge")
    assert "Bridge" in html(browser, "/working-days/")
    post(browser, f"{holiday.key}/remove/")
    assert not Holiday.objects.exists()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"day": "2026-05-01", "name": "Again"}, "This day is already a holiday."),
        ({"day": "1 May", "name": "May"}, "This is not a date. Write it as 2026-01-31."),
        (
            {"day": "2120-05-01", "name": "May"},
            "This date is too far away. Choose one closer to today.",
        ),
        ({"day": "2026-05-02", "name": ""}, "Enter a name for the holiday."),
        ({"day": "", "name": "May"}, "Enter the date of the holiday."),
    ],
)
def test_an_invalid_holiday_is_refused(readers, visit, given, sentence):
    Holiday.objects.create(day=date(2026, 5, 1), name="Labour Day")
    assert sentence in post(visit(readers.ada), "add/", status=400, **given)
    assert Holiday.objects.count() == 1


def test_french_public_holidays_are_added_once_in_the_company_language(readers, visit):
    Organization.objects.update(locale="fr")
    Holiday.objects.create(day=date(2026, 5, 1), name="Premier mai")
    browser = visit(readers.ada)
    post(browser, "french/", first="2026", last="2027")
    post(browser, "french/", first="2026", last="2027")
    assert Holiday.objects.count() == 22
    names = dict(Holiday.objects.values_list("day", "name"))
    assert names[date(2026, 5, 1)] == "Premier mai"
    assert names[date(2027, 3, 29)] == "Lundi de Pâques"


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        (
            "2027",
            "2026",
            "Enter years from 1970 to 2099. The start year cannot be after the end year.",
        ),
        (
            "1",
            "2026",
            "Enter years from 1970 to 2099. The start year cannot be after the end year.",
        ),
        ("now", "2026", "Enter the year as a whole number."),
        ("2026", "", "Enter the end year."),
    ],
)
def test_invalid_years_are_refused(readers, visit, first, last, sentence):
    assert sentence in post(visit(readers.ada), "french/", status=400, first=first, last=last)
    assert not Holiday.objects.exists()


def test_only_admins_set_the_calendar(readers, visit):
    holiday = Holiday.objects.create(day=date(2026, 5, 1), name="Labour Day")
    for reader in (readers.mona, readers.ana):
        browser = visit(reader)
        for address in ("", "add/", "french/", f"{holiday.key}/remove/"):
            assert "Only admins can change this setting" in post(browser, address, status=403)
        assert browser.get("/working-days/").status_code == 403
        assert "/working-days/" not in html(browser, "/reports/company/")
    assert "/working-days/" in html(visit(readers.ada), "/settings/")
    assert Holiday.objects.count() == 1


# Reports


def test_the_page_states_that_durations_are_in_working_days(readers, visit):
    """L1 took 21.125 working days, L2 took 19 less 11 hours: the median is 19.8."""
    page = html(visit(readers.ada), f"/reports/company/?{MONTHS}&{THEN}&{CHOSEN}")
    assert 'Median sales cycle <span class="unit">working days</span>' in page
    assert "Durations: In working days" in page
    assert "Durations are in working days." in page
    assert "19.8" in page
    plain = html(visit(readers.ada), f"/reports/company/?{MONTHS}&{THEN}")
    assert "(working days)" not in plain
    assert '<select id="filter-days" name="days"' in plain


def test_an_unknown_unit_is_refused_with_a_message(readers, visit):
    response = visit(readers.ada).get(f"/reports/company/?{MONTHS}&days=business")
    assert response.status_code == 400
    assert "is not possible for" in unescape(response.content.decode())


def test_lists_and_explanations_state_working_days(readers, visit):
    browser = visit(readers.ada)
    asked = f"{MONTHS}&{THEN}&{CHOSEN}"
    listed = html(browser, f"/reports/company/leads/?{asked}&column=won_leads")
    assert "Working days to close" in listed
    assert "21.1" in listed
    told = html(browser, f"/reports/company/explain/?{asked}&column=median_days_to_win")
    assert "Median sales cycle (working days)" in told
    assert "Durations are in working days." in told


@pytest.mark.parametrize("kind", ["csv-excel-with-filters", "pdf"])
def test_files_state_working_days_in_headers_and_notes(readers, visit, kind):
    browser = visit(readers.ada)
    _response, content = file_of(
        browser, f"/reports/company/export/KIND?{MONTHS}&{THEN}&{CHOSEN}", kind
    )
    text = read(content)[1] if kind == "pdf" else content.decode()
    assert ("Median sales cycle (working days)" if kind != "pdf" else "working days") in text
    assert "Durations are in working days." in text
