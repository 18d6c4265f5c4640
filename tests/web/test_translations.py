"""French translations: complete, with the same placeholders, and with French typography."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.utils import translation

import leadlight
from leadlight.analytics.reports import CATALOGUE

CATALOG = Path(leadlight.__file__).parent / "locale" / "fr" / "LC_MESSAGES" / "django.po"
PLACE = re.compile(r"%\(\w+\)[sd]")
NO_BREAK, NARROW = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"


def pairs():
    """Yield every English text with its French translation, plural forms one by one."""
    with CATALOG.open("rb") as file:
        for message in read_po(file):
            if isinstance(message.id, tuple):
                yield from zip(message.id, message.string, strict=True)
            elif message.id:
                yield message.id, message.string


FRENCH = dict(pairs())


def breaking(pattern):
    return [french for french in FRENCH.values() if re.search(pattern, PLACE.sub("X", french))]


def test_every_text_is_translated():
    assert [english for english, french in FRENCH.items() if not french] == []


def test_translations_have_the_same_placeholders():
    different = [
        english
        for english, french in FRENCH.items()
        if set(PLACE.findall(english)) != set(PLACE.findall(french))
        # “one more problem” has no placeholder for the number that the plural shows
        and not english.startswith("… and one more")
    ]
    assert different == []


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param("'", id="straight apostrophes"),
        pytest.param('"', id="straight quotation marks"),
        pytest.param(f"[^{NARROW}\\W][;?!](?!\\w)| [;?!]", id="no narrow space before ; ? !"),
        pytest.param(f"[^\\W\\d]:(?![\\w/])| :|^{NARROW}:", id="no space before a colon"),
        pytest.param(f"«[^{NO_BREAK}]|[^{NO_BREAK}]»", id="no space inside « »"),
        pytest.param(r"\.\.\.", id="three dots"),
        pytest.param(r"(?i)\b(lead|leads|deal|tag|tags)\b", id="English words"),
        pytest.param(r"(?i)\b(tu|ton|ta|tes|toi)\b", id="tu"),
    ],
)
def test_translations_follow_french_typography(fault):
    assert breaking(fault) == []


def test_translations_end_with_a_full_stop_if_the_english_does():
    different = [
        english
        for english, french in FRENCH.items()
        if (english.rstrip().endswith(".")) != (french.rstrip().endswith("."))
    ]
    assert different == []


@pytest.mark.parametrize("report", CATALOGUE.values(), ids=lambda report: report.key)
def test_the_help_text_of_a_report_is_translated(report):
    with translation.override("fr"):
        for paragraph in report.text.split("\n\n"):
            assert translation.gettext(paragraph.strip()) != paragraph.strip()
