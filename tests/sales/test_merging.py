"""Merge of leads: nothing is lost, and an undo restores both exactly."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.db import models

from leadlight.accounts.models import Organization, User
from leadlight.replication.checks import check
from leadlight.sales import merging
from leadlight.sales.models import (
    Action,
    Activity,
    ActivityType,
    Client,
    CustomField,
    Lead,
    LeadEvent,
    LeadWords,
    Prospect,
    ProspectingList,
    Reminder,
    Tag,
)
from leadlight.sales.models.actions import acting
from leadlight.sales.models.relations import Relation, relate, relations_of
from leadlight.sales.refusals import Refused
from leadlight.sales.search.checks import differences
from leadlight.sales.search.writing import index_prospects
from leadlight.sales.undo import undo
from tests.prospects import add_prospect
from tests.sales.conftest import Company, at
from tests.seeds import IS_SEARCH, drawn

keys = (f"merge {number}" for number in count())
UNSTABLE = {"version", "updated_at"}


def new_lead(company: Company, title: str = "Windows", **more: Any) -> Lead:
    details: dict[str, Any] = {"owner": company.ana, "at": at(1, 5)} | more
    return Lead.create(title=title, by=company.ana, **details)


def merge(company: Company, kept: Lead, other: Lead, *taken: str, description: str = "") -> Action:
    with acting(next(keys), company.ana) as action:
        merging.merge(kept, other, taken=taken, by=company.ana, description=description)
    return action


def state(leads: Iterable[Lead]) -> list[Any]:
    """Return all that belongs to leads, as stored: rows, tags, fields, activities and words."""
    found: list[Any] = []
    for pk in sorted(lead.pk for lead in leads):
        lead = Lead.objects.get(pk=pk)
        row = {
            field.attname: getattr(lead, field.attname)
            for field in Lead._meta.concrete_fields
            if field.attname not in UNSTABLE
        }
        found.append(
            (
                row,
                lead.tag_ids,
                lead.field_texts,
                relations_of(lead),
                list(lead.activities.order_by("pk").values()),
                list(lead.contact_points.values_list("kind", "value", "label", "name")),
                list(LeadWords.objects.filter(row=lead).values_list("words", flat=True)),
            )
        )
    return found


def fresh(lead: Lead) -> Lead:
    return Lead.objects.get(pk=lead.pk)


def assert_consistent() -> None:
    assert [*map(str, check())] == []
    assert [*differences()] == []


# Relations to leads


def test_every_relation_to_leads_is_repointed_or_stays_for_a_reason() -> None:
    relations = {
        f"{field.related_model._meta.label}.{field.field.name}"
        for field in Lead._meta.get_fields(include_hidden=True)
        if isinstance(field, models.ForeignObjectRel)
    }
    assert relations == {*merging.REPOINTED, *merging.STAYING}
    assert not {*merging.REPOINTED} & {*merging.STAYING}


# What a merge does


def test_the_kept_lead_holds_its_values_and_the_chosen_ones(company: Company) -> None:
    client = Client.create(name="Lake Hotel", by=company.ana)
    kept = new_lead(company, amount=100)
    other = new_lead(company, "Windows for the hotel", amount=200, client=client, source="Fair")
    merge(company, kept, other, "title", "client", "source")
    kept = fresh(kept)
    assert (kept.title, kept.amount) == ("Windows for the hotel", Decimal(100))
    assert (kept.client, kept.source) == (client, "Fair")
    assert_consistent()


def test_tags_and_activities_of_both_belong_to_the_kept_lead(company: Company) -> None:
    call = ActivityType.objects.create(name="Call")
    kept, other = new_lead(company), new_lead(company, "Twin")
    for lead, name in ((kept, "a"), (other, "b")):
        lead.tag(Tag.objects.create(name=name, key=name), by=company.ana)
        lead.log_activity(call, by=company.ana)
    merge(company, kept, other)
    assert {tag.name for tag in fresh(kept).tags.all()} == {"a", "b"}
    assert Activity.objects.filter(lead=kept).count() == 2
    assert fresh(kept).last_activity_at is not None
    assert fresh(other).last_activity_at is None
    assert_consistent()


def test_the_other_lead_goes_to_the_bin_and_both_logs_tell_it(company: Company) -> None:
    kept, other = new_lead(company), new_lead(company, "Twin")
    other.comment("Called twice", by=company.ana)
    events = list(other.events.values_list("pk", flat=True))
    merge(company, kept, other)
    assert fresh(other).is_deleted
    assert set(events) <= set(other.events.values_list("pk", flat=True))
    assert relations_of(kept) == {other.key: Relation.MERGED_WITH}
    assert relations_of(other) == {kept.key: Relation.MERGED_INTO}
    assert merging.kept_lead_of(fresh(other)) == kept
    assert merging.merged_leads(kept, relations_of(kept)) == [other]


def test_both_descriptions_can_be_kept(company: Company) -> None:
    kept = new_lead(company, description="Tel: 06 12 34 56 78")
    other = new_lead(company, description="ana@example.com")
    merge(company, kept, other, description=merging.BOTH)
    assert fresh(kept).description == "Tel: 06 12 34 56 78\n\nana@example.com"
    assert set(kept.contact_points.values_list("kind", flat=True)) == {"phone", "email"}


def test_values_of_custom_fields_can_be_chosen(company: Company) -> None:
    size, colour = (CustomField.define("lead", name, "text") for name in ("Size", "Colour"))
    kept, other = new_lead(company), new_lead(company)
    kept.set_field(size, "10", by=company.ana)
    other.set_field(size, "20", by=company.ana)
    other.set_field(colour, "Blue", by=company.ana)
    merge(company, kept, other, f"field:{size.key}", f"field:{colour.key}")
    assert fresh(kept).field_texts == {size.key: "20", colour.key: "Blue"}


def prospect(name: str) -> Prospect:
    prospects = ProspectingList.objects.get_or_create(name="Fair")[0]
    row = add_prospect(prospects, {"Name": name})
    index_prospects([row.pk])
    return row


def test_the_prospect_moves_unless_the_kept_lead_has_its_own(company: Company) -> None:
    first, second = prospect("One"), prospect("Two")
    kept = new_lead(company)
    one, two = new_lead(company, prospect=first), new_lead(company, prospect=second)
    merge(company, kept, one)
    merge(company, kept, two)
    assert (fresh(kept).prospect, fresh(one).prospect) == (first, None)
    assert fresh(two).prospect == second
    assert_consistent()


def test_no_amounts_are_added(company: Company) -> None:
    kept, other = new_lead(company, amount=100), new_lead(company, amount=50)
    for lead in (kept, other):
        lead.win(by=company.ana, at=at(2, 1))
    merge(company, kept, other)
    assert fresh(kept).amount == 100
    assert (fresh(kept).status, fresh(kept).closed_at) == ("won", at(2, 1))


# Refusals


def test_a_lead_is_not_merged_with_itself(company: Company) -> None:
    lead = new_lead(company)
    with pytest.raises(Refused, match="itself"):
        merge(company, lead, Lead.objects.get(pk=lead.pk))


def test_a_lead_in_the_bin_is_not_merged_again(company: Company) -> None:
    kept, other = new_lead(company), new_lead(company)
    merge(company, kept, other)
    events = LeadEvent.objects.count()
    for first, second in ((kept, other), (other, kept)):
        with pytest.raises(Refused, match="in the bin"):
            merge(company, first, second)
    assert LeadEvent.objects.count() == events


def test_a_won_lead_does_not_vanish_in_one_that_is_not_won(company: Company) -> None:
    kept, other = new_lead(company), new_lead(company, "Won one")
    other.win(by=company.ana)
    with pytest.raises(Refused, match="Won one"):
        merge(company, kept, other)
    assert merging.preferred(kept, fresh(other)) == (other, kept)


def test_an_inactive_owner_cannot_be_taken(company: Company) -> None:
    kept, other = new_lead(company, owner=None), new_lead(company, owner=company.bo)
    company.bo.is_active = False
    company.bo.save()
    assert "owner" not in merging.choosable(kept, fresh(other), by=company.ana)


def test_without_the_right_to_assign_a_merge_keeps_the_owner(company: Company) -> None:
    Organization.objects.update(may_assign="admins")
    User.objects.filter(pk=company.ana.pk).update(role="manager")
    ana = User.objects.get(pk=company.ana.pk)
    kept, other = new_lead(company, owner=company.bo), new_lead(company, "Other", owner=ana)
    assert "owner" not in merging.choosable(kept, other, by=ana)
    merge(company, kept, other, "owner", "title")
    kept = fresh(kept)
    assert (kept.title, kept.owner) == ("Other", company.bo)


def test_without_the_right_to_assign_the_user_takes_a_lead_without_an_owner(
    company: Company,
) -> None:
    Organization.objects.update(may_assign="admins")
    kept, own = new_lead(company, owner=None), new_lead(company, "Own")
    of_bo = new_lead(company, "Of Bo", owner=company.bo)
    assert "owner" not in merging.choosable(kept, of_bo, by=company.ana)
    merge(company, kept, own, "owner")
    assert fresh(kept).owner == company.ana


# Undo


def test_an_undo_restores_both_leads_exactly(company: Company) -> None:
    call = ActivityType.objects.create(name="Call")
    kept = new_lead(company, description="a@example.com", amount=10)
    other = new_lead(company, "Twin", description="b@example.com", prospect=prospect("One"))
    other.stand_by(by=company.ana, until=Reminder(at(12, 30)))
    for lead in (kept, other):
        lead.log_activity(call, by=company.ana)
        lead.tag(Tag.objects.create(name=lead.title), by=company.ana)
    before = state([kept, other])
    action = merge(company, kept, other, "title", "reminder", description=merging.BOTH)
    assert state([kept, other]) != before
    undo(action, by=company.ana)
    assert state([kept, other]) == before
    assert_consistent()


@pytest.mark.search
@pytest.mark.parametrize("seed", range(30 if IS_SEARCH else 6))
def test_merging_random_leads_and_undoing_it_changes_nothing(company: Company, seed: int) -> None:
    random = drawn(f"merged leads {seed}")
    call = ActivityType.objects.create(name="Call")
    tags = [Tag.objects.create(name=name) for name in ("x", "y", "z")]
    field = CustomField.define("lead", "Size", "text")
    leads = []
    for number in range(4):
        lead = new_lead(
            company,
            f"Lead {number}",
            amount=random.choice((None, 10, 20)),
            description=random.choice(("", f"{number}@example.com", "+33 6 12 34 56 78")),
            owner=random.choice((company.ana, company.bo, None)),
            step=random.choice((company.contact, company.elsewhere)),
            prospect=random.choice((None, prospect(f"Row {number}"))),
        )
        works = (
            lambda lead: lead.log_activity(call, by=company.bo),
            lambda lead: lead.set_tags(random.sample(tags, 2), by=company.ana),
            lambda lead: lead.set_field(field, random.choice("abc"), by=company.ana),
            lambda lead: lead.stand_by(by=company.ana, until=Reminder(at(12, 29))),
            lambda lead: lead.comment("Note", by=company.bo),
            lambda lead: lead.lose(by=company.ana),
        )
        for work in random.sample(works, random.randint(0, len(works) - 1)):
            if lead.is_open or work is not works[3]:
                work(lead)
        leads.append(lead)
    done, states = [], []
    for lead in random.sample(leads[1:], 3):
        states.append(state(leads))
        names = merging.choosable(fresh(leads[0]), fresh(lead), by=company.ana)
        taken = [name for name in names if random.random() < 0.5]
        joined = random.choice(("", merging.BOTH))
        done.append(merge(company, leads[0], lead, *taken, description=joined))
        assert_consistent()
    while done:
        undo(done.pop(), by=company.ana)
        assert state(leads) == states.pop()
    assert_consistent()


def test_a_chain_of_merges_is_undone_in_order(company: Company) -> None:
    call = ActivityType.objects.create(name="Call")
    a, b, c = (new_lead(company, title) for title in "abc")
    a.log_activity(call, by=company.ana)
    before = state([a, b, c])
    first = merge(company, b, a)
    between = state([a, b, c])
    second = merge(company, c, b)
    assert merging.kept_lead_of(fresh(a)) == c
    assert {*merging.merged_leads(c, relations_of(c))} == {a, b}
    with pytest.raises(Refused):
        undo(first, by=company.ana)
    undo(second, by=company.ana)
    assert state([a, b, c]) == between
    undo(first, by=company.ana)
    assert state([a, b, c]) == before
    assert merging.kept_lead_of(fresh(a)) is None
    assert_consistent()


@pytest.mark.parametrize("work", ["rename", "comment", "activity", "restore"])
def test_a_merge_is_not_undone_if_a_lead_was_touched_since(company: Company, work: str) -> None:
    kept, other = new_lead(company), new_lead(company, "Twin")
    action = merge(company, kept, other)
    match work:
        case "rename":
            kept.rename("Doors", by=company.bo)
        case "comment":
            kept.comment("Hello", by=company.bo)
        case "activity":
            kept.log_activity(ActivityType.objects.create(name="Call"), by=company.bo)
        case "restore":
            other.restore(by=company.bo)
    before = state([kept, other])
    with pytest.raises(Refused, match="changed since"):
        undo(action, by=company.ana)
    assert state([kept, other]) == before


def test_an_earlier_action_on_the_merged_lead_cannot_be_undone(company: Company) -> None:
    kept, other = new_lead(company), new_lead(company, "Twin")
    with acting(next(keys), company.ana) as earlier:
        other.set_amount(20, by=company.ana)
    later = merge(company, kept, other)
    with pytest.raises(Refused, match="merged since"):
        undo(earlier, by=company.ana)
    undo(later, by=company.ana)
    undo(earlier, by=company.ana)
    assert fresh(other).amount is None


def test_an_activity_undone_after_a_merge_stays_undone(company: Company) -> None:
    call = ActivityType.objects.create(name="Call")
    kept, other = new_lead(company), new_lead(company, "Twin")
    with acting(next(keys), company.ana) as logged:
        other.log_activity(call, by=company.ana)
    merged = merge(company, kept, other)
    undo(logged, by=company.ana)
    undo(merged, by=company.ana)
    assert not Activity.objects.exists()
    assert not fresh(other).is_deleted
    assert_consistent()


def test_not_a_duplicate_is_said_of_a_pair_and_can_be_undone(company: Company) -> None:
    lead, other = new_lead(company), new_lead(company)
    with acting(next(keys), company.ana) as action:
        relate(lead, other.key, Relation.NOT_DUPLICATE, by=company.ana)
    assert relations_of(lead) == {other.key: Relation.NOT_DUPLICATE}
    undo(action, by=company.ana)
    assert relations_of(lead) == {}
    assert_consistent()
