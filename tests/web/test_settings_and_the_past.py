"""Reports as of a past day are the same after changes of settings, except for names."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from leadlight.accounts import people, teams
from leadlight.accounts.keys import new_key
from leadlight.accounts.models import Organization, Team, User
from leadlight.sales import costs, organization_settings, pipeline_settings
from leadlight.sales.models import (
    ActivityType,
    Category,
    CustomField,
    Outcome,
    Pipeline,
    Step,
    Tag,
)
from leadlight.sales.models.actions import acting
from tests.web.worked import MONTHS, THEN, questions

pytestmark = pytest.mark.answers

REGION = "category:region"
# Old name → new name; the files have the new ones.
RENAMED = {
    "Contact": "First talk",
    "Offer": "Proposal",
    "Sales": "New business",
    "North": "Hills",
    "Abreu": "Alves",
}


def past_files(browser):
    """Return the file of each table as of a past instant, by address."""
    found = {}
    groupings = ("", "user", "team", "step", "pipeline", "source", "bucket", "activity_type")
    for key, query in (*questions(*groupings), ("categories", f"{MONTHS}&group_by={REGION}")):
        address = f"/reports/{key}/export/csv?{query}&{THEN}"
        response = browser.get(address)
        if response.status_code == 200:
            found[address] = b"".join(response.streaming_content).decode()
    return found


def change_pipeline(by):
    contact, offer, deal = Step.objects.order_by("position")
    pipeline_settings.rename(Pipeline.objects.get(), "New business", by=by)
    pipeline_settings.change_step(contact, "First talk", 90, by=by)
    pipeline_settings.change_step(offer, "Proposal", 10, by=by)
    pipeline_settings.move_step(deal, -2, by=by)
    extra = pipeline_settings.add_step(Pipeline.objects.get(), "Extra", by=by, probability=5)
    with acting(new_key(), by):
        pipeline_settings.close_step(contact, extra, by=by)
    pipeline_settings.define("Renewals", "Ask", by=by)


def change_people(readers):
    ada, bo = readers.ada, readers.bo
    north, south = Team.objects.get(key="north"), Team.objects.get(key="south")
    people.set_names(readers.ana, by=ada, last_name="Alves")
    people.set_role(readers.ana, "manager", by=ada)
    teams.set_place(north, bo, teams.MEMBER, by=ada)
    teams.set_place(south, bo, teams.NONE, by=ada)
    teams.rename(north, "Hills", by=ada)
    teams.create("West", by=ada)
    teams.set_active(south, False, by=ada)
    people.deactivate(bo, by=ada)
    people.add(User(email="new@example.com", first_name="New", role="user"), by=ada)


def change_the_rest(by):
    values = {
        "name": "Renamed",
        "country": "CH",
        "dialler": "sip:%s@example.com",
        "privacy": Organization.Privacy.SHARED,
        "team_privacy": Organization.TeamPrivacy.ADMINS,
        "may_assign": Organization.Holders.ADMINS,
        "may_export": Organization.Holders.ADMINS,
    }
    organization_settings.change(values, by=by)
    region = Category.objects.get(key="region")
    region.rename("Area")
    fair = Tag.define("Fair", category=region)
    visit = ActivityType.define("Visit", kind="meeting")
    Outcome.define("Seen", activity_type=visit, is_reached=True)
    lost = Category.define("Reasons", reason_for=Category.Closing.BOTH)
    Tag.define("Too dear", category=lost)
    costs.add(
        by,
        name="Fair",
        amount=Decimal(100),
        first_on=date(2026, 2, 1),
        last_on=date(2026, 2, 9),
        tag=fair,
    )
    CustomField.define("lead", "Size", "choice", choices=["Small", "Large"])


def test_no_change_of_settings_changes_reports_as_of_the_past(readers, visit):
    browser = visit(readers.ada)
    before = past_files(browser)
    assert len(before) > 30
    change_pipeline(readers.ada)
    change_people(readers)
    change_the_rest(readers.ada)
    after = past_files(browser)
    assert after.keys() == before.keys()
    for address, text in before.items():
        for old, new in RENAMED.items():
            text = text.replace(old, new)
        assert after[address] == text, address
