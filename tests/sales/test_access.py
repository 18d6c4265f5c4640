"""Leads that a user may see and change, by role and privacy setting (by default not shared)."""

from __future__ import annotations

import pytest

from leadlight.accounts.models import Membership, Organization, User
from leadlight.accounts.readers import SYSTEM
from leadlight.sales import access
from leadlight.sales.models import Lead
from tests.sales.conftest import Company, at


@pytest.fixture(autouse=True)
def private(company: Company) -> None:
    Organization.objects.update(privacy=Organization.Privacy.OWN)


@pytest.fixture
def leads(company: Company) -> dict[str, Lead]:
    return {
        "ana": Lead.create(title="ana", by=None, owner=company.ana, at=at(1, 5)),
        "bo": Lead.create(title="bo", by=None, owner=company.bo, at=at(1, 5)),
        "north": Lead.create(title="north", by=None, team=company.north, at=at(1, 5)),
    }


def seen(user: User) -> set[str]:
    return set(access.visible_leads(user).values_list("title", flat=True))


def test_a_salesperson_sees_only_their_own_leads(company: Company, leads: dict[str, Lead]) -> None:
    assert seen(company.ana) == {"ana"}


def test_a_manager_sees_the_leads_of_the_teams_they_manage(
    company: Company, leads: dict[str, Lead]
) -> None:
    mona = User.objects.create_user("mona@example.com", role=User.Role.MANAGER)
    Membership.objects.create(team=company.north, user=mona, is_manager=True)
    Membership.objects.create(team=company.south, user=mona)
    assert seen(mona) == {"ana", "north"}
    assert set(access.visible_users(mona)) == {mona, company.ana}
    assert list(access.filterable_teams(mona)) == [company.north]


def test_a_team_manager_without_the_manager_role_sees_only_their_own_leads(
    company: Company, leads: dict[str, Lead]
) -> None:
    Membership.objects.filter(user=company.ana).update(is_manager=True)
    assert seen(company.ana) == {"ana"}
    assert access.lead_scope(company.ana).team_ids == frozenset()


def test_an_admin_sees_all_leads_and_teams(company: Company, leads: dict[str, Lead]) -> None:
    ada = User.objects.create_user("ada@example.com", role=User.Role.ADMIN)
    assert seen(ada) == set(leads)
    assert access.filterable_teams(ada).count() == 2


def test_with_shared_privacy_everybody_sees_all_leads_and_users(
    company: Company, leads: dict[str, Lead]
) -> None:
    Organization.objects.update(privacy=Organization.Privacy.SHARED)
    assert seen(company.bo) == set(leads)
    assert company.ana in access.visible_users(company.bo)


def changeable(user: User) -> set[str]:
    return set(access.editable_leads(user).values_list("title", flat=True))


def test_with_shared_privacy_people_change_only_own_team_and_unowned_leads(
    company: Company, leads: dict[str, Lead]
) -> None:
    Organization.objects.update(privacy=Organization.Privacy.SHARED)
    mona = User.objects.create_user("mona@example.com", role=User.Role.MANAGER)
    Membership.objects.create(team=company.south, user=mona, is_manager=True)
    ada = User.objects.create_user("ada@example.com", role=User.Role.ADMIN)
    assert seen(company.ana) == {"ana", "bo", "north"}
    assert changeable(company.ana) == {"ana", "north"}, "north has no owner"
    assert changeable(mona) == {"bo", "north"}
    assert changeable(ada) == {"ana", "bo", "north"}
    Lead.objects.get(title="ana").bin(by=None)
    assert changeable(company.ana) == {"north"}


def test_without_shared_privacy_people_change_only_leads_they_see(
    company: Company, leads: dict[str, Lead]
) -> None:
    assert changeable(company.ana) == {"ana"}


def test_leads_in_the_bin_are_hidden(company: Company, leads: dict[str, Lead]) -> None:
    leads["ana"].bin(by=company.ana)
    assert seen(company.ana) == set()


def test_a_reassigned_lead_is_hidden_from_its_former_owner(
    company: Company, leads: dict[str, Lead]
) -> None:
    leads["ana"].assign_to(company.bo, by=company.ana)
    assert seen(company.ana) == set()
    assert seen(company.bo) == {"ana", "bo"}


def test_hidden_keys_are_unknown_like_missing_ones(company: Company) -> None:
    keys = [company.ana.key, company.bo.key, "nobody"]
    assert access.unknown_keys(company.ana, "user", keys) == [company.bo.key, "nobody"]
    assert access.unknown_keys(SYSTEM, "user", keys) == ["nobody"]
    assert access.unknown_keys(company.ana, "team", [company.north.key]) == [company.north.key]
