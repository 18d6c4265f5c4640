"""Contacts recognised in descriptions, signatures and business cards."""

from __future__ import annotations

from time import process_time

import pytest

from leadlight.sales.contact_lines import (
    LONGEST_READ,
    Contact,
    contacts_in,
    national_number,
    shown_number,
)
from leadlight.tables.values import phone_number

SIGNATURE = """Bonjour,

Merci pour votre devis.
Cordialement,

Léa Petit
Directrice des achats
Hôtel Élysée
Tél. : 01 42 68 53 00 - Mob. : 06 12 34 56 78
Lea.Petit@hotel.example
www.hotel.example
"""
CARD = """ACME GLAZING LTD
Jane Roe
Sales Director
T +44 (0)20 7946 0958 | M +44 7700 900123 | F: +44 20 7946 0959
jane.roe@acme.example
Address: 1 High Street, London
"""
BLOCKS = """Nom : Paul Durand
Téléphone portable : 0612345678
Nom : Anne Roy
Tél fixe : 01 42 68 53 00
------
Prénom : Léa
Nom : Petit
E-mail : lea@hotel.example

Phone: +44 20 7946 0958
"""


def told(text, country="FR"):
    return [(one.label, one.value, one.name) for one in contacts_in(text, country)]


def values(text, country="FR"):
    return [one.value for one in contacts_in(text, country)]


def test_a_french_signature():
    assert told(SIGNATURE) == [
        ("phone", "+33142685300", "Léa Petit"),
        ("mobile", "+33612345678", "Léa Petit"),
        ("email", "lea.petit@hotel.example", "Léa Petit"),
        ("web", "https://www.hotel.example", "Léa Petit"),
    ]


def test_an_english_business_card():
    assert [(label, value) for label, value, _name in told(CARD)] == [
        ("phone", "+442079460958"),
        ("mobile", "+447700900123"),
        ("fax", "+442079460959"),
        ("email", "jane.roe@acme.example"),
        ("address", "1 High Street, London"),
    ]


def test_blocks_are_separated_by_names_rules_and_empty_lines():
    found = contacts_in(BLOCKS, "FR")
    assert [(one.block, one.name, one.value) for one in found] == [
        (0, "Paul Durand", "+33612345678"),
        (1, "Anne Roy", "+33142685300"),
        (2, "Léa Petit", "lea@hotel.example"),
        (3, "", "+442079460958"),
    ]


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("Phone: 01 42 68 53 00", "phone"),
        ("Tél : 01 42 68 53 00", "phone"),
        ("Téléphone 01 42 68 53 00", "phone"),
        ("TEL. 01 42 68 53 00", "phone"),
        ("Tél\N{NO-BREAK SPACE}: 01 42 68 53 00", "phone"),
        ("Tel (direct): 01 42 68 53 00", "phone"),
        ("Bureau : 01 42 68 53 00", "phone"),
        ("Fax : 01 42 68 53 00", "fax"),
        ("Mobile: 06 12 34 56 78", "mobile"),
        ("Port. : 06 12 34 56 78", "mobile"),
        ("Tél portable : 06 12 34 56 78", "mobile"),
        ("Portable pro : 06 12 34 56 78", "mobile"),
        ("Phone: 06 12 34 56 78", "mobile"),
        ("06 12 34 56 78", "mobile"),
        ("01 42 68 53 00", "phone"),
        ("call 01 42 68 53 00 please", "phone"),
    ],
)
def test_labels_of_phone_numbers(line, label):
    assert [one.label for one in contacts_in(line, "FR")] == [label]


@pytest.mark.parametrize(
    "line",
    [
        "E-mail: Lea@Hotel.example",
        "Courriel : lea@hotel.example",
        "<lea@hotel.example>;",
        "Mél. lea@hotel.example.",
    ],
)
def test_email_addresses_are_in_lower_case(line):
    assert contacts_in(line, "FR") == (Contact("email", "lea@hotel.example", "email"),)


@pytest.mark.parametrize(
    ("text", "country", "value"),
    [
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("06.12.34.56.78", "FR", "+33612345678"),
        ("06\N{NO-BREAK SPACE}12 34 56 78", "FR", "+33612345678"),
        ("+33 (0)6 12 34 56 78", "GB", "+33612345678"),
        ("0033 6 12 34 56 78", "FR", "+33612345678"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("(212) 555-0123", "US", "+12125550123"),
        ("0475 12 34 56", "BE", "+32475123456"),
        ("\u202a+33 6 12 34 56 78\u202c", "FR", "+33612345678"),
        ("Phone: ٠٦١٢٣٤٥٦٧٨", "FR", "+33612345678"),
        ("06 39 98 12 34", "FR", "+33639981234"),
    ],
)
def test_phone_numbers_are_stored_as_e164(text, country, value):
    assert values(text, country) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-31",
        "01-02-2026 10:30",
        "01.02.2026 10:30:00",
        "1 234 567,89 €",
        "SIRET 732 829 320 00074",
        "FR7630006000011234567890189",
        "Devis 2026-0412",
        "lea@hotel",
        "@hotel.example",
        "Tél : à venir",
        "Phone: 39",
        "Nom : Léa Petit",
    ],
)
def test_other_texts_have_no_contacts(text):
    assert contacts_in(text, "FR") == ()


def test_a_value_is_listed_once():
    assert values("06 12 34 56 78, +33 6 12 34 56 78 a@b.example A@B.example") == [
        "+33612345678",
        "a@b.example",
    ]


def test_right_to_left_text_around_a_contact():
    text = "\u202bהתקשרו אל \u202a+33 6 12 34 56 78\u202c או lea@hotel.example\u202c"
    assert values(text) == ["+33612345678", "lea@hotel.example"]


def test_a_line_with_a_link_has_no_phone_number_in_it():
    assert values("https://hotel.example/0612345678?x=0142685300") == [
        "https://hotel.example/0612345678?x=0142685300"
    ]


@pytest.mark.parametrize(
    "part",
    [
        "0 ",
        "a.",
        "06 12 34 56 78 ",
        "a@",
        "1",
        "tel:",
        "((",
        "1-1-",
        "06" * 400 + "\n",
        "Tél : 06 12 34 56 78\nlorem\n",
        "A b\n",
        "+",
        "www.",
    ],
)
def test_a_long_text_is_read_quickly(part):
    """A text takes a tenth of a second; quadratic time would be minutes."""
    start = process_time()
    contacts_in((part * LONGEST_READ)[: 2 * LONGEST_READ], "FR")
    assert process_time() - start < 4


def test_a_number_without_country_code_is_of_the_country():
    assert phone_number("06 12 34 56 78", "FR") == "+33612345678"
    assert phone_number("3949", "FR") == ""
    assert phone_number("no number", "FR") == ""


def test_a_number_is_shown_nationally_at_home():
    assert shown_number("+33612345678", "FR") == "06 12 34 56 78"
    assert shown_number("+442079460958", "FR") == "+44 20 7946 0958"
    assert shown_number("unknown", "FR") == "unknown"


def test_the_national_digits_of_a_number():
    assert national_number("+33612345678") == ("0612345678", "612345678")
    assert national_number("+12125550123") == ("2125550123", "2125550123")
    assert national_number("unknown") == ("", "")
