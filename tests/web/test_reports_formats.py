"""Formats of numbers, amounts, days and phrases in each language."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation

from leadlight.accounts import request_cache
from leadlight.accounts.models import Organization
from leadlight.analytics.metrics.columns import Column, Rate
from leadlight.analytics.query.periods import Calendar, Period, bucket_named
from leadlight.analytics.query.phrases import BadFilter, Phrase
from leadlight.analytics.stats.differences import Count
from leadlight.presentation import formats, labels, values
from leadlight.presentation.comparisons import Basis, ColumnComparison

pytestmark = pytest.mark.answers

THIN = "\N{NARROW NO-BREAK SPACE}"
BY_LANGUAGE = [
    (values.text, ("ratio", Rate(5, 2)), "2.50", "2,50"),
    (values.text, ("multiple", Rate(5, 2)), "2.50×", "2,50×"),
    (values.glance, ("multiple", Rate(5, 0)), "–", "–"),
    (formats.number, (1234567,), "1,234,567", f"1{THIN}234{THIN}567"),
    (formats.number, (-0.04, 1), "0.0", "0,0"),
    (formats.number, (-1234.56, 1), "−1,234.6", f"−1{THIN}234,6"),
    (formats.percent, (0.1734,), "17.3%", f"17,3{THIN}%"),
    (formats.percent, (1, 0), "100%", f"100{THIN}%"),
    (formats.money, (Decimal("1500.00"), None, "EUR"), "€1,500", f"1{THIN}500{THIN}€"),
    (formats.money, (Decimal("1500.5"), None, "EUR"), "€1,500.50", f"1{THIN}500,50{THIN}€"),
    (formats.money, (Decimal("-12.00"), 2, "EUR"), "−€12.00", f"−12,00{THIN}€"),
    (formats.money, (Decimal(7), None, "CHF"), f"CHF{THIN}7", f"7{THIN}CHF"),
    (formats.days, (27.34,), "27.3 days", f"27,3{THIN}jours"),
    (formats.days, (1.0,), "1.0 days", f"1,0{THIN}jour"),
    (formats.day, (date(2026, 2, 3),), "3 Feb 2026", "3 févr. 2026"),
    (
        formats.span,
        (date(2026, 1, 1), date(2026, 3, 15)),
        "1 Jan – 15 Mar 2026",
        "1er janv. – 15 mars 2026",
    ),
    (formats.span, (date(2026, 1, 1), date(2026, 1, 1)), "1 Jan 2026", "1er janv. 2026"),
    (
        formats.span,
        (date(2026, 1, 1), date(2026, 1, 31)),
        "1–31 Jan 2026",
        "1er–31 janv. 2026",
    ),
    (
        formats.span,
        (date(2026, 1, 21), date(2026, 2, 1)),
        "21 Jan – 1 Feb 2026",
        "21 janv. – 1er févr. 2026",
    ),
    (
        formats.period,
        (Period(date(2026, 11, 1), date(2027, 2, 28)),),
        "Nov 2026 – Feb 2027",
        "nov. 2026 – févr. 2027",
    ),
    (
        formats.period,
        (Period(date(2026, 11, 1), date(2026, 11, 15)),),
        "1–15 Nov 2026",
        "1er–15 nov. 2026",
    ),
    (formats.listed, (["a", "b", "c"],), "a, b and c", "a, b et c"),
]


def plain(text: str) -> str:
    """Replace the thin spaces that intervals may contain by plain ones."""
    return text.replace("\N{THIN SPACE}", " ")


@pytest.mark.parametrize(("write", "values", "english", "french"), BY_LANGUAGE)
def test_each_language_has_its_number_format(write, values, english, french):
    with translation.override("en"):
        assert plain(write(*values)) == english
    with translation.override("fr"):
        assert plain(write(*values)) == french


@pytest.mark.parametrize(
    "write", [formats.number, formats.money, formats.percent, formats.days, formats.day]
)
def test_null_is_formatted_as_a_dash(write):
    assert write(None) == "–"


@pytest.mark.parametrize(
    ("key", "long", "short"),
    [
        ("2012-01-17", "Tue 17 Jan 2012", "17 Jan"),
        ("2012-W03", "W03 · 16–22 Jan 2012", "W03 2012"),
        ("2012-01", "January 2012", "Jan 2012"),
        ("2012-Q1", "Q1 2012", "Q1 2012"),
        ("2012", "2012", "2012"),
    ],
)
def test_time_buckets_have_a_long_and_a_short_name(key, long, short):
    bucket = bucket_named(key, Calendar())
    with translation.override("en"):
        assert plain(formats.bucket(bucket)) == long
        assert formats.bucket(bucket, is_short=True) == short


@pytest.mark.parametrize(
    ("key", "name"), [("2012", "2012–13"), ("2012-Q1", "Q1 2012–13"), ("2099", "2099–00")]
)
def test_a_fiscal_year_is_named_by_both_calendar_years(key, name):
    bucket = bucket_named(key, Calendar(fiscal_year_start_month=4))
    with translation.override("en"):
        assert formats.bucket(bucket) == name


def test_days_and_months_are_named_in_french():
    with translation.override("fr"):
        first = bucket_named("2012-05-01", Calendar())
        assert formats.bucket(first) == "mar. 1er mai 2012"
        assert formats.bucket(first, is_short=True) == "1er mai"
        assert formats.bucket(bucket_named("2012-05-11", Calendar()), is_short=True) == "11 mai"
        assert formats.bucket(bucket_named("2012-02", Calendar())) == "Février 2012"
        assert formats.bucket(bucket_named("2012-02", Calendar()), is_short=True) == "févr. 2012"


def test_large_amounts_are_shown_without_cents_and_small_ones_with_theirs():
    assert formats.cents_at_a_glance(Decimal("999.50"), None) == 2
    assert formats.cents_at_a_glance(Decimal("999.50"), Decimal("-1000.25")) == 0
    assert formats.cents_at_a_glance(Decimal("3.00")) == 0


def test_templates_use_currency_and_time_zone_of_the_company(db):
    Organization(time_zone="America/New_York", currency="USD").save()
    page = Template(
        "{% load figures %}{{ amount|money }} · {{ at|instant }} · {{ at|day }} · "
        "{{ share|percent }} · {{ amount|number }} · {{ wait|days }}"
    )
    values = {
        "amount": Decimal(1500),
        "at": datetime(2026, 1, 5, 2, 30, tzinfo=UTC),
        "share": 0.5,
        "wait": 2.0,
    }
    with translation.override("en"):
        assert page.render(Context(values)) == (
            "US$1,500 · 4 Jan 2026, 21:30 · 5 Jan 2026 · 50.0% · 1,500 · 2.0 days"
        )


def test_the_organization_is_read_once_per_request(db, django_assert_num_queries):
    Organization(currency="USD").save()
    request_cache.begin_request()
    with django_assert_num_queries(1):
        assert {formats.company().currency for _time in range(3)} == {"USD"}
    request_cache.end_request()
    Organization.objects.update(currency="CHF")
    assert formats.company().currency == "CHF"


# Phrases


def test_values_of_a_phrase_are_formatted_in_the_language_of_the_reader():
    phrase = Phrase(
        "%(day)s, %(count)s, %(names)s, %(inner)s",
        {
            "day": date(2026, 2, 3),
            "count": 1234,
            "names": ["a", Phrase("b"), "c"],
            "inner": Phrase("%(n)s!", {"n": 5}),
        },
    )
    with translation.override("en"):
        assert labels.say(phrase) == "3 Feb 2026, 1,234, a, b and c, 5!"
    with translation.override("fr"):
        assert labels.say(phrase) == f"3 févr. 2026, 1{THIN}234, a, b et c, 5!"


def test_per_cent_signs_in_user_input_are_not_interpolated():
    bad = BadFilter("“%(value)s” is no choice.", value="100%(value)s%")
    assert labels.say(bad.phrase) == "“100%(value)s%” is no choice."


# Changes


def column(kind: str, higher_is_better: bool | None) -> Column:
    return Column(
        "x", kind, "X", "", "x", lambda facts: facts, {}, lambda sums, totals: None,
        higher_is_better=higher_is_better,
    )  # fmt: skip


MORE = Basis(Count(200), Count(100), 1, 1)
LESS = Basis(Count(100), Count(200), 1, 1)
CHANCE = Basis(Count(12), Count(10), 1, 1)
FEW = Basis(Count(9), Count(2), 1, 1)


@pytest.mark.parametrize(
    ("kind", "better", "now", "before", "basis", "said"),
    [
        ("count", True, 1200, 1000, MORE, ("▲", "20%", "better", "better")),
        ("count", True, 800, 1000, LESS, ("▼", "20%", "worse", "worse")),
        ("days", False, 12.0, 10.0, MORE, ("▲", "20%", "worse", "worse")),
        ("days", False, 9.5, 10.0, LESS, ("▼", "5.0%", "better", "better")),
        ("days", False, 9.5, 10.0, None, ("▼", "5.0%", "", "less")),
        ("count", None, 1200, 1000, MORE, ("▲", "20%", "", "more")),
        ("count", None, 800, 1000, LESS, ("▼", "20%", "", "less")),
        ("count", True, 12, 10, CHANCE, ("≈▲", "20%", "", "could be chance")),
        ("count", True, 12, 10, FEW, ("≈▲", "20%", "", "too few cases to judge")),
        (
            "money",
            True,
            Decimal(5),
            Decimal(0),
            FEW,
            ("≈▲", "from 0", "", "too few cases to judge"),
        ),
        ("count", True, 0, 0, FEW, ("=", "", "", "unchanged")),
        ("count", True, 3, 3, FEW, ("=", "", "", "unchanged")),
        ("count", True, 120, 10, MORE, ("▲", "× 12", "better", "better")),
        ("rate", True, Rate(10001, 20000), Rate(1, 2), MORE, ("=", "", "", "unchanged")),
        ("rate", True, Rate(1, 2), Rate(1, 4), MORE, ("▲", "25.0 pts", "better", "better")),
    ],
)
def test_a_change_has_arrow_size_and_judgement(kind, better, now, before, basis, said):
    with translation.override("en"):
        change = ColumnComparison(column(kind, better)).between(now, before, basis)
    assert (change.arrow, change.text, change.sense, change.text_alternative) == said


@pytest.mark.parametrize(
    ("now", "before"),
    [(None, 1.0), (1.0, None), (Rate(1, 2), Rate(0, 0)), (Rate(0, 0), Rate(1, 2))],
)
def test_null_and_undefined_rates_are_not_compared(now, before):
    kind = "rate" if isinstance(now, Rate) else "days"
    assert ColumnComparison(column(kind, True)).between(now, before) is None


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (Decimal(9_999), "€9,999", f"9{THIN}999{THIN}€"),
        (Decimal(10_000), "€10.0k", f"10,0{THIN}k{THIN}€"),
        (Decimal(99_950), "€100k", f"100{THIN}k{THIN}€"),
        (Decimal(-374_086), "−€374k", f"−374{THIN}k{THIN}€"),
        (Decimal(999_499), "€999k", f"999{THIN}k{THIN}€"),
        (Decimal(999_500), "€1.00M", f"1,00{THIN}M{THIN}€"),
        (Decimal(4_340_000), "€4.34M", f"4,34{THIN}M{THIN}€"),
        (Decimal(12_600_000_000), "€12.6bn", f"12,6{THIN}Md{THIN}€"),
    ],
)
def test_large_amounts_have_three_digits_at_a_glance(db, value, english, french):
    with translation.override("en"):
        assert formats.compact_money(value) == english
    with translation.override("fr"):
        assert formats.compact_money(value) == french
