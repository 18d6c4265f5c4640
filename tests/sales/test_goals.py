"""Goals in force on a day, and access to goals by role."""

from __future__ import annotations

from datetime import date

import pytest

from leadlight.accounts.models import Membership, User
from leadlight.sales import goals
from leadlight.sales.models import ActivityType, Goal

JANUARY, FEBRUARY, MARCH = (date(2026, month, 1) for month in (1, 2, 3))


def goal(starts_on=JANUARY, target=10, **said):
    return Goal.objects.create(
        **{"measure": "won_leads", "period": "month"} | said, starts_on=starts_on, target=target
    )


def test_a_later_goal_of_the_same_kind_replaces_the_earlier_one(company):
    goal(user=company.ana)
    later, _coming = goal(FEBRUARY, 12, user=company.ana), goal(MARCH, 14, user=company.ana)
    assert goals.in_force(Goal.objects.all(), date(2026, 2, 28)) == [later]


def test_goals_for_different_people_measures_types_or_periods_coexist(company):
    call = ActivityType.objects.create(name="Call")
    every = [
        goal(user=company.ana),
        goal(user=company.bo),
        goal(team=company.north),
        goal(),
        goal(user=company.ana, measure="won_amount"),
        goal(user=company.ana, measure="activities"),
        goal(user=company.ana, measure="activities", activity_type=call),
        goal(user=company.ana, period="year"),
    ]
    assert goals.in_force(Goal.objects.all(), JANUARY) == every


def test_a_target_of_zero_ends_a_goal(company):
    first = goal(user=company.ana)
    goals.end(first, MARCH)
    assert goals.in_force(Goal.objects.all(), date(2026, 2, 28)) == [first]
    assert goals.in_force(Goal.objects.all(), MARCH) == []
    assert [one.starts_on for one in goals.upcoming(Goal.objects.all(), JANUARY)] == [MARCH]


def test_a_goal_of_the_same_kind_and_day_is_replaced(company):
    goal(user=company.ana)
    saved = goals.save(
        Goal(user=company.ana, measure="won_leads", period="month", starts_on=JANUARY, target=20)
    )
    assert [(one, one.target) for one in Goal.objects.all()] == [(saved, 20)]


@pytest.fixture
def manager(company):
    manager = User.objects.create_user("mona@example.com", first_name="Mona", role="manager")
    Membership.objects.create(team=company.south, user=manager, is_manager=True)
    Membership.objects.create(team=company.north, user=manager)
    return manager


def test_people_see_their_goals_managers_those_of_their_teams_and_admins_all(company, manager):
    admin = User.objects.create_user("ada@example.com", role="admin")
    every = {
        "ana": goal(user=company.ana),
        "bo": goal(user=company.bo),
        "mona": goal(user=manager),
        "north": goal(team=company.north),
        "south": goal(team=company.south),
        "company": goal(),
    }

    def seen(user):
        found = set(goals.visible(user))
        return {name for name, one in every.items() if one in found}

    assert seen(company.ana) == {"ana"}
    assert seen(manager) == {"bo", "mona", "south"}
    assert seen(admin) == set(every)
    assert not goals.editable(company.ana).exists()
    assert set(goals.editable(manager)) == set(goals.visible(manager))


def test_a_manager_sets_goals_for_themselves_their_teams_and_members(company, manager):
    assert set(goals.settable_users(manager)) == {manager, company.bo}
    assert set(goals.settable_teams(manager)) == {company.south}
