"""Recognition of mail addresses and telephone numbers in texts."""

from __future__ import annotations

import re

import pytest

from leadlight.web.templatetags.contacts import with_contacts


def links(text):
    return re.findall(r'href="([^"]+)"', with_contacts(text))


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("lea.petit@hotel.example", "mailto:lea.petit@hotel.example"),
        ("(écrire à lea+sales@hotel.co.uk).", "mailto:lea+sales@hotel.co.uk"),
        ("06 12 34 56 78", "tel:0612345678"),
        ("Tél.:06.12.34.56.78.", "tel:0612345678"),
        ("06 12 34 56 78".replace(" ", "\N{NO-BREAK SPACE}"), "tel:0612345678"),
        ("0612345678", "tel:0612345678"),
        ("01-42-68-53-00", "tel:0142685300"),
        ("+33 6 12 34 56 78", "tel:+33612345678"),
        ("+33 (0)6 12 34 56 78", "tel:+33612345678"),
        ("0033 6 12 34 56 78", "tel:0033612345678"),
        ("+44 20 7946 0958", "tel:+442079460958"),
        ("+33 6 12 34 56 78\n12 rue Haute", "tel:+33612345678"),
        ("020 7946 0958", "tel:02079460958"),
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
        "tel:0612345678",
        "tel:+33142685300",
    ]


def test_user_text_is_escaped():
    text = '<img src=x onerror="1"> "a"@b.example <a@b.example>'
    assert "<img" not in with_contacts(text)
    assert '&lt;<a href="mailto:a@b.example">a@b.example</a>&gt;' in with_contacts(text)


def test_a_long_text_is_processed_quickly():
    assert links("0 " * 20_000 + "a." * 20_000) == []
