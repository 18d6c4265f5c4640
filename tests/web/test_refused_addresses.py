"""Refused addresses: noted and lifted by admins, and left out by the mails of rules."""

from __future__ import annotations

import pytest
from django.core import mail as outgoing

from leadlight.accounts.models import AuditEntry
from leadlight.accounts.readers import SYSTEM
from leadlight.automation.dispatch import dispatch
from leadlight.automation.models import Rule
from leadlight.jobs.worker import run_due
from leadlight.sales import refused_addresses
from leadlight.sales.models import RefusedAddress

PAGE = "/settings/refused-addresses/"


def receivers_of_a_rule(cast, *addresses, users=()):
    notify = {"users": list(users), "addresses": list(addresses)}
    Rule.objects.create(name="Wins", trigger="status", value="won", actions={"notify": notify})
    cast.lead.win(by=cast.mona)
    dispatch()
    run_due()
    run_due()
    return sorted(letter.to[0] for letter in outgoing.outbox)


def test_a_rule_leaves_out_refused_addresses_in_any_case_of_letters(cast):
    refused_addresses.note_opt_out("Lea@Example.org ", by=SYSTEM)
    refused_addresses.note_bounce("old@example.org")

    addresses = ("office@example.org", "LEA@example.org", "old@example.org")
    assert receivers_of_a_rule(cast, *addresses) == ["office@example.org"]


def test_people_with_an_account_get_the_mail_of_a_rule_all_the_same(cast):
    refused_addresses.note_bounce(cast.olga.email)

    assert receivers_of_a_rule(cast, users=[cast.olga.key]) == [cast.olga.email]


def test_an_admin_refuses_an_address_and_allows_it_again(cast, visit):
    page = visit(cast.ada).post(PAGE, {"address": "Lea@Example.org"}, follow=True).text
    assert "Rules send no more mails to lea@example.org." in page
    assert "Does not want mails" in page
    refusal = refused_addresses.refused("LEA@example.org")
    assert refusal.noted_by == cast.ada

    page = visit(cast.ada).post(f"{PAGE}{refusal.key}/lift/", follow=True).text
    assert "Rules send mails to lea@example.org again." in page
    assert refused_addresses.refused("lea@example.org") is None
    assert receivers_of_a_rule(cast, "lea@example.org") == ["lea@example.org"]
    entries = AuditEntry.objects.filter(action="refused_address").order_by("pk")
    assert [(one.subject, one.old_value, one.new_value) for one in entries] == [
        ("lea@example.org", "", "Does not want mails"),
        ("lea@example.org", "Does not want mails", ""),
    ]


def test_an_address_is_refused_once_for_its_first_reason(cast, visit):
    refused_addresses.note_bounce("lea@example.org")
    visit(cast.ada).post(PAGE, {"address": "lea@example.org"})

    assert RefusedAddress.objects.get().reason == "bounced"
    assert AuditEntry.objects.filter(action="refused_address").count() == 1


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("", "Enter an address."),
        ("lea", "This is not an email address."),
        ('"<b>"@example.org', "This is not an email address."),
        ("lea@example.org\nBcc: x@example.org", "This is not an email address."),
        ("\u202elea@example", "This is not an email address."),
        ("lea\0@example.org", "Null characters are not allowed."),
        ("a" * 10_000 + "@example.org", "at most 254 characters"),
    ],
)
def test_what_is_not_an_address_is_refused_with_a_sentence(cast, visit, address, sentence):
    answer = visit(cast.ada).post(PAGE, {"address": address})
    assert answer.status_code == 400
    assert sentence in answer.text
    assert not RefusedAddress.objects.exists()


def test_addresses_are_searched(cast, visit):
    for name in ("lea", "leanne", "max"):
        refused_addresses.note_bounce(f"{name}@example.org")
    page = visit(cast.ada).get(PAGE, {"q": "LEA\0"}).text
    assert "lea@example.org" in page
    assert "leanne@example.org" in page
    assert "max@example.org" not in page


def test_only_admins_see_and_change_refused_addresses(cast, visit):
    refusal = refused_addresses.note_bounce("lea@example.org")
    for user in (cast.mona, cast.olga):
        assert visit(user).get(PAGE).status_code in (403, 404)
        assert visit(user).post(PAGE, {"address": "x@example.org"}).status_code in (403, 404)
        assert visit(user).post(f"{PAGE}{refusal.key}/lift/").status_code in (403, 404)
    assert RefusedAddress.objects.get() == refusal


@pytest.mark.parametrize("count", [1, 30])
def test_the_page_needs_a_fixed_number_of_queries(cast, visit, django_assert_num_queries, count):
    for number in range(count):
        refused_addresses.note_opt_out(f"a{number}@example.org", by=cast.ada)
    visitor = visit(cast.ada)
    visitor.get(PAGE)
    with django_assert_num_queries(7):
        visitor.get(PAGE)


def test_the_check_names_an_address_that_is_never_found(db):
    refused_addresses.note_bounce("lea@example.org")
    assert list(refused_addresses.differences()) == []
    RefusedAddress.objects.update(address="Lea@example.org")
    assert list(refused_addresses.differences()) == [
        "The refused address “Lea@example.org” is never found."
    ]
