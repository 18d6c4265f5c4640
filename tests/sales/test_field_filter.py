"""Filter of leads by custom fields, compared with a naive filter in Python."""

from __future__ import annotations

import string
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from django.db import connection

from leadlight.sales.field_filter import FieldFilter, narrowed, parsed
from leadlight.sales.models import CustomField, Lead, LeadFieldValue
from leadlight.sales.models.field_texts import FieldKind, value_of
from leadlight.sales.refusals import Refused
from tests.recorded_company import recorded_rows
from tests.sales.conftest import Company, at, found
from tests.seeds import IS_SEARCH, MORE, drawn

CHOICES = ["House", "Flat", "ÉTAGE", "a, b"]
WORDS = ["Hôtel", "Straße", "windows", "100%", "a_b", "back\\slash", "ÉLYSÉE", "x" * 120, "'"]
QUESTIONS = 40 * (MORE if IS_SEARCH else 1)


def a_text(rng: Random) -> str:
    return " ".join(rng.choices(WORDS, k=rng.randint(1, 4)))


def a_number(rng: Random) -> str:
    return str(rng.choice([0, -1, 1, 2, 10, 99, 100]) + rng.choice([Decimal(0), Decimal("0.5")]))


def a_day(rng: Random) -> str:
    return str(date(2026, 1, 1) + timedelta(rng.randint(-400, 400)))


def a_name(rng: Random) -> str:
    return "".join(rng.choices(string.ascii_letters, k=rng.randint(1, 3)))


DRAWN: dict[str, Callable[[Random], str]] = {
    FieldKind.TEXT: a_text,
    FieldKind.ADDRESS: a_text,
    FieldKind.NUMBER: a_number,
    FieldKind.AMOUNT: a_number,
    FieldKind.DAY: a_day,
    FieldKind.CHOICE: lambda rng: rng.choice(CHOICES),
    FieldKind.EMAIL: lambda rng: f"{a_name(rng)}@{a_name(rng)}.example.com",
    FieldKind.PHONE: lambda rng: f"+33 {rng.randint(1, 9)} ({rng.randint(10, 999)})",
    FieldKind.LINK: lambda rng: f"https://{a_name(rng)}.example.com/{a_name(rng)}",
}


def company_with_fields() -> list[CustomField]:
    """Create a field of each kind, with values for about three quarters of 40 leads."""
    found()
    rng = drawn("values of own fields")
    fields = [CustomField.define("lead", kind, kind, choices=CHOICES) for kind in FieldKind.values]
    for number in range(40):
        lead = Lead.create(title=str(number), by=None, at=at(1, 5))
        for field in fields:
            if rng.random() < 0.75:
                lead.set_field(field, DRAWN[field.kind](rng), by=None)
    return fields


fields = recorded_rows(company_with_fields)


def passes(field: CustomField, text: str, words: dict[str, list[str]]) -> bool:
    """Return whether a lead with this text, "" for no value, passes the filter (naive oracle)."""
    word = f"field:{field.key}"
    asked = [value for value in words.get(word, []) if value != "none"]
    first, last = (words.get(word + end, [""])[0] for end in (".from", ".to"))
    if "none" in words.get(word, []) and not text:
        return True
    if not text or not (asked or first or last):
        return False
    if field.kind == FieldKind.CHOICE:
        return text in asked
    if field.kind == FieldKind.PHONE:
        digits = ["".join(sign for sign in one if sign.isdigit()) for one in (asked[0], text)]
        return digits[0] in digits[1]
    if asked:
        return asked[0].casefold() in text.casefold()
    values = [value_of(field, one) for one in (first, text, last)]
    return (values[0] is None or values[0] <= values[1]) and (  # type: ignore[operator]
        values[2] is None or values[1] <= values[2]  # type: ignore[operator]
    )


def a_question(rng: Random, field: CustomField) -> dict[str, list[str]]:
    word, draw = f"field:{field.key}", DRAWN[field.kind]
    none = ["none"] * (rng.random() < 0.3)
    if field.kind == FieldKind.CHOICE:
        return {word: [*rng.sample(CHOICES, rng.randint(1, 3)), *none]}
    if field.kind in (FieldKind.NUMBER, FieldKind.AMOUNT, FieldKind.DAY):
        ends = rng.choice([[".from"], [".to"], [".from", ".to"]])
        return {word: none} | {word + end: [draw(rng)] for end in ends}
    text = draw(rng)
    begin = rng.randrange(len(text))
    part = text[begin : begin + rng.randint(1, 8)].strip() or text
    part = rng.choice([part, part.upper(), part.lower(), part.title()])
    if field.kind == FieldKind.PHONE and not any(sign.isdigit() for sign in part):
        part = text
    return {word: [part, *none]}


