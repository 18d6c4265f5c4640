"""Values written as text, in the formats of a column."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from leadlight.accounts.refusals import Refused
from leadlight.tables import values

PARIS = ZoneInfo("Europe/Paris")
HOSTILE = ["", " ", "\0", "\u202e12", "😀", "x" * 10_000, "9" * 10_000, "=1+1", "١٢", "12\n13"]


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("2026-05-12", "", date(2026, 5, 12)),
        ("2026-05-12", "dmy", date(2026, 5, 12)),
        ("12/05/2026", "dmy", date(2026, 5, 12)),
        ("12/05/2026", "mdy", date(2026, 12, 5)),
        ("12.5.26", "dmy", date(2026, 5, 12)),
        ("1-2-69", "dmy", date(1969, 2, 1)),
        ("05/05/2026", "", date(2026, 5, 5)),
        (" 12/05/2026 14:30 ", "dmy", date(2026, 5, 12)),
        ("12 mai 2026", "", date(2026, 5, 12)),
        ("1er août 2026", "", date(2026, 8, 1)),
        ("3 févr. 2026", "", date(2026, 2, 3)),
        ("May 12, 2026", "", date(2026, 5, 12)),
        ("12-Dec-26", "", date(2026, 12, 12)),
        ("29/02/2024", "dmy", date(2024, 2, 29)),
        ("46154", "dmy", date(2026, 5, 12)),
        ("46154.604167", "", date(2026, 5, 12)),
    ],
)
def test_a_day_is_read(text: str, order: str, expected: date) -> None:
    assert values.day(text, order) == expected


@pytest.mark.parametrize(
    ("text", "order", "sentence"),
    [
        ("31/02/2026", "dmy", "This date does not exist."),
        ("29/02/2026", "dmy", "This date does not exist."),
        ("13/05/2026", "mdy", "This date does not exist."),
        ("00/00/0000", "dmy", "This date does not exist."),
        (
            "12/05/2026",
            "",
            "Choose whether the day or the month comes first in the dates of this column.",
        ),
        ("12/05/1826", "dmy", "Enter a date from 1900-01-01 to 2200-12-31."),
        ("tomorrow", "dmy", "Write a date as 31/01/2026."),
        ("tomorrow", "mdy", "Write a date as 01/31/2026."),
        ("12 thermidor 2026", "", "Write a date as 2026-01-31."),
        ("12/05/2026 99:99", "dmy", "Write a date as 31/01/2026."),
    ],
)
def test_a_day_is_refused_with_a_sentence(text: str, order: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        values.day(text, order)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12/05/2026 14:30", (2026, 5, 12, 12, 30)),
        ("12/01/2026 14:30:15", (2026, 1, 12, 13, 30, 15)),
        ("12/05/2026 14h30", (2026, 5, 12, 12, 30)),
        ("12/05/2026, 2:30 PM", (2026, 5, 12, 12, 30)),
        ("12/05/2026 12:00 AM", (2026, 5, 11, 22, 0)),
        ("2026-05-12T14:30:00Z", (2026, 5, 12, 14, 30)),
        ("2026-05-12 14:30:00.250+05:30", (2026, 5, 12, 9, 0)),
        ("12/05/2026", (2026, 5, 11, 22, 0)),
        ("46154.604166667", (2026, 5, 12, 12, 30)),
    ],
)
def test_an_instant_is_read_in_the_zone(text: str, expected: tuple[Any, ...]) -> None:
    assert values.instant(text, "dmy", PARIS) == datetime(*expected, tzinfo=UTC)


@pytest.mark.parametrize("text", ["31/02/2026 10:00", "12/05/2026 25:00", "14:30", "soon"])
def test_an_instant_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        values.instant(text, "dmy", PARIS)


@pytest.mark.parametrize(
    ("text", "mark", "expected"),
    [
        ("1.234,56", ",", "1234.56"),
        ("1 234,56 €", ",", "1234.56"),
        ("1\u202f234,56\u00a0€", ",", "1234.56"),
        ("(1,234.50)", ".", "-1234.50"),
        ("(€5.00)", ".", "-5.00"),
        ("-US$ 12", "", "-12"),
        ("12 CHF-", "", "-12"),
        ("-12", "", "-12"),
        ("12-", "", "-12"),
        ("−5", "", "-5"),
        ("+5", "", "5"),
        ("$1,234", ".", "1234"),
        ("USD 12.50", "", "12.50"),
        ("12,5 EUR", ",", "12.5"),
        ("1'234.50", ".", "1234.50"),
        ("1.234", ",", "1234"),
        ("1.234", ".", "1.234"),
        ("0,5", "", "0.5"),
        (",5", ",", "0.5"),
        ("-0", "", "0"),
        ("12 345 678", "", "12345678"),
    ],
)
def test_an_amount_is_read(text: str, mark: str, expected: str) -> None:
    assert values.amount(text, mark) == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("12 k€", ""),
        ("1,5 M€", ","),
        ("1,2,3", "."),
        ("1.2.3", ","),
        ("12,34", "."),
        ("1 2345", ""),
        ("--5", ""),
        ("()", ""),
        ("€", ""),
        ("12 and 13", ""),
        ("1e5", "."),
        ("NaN", ""),
        ("Infinity", ""),
        ("#DIV/0!", ""),
    ],
)
def test_what_is_no_amount_is_refused(text: str, mark: str) -> None:
    with pytest.raises(Refused, match=r"This is not a number\."):
        values.amount(text, mark)


def test_an_ambiguous_number_asks_for_the_decimal_mark() -> None:
    with pytest.raises(Refused, match="Choose the decimal mark of this column"):
        values.number("1,234", "ambiguous")


def test_a_rate_is_a_number() -> None:
    assert values.number("20 %") == 20


@pytest.mark.parametrize("text", ["oui", "Yes", "X", "1", "VRAI", "✓"])
def test_yes_is_read(text: str) -> None:
    assert values.yes_no(text) is True


@pytest.mark.parametrize("text", ["non", "No", "0", "false", "Faux", "-"])
def test_no_is_read(text: str) -> None:
    assert values.yes_no(text) is False


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ann@Acme.example", "Ann@Acme.example"),
        (" mailto:ann@acme.example ", "ann@acme.example"),
        ("Ann Lee <ann@acme.example>", "ann@acme.example"),
    ],
)
def test_an_email_address_is_read(text: str, expected: str) -> None:
    assert values.email(text) == expected


@pytest.mark.parametrize("text", ["ann", "ann@", "a@b.fr, c@d.fr", '"a b"@c.fr', "a@b.fr\0"])
def test_what_is_no_email_address_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"This is not an email address\."):
        values.email(text)


def test_a_phone_number_is_read_with_its_country() -> None:
    assert values.phone("06 12 34 56 78", "FR") == "+33612345678"
    assert values.phone("+44 20 7946 0958", "FR") == "+442079460958"
    with pytest.raises(Refused, match=r"This is not a phone number\."):
        values.phone("12", "FR")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("acme.example", "https://acme.example"),
        ("www.acme.example/a?b=1", "https://www.acme.example/a?b=1"),
        ("http://acme.example", "http://acme.example"),
        ("HTTPS://acme.example:8080/x", "HTTPS://acme.example:8080/x"),
    ],
)
def test_a_web_address_is_read(text: str, expected: str) -> None:
    assert values.link(text) == expected


@pytest.mark.parametrize("text", ["acme", "javascript:alert(1)", "ftp://a.example", "a b.example"])
def test_what_is_no_web_address_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"This is not a web address\."):
        values.link(text)


READERS: dict[str, Callable[[str], Any]] = {
    "day": lambda text: values.day(text, "dmy"),
    "instant": lambda text: values.instant(text, "dmy", PARIS),
    "number": values.number,
    "amount": lambda text: values.amount(text, ","),
    "email": values.email,
    "phone": lambda text: values.phone(text, "FR"),
    "link": values.link,
    "yes_no": values.yes_no,
}


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("text", HOSTILE, ids=repr)
def test_hostile_text_is_refused_and_raises_nothing_else(kind: str, text: str) -> None:
    with pytest.raises(Refused):
        READERS[kind](text)
