"""What other programs share: proposed in the form of a new lead, and never stored by itself."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from leadlight.sales.models import Lead
from tests.sales.test_vcards import CARD


def shared(**given):
    """Share without a session or token, as the system of a phone does."""
    response = Browser(enforce_csrf_checks=True).post("/share/", given)
    assert response.status_code == 302
    address = urlsplit(response["Location"])
    assert address.path == "/new-lead/"
    return {name: value for name, [value] in parse_qs(address.query).items()}


def test_a_contact_file_is_proposed_as_lines_with_its_name_as_title(cast):
    found = shared(contact=SimpleUploadedFile("zoe.vcf", CARD.encode(), "text/vcard"))
    assert found["title"] == "Zoé Vitrail"
    assert "Email: zoe@client.example" in found["description"]
    assert Lead.objects.count() == 1


def test_a_text_and_a_link_are_proposed_once_each(cast):
    link = "https://client.example/?a=1&b=2"
    assert shared(title="Atelier\n Zoé", text=link, url=link) == {
        "title": "Atelier Zoé",
        "description": link,
    }
    assert shared() == {}


def test_long_and_hostile_texts_are_bounded(cast):
    found = shared(title="\0x" * 10_000, text="<script>" * 10_000)
    assert (len(found["title"]), len(found["description"])) == (300, 4_000)


def test_a_file_that_is_no_contact_says_so(cast, visit):
    browser = visit(cast.olga)
    file = SimpleUploadedFile("x.vcf", b"\x89PNG", "text/vcard")
    page = browser.post("/share/", {"contact": file}, follow=True)
    assert "This is not a contact file (vCard)." in page.text
    assert page.status_code == 200
