"""Filters as values: parsed, refused, printed as parameters and described in sentences."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest

from leadlight.analytics.query.dimensions import REPORT_FILTERS
from leadlight.analytics.query.filters import NAMES, Filters
from leadlight.analytics.query.grouping import GROUPINGS
from leadlight.analytics.query.periods import PRESETS, Calendar, Period
from leadlight.analytics.query.phrases import BadFilter, Phrase
from leadlight.analytics.query.query_params import Clock
from leadlight.analytics.query.switches import SWITCHES

# A Tuesday, half past midnight in Paris and still Monday in London.
NOW = datetime(2024, 3, 11, 23, 30, tzinfo=UTC)
CLOCK = Clock(NOW, ZoneInfo("Europe/Paris"), Calendar(), date(2020, 1, 1))


def read(clock: Clock = CLOCK, **query: Any) -> Filters:
    named = {"from" if name == "start" else name: value for name, value in query.items()}
    listed = {name: [value] if isinstance(value, str) else value for name, value in named.items()}
    return Filters.from_params(listed, clock, groupings=GROUPINGS, extra_params=("sort",))


def days(first: str, last: str) -> Period:
    return Period(date.fromisoformat(first), date.fromisoformat(last))


def test_the_default_period_is_this_year_up_to_today_in_the_company_s_zone() -> None:
    filters = read()
    assert filters.today == date(2024, 3, 12)
    assert filters.period == days("2024-01-01", "2024-03-12")
    assert filters.instant == NOW
    assert filters.as_of is None
    assert filters.to_pairs() == []
    assert filters.to_query() == ""


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_parsed_and_printed(preset: str) -> None:
    filters = read(period=preset)
    assert filters.preset == preset
    assert filters.period.last <= filters.today
    assert filters.to_pairs() == ([] if preset == "this_year" else [("period", preset)])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"start": "2024-02-01", "to": "2024-02-29"}, days("2024-02-01", "2024-02-29")),
        ({"start": "2024-02-29", "to": "2024-02-29"}, days("2024-02-29", "2024-02-29")),
        ({"start": "2024-02-01"}, days("2024-02-01", "2024-03-12")),
        ({"start": "2025-02-01"}, days("2025-02-01", "2025-02-01")),
        (
            {"start": "2024-02-01", "to": "2024-02-02", "period": "custom"},
            days("2024-02-01", "2024-02-02"),
        ),
        ({"period": ""}, days("2024-01-01", "2024-03-12")),
        ({"start": "", "to": "", "period": "today"}, days("2024-03-12", "2024-03-12")),
    ],
)
def test_from_and_to_are_parsed(query: dict[str, str], expected: Period) -> None:
    assert read(**query).period == expected


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"colour": "red"}, "Unknown filter: “colour”."),
        ({"Period": "today"}, "Unknown filter: “Period”."),
        ({"period": "tomorrow"}, "Unknown period: “tomorrow”."),
        ({"period": ["today", "yesterday"]}, "Choose only one value for “period”."),
        ({"start": "2024-02-30", "to": "2024-03-01"}, "“2024-02-30” is not a date"),
        ({"start": "2023-02-29"}, "“2023-02-29” is not a date. Write it as 2026-01-31."),
        ({"start": "1.2.2024"}, "“1.2.2024” is not a date"),
        ({"start": "20240201"}, "“20240201” is not a date"),
        ({"start": "2024-W05-4"}, "“2024-W05-4” is not a date"),
        ({"start": "2024-02-01T00:00"}, "is not a date"),
        ({"start": "٢٠٢٤-٠٢-٠١"}, "is not a date"),
        ({"start": "2024-02-01", "to": "soon"}, "“soon” is not a date"),
        ({"to": "2024-02-01"}, "Choose the first day of the period."),
        (
            {"start": "2024-02-02", "to": "2024-02-01"},
            "last day, 2024-02-01, is before the first day",
        ),
        (
            {"start": "1899-12-31", "to": "2024-02-01"},
            "1899-12-31 is too far in the past or future",
        ),
        (
            {"start": "2024-02-01", "to": "9999-12-31"},
            "9999-12-31 is too far in the past or future",
        ),
        (
            {"start": "2024-02-01", "period": "today"},
            "Choose either a period, or a first and a last day.",
        ),
        ({"compare": "next"}, "“next” is not possible for “compare”"),
        ({"compare": ["previous", "last_year"]}, "only one value for “compare”"),
        ({"bucket": "decade"}, "“decade” is not possible for “bucket”"),
        ({"group_by": "colour"}, "“colour” is not possible for “group_by”"),
        ({"group_by": "category"}, "“category” is not possible for “group_by”"),
        ({"group_by": "Category:a"}, "“Category:a” is not possible for “group_by”"),
        (
            {"credit": "nobody"},
            "“nobody” is not possible for “credit”. Choose one of: ['event', 'owner'",
        ),
        ({"leave_cancelled_out": "true"}, "“true” is not possible for “leave_cancelled_out”"),
        ({"tags": "some"}, "“some” is not possible for “tags”"),
    ],
)
def test_invalid_parameters_are_refused_with_a_sentence(
    query: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(BadFilter) as refusal:
        read(**query)
    assert sentence in str(refusal.value)
    assert isinstance(refusal.value.phrase, Phrase)


@pytest.mark.parametrize("dimension", REPORT_FILTERS)
def test_keys_are_sorted_and_unique(dimension: str) -> None:
    filters = read(**{dimension: ["b", "none", "a", "", "b"]})
    assert filters.keys(dimension) == ("a", "b", "none")
    assert filters == read(**{dimension: ["none", "a", "b"]})
    assert filters.to_pairs() == [(dimension, "a"), (dimension, "b"), (dimension, "none")]
    assert read(**{dimension: [""]}) == read()


@pytest.mark.parametrize(("name", "choices"), SWITCHES.items())
def test_a_switch_at_its_default_is_left_out_of_the_parameters(
    name: str, choices: tuple[str, ...]
) -> None:
    assert read(**{name: choices[0]}) == read()
    assert read().switch(name) == choices[0]
    for choice in choices[1:]:
        filters = read(**{name: choice})
        assert filters.switch(name) == choice
        assert filters.to_pairs() == [(name, choice)]


def test_the_parameters_of_an_address_have_a_fixed_order() -> None:
    filters = read(
        sort="won_leads",
        as_of="2024-03-01T12:00Z",
        tags="all",
        credit="owner",
        client="x",
        user=["b", "a"],
        bucket="week",
        group_by="category:Région & co",
        compare="previous",
        to="2024-02-29",
        start="2024-02-01",
    )
    assert [name for name, _ in filters.to_pairs()] == [
        *("from", "to", "compare", "group_by", "bucket"),
        *("user", "user", "client", "credit", "tags", "as_of"),
    ]
    assert filters.to_pairs()[-1] == ("as_of", "2024-03-01T13:00:00+01:00")
    assert {name for name, _ in filters.to_pairs()} <= set(NAMES)
    address = filters.to_query(sort="won_leads")
    assert address.endswith("&sort=won_leads")
    again = Filters.from_params(
        parse_qs(address), CLOCK, groupings=GROUPINGS, extra_params=("sort",)
    )
    assert again == filters


def test_a_category_is_a_grouping_only_where_there_are_categories() -> None:
    assert read(group_by="category:region").group_by == "category:region"
    with pytest.raises(BadFilter, match="not possible for “group_by”"):
        Filters.from_params({"group_by": ["category:region"]}, CLOCK, groupings=("user", "team"))


def test_a_bucket_is_unfinished_while_it_runs_or_is_cut() -> None:
    def unfinished(**query: Any) -> list[str]:
        filters = read(**query)
        return [bucket.key for bucket in filters.buckets() if filters.is_unfinished(bucket)]

    whole = {"start": "2024-01-01", "to": "2024-03-31", "bucket": "month"}
    assert unfinished(**whole) == ["2024-03"]
    assert unfinished(**{**whole, "to": "2024-02-29"}) == []
    assert unfinished(**{**whole, "to": "2024-02-28"}) == ["2024-02"]
    assert unfinished(**{**whole, "start": "2024-01-02"}) == ["2024-01", "2024-03"]
    assert unfinished(**whole, as_of="2024-02-29") == ["2024-03"]
    assert unfinished(**whole, as_of="2024-02-29T23:59:59+01:00") == ["2024-02", "2024-03"]
    assert unfinished(**whole, as_of="2024-03-01T00:00+01:00") == ["2024-03"]
    assert unfinished(period="this_week", bucket="day") == ["2024-03-12"]


def test_the_compared_filters_have_the_same_rows_and_no_comparison() -> None:
    filters = read(start="2024-01-01", to="2024-02-10", compare="previous", user="a")
    assert filters.bucket_unit == "week"
    compared = filters.compared()
    assert compared is not None
    assert compared.period == days("2023-11-21", "2023-12-31")
    assert (compared.unit, compared.compare, compared.preset) == ("week", None, None)
    assert compared.chosen == filters.chosen
    assert compared.compared() is None
    last_year = read(period="this_month", compare="last_year").compared()
    assert last_year is not None
    assert last_year.period == days("2023-03-01", "2023-03-12")
    previous = read(period="this_month", compare="previous").compared()
    assert previous is not None
    assert previous.period == days("2024-02-01", "2024-02-12")


def test_unknown_keys_are_refused_but_the_key_none_is_always_valid() -> None:
    asked: list[tuple[str, tuple[str, ...]]] = []

    def unknown(dimension: str, keys: tuple[str, ...]) -> list[str]:
        asked.append((dimension, keys))
        return [key for key in keys if key == "ghost"]

    read(user=["ana", "none"], tag="none").refuse_unknown(unknown)
    assert asked == [("user", ("ana",)), ("tag", ())]
    with pytest.raises(BadFilter, match="Unknown prospecting list: “ghost”"):
        read(prospecting_list=["fair", "ghost"]).refuse_unknown(unknown)


def test_the_user_me_is_the_reader_and_stays_in_the_address() -> None:
    filters = read(user=["me", "none", "bo"]).for_reader("ana")
    assert filters.lead_filter.resolved_keys("user") == ("ana", "bo")
    assert filters.lead_filter.resolved.keys("user") == ("ana", "bo", "none")
    assert [value for name, value in filters.to_pairs() if name == "user"] == ["bo", "me", "none"]
    assert filters.shape == read(user=["none", "bo"]).for_reader("cleo").shape
    assert read(user="bo").for_reader("ana") == read(user="bo")


def test_a_filter_by_me_names_the_reader() -> None:
    [_days, credited] = (
        read(user="me").for_reader("ana").describe(lambda _dimension, key: key.title())
    )
    assert [str(name) for name in credited.values["names"]] == ["me (Ana)"]


def test_me_without_a_reader_is_no_user() -> None:
    with pytest.raises(BadFilter, match="Unknown user: “me”"):
        read(user="me").refuse_unknown(lambda _dimension, keys: keys)


def test_filters_describe_themselves_in_sentences() -> None:
    filters = read(
        user=["ana", "none"],
        tag=["a", "b"],
        tags="all",
        credit="owner",
        leave_cancelled_out="yes",
        as_of="2024-03-01T12:00Z",
        start="2024-02-01",
        to="2024-02-29",
    )
    sentences = filters.describe(lambda dimension, key: f"{dimension} {key}")
    assert [sentence.template for sentence in sentences] == [
        "From %(first)s to %(last)s.",
        "Credited to %(names)s.",
        "Tags: %(names)s (all of them).",
        "Everything is credited to the current owner.",
        "The win rate leaves cancelled leads out.",
        "As recorded on %(instant)s.",
    ]
    assert str(sentences[0]) == "From 2024-02-01 to 2024-02-29."
    assert [str(name) for name in sentences[1].values["names"]] == ["user ana", "nobody"]
    assert sentences[2].values["names"] == ["tag a", "tag b"]
    one_day = read(start="2024-02-29", to="2024-02-29").describe(str)
    assert str(one_day[0]) == "On 2024-02-29."
    any_of = read(tag="a").describe(lambda dimension, key: key)[1]
    assert any_of.template == "Tags: %(names)s (any of them)."


def test_every_dimension_and_switch_has_its_sentence() -> None:
    for dimension in REPORT_FILTERS:
        described = read(**{dimension: ["x", "none"]}).describe(lambda dimension, key: key)
        names = described[1].values["names"]
        assert str(names[0]) in ("nobody", f"no {dimension.replace('_', ' ')}")
        assert names[1] == "x"
    for name, choices in SWITCHES.items():
        for choice in choices[1:]:
            described = read(**{name: choice}).describe(lambda dimension, key: key)
            assert len(described) == 2 or name == "tags"
