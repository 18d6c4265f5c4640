"""A text of any length is processed in linear time, and truncated at a stated length."""

from __future__ import annotations

import re
import signal
from contextlib import contextmanager

import pytest

from leadlight.web.templatetags.contacts import LONGEST_SHOWN, linked, with_contacts
from tests.web.pages import Page

pytestmark = [pytest.mark.database, pytest.mark.django_db]

LENGTH = 200_000
# Processor time, not wall-clock time: a linear search takes less than one second, a quadratic
# one a hundred.
SECONDS = 10


@contextmanager
def time_limit():
    def stop(*_):
        raise TimeoutError(f"more than {SECONDS} seconds of processor time")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "aB3+",
        "a.",
        "a-",
        "0",
        "01 ",
        "+1 ",
        "a@",
        "a@b",
        "a@b.",
        "a@b.c",
        "@",
        ".",
        "+",
        "00 1",
    ],
)
def test_contacts_are_found_in_linear_time(piece):
    with time_limit():
        linked((piece * LENGTH)[:LENGTH])


@pytest.mark.parametrize("piece", ["b", "b.", "b-"])
def test_text_after_an_at_sign_is_processed_in_linear_time(piece):
    with time_limit():
        linked("a@" + piece * LENGTH)


def test_contacts_in_a_long_text_become_links():
    text = "x" * 5000 + " lea@hotel.example " + "y" * 5000 + " 06 12 34 56 78"
    assert re.findall(r'href="([^"]+)"', with_contacts(text)) == [
        "mailto:lea@hotel.example",
        "tel:+33612345678",
    ]


def test_a_text_of_the_maximum_length_is_not_truncated():
    assert with_contacts("é" * LONGEST_SHOWN) == "é" * LONGEST_SHOWN


def test_a_longer_text_is_truncated_with_a_message(cast, visit):
    cast.lead.description = "z" * (LONGEST_SHOWN + 1234)
    cast.lead.save()
    page = Page.read(visit(cast.olga).get(f"/leads/{cast.lead.key}/").content.decode())
    assert page.text.count("z" * LONGEST_SHOWN) == 1
    assert "z" * (LONGEST_SHOWN + 1) not in page.text
    assert "1,234 further characters are not shown." in page.text


def test_a_query_too_long_for_a_shortcut_is_refused(cast, visit):
    fields = {"name": "Long", "report": "company", "sharing": "private"}
    response = visit(cast.olga).post("/shortcuts/new/", fields | {"query": "source=" + "s" * 9000})
    assert response.status_code == 400
    assert "too many filters for a shortcut" in response.content.decode()
    assert not cast.olga.shortcuts.exists()