@pytest.mark.search
def test_the_filter_finds_the_same_leads_as_a_naive_one(fields: list[CustomField]) -> None:
    rng = drawn("questions about own fields")
    leads = {lead: lead.field_texts for lead in Lead.objects.all()}
    answers = set()
    for _ in range(QUESTIONS):
        for field in fields:
            words = a_question(rng, field)
            selected = set(narrowed(Lead.objects.all(), parsed(words, fields)))
            texts = {lead: its.get(field.key, "") for lead, its in leads.items()}
            right = {lead for lead, text in texts.items() if passes(field, text, words)}
            if field.kind in (FieldKind.TEXT, FieldKind.ADDRESS):
                # After the first hundred characters, SQLite distinguishes É from é.
                assert selected <= right, words
                right = {lead for lead in right if lead in selected or len(texts[lead]) < 100}
            assert selected == right, (words, [texts[lead] for lead in selected ^ right])
            answers.add(len(selected))
    assert len(answers) > 10


def test_leads_must_pass_the_filters_of_all_fields(fields: list[CustomField]) -> None:
    rng = drawn("several own fields")
    for _ in range(20):
        words = [a_question(rng, field) for field in rng.sample(fields, 2)]
        alone = [set(narrowed(Lead.objects.all(), parsed(one, fields))) for one in words]
        both = set(narrowed(Lead.objects.all(), parsed(words[0] | words[1], fields)))
        assert both == alone[0] & alone[1]


def test_none_selects_the_leads_without_a_value(fields: list[CustomField]) -> None:
    for field in fields:
        word = f"field:{field.key}"
        without = narrowed(Lead.objects.all(), parsed({word: ["none"]}, fields))
        assert {lead for lead in Lead.objects.all() if field.key not in lead.field_texts} == set(
            without
        )
        assert 0 < without.count() < 40


def test_other_parameters_and_empty_values_are_ignored(fields: list[CustomField]) -> None:
    empty = {f"field:{field.key}": ["", "  "] for field in fields}
    assert parsed({"q": ["x"], "columns": ["field:x"], "page": ["2"]} | empty, fields) == ()


REFUSED = [
    ("text", "", ["a", "b"], "has too many values"),
    ("text", "", ["a\0b"], "Field “text”: Text cannot contain the NUL character."),
    ("text", "", ["x" * 2_001], "At most 2000 are allowed"),
    ("text", ".from", ["a"], "cannot be filtered by a range"),
    ("choice", "", ["Castle"], "Field “choice”: Choose one of: House, Flat"),
    ("choice", ".to", ["Flat"], "cannot be filtered by a range"),
    ("number", "", ["5"], "by a first and a last value"),
    ("number", ".from", ["five"], "Field “number”: Write a number as"),
    ("number", ".from", ["1", "2"], "has too many values"),
    ("amount", ".to", ["1.005"], "Field “amount”: An amount can have at most"),
    ("day", ".to", ["2026-02-30"], "Field “day”: This date does not exist."),
    ("phone", "", ["call"], "Enter digits to search"),
]


@pytest.mark.parametrize(("kind", "end", "values", "sentence"), REFUSED)
def test_an_invalid_value_is_refused_with_the_field_name(
    kind: str, end: str, values: list[str], sentence: str
) -> None:
    field = CustomField(subject="lead", key="it", name=kind, kind=kind, choices=CHOICES)
    with pytest.raises(Refused, match=sentence.replace(".", r"\.")):
        parsed({f"field:it{end}": values}, [field])


@pytest.mark.parametrize("word", ["field:nowhere", "field:", "field:it.before", "field:x.from"])
def test_an_unknown_field_is_refused(word: str) -> None:
    field = CustomField(subject="lead", key="it", name="It", kind="text")
    with pytest.raises(Refused, match="Leads have no field"):
        parsed({word: ["x"]}, [field])


def plan_of(one: FieldFilter) -> str:
    """Return the query plan of the filter."""
    return narrowed(Lead.objects.all(), [one]).order_by("-created_at", "-pk").explain()


@pytest.mark.parametrize(
    ("kind", "asked", "index"),
    [
        ("text", {"texts": ("house",)}, "lead_field_"),
        ("choice", {"texts": ("Flat",)}, "lead_field_text"),
        ("day", {"first": "2026-01-01"}, "lead_field_text"),
        ("number", {"last": "5"}, "lead_field_number"),
    ],
)
def test_the_filter_uses_an_index_of_field_values(
    kind: str, asked: dict[str, object], index: str, company: Company
) -> None:
    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL plans by the sizes of the tables, and these are empty")
    field = CustomField.define("lead", kind, kind, choices=CHOICES)
    assert LeadFieldValue.objects.count() == 0
    assert index in plan_of(FieldFilter(field, **asked))  # type: ignore[arg-type]
