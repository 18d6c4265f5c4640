"""Who sees, changes, assigns and exports, by each setting of privacy and rights."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from leadlight.accounts.models import Membership, Organization, User
from leadlight.analytics.reports import CATALOGUE
from leadlight.replication import replica
from leadlight.reporting.reader import report_reader
from leadlight.sales import access, goals
from leadlight.sales.models import Goal, Lead, Mention
from tests.sales.conftest import Company, at

LEVELS = ("shared", "admins", "managers", "members")


@dataclass(frozen=True)
class Staff:
    """Ana and Ann are members of North, Mona manages it, Bo is in South, Ada is an admin."""

    ana: User
    ann: User
    mona: User
    bo: User
    ada: User

    def everybody(self) -> dict[str, User]:
        return vars(self)


@pytest.fixture
def staff(company: Company) -> Staff:
    ann = User.objects.create_user("ann@example.com", first_name="Ann")
    mona = User.objects.create_user("mona@example.com", first_name="Mona", role="manager")
    ada = User.objects.create_user("ada@example.com", first_name="Ada", role="admin")
    Membership.objects.create(team=company.north, user=ann)
    Membership.objects.create(team=company.north, user=mona, is_manager=True)
    for title, owner, team in (
        ("ana", company.ana, None),
        ("ann", ann, None),
        ("mona", mona, None),
        ("bo", company.bo, None),
        ("north", None, company.north),
    ):
        lead = Lead.create(title=title, by=None, owner=owner, team=team, at=at(1, 5))
        comment = lead.comment("Hello", by=ada)
        for user in User.objects.all():
            Mention.objects.create(comment=comment, user=user, recorded_at=at(1, 5))
    return Staff(company.ana, ann, mona, company.bo, ada)


def level(name: str) -> None:
    """Set the privacy of the company: shared, or one of the levels inside a team."""
    if name == "shared":
        Organization.objects.update(privacy="shared", team_privacy="admins")
    else:
        Organization.objects.update(privacy="own", team_privacy=name)


def titles(leads) -> str:
    return " ".join(sorted(leads.values_list("title", flat=True)))


ALL = "ana ann bo mona north"
NORTH = "ana ann mona north"
# Level → user → the leads that they see, and those that they change.
TABLE = {
    "shared": {
        "ana": (ALL, "ana north"),
        "ann": (ALL, "ann north"),
        "mona": (ALL, NORTH),
        "bo": (ALL, "bo north"),
        "ada": (ALL, ALL),
    },
    "admins": {
        "ana": ("ana", "ana"),
        "ann": ("ann", "ann"),
        "mona": ("mona", "mona"),
        "bo": ("bo", "bo"),
        "ada": (ALL, ALL),
    },
    "managers": {
        "ana": ("ana", "ana"),
        "ann": ("ann", "ann"),
        "mona": (NORTH, NORTH),
        "bo": ("bo", "bo"),
        "ada": (ALL, ALL),
    },
    "members": {
        "ana": (NORTH, "ana north"),
        "ann": (NORTH, "ann north"),
        "mona": (NORTH, NORTH),
        "bo": ("bo", "bo"),
        "ada": (ALL, ALL),
    },
}


@pytest.mark.database
@pytest.mark.parametrize("name", LEVELS)
def test_each_level_says_which_leads_are_seen_and_changed(name: str, staff: Staff) -> None:
    level(name)
    found = {
        who: (titles(access.visible_leads(user)), titles(access.editable_leads(user)))
        for who, user in staff.everybody().items()
    }
    assert found == TABLE[name]


@pytest.mark.database
@pytest.mark.parametrize("name", LEVELS)
def test_readers_mentions_people_and_the_bin_follow_the_leads(name: str, staff: Staff) -> None:
    level(name)
    for who, user in staff.everybody().items():
        seen, _changed = TABLE[name][who]
        of_readers = [lead for lead in Lead.objects.all() if user in access.readers_of(lead)]
        assert " ".join(sorted(lead.title for lead in of_readers)) == seen
        mentions = access.unread_mentions(user).values_list("comment__lead__title", flat=True)
        assert " ".join(sorted(mentions)) == seen
        # Whoever sees the lead of a person sees the person.
        owners = User.objects.filter(leads__in=access.visible_leads(user))
        assert set(owners) <= set(access.visible_users(user))
    Lead.objects.update(is_deleted=True)
    for who, user in staff.everybody().items():
        restorable = titles(access.restorable_leads(user))
        assert set(restorable.split()) <= set(TABLE[name][who][1].split())


@pytest.mark.database
@pytest.mark.parametrize("name", LEVELS)
def test_goals_are_seen_with_the_leads_and_set_by_managers(
    name: str, staff: Staff, company: Company
) -> None:
    values = {"measure": "won_leads", "period": "month", "starts_on": at(1, 1).date(), "target": 3}
    Goal.objects.create(user=staff.ann, **values)
    Goal.objects.create(team=company.north, **values)
    level(name)
    seen = {who: goals.visible(user).count() for who, user in staff.everybody().items()}
    managers = 0 if name == "admins" else 2
    members = 2 if name == "members" else 0
    assert seen == {
        "ana": members,
        "ann": max(members, 1),
        "mona": managers,
        "bo": 0,
        "ada": 2,
    }
    changed = {who: goals.editable(user).count() for who, user in staff.everybody().items()}
    assert changed == {"ana": 0, "ann": 0, "mona": managers, "bo": 0, "ada": 2}


@pytest.mark.django_db(transaction=True)
def test_reports_count_the_leads_that_the_reader_sees_at_every_level(staff: Staff) -> None:

    params = {"from": ["2026-01-01"], "to": ["2026-01-31"]}
    for name in LEVELS:
        level(name)
        for who, user in staff.everybody().items():
            reader = report_reader(user)
            counted = reader.run(CATALOGUE["company"], params).totals["created_leads"]
            assert counted == len(TABLE[name][who][0].split()), (name, who)
    replica.forget()


@pytest.mark.database
@pytest.mark.parametrize(
    ("holders", "who"),
    [
        ("admins", {"ada"}),
        ("managers", {"ada", "mona"}),
        ("everybody", {"ada", "ana", "ann", "bo", "mona"}),
    ],
)
def test_the_rights_to_assign_and_to_export_belong_to_roles(
    holders: str, who: set[str], staff: Staff
) -> None:
    Organization.objects.update(privacy="shared", may_assign=holders, may_export=holders)
    people = staff.everybody()
    assert {name for name, user in people.items() if access.may_assign(user)} == who
    assert {name for name, user in people.items() if access.may_export(user)} == who
    for name, user in people.items():
        owners = set(access.possible_owners(user))
        assert owners == (set(User.objects.all()) if name in who else {user})
    # Managers distribute leads only with the right to assign.
    assert access.may_distribute(staff.mona) == ("mona" in who)
    assert access.may_distribute(staff.ada)
