"""Settings pages of admins: one journey for each, on a desktop in English, on a phone in French."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from leadlight.accounts.models import Organization, Team, User
from leadlight.sales.models import ActivityType, Category, Lead, Pipeline, Step, Tag
from tests.browser.conftest import DESKTOP, PHONE, press
from tests.browser.test_frame import assert_fits
from tests.web.conftest import small_company

pytestmark = pytest.mark.django_db(transaction=True)

PLACES = [
    pytest.param((DESKTOP, "en"), id="desktop-en"),
    pytest.param((PHONE, "fr"), id="phone-fr"),
]


@pytest.fixture
def cast(transactional_db):
    return small_company()


@pytest.fixture(params=PLACES)
def admin(request, cast, open_page, enter) -> Page:
    """Page of an admin: on a desktop in English, or on a phone in French."""
    return enter(open_page(*request.param), cast.ada)


def send(page: Page, form: str) -> None:
    """Send a form by its first submit button, with the keyboard, and check the page after it."""
    page.locator(f"{form} button[type=submit]").first.focus()
    with page.expect_navigation():
        press(page, "Enter")
    assert_fits(page)


def test_the_organisation_is_renamed_and_the_change_undone(cast, admin):
    admin.goto("/settings/organization/")
    admin.locator("[name=name]").fill("Aurora Windows")
    send(admin, "form.settled")
    assert Organization.current().name == "Aurora Windows"
    undo = admin.locator("form[action^='/undo/'] button")
    undo.focus()
    with admin.expect_navigation():
        press(admin, "Enter")
    assert Organization.current().name == "Delorme Glazing"


def test_a_person_is_found_and_gets_another_role(cast, admin):
    admin.goto("/settings/people/")
    assert_fits(admin)
    admin.get_by_role("link", name="Olga Glass").click()
    admin.locator("[name=role]").select_option("manager")
    send(admin, "form:has([name=role])")
    assert User.objects.get(pk=cast.olga.pk).role == "manager"


def test_a_team_is_created_with_a_member(cast, admin):
    admin.goto("/settings/teams/")
    admin.locator("main [name=name]").fill("West")
    send(admin, "form.aside")
    admin.locator("main [name=q]").fill("olga")
    send(admin, "main form.search-list")
    admin.locator("ul.settings form button").first.focus()
    with admin.expect_navigation():
        press(admin, "Enter")
    assert list(Team.objects.get(name="West").members.all()) == [cast.olga]
    expect(admin.locator("#members").get_by_role("link", name="Olga Glass")).to_be_visible()


def test_privacy_and_rights_are_chosen(cast, admin):
    admin.goto("/settings/privacy/")
    assert_fits(admin)
    admin.locator("[name=team_privacy]").select_option("members")
    admin.locator("[name=may_export]").select_option("admins")
    send(admin, "form.settled")
    company = Organization.current()
    assert (company.team_privacy, company.may_export) == ("members", "admins")
    expect(admin.locator("[name=team_privacy]")).to_have_value("members")


def test_a_step_is_added_moved_and_closed_with_its_leads_and_all_is_undone(cast, admin):
    lead = Lead.create(title="Doors", by=cast.olga, owner=cast.olga, step=cast.steps[0])
    admin.goto("/settings/pipelines/")
    assert_fits(admin)
    admin.get_by_role("link", name="Direct sales").click()
    admin.locator("#step-name").fill("Visit")
    admin.locator("#step-probability").fill("30")
    send(admin, "form:has(#step-name)")
    admin.get_by_role("row", name="Visit").locator("button[value=up]").focus()
    with admin.expect_navigation():
        press(admin, "Enter")
    names = list(Step.objects.order_by("position").values_list("name", flat=True))
    assert names == ["Contact", "Offer", "Visit", "Deal"]
    row = admin.get_by_role("row", name="Contact")
    row.locator("a[href$='/close/']").click()
    assert_fits(admin)
    admin.locator("[name=to]").select_option(label="Visit")
    send(admin, "form:has([name=to])")
    lead.refresh_from_db()
    assert lead.step.name == "Visit"
    admin.locator("form[action^='/undo/'] button").first.focus()
    with admin.expect_navigation():
        press(admin, "Enter")
    lead.refresh_from_db()
    assert lead.step.name == "Contact"
    assert not Pipeline.objects.get().steps.filter(is_closed=True).exists()


def test_an_activity_type_is_added_with_a_result(cast, admin):
    admin.goto("/settings/activity-types/")
    admin.locator("main [name=name]").fill("Visit")
    admin.locator("[name=kind]").select_option("meeting")
    send(admin, "form.aside")
    admin.locator("#new-name").fill("Seen")
    admin.locator("#new-is_reached").check()
    send(admin, "form:has(#new-name)")
    made = ActivityType.objects.get(name="Visit")
    assert [(one.name, one.is_reached) for one in made.outcomes.all()] == [("Seen", True)]
    admin.goto(f"/leads/{cast.lead.key}/")
    expect(admin.get_by_role("button", name="Seen").first).to_be_attached()


def test_a_tag_is_added_and_merged_into_another_one(cast, admin):
    region = Category.define("Region")
    north = Tag.define("Northern", category=region)
    cast.lead.tag(north, by=cast.ada)
    admin.goto("/settings/categories/")
    assert_fits(admin)
    admin.get_by_role("link", name="Region").click()
    admin.locator("#new-name").fill("Up north")
    send(admin, "form:has(#new-name)")
    admin.get_by_role("link", name="Northern").click()
    admin.locator("[name=to]").select_option(label="Up north")
    send(admin, "form:has([name=to])")
    assert "Up north" in [str(tag) for tag in cast.lead.tags.all()]
    assert not Tag.objects.get(pk=north.pk).is_active
