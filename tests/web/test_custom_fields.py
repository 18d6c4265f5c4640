"""Settings pages of custom fields."""

from __future__ import annotations

from html import unescape

import pytest

from leadlight.sales.models import CustomField, LeadFieldValue
from tests.web.pages import Page

pytestmark = pytest.mark.database

PATH = "/settings/fields/"


def post(browser, address="", status=302, **given):
    response = browser.post(f"{PATH}{address}", given)
    assert response.status_code == status, response.content.decode()[:3000]
    return unescape(response.content.decode())


def page_of(browser, address=""):
    response = browser.get(f"{PATH}{address}")
    assert response.status_code == 200
    return Page.read(response.content.decode())


def names(subject="lead"):
    return [field.name for field in CustomField.objects.filter(subject=subject, is_archived=False)]


@pytest.mark.parametrize("who", ["olga", "mona", "uma"])
def test_only_admins_can_open_and_change_fields(who, cast, visit):
    field = CustomField.define("lead", "Floors", "number")
    browser = visit(getattr(cast, who))
    assert browser.get(PATH).status_code == 403
    assert PATH not in browser.get("/leads/").content.decode()
    post(browser, status=403, subject="lead", name="Mine", kind="text")
    for verb in ("edit", "move", "archive", "restore"):
        post(browser, f"{field.key}/{verb}/", status=403, to="down", name="Mine")
    assert browser.get(f"{PATH}{field.key}/edit/").status_code == 403
    assert names() == ["Floors"]


def test_an_unknown_field_is_not_found(cast, visit):
    browser = visit(cast.ada)
    for verb in ("edit", "move", "archive", "restore"):
        post(browser, f"nowhere/{verb}/", status=404, to="down")


def test_a_field_added_by_an_admin_is_shown_on_the_page(cast, visit):
    browser = visit(cast.ada)
    assert PATH in Page.read(browser.get("/settings/").content.decode()).links
    post(browser, subject="lead", name=" Building ", kind="choice", choices="House\r\n\r\n Flat ")
    [field] = CustomField.objects.all()
    assert (field.name, field.kind, field.choices) == ("Building", "choice", ["House", "Flat"])
    assert "House, Flat" in page_of(browser).text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_are_valid_html_and_escape_field_names(language, cast, visit):
    browser = visit(cast.ada, language)
    field = CustomField.define("lead", "\u202eحقل <b>", "choice", choices=["<i>"])
    CustomField.define("client", "Site", "link", is_key=True)
    CustomField.define("client", "Old", "text").archive()
    for address in ("", f"{field.key}/edit/"):
        page = page_of(browser, address)
        assert (page.language, page.faults, page.unlabelled) == (language, [], [])
        assert len(page.headings) == 1
    html = browser.get(PATH).content.decode()
    assert "<b>" not in html
    assert "<i>" not in html


@pytest.mark.parametrize(
    ("given", "name", "sentence"),
    [
        ({"name": ""}, "name", "Enter a name for the field."),
        ({"name": "x" * 201}, "name", "This name is too long. Enter a shorter one."),
        ({"name": "FLOORS"}, "name", "A field with this name already exists. Choose another name."),
        ({"name": "a\tb"}, "name", "A name cannot contain line breaks"),
        ({"kind": "colour"}, "kind", "Choose one of the field types."),
        ({"subject": "order"}, "subject", "Choose leads, clients or prospects."),
        ({"kind": "choice"}, "choices", "needs at least one choice"),
        ({"kind": "choice", "choices": "a;b"}, "choices", "A choice cannot contain “;”"),
        ({"kind": "choice", "choices": "a\nA"}, "choices", "“A” is listed twice. Remove one."),
    ],
)
def test_an_invalid_field_shows_an_error_at_its_control(given, name, sentence, cast, visit):
    CustomField.define("lead", "Floors", "number")
    page = post(
        visit(cast.ada), status=400, **({"subject": "lead", "name": "X", "kind": "text"} | given)
    )
    control = page.index(f'name="{name}"')
    assert page.index(sentence) > control
    assert CustomField.objects.count() == 1


def test_an_admin_renames_a_field_and_changes_its_choices(cast, visit):
    field = CustomField.define("lead", "Building", "choice", choices=["House", "Flat"])
    browser = visit(cast.ada)
    given = {"name": "Home", "choices": "Flat\nHouse\nBarn", "is_key": "on"}
    post(browser, f"{field.key}/edit/", **given)
    field.refresh_from_db()
    assert (field.name, field.choices, field.is_key) == ("Home", ["Flat", "House", "Barn"], True)


def test_removing_a_choice_in_use_is_refused_and_changes_nothing(cast, visit):
    field = CustomField.define("lead", "Building", "choice", choices=["House", "Flat"])
    cast.lead.set_field(field, "House", by=cast.olga)
    page = post(
        visit(cast.ada), f"{field.key}/edit/", status=400, name="Home", choices="Flat", is_key="on"
    )
    assert "“House” cannot be removed: 1 lead has it." in page
    field.refresh_from_db()
    assert (field.name, field.choices, field.is_key) == ("Building", ["House", "Flat"], False)


def test_renaming_a_field_to_an_existing_name_is_refused(cast, visit):
    CustomField.define("lead", "Floors", "number")
    field = CustomField.define("lead", "Size", "number")
    page = post(visit(cast.ada), f"{field.key}/edit/", status=400, name="floors")
    assert "A field with this name already exists. Choose another name." in page
    assert names() == ["Floors", "Size"]


def test_fields_are_moved_archived_and_restored(cast, visit):
    for name in "abc":
        CustomField.define("lead", name, "text")
    browser = visit(cast.ada)
    last = CustomField.objects.get(name="c")
    cast.lead.set_field(last, "kept", by=cast.olga)
    post(browser, f"{last.key}/move/", to="up")
    assert names() == ["a", "c", "b"]
    post(browser, f"{last.key}/move/", status=400, to="sideways")
    post(browser, f"{last.key}/archive/")
    assert names() == ["a", "b"]
    post(browser, f"{last.key}/move/", status=404, to="up")
    post(browser, f"{last.key}/restore/")
    assert sorted(names()) == ["a", "b", "c"]
    assert LeadFieldValue.objects.get().text == "kept"


def test_a_field_key_may_contain_any_characters(cast, visit):
    field = CustomField.define("lead", "Floors", "number")
    CustomField.objects.filter(pk=field.pk).update(key="a/b?c#é\n<e>")
    browser = visit(cast.ada)
    [link] = [link for link in page_of(browser).links if "a/b" in link]
    assert browser.get(link).context["field"].name == "Floors"


def test_changing_a_field_requires_a_post(cast, visit):
    field = CustomField.define("lead", "Floors", "number")
    for verb in ("move", "archive", "restore"):
        assert visit(cast.ada).get(f"{PATH}{field.key}/{verb}/").status_code == 405
