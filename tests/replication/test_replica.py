"""Contents of a replica after catching up."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from leadlight.accounts.models import Team
from leadlight.replication.checks import check
from leadlight.replication.replica import Replica
from leadlight.sales.models import (
    Activity,
    ActivityType,
    Category,
    CustomField,
    Lead,
    LeadFieldValue,
    Prospect,
    ProspectingList,
    Tag,
)
from tests.replication.conftest import column, contents, make_lead
from tests.sales.conftest import Company, at
from tests.seeds import IS_SEARCH, MORE, drawn

pytestmark = pytest.mark.search


def test_a_saved_lead_is_in_the_replica_after_catching_up(
    company: Company, replica: Replica
) -> None:
    replica.catch_up()
    assert column(replica, "leads", "lead_id") == []
    lead = make_lead(company, 'Windows "for\nthe", roof')
    replica.catch_up()
    assert column(replica, "lead_titles", "title") == ['Windows "for\nthe", roof']
    lead.win(by=company.ana, at=at(2, 3))
    replica.catch_up()
    assert column(replica, "leads", "status") == ["won"]
    assert column(replica, "lead_versions", "status", "recorded_from") == ["todo", "won"]


def test_a_permanently_deleted_lead_is_removed_from_every_table(
    company: Company, replica: Replica
) -> None:
    lead = make_lead(company)
    lead.tags.add(Tag.objects.create(name="Glass"))
    replica.catch_up()
    lead.delete()
    replica.catch_up()
    left = {name: len(rows) for name, rows in contents(replica).items()}
    assert [left[name] for name in ("leads", "lead_versions", "lead_titles", "lead_tags")] == [
        0
    ] * 4


def test_a_lead_has_the_prospecting_list_of_its_prospect(
    company: Company, replica: Replica
) -> None:
    fair, web = (ProspectingList.objects.create(name=name) for name in ("Fair", "Web"))
    prospect = Prospect.objects.create(prospecting_list=fair)
    Lead.create(title="Windows", by=None, at=at(1, 5), prospect=prospect)
    replica.catch_up()
    Prospect.objects.update(prospecting_list=web)
    replica.catch_up()
    assert column(replica, "leads", "prospecting_list_id") == [web.pk]


def test_prospects_lists_and_activities_have_local_days(company: Company, replica: Replica) -> None:
    late = at(1, 31, 23, 30)
    fair = ProspectingList.objects.create(name="Fair", created_at=late)
    prospect = Prospect.objects.create(prospecting_list=fair, created_at=late, converted_at=late)
    call = ActivityType.objects.create(name="Call")
    Activity.objects.create(activity_type=call, prospect=prospect, occurred_at=late)
    replica.catch_up()
    days = [
        *column(replica, "prospecting_lists", "created_on"),
        *column(replica, "prospects", "created_on"),
        *column(replica, "prospects", "converted_on"),
        *column(replica, "activities", "occurred_on"),
    ]
    assert [str(day) for day in days] == ["2026-02-01"] * 4


def test_empty_texts_are_null(company: Company, replica: Replica) -> None:
    Lead.create(title="Windows", by=None, at=at(1, 5), source="")
    ProspectingList.objects.create(name="Fair", source="")
    replica.catch_up()
    assert column(replica, "leads", "source") == [None]
    assert column(replica, "prospecting_lists", "source") == [None]


HOSTILE = ["plain", 'the "quoted", one', "back\\slash", "l'été", "\N{GRINNING FACE}", "[], {}"]


def test_the_choices_of_a_field_are_those_that_admins_defined(
    company: Company, replica: Replica
) -> None:
    field = CustomField.define("lead", 'Sec"tor', "choice", choices=HOSTILE)
    for subject, kind in (("lead", "text"), ("client", "choice"), ("prospect", "choice")):
        choices = ["other"] if kind == "choice" else ()
        CustomField.define(subject, f"{subject} {kind}", kind, choices=choices)
    lead = make_lead(company)
    lead.set_field(field, HOSTILE[1], by=None)
    replica.catch_up()
    assert column(replica, "fields", "field_name") == ['Sec"tor']
    assert column(replica, "choices", "choice", "choice_position") == HOSTILE
    assert column(replica, "lead_choices", "choice") == [HOSTILE[1]]


def test_changes_of_a_field_are_in_the_replica_after_catching_up(
    company: Company, replica: Replica, rebuilds: list[str]
) -> None:
    lead = make_lead(company)
    replica.catch_up()
    field = CustomField.define("lead", "Sector", "choice", choices=["a", "b"])
    lead.set_field(field, "a", by=None)
    replica.catch_up()
    assert column(replica, "lead_choices", "choice") == ["a"]
    field.rename("Industry")
    field.set_choices(["c", "a"])
    lead.set_field(field, "c", by=None)
    replica.catch_up()
    assert column(replica, "fields", "field_name") == ["Industry"]
    assert column(replica, "choices", "choice", "choice_position") == ["c", "a"]
    assert column(replica, "lead_choices", "choice") == ["c"]
    field.archive()
    replica.catch_up()
    assert column(replica, "fields", "field_id") == column(replica, "choices", "choice") == []
    field.restore()
    lead.set_field(field, "", by=None)
    replica.catch_up()
    assert column(replica, "choices", "choice", "choice_position") == ["c", "a"]
    assert column(replica, "lead_choices", "choice") == []
    assert rebuilds == ["rebuilt"]
    assert list(check(replica)) == []


def random_change(company: Company, chance: random.Random) -> None:
    """Apply one random change of everyday work."""
    leads = list(Lead.objects.all())
    by = company.ana
    if len(leads) < 3 or chance.random() < 0.3:
        lead = make_lead(company, chance.choice(("Windows", "Doors")))
        lead.tags.add(*Tag.objects.all()[: chance.randrange(3)])
        return
    lead = chance.choice(leads)
    changes: list[Callable[[], object]] = [
        lambda: lead.move_to(chance.choice((company.offer, company.elsewhere)), by=by),
        lambda: lead.assign_to(chance.choice((company.bo, None)), by=by),
        lambda: lead.set_amount(chance.randrange(1000), by=by),
        lambda: win_yesterday(lead, company),
        lambda: lead.reopen(by=by) if lead.is_closed else lead.lose(by=by),
        lambda: lead.bin(by=by) if not lead.is_deleted else lead.restore(by=by),
        lambda: lead.tags.clear(),
        lambda: lead.delete(),
        lambda: Lead.objects.filter(pk__gte=lead.pk).update(source="Fair"),
        lambda: Team.objects.update(name=f"Team {chance.randrange(9)}"),
        lambda: Tag.objects.filter(name="Glass").update(category=None),
        lambda: set_field(lead, chance),
        lambda: change_field(chance),
    ]
    chance.choice(changes)()


def set_field(lead: Lead, chance: random.Random) -> None:
    for field in CustomField.objects.filter(is_archived=False):
        choice = chance.choice(["", *field.choices]) if field.kind == "choice" else "a"
        lead.set_field(field, choice, by=None)


def change_field(chance: random.Random) -> None:
    """Add and remove choices, archive, restore, or write values past the verbs."""
    field = chance.choice(CustomField.objects.filter(kind="choice"))
    used = set(LeadFieldValue.objects.filter(field=field).values_list("text", flat=True))
    choices = sorted(
        {*used, *chance.sample(["a", "b", "c", "d"], 2)}, key=lambda _: chance.random()
    )
    changes: list[Callable[[], object]] = [
        lambda: field.set_choices(choices),
        lambda: field.rename(f"Sector {chance.randrange(9)}"),
        field.restore if field.is_archived else field.archive,
        lambda: LeadFieldValue.objects.filter(field=field).delete(),
    ]
    chance.choice(changes)()


def win_yesterday(lead: Lead, company: Company) -> None:
    """Record now that an open lead was won yesterday, unless it has changed since."""
    yesterday = timezone.now() - timedelta(days=1)
    has_changed = lead.events.filter(kind="status", occurred_at__gt=yesterday).exists()
    if lead.is_open and not has_changed:
        lead.win(by=company.ana, at=yesterday)


@pytest.mark.parametrize("seed", range(3 * MORE if IS_SEARCH else 3))
def test_catching_up_equals_a_rebuild(
    company: Company, replica: Replica, rebuilds: list[str], seed: int
) -> None:
    chance = drawn(f"catching up {seed}")
    category = Category.objects.create(name="Product")
    for name in ("Glass", "Wood"):
        Tag.objects.create(name=name, category=category)
    CustomField.define("lead", "Sector", "choice", choices=["a", "b"])
    CustomField.define("lead", "Note", "text")
    for _ in range(12):
        for _ in range(chance.randrange(4)):
            random_change(company, chance)
        replica.catch_up()
    assert rebuilds == ["rebuilt"]
    caught_up = contents(replica)
    replica.rebuild()
    assert contents(replica) == caught_up
    assert list(check(replica)) == []


def test_a_rollback_is_undone_in_the_replica_too(company: Company, replica: Replica) -> None:
    lead = make_lead(company)
    replica.catch_up()
    with transaction.atomic():
        lead.win(by=company.ana, at=at(2, 3))
        make_lead(company, "Doors")
        replica.catch_up()
        assert column(replica, "leads", "status", "lead_id") == ["won", "todo"]
        transaction.set_rollback(True)
    replica.catch_up()
    assert column(replica, "leads", "status") == ["todo"]
    assert list(check(replica)) == []
