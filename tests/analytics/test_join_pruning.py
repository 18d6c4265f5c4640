"""Join pruning: unused outer joins that cannot change the number of rows are dropped."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from ibis.expr.types import Table

from leadlight.analytics.engine.compiler import compile_sql
from leadlight.analytics.facts.step_intervals import stays_at
from leadlight.analytics.star.schema import TABLES, leads_at


def owners(leads: Table) -> Table:
    return leads.select("owner_id", seen_lead_id="lead_id")


def with_owners(leads: Table) -> Table:
    """Activities, left-joined to the owner of their lead."""
    done, seen = TABLES["activities"], owners(leads)
    return done.left_join(seen, done.lead_id == seen.seen_lead_id)


def sql(table: Table) -> str:
    return compile_sql(table, "duckdb").sql


def test_an_unused_outer_join_is_dropped():
    facts = with_owners(TABLES["leads"])
    text = sql(facts.group_by("user_id").aggregate(number=facts.count()))
    assert "JOIN" not in text
    assert "leads" not in text


def test_counting_rows_uses_no_joined_column():
    assert "JOIN" not in sql(with_owners(TABLES["leads"]).count().as_table())


@pytest.mark.parametrize(
    "read",
    [
        lambda facts: facts.group_by("owner_id").aggregate(number=facts.count()),
        lambda facts: facts.filter(facts.owner_id.isnull()).count().as_table(),
        lambda facts: facts.aggregate(last=facts.user_id.argmax(facts.owner_id)),
        lambda facts: facts.order_by("owner_id").select("activity_id"),
        lambda facts: facts.select("user_id", "owner_id").distinct(),
    ],
    ids=["a group", "a filter", "a sum", "an order", "different rows"],
)
def test_an_outer_join_whose_columns_are_used_is_kept(read):
    assert "LEFT OUTER JOIN" in sql(read(with_owners(TABLES["leads"])))


def test_an_outer_join_that_may_multiply_rows_is_kept():
    done, members = TABLES["activities"], TABLES["memberships"].select(member_id="user_id")
    facts = done.left_join(members, done.user_id == members.member_id)
    assert "LEFT OUTER JOIN" in sql(facts.count().as_table())


def test_the_unique_key_of_a_common_table_expression_is_found():
    """Ibis makes the prospects a common table expression, since the query uses them twice."""
    done = TABLES["activities"].select("activity_id", "user_id", on_id="prospect_id")
    known = TABLES["prospects"].filter(TABLES["prospects"].created_on > date(2024, 1, 1))
    known = known.mutate(its_day="created_on").select("prospect_id", its_user_id="user_id")
    both = done.filter(done.on_id.isin(known.prospect_id)).union(done)

    def joined_sql(by, of):
        return sql(both.left_join(known, both[by] == known[of]).count().as_table())

    one, several = joined_sql("on_id", "prospect_id"), joined_sql("user_id", "its_user_id")
    assert one.startswith("WITH")
    assert several.startswith("WITH")
    assert ("JOIN" in one, "JOIN" in several) == (False, True)


def test_an_inner_join_is_kept_because_it_filters_rows():
    done, seen = TABLES["activities"], owners(TABLES["leads"])
    assert "JOIN" in sql(
        done.inner_join(seen, done.lead_id == seen.seen_lead_id).count().as_table()
    )


def test_a_grouped_query_is_unique_by_its_group_keys():
    done, members = TABLES["activities"], TABLES["memberships"]
    firsts = members.group_by(member_id=members.user_id).aggregate(first=members.team_id.min())
    facts = done.left_join(firsts, done.user_id == firsts.member_id)
    assert "JOIN" not in sql(facts.count().as_table())


def test_lead_versions_are_unique_by_lead_only_at_one_instant():
    at_once = with_owners(leads_at(datetime(2024, 3, 1)))  # noqa: DTZ001
    assert "JOIN" not in sql(at_once.count().as_table())
    ever = with_owners(TABLES["lead_versions"].select(TABLES["leads"].columns))
    assert "JOIN" in sql(ever.count().as_table())


@pytest.mark.parametrize("as_of", [None, datetime(2024, 3, 1)])  # noqa: DTZ001
def test_leads_are_unique_by_prospect_at_any_instant(as_of):
    prospects, leads = TABLES["prospects"], leads_at(as_of)
    became = leads.filter(leads.prospect_id.notnull()).select(its_prospect_id="prospect_id")
    facts = prospects.left_join(became, prospects.prospect_id == became.its_prospect_id)
    assert "JOIN" not in sql(facts.count().as_table())


@pytest.mark.parametrize("as_of", [None, datetime(2024, 3, 1)])  # noqa: DTZ001
def test_stays_are_unique_by_lead_only_when_filtered_to_the_last_one(as_of):
    stays = stays_at(as_of).rename(its_lead_id="lead_id")
    leads = TABLES["leads"]
    last = stays.filter(stays.left_at.isnull())
    of_last = leads.left_join(last, leads.lead_id == last.its_lead_id)
    assert "JOIN" not in sql(of_last.count().as_table())
    of_all = leads.left_join(stays, leads.lead_id == stays.its_lead_id)
    assert "JOIN" in sql(of_all.count().as_table())


def test_a_join_that_multiplies_rows_ends_uniqueness():
    owned = TABLES["memberships"].select("user_id")
    leads = leads_at(datetime(2024, 3, 1))  # noqa: DTZ001
    members = leads.inner_join(owned, leads.owner_id == owned.user_id)
    assert "JOIN" in sql(with_owners(members).count().as_table())


def test_a_join_used_only_by_a_dropped_join_is_dropped_too():
    """The step is joined by the owner's id, and the query uses no column of the step."""
    facts = with_owners(TABLES["leads"])
    firsts = TABLES["steps"].select(step_name="step_name", its_step_id="step_id")
    facts = facts.left_join(firsts, facts.owner_id == firsts.its_step_id)
    assert "JOIN" not in sql(facts.count().as_table())


def test_a_column_used_by_a_window_function_counts_as_used():
    facts = with_owners(TABLES["leads"])
    first = facts.occurred_at.min().over(group_by="owner_id")
    filtered = facts.select("user_id", first=first)
    assert "LEFT OUTER JOIN" in sql(filtered.aggregate(first=filtered.first.max()))


def test_a_star_is_expanded_to_its_columns():
    facts = with_owners(TABLES["leads"]).drop("seen_lead_id")
    text = sql(facts.filter(facts.occurred_on > date(2024, 1, 1)).count().as_table())
    assert "EXCLUDE" not in text
    assert "JOIN" not in text


def test_unused_columns_are_dropped_from_both_sides_of_a_union():
    facts = with_owners(TABLES["leads"]).select("activity_id", "user_id")
    text = sql(facts.union(facts.filter(facts.user_id == 1)).group_by("user_id").aggregate())
    assert "JOIN" not in text
    assert '"activity_id"' not in text


def test_a_distinct_union_keeps_the_columns_it_compares():
    facts = with_owners(TABLES["leads"]).select("activity_id", "user_id")
    both = facts.union(facts.filter(facts.user_id == 1), distinct=True)
    text = sql(both.group_by("user_id").aggregate(number=both.count()))
    assert "JOIN" not in text
    assert text.count('"activity_id"') >= 2
