"""The fourteen people of the demo company, who act only while employed."""

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise

from leadlight.demo.parameters import PEOPLE
from tests.demo.reading import Company

A_LONG_WEEKEND = timedelta(days=14)
"""Upper limit of the shift of a first or last day to a working day."""


def test_fourteen_people_in_three_teams_with_a_manager_each(company: Company) -> None:
    assert len(company.rows("users")) == 14
    assert Counter(row["role"] for row in company.rows("users")) == {
        "admin": 1,
        "manager": 3,
        "user": 10,
    }
    managers = [row for row in company.rows("memberships") if row["is_manager"] == "true"]
    assert {row["team"] for row in managers} == company.keys("teams")
    assert len(managers) == len(company.rows("teams")) == 3
    role_of = {row["user"]: row["role"] for row in company.rows("users")}
    assert {role_of[row["user"]] for row in managers} == {"manager"}


def test_the_sign_in_addresses_belong_to_an_admin_a_manager_and_a_seller(company: Company) -> None:
    people = {row["email"]: row for row in company.rows("users")}
    for name, role in (("admin", "admin"), ("manager", "manager"), ("seller", "user")):
        person = people[f"{name}@example.com"]
        assert (person["role"], person["is_active"]) == (role, "true")


def test_no_seller_acts_before_being_hired(company: Company) -> None:
    for person in PEOPLE:
        if person.hired is not None:
            hired_on = company.today - timedelta(days=person.hired)
            days = [at.date() for user, at in company.actions if user == person.user]
            assert min(days, default=hired_on) >= hired_on
            assert not _given_before(company, person.user, hired_on)


def test_the_new_seller_has_activities(whole: Company) -> None:
    newcomer = next(person.user for person in PEOPLE if person.hired and person.hired < 100)
    assert len([user for user, _ in whole.actions if user == newcomer]) > 100


def _given_before(company: Company, user: str, day: date) -> bool:
    return any(
        row["kind"] == "owner" and row["value"] == user and row["occurred_at"] < day.isoformat()
        for row in company.rows("lead_events")
    )


def test_no_seller_acts_after_leaving(company: Company) -> None:
    gone = [person for person in PEOPLE if person.left is not None]
    assert {person.user for person in gone} == {
        row["user"] for row in company.rows("users") if row["is_active"] == "false"
    }
    for person in gone:
        left_on = company.today - timedelta(days=person.left or 0)
        last = max(at for user, at in company.actions if user == person.user)
        assert last.date() <= left_on + A_LONG_WEEKEND


def test_former_sellers_own_no_open_leads_and_get_none(company: Company) -> None:
    for person in (person for person in PEOPLE if person.left is not None):
        last = max(at for user, at in company.actions if user == person.user)
        assert not [
            lead for lead in company.living if lead["user"] == person.user and not lead["closed_at"]
        ]
        for row in company.rows("lead_events"):
            if row["kind"] == "owner" and row["value"] == person.user:
                given_at = datetime.fromisoformat(row["occurred_at"])
                assert given_at <= last + A_LONG_WEEKEND


def test_leads_of_former_sellers_are_reassigned(whole: Company) -> None:
    gone = {person.user for person in PEOPLE if person.left is not None}
    passed_on = 0
    for history in whole.histories.values():
        owners = [row["value"] for row in history if row["kind"] == "owner"]
        passed_on += any(one in gone and two not in gone for one, two in pairwise(owners))
    assert passed_on >= 20


def test_people_act_mostly_in_office_hours(whole: Company) -> None:
    in_hours = [8 <= at.hour < 19 and at.weekday() < 5 for _, at in whole.actions]
    assert sum(in_hours) > 0.93 * len(in_hours)
