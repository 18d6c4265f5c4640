"""People for the verbs of accounts and teams."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from leadlight.accounts.models import Organization, User


@dataclass(frozen=True)
class Staff:
    ada: User
    bea: User
    tom: User


@pytest.fixture
def staff(db: None) -> Staff:
    """Two admins, Ada and Bea, and Tom, a user."""
    Organization(name="Delorme Glazing", time_zone="Europe/Paris").save()

    def person(name: str, role: str) -> User:
        return User.objects.create_user(
            f"{name.lower()}@example.com", "x", first_name=name, role=role
        )

    return Staff(person("Ada", "admin"), person("Bea", "admin"), person("Tom", "user"))
