"""Users, teams, the organization's settings, and generated keys."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from leadlight.accounts.keys import new_key
from leadlight.accounts.models import Membership, Organization, Team, User

pytestmark = pytest.mark.django_db


def test_keys_generated_in_the_same_millisecond_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time_ns", lambda: 1_764_000_000_000_000_000)
    assert len({new_key() for _ in range(300_000)}) == 300_000


def test_keys_generated_later_sort_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def key_at(milliseconds: int) -> str:
        monkeypatch.setattr("time.time_ns", lambda: milliseconds * 1_000_000)
        return new_key()

    assert key_at(1_763_999_999_999) < key_at(1_764_000_000_000) < key_at(1_764_000_000_001)


def test_saving_a_second_organization_replaces_the_first() -> None:
    Organization(name="First").save()
    Organization(name="Second").save()
    assert [one.name for one in Organization.objects.all()] == ["Second"]


def test_settings_have_defaults_before_they_are_saved() -> None:
    current = Organization.current()
    assert (current.time_zone, current.currency, current.privacy) == ("UTC", "EUR", "shared")
    assert not Organization.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_zone", "Mars/Olympus"),
        ("currency", "euro"),
        ("first_weekday", 8),
        ("weekend", [0]),
        ("weekend", [7, 6]),
        ("weekend", [6, 6]),
        ("weekend", "67"),
        ("weekend", [1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_an_invalid_setting_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValidationError) as refusal:
        Organization(**{field: value}).full_clean()
    assert set(refusal.value.message_dict) == {field}


def test_a_user_without_a_name_is_shown_by_mail_address() -> None:
    named = User.objects.create_user("lea@example.com", first_name="Léa", last_name="Petit")
    nameless = User.objects.create_user("x@EXAMPLE.com")
    assert (named.full_name, nameless.full_name) == ("Léa Petit", "x@example.com")


def test_mail_addresses_are_found_regardless_of_case() -> None:
    user = User.objects.create_user("Lea@example.com")
    assert User.objects.get_by_natural_key("LEA@Example.com") == user


def test_only_the_hash_of_a_password_is_stored() -> None:
    user = User.objects.create_user("lea@example.com", "glass and lead")
    assert user.check_password("glass and lead")
    assert "glass" not in user.password


def test_only_managers_and_admins_manage_teams() -> None:
    north, south = Team.objects.create(name="North"), Team.objects.create(name="South")
    people = {
        role: User.objects.create_user(f"{role}@example.com", role=role) for role in User.Role
    }
    for user in people.values():
        Membership.objects.create(team=north, user=user, is_manager=True)
        Membership.objects.create(team=south, user=user)
    managed = {role: list(user.managed_teams) for role, user in people.items()}
    assert managed == {"admin": [north], "manager": [north], "user": []}


def test_a_user_joins_a_team_only_once() -> None:
    team, user = Team.objects.create(name="North"), User.objects.create_user("a@example.com")
    Membership.objects.create(team=team, user=user)
    with pytest.raises(IntegrityError):
        Membership.objects.create(team=team, user=user)
