"""Reports as of a past day after changes of settings that do not say that they change reports.

Rows without figures come and go with teams, people and pipelines, and do not count here.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from leadlight.accounts import people, teams
from leadlight.accounts.keys import new_key
from leadlight.accounts.models import Organization, Team
from leadlight.sales import costs, organization_settings, pipeline_settings
from leadlight.sales.models import Category, CustomField, Pipeline, Step, Tag
from leadlight.sales.models.actions import acting
from tests.web.worked import THEN, questions

pytestmark = pytest.mark.answers

# Old name → new name; the files have the new ones.
RENAMED = {
    "Contact": "First talk",
    "Offer": "Proposal",
    "Sales": "New business",
    "North": "Hills",
    "Abreu": "Alves",
}
NEW = {"West", "Renewals", "Extra", "Fair"}
ZEROS = {"", "0", "0.0", "0.00"}


def past_files(browser):
    """Return the file of each table as of a past instant, by address."""
    found = {}
    for key, query in questions("", "user", "team", "step", "pipeline", "source", "bucket"):
        address = f"/reports/{key}/export/csv?{query}&{THEN}"
        response = browser.get(address)
        if response.status_code == 200:
            found[address] = with_figures(b"".join(response.streaming_content).decode())
    return found


def with_figures(text):
    """Return the lines of a file without those of new rows, and of rows that only have zeros."""
    lines = [line.split(",") for line in text.splitlines()]
    return "\n".join(
        ",".join(cells) for cells in lines if cells[1] not in NEW and set(cells[2:-1]) - ZEROS
    )


def change_pipeline(by):
    contact, offer, deal = Step.objects.order_by("position")
    pipeline_settings.rename(Pipeline.objects.get(), "New business")
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
    fair = Tag.objects.create(name="Fair", category=region)
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
