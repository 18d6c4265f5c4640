"""A lead filter selects the same leads in the replica and in the operational database."""

from __future__ import annotations

from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from leadlight.analytics.engine.compiler import compile_sql
from leadlight.analytics.query.bound_values import values_of
from leadlight.analytics.query.dimensions import (
    DIMENSIONS,
    FIELD_PREFIX,
    LEAD_FILTERS,
    REPORT_FILTERS,
)
from leadlight.analytics.query.lead_filter import WITHOUT, LeadFilter
from leadlight.analytics.star.schema import CLOSED_STATUSES, OPEN_STATUSES, leads_at
from leadlight.replication.replica import Replica
from leadlight.sales import dimensions as operational
from leadlight.sales.lead_filter import narrow
from leadlight.sales.models import (
    Client,
    CustomField,
    Lead,
    Prospect,
    ProspectingList,
    Tag,
)
from leadlight.sales.models.event_log import CLOSED, CUSTOM_FIELD_PREFIX, OPEN
from tests.recorded_company import recorded_rows
from tests.sales.conftest import Company, at, found
from tests.seeds import drawn, examples

pytestmark = pytest.mark.search

LEADS = 60
SOURCES = ("", "Fair", "fair", "Web", "none of them")
# Two fields share a choice, and one has choices that differ in accents only.
FIELDS = {
    "Sector": ["retail", "Industry", "the \"public\" sector, 'etc.' \N{GRINNING FACE}"],
    "Size": ["retail", "mé", "me"],
    "Region": ["north", "south"],
}


def test_both_databases_have_the_same_dimensions() -> None:
    assert list(operational.DIMENSIONS) == list(DIMENSIONS)
    for key, dimension in DIMENSIONS.items():
        assert (operational.DIMENSIONS[key].model is None) == (dimension.table is None), key
    with_path = {key for key in DIMENSIONS if operational.DIMENSIONS[key].path}
    assert with_path == {*LEAD_FILTERS, "field"}
    assert FIELD_PREFIX == CUSTOM_FIELD_PREFIX


def test_both_databases_have_the_same_statuses() -> None:
    assert (OPEN_STATUSES, CLOSED_STATUSES) == (OPEN, CLOSED)
    assert list(Lead.Status.values) == [*OPEN, *CLOSED]


def company_with_choices() -> dict[str, list[str]]:
    """Create leads with every property that a filter uses, and return the keys in use.

    Of the fields, one is archived, and one has other values than choices.
    """
    company = found()
    chance = drawn("lead filter")
    tags = [Tag.objects.create(name=name) for name in ("urgent", "big", "old")]
    clients = [Client.objects.create(name=name) for name in ("Hotel", "Museum")]
    lists = [ProspectingList.objects.create(name=name) for name in ("Spring", "Autumn")]
    steps = [company.contact, company.offer, company.deal, company.elsewhere]
    fields = [
        CustomField.define("lead", name, "choice", choices=choices)
        for name, choices in FIELDS.items()
    ]
    note = CustomField.define("lead", "Note", "text")
    for number in range(LEADS):
        lead = _draw_lead(chance, number, company, steps, clients, lists)
        lead.set_tags([tag for tag in tags if chance.random() < 0.4], by=None)
        for field in fields:
            if chance.random() < 0.7:
                lead.set_field(field, chance.choice(field.choices), by=None)
        if chance.random() < 0.5:
            lead.set_field(note, "retail", by=None)
    fields[-1].archive()
    return {
        **{f"field:{field.key}": field.choices for field in fields},
        f"field:{note.key}": ["retail"],
        "user": [company.ana.key, company.bo.key],
        "team": [company.north.key, company.south.key],
        "pipeline": [company.contact.pipeline.key, company.elsewhere.pipeline.key],
        "tag": [tag.key for tag in tags],
        "source": [source for source in SOURCES if source],
        "prospecting_list": [one.key for one in lists],
        "client": [client.key for client in clients],
        "step": [step.key for step in steps],
        "status": list(Lead.Status.values),
    }


choices = recorded_rows(company_with_choices)


def _draw_lead(
    chance: Random,
    number: int,
    company: Company,
    steps: list[Any],
    clients: list[Client],
    lists: list[ProspectingList],
) -> Lead:
    prospect = None
    if chance.random() < 0.5:
        prospect = Prospect.objects.create(prospecting_list=chance.choice(lists))
    lead = Lead.create(
        title=f"Lead {number}",
        by=None,
        step=chance.choice(steps),
        owner=chance.choice([company.ana, company.bo, None]),
        at=at(1, 5),
        source=chance.choice(SOURCES),
        client=chance.choice([*clients, None]),
        prospect=prospect,
    )
    verb = chance.choice(["win", "lose", "cancel", "stand_by", "star"])
    getattr(lead, verb)(by=None)
    return lead


