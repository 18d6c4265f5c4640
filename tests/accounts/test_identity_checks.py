"""Check of sign-in identities, on rows as only a damaged database has them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from leadlight.accounts.identity_checks import differences, remarks
from leadlight.accounts.models import Identity, User
from tests.accounts.conftest import Staff

pytestmark = pytest.mark.database

ISSUER = "https://login.example.com"


@pytest.fixture
def without_constraints(staff: Staff) -> Iterator[None]:
    """Shadow the table of identities by one that refuses nothing."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE accounts_identity AS SELECT * FROM accounts_identity")
        yield
        cursor.execute("DROP TABLE accounts_identity")


def add(pk: int, user_id: int, subject: str, issuer: str = ISSUER) -> None:
    Identity.objects.bulk_create([Identity(pk=pk, user_id=user_id, issuer=issuer, subject=subject)])


def test_identities_of_active_people_are_right(staff: Staff) -> None:
    for user, subject in ((staff.ada, "a"), (staff.bea, "\u202e😀=1+1")):
        Identity.objects.create(user=user, issuer=ISSUER, subject=subject)
    Identity.objects.create(user=staff.ada, issuer=f"{ISSUER}/other", subject="a")
    assert [*differences(), *remarks()] == []


def test_the_identity_of_a_closed_account_is_a_remark(staff: Staff) -> None:
    Identity.objects.create(user=staff.tom, issuer=ISSUER, subject="t")
    User.objects.filter(pk=staff.tom.pk).update(is_active=False)
    assert list(differences()) == []
    assert list(remarks()) == [f"Identity t · {ISSUER}: the account of Tom is closed."]


def test_wrong_identities_are_named(staff: Staff, without_constraints: None) -> None:
    add(1, staff.ada.pk, "a")
    add(2, staff.bea.pk, "a")
    add(3, staff.tom.pk, "t")
    add(4, staff.tom.pk, "u")
    add(5, staff.tom.pk, "")
    add(6, 99_999, "v")
    assert list(differences()) == [
        f"Identity a · {ISSUER}: several people sign in with it.",
        f"User {staff.tom.pk}: several identities of {ISSUER} belong to this person.",
        "Identity 5: it has no issuer or no subject.",
        f"Identity v · {ISSUER}: its person 99999 does not exist.",
    ]
