"""Merge of clients: nothing is lost, and an undo restores both exactly."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import count
from typing import Any

import pytest
from django.db import models

from leadlight.accounts.models import User
from leadlight.replication.checks import check
from leadlight.sales import access, client_checks, client_merging, merging
from leadlight.sales.client_merging import BOTH
from leadlight.sales.models import (
    Action,
    Client,
    ClientWords,
    CustomField,
    FollowUp,
    Lead,
    LeadEvent,
    Shortcut,
    Task,
)
from leadlight.sales.models.actions import acting
from leadlight.sales.models.event_log import Kind
from leadlight.sales.refusals import Refused
from leadlight.sales.search.checks import differences
from leadlight.sales.undo import undo
from tests.sales.conftest import Company
from tests.seeds import IS_SEARCH, drawn

keys = (f"client merge {number}" for number in count())

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def ana_is_admin(company: Company) -> None:
    company.ana.role = User.Role.ADMIN
    company.ana.save()


def client(company: Company, name: str, **more: Any) -> Client:
    return Client.create(name=name, by=company.ana, **more)


def lead(company: Company, of: Client | None, title: str = "Windows") -> Lead:
    return Lead.create(title=title, by=company.ana, owner=company.ana, client=of)


def merge(
    company: Company, kept: Client, other: Client, *taken: str, description: str = ""
) -> Action:
    with acting(next(keys), company.ana) as action:
        client_merging.merge(kept, other, taken=taken, by=company.ana, description=description)
    return action


def fresh(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def state(clients: Iterable[Client]) -> list[Any]:
    """Return all that belongs to clients, as stored."""
    queries = list(Shortcut.objects.order_by("pk").values_list("query", flat=True))
    return [queries, *(_state_of(pk) for pk in sorted(one.pk for one in clients))]


def _state_of(pk: int) -> list[Any]:
    leads = Lead.objects.filter(client=pk).order_by("pk")
    return [
        Client.objects.filter(pk=pk).values().get(),
        Client.objects.get(pk=pk).field_texts,
        list(ClientWords.objects.filter(row=pk).values_list("words", flat=True)),
        list(leads.values_list("pk", "is_deleted", "search_words__words")),
    ]


def assert_consistent() -> None:
    assert [*map(str, check())] == []
    assert [*differences(), *client_checks.differences()] == []


def test_every_relation_to_clients_is_repointed_or_stays_for_a_reason() -> None:
    relations = {
        f"{field.related_model._meta.label}.{field.field.name}"
        for field in Client._meta.get_fields(include_hidden=True)
        if isinstance(field, models.ForeignObjectRel)
    }
    assert relations == {*client_merging.REPOINTED, *client_merging.STAYING}
    assert not {*client_merging.REPOINTED} & {*client_merging.STAYING}


# What a merge does


def test_the_kept_client_has_the_leads_of_both_also_those_in_the_bin(company: Company) -> None:
    kept, other = client(company, "Lake Hotel"), client(company, "Lake Hotel Ltd")
    one, two, three = lead(company, kept), lead(company, other), lead(company, other, "Doors")
    task = Task.add(two, "Call", by=company.ana, owner=company.ana, due_on=date(2026, 2, 1))
    three.bin(by=company.ana)
    merge(company, kept, other)
    assert {*Lead.objects.filter(client=kept)} == {one, two, three}
    assert not Lead.objects.filter(client=other).exists()
    assert fresh(task).lead.client == kept
    assert FollowUp.objects.filter(lead__client=other).count() == 0
    assert_consistent()


def test_the_history_of_each_lead_tells_the_change(company: Company) -> None:
    kept, other = client(company, "Lake Hotel"), client(company, "Lake Hotel Ltd")
    moved = lead(company, other)
    version = moved.version
    merge(company, kept, other)
    event = LeadEvent.objects.get(lead=moved, kind=Kind.CLIENT)
    assert (event.old_value, event.value) == (str(other.pk), str(kept.pk))
    assert (event.actor, event.version) == (company.ana, version + 1)
    assert fresh(moved).version == version + 1


def test_values_are_chosen_one_by_one(company: Company) -> None:
    size, city = (CustomField.define("client", name, "text") for name in ("Size", "City"))
    kept = client(company, "Lake Hotel", description="Tel: 06 12 34 56 78")
    other = client(company, "Hotel at the Lake", description="ana@example.com")
    kept.set_field(size, "10")
    other.set_field(size, "20")
    other.set_field(city, "Annecy")
    assert client_merging.choosable(kept, other, company.ana) == [
        *("name", "description", f"field:{size.key}", f"field:{city.key}")
    ]
    merge(company, kept, other, "name", f"field:{city.key}", description=BOTH)
    kept = fresh(kept)
    assert kept.name == "Hotel at the Lake"
    assert kept.description == "Tel: 06 12 34 56 78\n\nana@example.com"
    assert kept.field_texts == {size.key: "10", city.key: "Annecy"}
    assert fresh(other).field_texts == {size.key: "20", city.key: "Annecy"}
    assert_consistent()


def test_only_who_may_deactivate_clients_chooses_whether_one_is_active(company: Company) -> None:
    kept, other = client(company, "Lake Hotel"), client(company, "Lake Hotel Ltd")
    kept.deactivate()
    assert "active" in client_merging.choosable(kept, other, company.ana)
    assert "active" not in client_merging.choosable(kept, other, company.bo)
    assert client_merging.preferred(kept, other) == (other, kept)
    merge(company, kept, other, "active")
    assert fresh(kept).is_active


def test_of_two_active_clients_the_one_with_more_leads_is_kept(company: Company) -> None:
    one, two = client(company, "Lake Hotel"), client(company, "Lake Hotel Ltd")
    assert client_merging.preferred(two, one) == (one, two)
    lead(company, two)
    assert client_merging.preferred(one, two) == (two, one)


def test_nobody_sees_or_finds_the_merged_client(company: Company) -> None:
    kept, other = client(company, "Lake Hotel"), client(company, "Quartz")
    merge(company, kept, other)
    other = fresh(other)
    for user in (company.ana, company.bo):
        assert other not in access.visible_clients(user)
        assert other not in access.listed_clients(user)
        assert other not in access.editable_clients(user)
        assert not access.may_see_client(user, other)
        assert not access.may_edit_client(user, other)
    assert access.unknown_keys(company.ana, "client", [other.key]) == [other.key]
    assert not ClientWords.objects.filter(row=other).exists()


def test_shortcuts_filter_by_the_kept_client_then(company: Company) -> None:
    kept, other = client(company, "Lake Hotel"), client(company, "Lake Hotel Ltd")
    for number, query in enumerate(
        (
            f"client={other.key}&group_by=user",
            f"client={kept.key}&client={other.key}",
            f"client=other&q=client%3D{other.key}",
        )
    ):
        Shortcut.objects.create(
            owner=company.bo, name=f"View {number}", report="company", query=query
        )
    before = state([kept, other])
    action = merge(company, kept, other)
    assert list(Shortcut.objects.order_by("pk").values_list("query", flat=True)) == [
        f"client={kept.key}&group_by=user",
        f"client={kept.key}",
        f"client=other&q=client%3D{other.key}",
    ]
    undo(action, by=company.ana)
    assert state([kept, other]) == before


# Refusals


def test_a_client_is_not_merged_with_itself(company: Company) -> None:
    one = client(company, "Lake Hotel")
    with pytest.raises(Refused, match="itself"):
        merge(company, one, fresh(one))


def test_a_merged_client_is_not_merged_again(company: Company) -> None:
    kept, other, third = (client(company, name) for name in ("One", "Two", "Three"))
    merge(company, kept, other)
    for first, second in ((third, other), (other, third), (kept, other)):
        with pytest.raises(Refused, match="“Two” was merged into “One”"):
            merge(company, first, second)


def test_no_lead_gets_a_merged_client(company: Company) -> None:
    kept, other = client(company, "One"), client(company, "Two")
    moved = lead(company, other)
    with acting(next(keys), company.ana) as change:
        moved.set_client(None, by=company.ana)
    merge(company, kept, other)
    for work in (
        lambda: moved.set_client(other, by=company.ana),
        lambda: lead(company, other),
        lambda: undo(change, by=company.ana),
    ):
        with pytest.raises(Refused, match="was merged into “One”"):
            work()
    assert not Lead.objects.filter(client=other).exists()
    assert_consistent()


# Undo


def test_an_undo_restores_both_clients_exactly(company: Company) -> None:
    size = CustomField.define("client", "Size", "text")
    kept = client(company, "Lake Hotel", description="a")
    other = client(company, "Quartz", description="b")
    other.set_field(size, "20")
    other.deactivate()
    lead(company, kept)
    lead(company, other).bin(by=company.ana)
    lead(company, other)
    before = state([kept, other])
    names = client_merging.choosable(kept, other, company.ana)
    action = merge(company, kept, other, *names, description=BOTH)
    assert action.has_parts
    assert state([kept, other]) != before
    undo(action, by=company.ana)
    assert state([kept, other]) == before
    assert_consistent()


def test_clients_without_leads_are_merged_and_set_back(company: Company) -> None:
    kept, other = client(company, "One"), client(company, "Two")
    before = state([kept, other])
    action = merge(company, kept, other)
    assert action.has_parts
    assert undo(action, by=company.ana) == []
    assert state([kept, other]) == before


def test_clients_are_merged_again_after_an_undo(company: Company) -> None:
    kept, other = client(company, "One"), client(company, "Two")
    moved = lead(company, other)
    before = state([kept, other])
    undo(merge(company, kept, other, "name"), by=company.ana)
    again = merge(company, kept, other, "name")
    assert (fresh(kept).name, fresh(moved).client) == ("Two", kept)
    undo(again, by=company.ana)
    assert state([kept, other]) == before
    assert_consistent()


def test_a_chain_of_merges_is_undone_in_reverse(company: Company) -> None:
    a, b, c = (client(company, name) for name in "ABC")
    leads = [lead(company, one) for one in (a, b, c)]
    before = state([a, b, c])
    first = merge(company, b, a, "name")
    between = state([a, b, c])
    second = merge(company, c, b)
    assert {fresh(one).client for one in leads} == {c}
    assert client_merging.kept_client_of(fresh(a)) == c
    assert {*client_merging.merged_clients(c)} == {a, b}
    with pytest.raises(Refused, match="was merged since"):
        undo(first, by=company.ana)
    undo(second, by=company.ana)
    assert state([a, b, c]) == between
    undo(first, by=company.ana)
    assert state([a, b, c]) == before
    assert client_merging.kept_client_of(fresh(a)) is None
    assert_consistent()


@pytest.mark.parametrize("work", ["rename", "describe", "set_field", "deactivate"])
def test_a_merge_is_not_undone_if_the_kept_client_changed_since(
    company: Company, work: str
) -> None:
    size = CustomField.define("client", "Size", "text")
    kept, other = client(company, "One"), client(company, "Two")
    lead(company, other)
    action = merge(company, kept, other)
    arguments = {"set_field": (size, "1"), "deactivate": ()}.get(work, ("Changed",))
    getattr(fresh(kept), work)(*arguments)
    before = state([kept, other])
    with pytest.raises(Refused, match="changed since"):
        undo(action, by=company.ana)
    assert state([kept, other]) == before


def test_an_undo_leaves_new_leads_and_leads_with_another_client(company: Company) -> None:
    kept, other, third = (client(company, name) for name in ("One", "Two", "Three"))
    back, elsewhere = lead(company, other, "Back"), lead(company, other, "Elsewhere")
    action = merge(company, kept, other)
    new = lead(company, kept, "New")
    fresh(elsewhere).set_client(third, by=company.bo)
    fresh(back).set_amount(10, by=company.bo)
    undo(action, by=company.ana)
    assert [fresh(one).client for one in (back, elsewhere, new)] == [other, third, kept]
    assert fresh(back).amount == 10
    assert_consistent()


def test_an_undo_is_refused_to_others_and_the_second_time(company: Company) -> None:
    kept, other = client(company, "One"), client(company, "Two")
    action = merge(company, kept, other)
    with pytest.raises(Refused):
        undo(action, by=company.bo)
    undo(action, by=company.ana)
    with pytest.raises(Refused, match="already undone"):
        undo(action, by=company.ana)


def test_a_merge_of_leads_is_undone_after_that_of_their_clients(company: Company) -> None:
    kept, other = client(company, "One"), client(company, "Two")
    one, two = lead(company, kept), lead(company, other, "Twin")
    with acting(next(keys), company.ana) as of_leads:
        merging.merge(one, two, taken=[], by=company.ana)
    of_clients = merge(company, kept, other)
    with pytest.raises(Refused, match="changed since"):
        undo(of_leads, by=company.ana)
    undo(of_clients, by=company.ana)
    undo(of_leads, by=company.ana)
    assert (fresh(two).client, fresh(two).is_deleted) == (other, False)
    assert_consistent()


@pytest.mark.search
@pytest.mark.parametrize("seed", range(30 if IS_SEARCH else 5))
def test_merging_random_clients_and_undoing_it_changes_nothing(company: Company, seed: int) -> None:
    random = drawn(f"merged clients {seed}")
    fields = [CustomField.define("client", name, "text") for name in ("Size", "City")]
    clients = []
    for number in range(4):
        one = client(company, random.choice(("Lake", f"Lake {number}", "لیک‮ 🏨")))
        one.describe(random.choice(("", "=1+1", "x" * 10_000)))
        for field in fields:
            one.set_field(field, random.choice(("", "a", "b")))
        for _number in range(random.randint(0, 3)):
            made = lead(company, one)
            made.bin(by=company.ana) if random.random() < 0.3 else None
        if random.random() < 0.3:
            one.deactivate()
        clients.append(one)
    done, states = [], []
    for other in random.sample(clients[1:], 3):
        states.append(state(clients))
        names = client_merging.choosable(fresh(clients[0]), fresh(other), company.ana)
        taken = [name for name in names if random.random() < 0.5]
        done.append(
            merge(company, clients[0], other, *taken, description=random.choice(("", BOTH)))
        )
        assert_consistent()
    while done:
        undo(done.pop(), by=company.ana)
        assert state(clients) == states.pop()
    assert_consistent()
