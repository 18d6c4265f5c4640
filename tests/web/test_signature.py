"""A pasted signature proposes contact lines for a new lead."""

from __future__ import annotations

import pytest

from leadlight.sales.models import Lead, Pipeline
from tests.web.pages import Page

pytestmark = pytest.mark.database

SIGNATURE = """Claire Fontaine
Toitures Martin SARL
Tél : +33 4 78 00 11 22
claire@toitures.example"""


def proposed(browser, text, **more):
    return browser.post("/new-lead/signature/", {"signature": text}, **more).content.decode()


def lines_of(html):
    return [part.split('"')[0] for part in html.split('name="line" value="')[1:]]


def sent(**more):
    step = Pipeline.default().first_step.key
    fields = {"title": "", "description": "", "client": "", "client_key": "", "amount": "12"}
    return fields | {"step": step, "owner": ""} | more


def test_lines_are_proposed_as_checkboxes(cast, visit):
    html = proposed(visit(cast.olga), SIGNATURE)
    assert lines_of(html) == [
        "name|Claire Fontaine",
        "company|Toitures Martin SARL",
        "phone|04 78 00 11 22",
        "email|claire@toitures.example",
    ]
    assert html.count("checked") == 4
    assert "No contacts were found" in proposed(visit(cast.olga), "please call me")
    assert proposed(visit(cast.olga), "").strip() == ""


def test_ticked_lines_fill_the_form_and_then_make_contacts(cast, visit):
    browser = visit(cast.olga)
    lines = lines_of(proposed(browser, SIGNATURE))
    form = sent(description="Fair", line=lines, add="1")
    html = browser.post("/new-lead/", form).content.decode()
    assert 'value="Toitures Martin SARL"' in html
    description = html.split('id="lead-description"')[1].split(">", 1)[1].split("<")[0].strip()
    assert description == (
        "Fair\n\nName: Claire Fontaine\nCompany: Toitures Martin SARL\n"
        "Phone: 04 78 00 11 22\nEmail: claire@toitures.example"
    )
    assert not Page.read(html).unlabelled
    browser.post("/new-lead/", sent(title="Roof", description=description))
    points = Lead.objects.get(title="Roof").contact_points
    assert list(points.values_list("kind", "value", "name")) == [
        ("phone", "+33478001122", "Claire Fontaine"),
        ("email", "claire@toitures.example", "Claire Fontaine"),
    ]


def test_what_was_typed_stays(cast, visit):
    typed = sent(
        title="Roof", client="Lake Hotel", line=["company|Other", "bad|x", "name|"], add="1"
    )
    html = visit(cast.olga).post("/new-lead/", typed).content.decode()
    assert 'value="Roof"' in html
    assert 'value="Lake Hotel"' in html
    assert 'value="12"' in html
    assert "Company: Other" in html
    assert "bad" not in html.split('id="lead-description"')[1].split("</textarea>")[0]
    assert Lead.objects.count() == 1


def test_labels_in_french_are_recognised_again(cast, visit):
    browser = visit(cast.olga)
    lines = lines_of(proposed(browser, SIGNATURE))
    form = sent(line=lines, add="1")
    html = browser.post("/new-lead/", form, headers={"accept-language": "fr"}).content.decode()
    description = html.split('id="lead-description"')[1].split(">", 1)[1].split("<")[0].strip()
    assert "Nom" in description
    browser.post("/new-lead/", sent(title="Toit", description=description))
    points = Lead.objects.get(title="Toit").contact_points
    assert {point.name for point in points.all()} == {"Claire Fontaine"}
