"""Two simultaneous equal posts act once, and the later one gets an error message.

The other post is simulated between the check and the write of the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from leadlight.accounts.models import Holiday
from leadlight.reporting import shortcuts
from leadlight.sales import goals
from leadlight.sales.models import Goal, Shortcut
from leadlight.web.settings import working_days_form
from tests.web.pages import Page

pytestmark = pytest.mark.database

SHORTCUT = {"name": "My month", "report": "company", "query": "", "sharing": "private"}
GOAL = {"counted": "won_leads", "period": "month", "starts_on": "2026-01-01", "target": "3"}


@contextmanager
def just_after(check: Any, name: str, happen: Callable[[], None]) -> Iterator[None]:
    """Run `happen` right after this check, before anything is written."""
    original = getattr(check, name)
    waiting = [happen]

    def checked(*args: Any, **kwargs: Any) -> Any:
        found = original(*args, **kwargs)
        if waiting:
            waiting.pop()()
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, name, checked)
        yield
    assert not waiting, "the race did not happen"


@contextmanager
def just_after_reading(table: str, happen: Callable[[], None]) -> Iterator[None]:
    """Run `happen` right after the first query of this table, which found nothing."""
    waiting = [happen]

    def executed(execute: Any, sql: str, *how: Any) -> Any:
        found = execute(sql, *how)
        if waiting and sql.startswith("SELECT") and f'FROM "{table}"' in sql:
            waiting.pop()()
        return found

    with connection.execute_wrapper(executed):
        yield
    assert not waiting, "the race did not happen"


def refusal(response):
    assert response.status_code == 400
    return Page.read(response.content.decode()).text


def test_saving_a_shortcut_twice_at_once_creates_one(cast, visit):
    def other():
        Shortcut.objects.bulk_create(
            [Shortcut(owner=cast.olga, name="My month", report="company", query="")]
        )

    with just_after(shortcuts, "is_name_taken", other):
        text = refusal(visit(cast.olga).post("/shortcuts/new/", SHORTCUT | {"is_pinned": "on"}))
    assert "A shortcut named “My month” already exists. Choose another name." in text
    assert cast.olga.shortcuts.count() == 1


def test_renaming_a_shortcut_to_a_name_taken_meanwhile_is_refused(cast, visit):
    mine = Shortcut.objects.create(owner=cast.olga, name="Old", report="company")

    def other():
        Shortcut.objects.bulk_create(
            [Shortcut(owner=cast.olga, name="New", report="company", query="")]
        )

    with just_after(shortcuts, "is_name_taken", other):
        answer = visit(cast.olga).post(
            f"/shortcuts/{mine.key}/edit/", {"name": "New", "sharing": "private"}
        )
    assert "A shortcut named “New” already exists. Choose another name." in refusal(answer)
    mine.refresh_from_db()
    assert mine.name == "Old"


def test_adding_a_holiday_twice_at_once_creates_one(cast, visit):
    day = date(2026, 5, 1)

    def other():
        Holiday.objects.bulk_create([Holiday(day=day, name="Labour Day")])

    with just_after(working_days_form.HolidayForm, "is_valid", other):
        answer = visit(cast.ada).post("/working-days/add/", {"day": "2026-05-01", "name": "May"})
    assert "This day is already a holiday." in refusal(answer)
    assert Holiday.objects.get().name == "Labour Day"


def test_adding_public_holidays_twice_at_once_creates_each_once(cast, visit, monkeypatch):
    found = working_days_form.french_holidays

    def meanwhile(year):
        Holiday.objects.get_or_create(day=date(year, 5, 1), defaults={"name": "Labour Day"})
        return found(year)

    monkeypatch.setattr(working_days_form, "french_holidays", meanwhile)
    browser = visit(cast.ada)
    answer = browser.post("/working-days/french/", {"first": 2026, "last": 2026}, follow=True)
    assert "10 holidays added." in answer.content.decode()
    assert Holiday.objects.count() == 11


def test_setting_a_goal_twice_at_once_creates_one(cast, visit):
    def other():
        Goal.objects.bulk_create([like("2")])

    def like(target):
        return Goal(
            user=cast.olga,
            measure="won_leads",
            period="month",
            starts_on=date(2026, 1, 1),
            target=target,
        )

    with just_after_reading("sales_goal", other):
        answer = visit(cast.mona).post("/goals/", GOAL | {"holder": f"user:{cast.olga.key}"})
    assert answer.url == "/goals/"
    assert [goal.target for goal in Goal.objects.all()] == [3]


@pytest.mark.parametrize("holder", ["user", "team", "company"])
def test_the_database_refuses_two_equal_goals_with_the_same_start(holder, cast):
    held = {"user": {"user": cast.olga}, "team": {"team": cast.olga.teams.get()}}.get(holder, {})
    kind = {"measure": "won_leads", "period": "month", "starts_on": date(2026, 1, 1)}
    Goal.objects.create(**held, **kind, target=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Goal.objects.create(**held, **kind, target=2)
    Goal.objects.create(**held, **(kind | {"starts_on": date(2026, 2, 1)}), target=2)
    assert goals.save(Goal(**held, **kind, target=5)).target == 5
    assert Goal.objects.count() == 2
