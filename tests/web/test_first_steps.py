"""First steps of an admin: from an empty instance to the first report."""

from __future__ import annotations

import pytest

from leadlight.accounts.models import AuditEntry, Organization, User
from leadlight.sales.models import ActivityType, Category, Lead, Outcome, Pipeline, Step, Tag
from tests.web.conftest import person
from tests.web.pages import Page

pytestmark = pytest.mark.database


@pytest.fixture
def ada(db):
    return person("Ada", role="admin")


def done_steps(browser):
    text = Page.read(browser.get("/settings/first-steps/").content.decode()).text
    return int(text.split(" of 5 done")[0].split()[-1])


def test_an_admin_of_an_empty_instance_begins_with_the_first_steps(ada, visit):
    assert visit(ada).get("/").url == "/settings/first-steps/"
    assert done_steps(visit(ada)) == 0


def test_with_a_lead_an_admin_begins_with_the_overview(cast, visit):
    assert visit(cast.ada).get("/").url == "/reports/"
    assert visit(cast.olga).get("/").url == "/today/"


def test_each_step_is_done_by_what_it_asks_for(ada, visit):
    browser = visit(ada)
    organization = Organization.current()
    organization.name = "Delorme Glazing"
    organization.save()
    assert done_steps(browser) == 1
    person("Olga")
    assert done_steps(browser) == 2
    browser.post("/settings/first-steps/propose/")
    assert done_steps(browser) == 3
    Lead.create(title="Hotel windows", by=ada, owner=ada)
    assert done_steps(browser) == 5


def test_the_proposed_settings_are_those_of_a_sales_team(ada, visit):
    visit(ada).post("/settings/first-steps/propose/")
    steps = Step.objects.order_by("position").values_list("name", "probability")
    assert list(steps) == [
        ("First contact", 10),
        ("Need confirmed", 30),
        ("Offer sent", 50),
        ("Negotiation", 70),
        ("Agreement in principle", 90),
    ]
    assert Pipeline.objects.get().is_default
    assert list(ActivityType.objects.values_list("name", "kind")) == [
        ("Call", "call"),
        ("Meeting", "meeting"),
        ("Email", "email"),
    ]
    reached = Outcome.objects.filter(is_reached=True).values_list("name", flat=True)
    assert sorted(reached) == ["Held", "Reached"]
    assert Category.objects.get().reason_for == "both"
    assert Tag.objects.filter(category=Category.objects.get()).count() == 5
    entry = AuditEntry.objects.latest("pk")
    assert (entry.kind, entry.action, entry.actor) == ("settings", "starter", ada)


def test_the_proposal_in_french_has_french_names(ada, visit):
    visit(ada, "fr").post("/settings/first-steps/propose/")
    assert Step.objects.order_by("position").first().name == "Premier contact"
    assert ActivityType.objects.first().name == "Appel"


def test_proposing_twice_or_after_own_settings_adds_only_what_is_missing(ada, visit):
    own = Pipeline.objects.create(name="Own", is_default=True)
    Step.objects.create(pipeline=own, name="Only", position=1)
    browser = visit(ada)
    for _time in range(2):
        assert browser.post("/settings/first-steps/propose/").url == "/settings/first-steps/"
    assert [pipeline.name for pipeline in Pipeline.objects.all()] == ["Own"]
    assert ActivityType.objects.count() == 3
    assert Category.objects.count() == 1


def test_only_admins_take_the_first_steps(cast, visit):
    for user in (cast.olga, cast.mona):
        assert visit(user).get("/settings/first-steps/").status_code == 403
        assert visit(user).post("/settings/first-steps/propose/").status_code == 403
    assert User.objects.count() == 6
    assert Pipeline.objects.count() == 1