def of_replica(replica: Replica, lead_filter: LeadFilter) -> set[int]:
    leads = leads_at(None)
    owned = leads.mutate(user_id=leads.owner_id)  # in a list, a lead is of its owner and team
    table = lead_filter.narrow_credited(lead_filter.narrow(owned)).select("lead_id")
    statement = compile_sql(table, replica.engine.dialect)
    query = SimpleNamespace(filters=lead_filter)
    rows = replica.engine.run(statement.sql, values_of(statement.names, query))
    return {number for (number,) in rows}


@examples(60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_both_databases_select_the_same_leads(
    choices: dict[str, list[str]], replica: Replica, data: st.DataObject
) -> None:
    replica.catch_up()
    every = [*choices, "field:nowhere"]
    names = data.draw(st.lists(st.sampled_from(every), max_size=3, unique=True))
    params = {
        name: data.draw(
            st.lists(
                st.sampled_from([*choices.get(name, ()), WITHOUT, "nowhere"]),
                min_size=1,
                max_size=3,
            )
        )
        for name in names
    }
    all_tags = data.draw(st.booleans())
    lead_filter = LeadFilter.from_params(params, LEAD_FILTERS, all_tags=all_tags, with_fields=True)
    leads = narrow(Lead.objects.all(), lead_filter.chosen, all_tags=lead_filter.all_tags)
    found = list(leads.values_list("pk", flat=True))
    assert len(found) == len(set(found)), "each lead comes once"
    assert set(found) == of_replica(replica, lead_filter)


def test_each_dimension_selects_some_leads_but_not_all(
    choices: dict[str, list[str]], replica: Replica
) -> None:
    replica.catch_up()
    for name in LEAD_FILTERS:
        lead_filter = LeadFilter.from_params({name: [choices[name][0]]}, LEAD_FILTERS)
        assert 0 < len(of_replica(replica, lead_filter)) < LEADS, name


def test_a_choice_field_selects_some_leads_but_not_all(
    choices: dict[str, list[str]], replica: Replica
) -> None:
    replica.catch_up()
    for name, keys in list(choices.items())[:2]:
        for key in (keys[0], WITHOUT):
            lead_filter = LeadFilter.from_params({name: [key]}, (), with_fields=True)
            assert 0 < len(of_replica(replica, lead_filter)) < LEADS, (name, key)


def test_filters_by_several_fields_restrict_each_other(
    choices: dict[str, list[str]], replica: Replica
) -> None:
    replica.catch_up()
    (sector, sectors), (size, sizes), *_others = choices.items()
    wanted = {sector: sectors[:2], size: [sizes[1], WITHOUT]}
    each = [
        of_replica(replica, LeadFilter.from_params({name: keys}, (), with_fields=True))
        for name, keys in wanted.items()
    ]
    both = of_replica(replica, LeadFilter.from_params(wanted, (), with_fields=True))
    assert both == each[0] & each[1]
    assert both not in (set(), *each)


def test_fields_come_last_in_a_filter_and_only_where_they_are_read() -> None:
    params = {"field:b": ["x"], "tag": ["a"], "field:a": ["y", "none"]}
    lead_filter = LeadFilter.from_params(params, REPORT_FILTERS, with_fields=True)
    pairs = [("tag", "a"), ("field:a", "none"), ("field:a", "y"), ("field:b", "x")]
    assert lead_filter.to_pairs() == pairs
    assert lead_filter.with_keys("field:a", ()).to_pairs() == [pairs[0], pairs[3]]
    assert lead_filter.with_keys("user", ("ana",)).to_pairs() == [("user", "ana"), *pairs]
    assert LeadFilter.from_params(params, REPORT_FILTERS).to_pairs() == pairs[:1]


def test_a_filter_is_serialized_in_a_fixed_order_and_parsed_back() -> None:
    params = {"status": ["won", "lost", "won"], "user": ["none", "ana"], "tag": ["", "a"]}
    lead_filter = LeadFilter.from_params(params, LEAD_FILTERS)
    pairs = lead_filter.to_pairs()
    assert pairs == [
        ("user", "ana"),
        ("user", "none"),
        ("tag", "a"),
        ("status", "lost"),
        ("status", "won"),
    ]
    again: dict[str, list[str]] = {}
    for key, value in pairs:
        again.setdefault(key, []).append(value)
    assert LeadFilter.from_params(again, LEAD_FILTERS) == lead_filter
