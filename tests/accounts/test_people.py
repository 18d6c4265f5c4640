"""Verbs of accounts, and the entries that they add to the audit log."""

from __future__ import annotations

import threading

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal import auth
from django.db import connection

from leadlight.accounts import people
from leadlight.accounts.models import AuditEntry, Organization, User
from leadlight.accounts.readers import SYSTEM
from leadlight.accounts.refusals import Refused

pytestmark = pytest.mark.database


def entries() -> list[tuple[str, str, str, str]]:
    """Return kind, action, old and new value of the entries, oldest first."""
    rows = AuditEntry.objects.order_by("pk")
    return list(rows.values_list("kind", "action", "old_value", "new_value"))


def test_a_new_person_has_no_password_and_is_in_the_log(staff):
    user = people.add(User(email=" Eva@EXAMPLE.com ", first_name="Eva\x00\nB"), by=staff.ada)
    user.refresh_from_db()
    assert (user.email, user.first_name) == ("Eva@example.com", "Eva B")
    assert not user.has_usable_password()
    assert entries() == [("people", "added", "", "user")]
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.about, entry.is_by_command) == (staff.ada, user, False)


@pytest.mark.parametrize("email", ["tom@example.com", "TOM@example.com"])
def test_an_address_in_use_is_refused_in_any_case(staff, email):
    with pytest.raises(Refused, match=r"Somebody already has the address tom@example\.com"):
        people.add(User(email=email), by=staff.ada)
    with pytest.raises(Refused, match=r"tom@example\.com"):
        people.set_email(staff.bea, email, by=staff.ada)
    assert User.objects.count() == 3
    assert entries() == []


def test_an_address_in_use_is_refused_by_the_database_too(staff, monkeypatch):
    monkeypatch.setattr(people, "_refuse_invalid", lambda user: None)
    with pytest.raises(Refused, match=r"Somebody already has the address TOM@example\.com"):
        people.add(User(email="TOM@example.com"), by=staff.ada)


def test_names_and_language_are_changed_one_entry_each(staff):
    assert people.set_names(staff.tom, by=SYSTEM, first_name="Thomas", last_name="", language="fr")
    assert not people.set_names(staff.tom, by=SYSTEM, first_name="Thomas")
    assert entries() == [
        ("people", "first_name", "Tom", "Thomas"),
        ("people", "language", "", "fr"),
    ]
    assert set(AuditEntry.objects.values_list("actor", "is_by_command")) == {(None, True)}


@pytest.mark.parametrize(
    ("name", "value"), [("first_name", "x" * 151), ("language", "de"), ("last_name", "y" * 10_000)]
)
def test_invalid_names_are_refused_and_nothing_is_recorded(staff, name, value):
    with pytest.raises(Refused):
        people.set_names(staff.tom, by=staff.ada, **{name: value})
    assert entries() == []
    staff.tom.refresh_from_db()
    assert staff.tom.first_name == "Tom"


def test_a_new_address_ends_the_use_of_the_old_one(staff):
    EmailAddress.objects.create(user=staff.tom, email=staff.tom.email, primary=True)
    assert people.set_email(staff.tom, "thomas@example.com", by=staff.ada)
    assert not EmailAddress.objects.exists()
    assert entries() == [("people", "email", "tom@example.com", "thomas@example.com")]


def test_nobody_changes_their_own_role_or_closes_their_own_account(staff):
    with pytest.raises(Refused, match="your own role"):
        people.set_role(staff.ada, "user", by=staff.ada)
    with pytest.raises(Refused, match="your own account"):
        people.deactivate(staff.ada, by=staff.ada)
    assert entries() == []


@pytest.mark.parametrize("by", ["admin", "command line"])
def test_the_only_active_admin_keeps_role_and_account(staff, by):
    actor = SYSTEM if by == "command line" else staff.tom
    people.deactivate(staff.bea, by=staff.ada)
    with pytest.raises(Refused, match="Ada is the only active admin"):
        people.set_role(staff.ada, "manager", by=actor)
    with pytest.raises(Refused, match="Ada is the only active admin"):
        people.deactivate(staff.ada, by=actor)
    # A closed admin can lose the role.
    assert people.set_role(staff.bea, "user", by=staff.ada)
    assert entries() == [
        ("people", "deactivated", "", ""),
        ("people", "role", "admin", "user"),
    ]


def test_deactivating_and_reactivating_twice_changes_nothing_more(staff):
    assert people.deactivate(staff.tom, by=staff.ada)
    assert not people.deactivate(staff.tom, by=staff.ada)
    assert people.reactivate(staff.tom, by=staff.ada)
    assert not people.reactivate(staff.tom, by=staff.ada)
    assert [action for _kind, action, _old, _new in entries()] == ["deactivated", "reactivated"]
    staff.tom.refresh_from_db()
    assert staff.tom.is_active


def test_the_second_factor_is_removed_once(staff):
    auth.TOTP.activate(staff.tom, auth.generate_totp_secret())
    assert people.reset_second_factor(staff.tom, by=staff.ada)
    assert not people.reset_second_factor(staff.tom, by=staff.ada)
    assert entries() == [("password", "factor_removed", "totp", "")]


def test_entries_are_neither_changed_nor_deleted(staff):
    people.deactivate(staff.tom, by=staff.ada)
    entry = AuditEntry.objects.get()
    for forbidden in (
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(old_value="x"),
    ):
        with pytest.raises(TypeError, match="are not"):
            forbidden()


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_remove_each_other_at_once_leave_one():
    Organization(name="Delorme Glazing").save()
    ada, bea = (
        User.objects.create_user(f"{name}@example.com", "x", role="admin")
        for name in ("ada", "bea")
    )
    start, outcomes = threading.Barrier(2), []

    def remove(victim: User, by: User) -> None:
        start.wait(10)
        try:
            outcomes.append(people.set_role(victim, "user", by=by))
        except Refused:
            outcomes.append(False)
        finally:
            connection.close()

    both = [threading.Thread(target=remove, args=pair) for pair in ((ada, bea), (bea, ada))]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(30)
    assert sorted(outcomes) == [False, True]
    assert User.objects.filter(role="admin", is_active=True).count() == 1
    assert AuditEntry.objects.count() == 1
