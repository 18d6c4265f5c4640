"""Recognition of mail addresses and telephone numbers in texts."""

from __future__ import annotations

import re

import pytest
from django.utils.html import conditional_escape

from leadlight.accounts.models import Organization
from leadlight.sales.models import ContactPoint
from leadlight.web.templatetags.contacts import contact_link, with_contacts

pytestmark = pytest.mark.django_db


def links(text):
    return re.findall(r'href="([^"]+)"', with_contacts(text))


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("lea.petit@hotel.example", "mailto:lea.petit@hotel.example"),
        ("(écrire à lea+sales@hotel.co.uk).", "mailto:lea+sales@hotel.co.uk"),
        ("06 12 34 56 78", "tel:+33612345678"),
        ("Tél.:06.12.34.56.78.", "tel:+33612345678"),
        ("06 12 34 56 78".replace(" ", "\N{NO-BREAK SPACE}"), "tel:+33612345678"),
        ("0612345678", "tel:+33612345678"),
        ("01-42-68-53-00", "tel:+33142685300"),
        ("+33 6 12 34 56 78", "tel:+33612345678"),
        ("+33 (0)6 12 34 56 78", "tel:+33612345678"),
        ("0033 6 12 34 56 78", "tel:+33612345678"),
        ("+44 20 7946 0958", "tel:+442079460958"),
        ("+33 6 12 34 56 78\n12 rue Haute", "tel:+33612345678"),
        ("+1-212-555-0100", "tel:+12125550100"),
    ],
)
def test_contacts_become_links(text, link):
    assert links(text) == [link]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-31",
        "31.01.2026",
        "01.02.2026",
        "01-02-2026 10:30",
        "1 234 567,89 €",
        "0,123456789012",
        "Devis 2026-0412",
        "SIRET 732 829 320 00074",
        "FR7630006000011234567890189",
        "lea@hotel",
        "@hotel.example",
        "0 1 2 3",
    ],
)
def test_other_text_does_not_become_a_link(text):
    assert links(text) == []


def test_all_contacts_of_a_text_are_found():
    assert links("a@b.example 06 12 34 56 78, ou +33 1 42 68 53 00") == [
        "mailto:a@b.example",
        "tel:+33612345678",
        "tel:+33142685300",
    ]


def test_user_text_is_escaped():
    text = '<img src=x onerror="1"> "a"@b.example <a@b.example>'
    assert "<img" not in with_contacts(text)
    assert '&lt;<a href="mailto:a@b.example">a@b.example</a>&gt;' in with_contacts(text)


def test_a_long_text_is_processed_quickly():
    assert links("0 " * 20_000 + "a." * 20_000) == []


def test_national_numbers_are_those_of_the_company_country():
    Organization(country="GB").save()
    assert links("020 7946 0958") == ["tel:+442079460958"]


def test_numbers_in_a_text_stay_as_they_are_written():
    assert ">06.12.34.56.78</a>" in with_contacts("Tél.:06.12.34.56.78.")


@pytest.mark.parametrize(
    ("country", "value", "shown"),
    [
        ("FR", "+33612345678", "06 12 34 56 78"),
        ("FR", "+442079460958", "+44 20 7946 0958"),
        ("GB", "+442079460958", "020 7946 0958"),
        ("BE", "+33612345678", "+33 6 12 34 56 78"),
    ],
)
def test_a_contact_is_shown_in_the_format_of_the_company_country(country, value, shown):
    Organization(country=country).save()
    link = contact_link(ContactPoint(kind="phone", value=value))
    assert link == f'<a class="nowrap" href="tel:{value}" data-call>{shown}</a>'


def test_the_dialler_is_a_setting():
    Organization(dialler="https://pbx.example/call?to=%s&from=me").save()
    assert links("06 12 34 56 78") == ["https://pbx.example/call?to=+33612345678&amp;from=me"]


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        (ContactPoint(kind="email", value="a@b.example"), "mailto:a@b.example"),
        (ContactPoint(kind="web", value="https://b.example/x"), "https://b.example/x"),
    ],
)
def test_addresses_and_links_of_contacts_are_linked(contact, link):
    assert f'href="{link}"' in contact_link(contact)


def test_a_postal_address_is_escaped_text():
    text = contact_link(ContactPoint(kind="address", value="<12> rue Haute"))
    assert conditional_escape(text) == "&lt;12&gt; rue Haute"
