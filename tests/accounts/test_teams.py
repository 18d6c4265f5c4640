"""Verbs of teams, their entries in the audit log, and the access that follows."""

from __future__ import annotations

import pytest

from leadlight.accounts import people, teams
from leadlight.accounts.models import AuditEntry, Organization, Team
from leadlight.accounts.refusals import Refused
from leadlight.sales import access, goals
from leadlight.sales.models import Lead, Pipeline, Step

pytestmark = pytest.mark.database


@pytest.fixture
def lead(staff) -> Lead:
    pipeline = Pipeline.objects.create(name="Sales", is_default=True)
    Step.objects.create(pipeline=pipeline, name="Contact", position=1, probability=10)
    team = teams.create("North", by=staff.ada)
    teams.set_place(team, staff.tom, teams.MEMBER, by=staff.ada)
    return Lead.create(title="Windows", by=staff.tom, owner=staff.tom)


def test_a_name_is_used_once_in_any_case(staff):
    north = teams.create("  North \n team ", by=staff.ada)
    assert north.name == "North team"
    with pytest.raises(Refused, match="There is already a team “NORTH TEAM”"):
        teams.create("NORTH TEAM", by=staff.ada)
    south = teams.create("South", by=staff.ada)
    with pytest.raises(Refused, match="already a team"):
        teams.rename(south, "north team", by=staff.ada)
    assert teams.rename(north, "North Team", by=staff.ada)
    assert not teams.rename(north, "North Team", by=staff.ada)
    assert Team.objects.count() == 2


@pytest.mark.parametrize("name", ["", " \x00 ", "x" * 201])
def test_an_invalid_name_is_refused(staff, name):
    with pytest.raises(Refused):
        teams.create(name, by=staff.ada)
    assert not AuditEntry.objects.exists()


def test_a_manager_sees_the_leads_of_the_team_at_once_and_no_longer(staff, lead):
    Organization.objects.update(privacy="own")
    people.set_role(staff.bea, "manager", by=staff.ada)
    assert list(access.visible_leads(staff.bea)) == []
    teams.set_place(lead.team, staff.bea, teams.MANAGER, by=staff.ada)
    assert list(access.visible_leads(staff.bea)) == [lead]
    teams.set_place(lead.team, staff.bea, teams.MEMBER, by=staff.ada)
    assert list(access.visible_leads(staff.bea)) == []
    rows = AuditEntry.objects.filter(kind="teams", about=staff.bea).order_by("pk")
    assert list(rows.values_list("subject", "old_value", "new_value")) == [
        ("North", "", "manager"),
        ("North", "manager", "member"),
    ]


def test_a_person_is_in_several_teams_and_a_team_has_several_managers(staff, lead):
    south = teams.create("South", by=staff.ada)
    for team in (lead.team, south):
        teams.set_place(team, staff.ada, teams.MANAGER, by=staff.bea)
        teams.set_place(team, staff.bea, teams.MANAGER, by=staff.ada)
    assert staff.ada.managed_teams.count() == staff.bea.managed_teams.count() == 2


def test_a_user_without_the_role_is_no_manager(staff, lead):
    with pytest.raises(Refused, match="Tom has the role User"):
        teams.set_place(lead.team, staff.tom, teams.MANAGER, by=staff.ada)


def test_an_inactive_team_keeps_its_leads_and_gets_no_new_ones(staff, lead):
    north = lead.team
    assert teams.set_active(north, False, by=staff.ada)
    assert not teams.set_active(north, False, by=staff.ada)
    lead.refresh_from_db()
    assert lead.team == north
    assert Lead.create(title="Doors", by=staff.tom, owner=staff.tom).team is None
    assert list(access.assignable_teams(staff.ada)) == []
    assert list(goals.settable_teams(staff.ada)) == []
    assert list(access.filterable_teams(staff.ada)) == [north]
    with pytest.raises(Refused, match="“North” is inactive"):
        teams.set_place(north, staff.bea, teams.MEMBER, by=staff.ada)
    assert teams.set_active(north, True, by=staff.ada)
    assert list(access.assignable_teams(staff.ada)) == [north]
