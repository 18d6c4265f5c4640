"""Settings pages of activity types, their results, categories and tags."""

from __future__ import annotations

import pytest

from leadlight.accounts.keys import new_key
from leadlight.accounts.models import AuditEntry
from leadlight.sales.models import ActivityType, Category, Lead, Outcome, ProspectingList, Tag
from tests.web.pages import Page

pytestmark = pytest.mark.database

TYPES, CATEGORIES = "/settings/activity-types/", "/settings/categories/"
HOSTILE = "<script>\u202e😀=1+1"
BAD_NAMES = ["", "  ", "a\0b", "x" * 10_000]


def said(response) -> str:
    return Page.read(response.content.decode()).text


def row(kind: str, one, verb: str) -> str:
    return f"/settings/rows/{kind}/{one.key}/{verb}/"


# Activity types and results


def test_a_type_is_added_with_results_and_ordered(cast, visit):
    browser = visit(cast.ada)
    browser.post(TYPES, {"name": HOSTILE, "kind": "meeting"})
    made = ActivityType.objects.get(name=HOSTILE)
    page = f"{TYPES}{made.key}/edit/"
    browser.post(page, {"name": "Visit", "kind": "other"})
    for name, reached in (("Seen", "on"), ("Nobody there", "")):
        browser.post(f"{TYPES}{made.key}/add/", {"name": name, "is_reached": reached})
    seen, nobody = made.outcomes.order_by("pk")
    assert [(one.name, one.is_reached) for one in (seen, nobody)] == [
        ("Seen", True),
        ("Nobody there", False),
    ]
    browser.post(row("outcome", nobody, "move"), {"to": "up"})
    browser.post(row("activity_type", made, "move"), {"to": "up"})
    assert browser.post(row("outcome", nobody, "move"), {"to": "left"}).status_code == 400
    made.refresh_from_db()
    assert (made.name, made.kind) == ("Visit", "other")
    assert [str(one) for one in made.outcomes.all()] == ["Nobody there", "Seen"]
    assert [str(one) for one in ActivityType.objects.all()] == ["Visit", "Phone call"]
    entries = AuditEntry.objects.filter(action="outcome").order_by("pk")
    assert entries.last().new_value == "Nobody there; Seen · reached"
    lead = browser.get(f"/leads/{cast.lead.key}/").content.decode()
    assert lead.index("Nobody there") < lead.index("Seen") < lead.index("Phone call")


@pytest.mark.parametrize("name", [*BAD_NAMES, "PHONE CALL"])
def test_bad_and_used_names_of_types_are_refused(name, cast, visit):
    browser, call = visit(cast.ada), ActivityType.objects.get()
    other = ActivityType.define("Visit")
    sent = {"name": name, "kind": "call"}
    for address in (TYPES, f"{TYPES}{other.key}/edit/"):
        assert browser.post(address, sent).status_code == 400
    assert list(ActivityType.objects.values_list("name", flat=True)) == ["Phone call", "Visit"]
    assert browser.post(f"{TYPES}{call.key}/add/", {"name": "reached"}).status_code == 400


def test_what_reports_count_by_is_fixed_once_it_was_used(cast, visit):
    browser, call, reached = visit(cast.ada), ActivityType.objects.get(), Outcome.objects.get()
    cast.lead.log_activity(call, outcome=reached, by=cast.olga)
    shown = browser.post(f"{TYPES}{call.key}/edit/", {"name": "Ring", "kind": "other"})
    assert "There are activities of this type." in said(shown)
    shown = browser.post(f"/settings/outcomes/{reached.key}/edit/", {"name": "Spoken"})
    assert "There are activities with this result." in said(shown)
    call.refresh_from_db()
    reached.refresh_from_db()
    assert (call.name, call.kind, reached.name, reached.is_reached) == (
        *("Phone call", "call"),
        *("Reached", True),
    )
    sent = {"name": "Spoken", "is_reached": "on"}
    browser.post(f"/settings/outcomes/{reached.key}/edit/", sent)
    reached.refresh_from_db()
    assert reached.name == "Spoken"


def test_inactive_types_and_results_are_not_offered_and_keep_their_activities(cast, visit):
    browser, call, reached = visit(cast.ada), ActivityType.objects.get(), Outcome.objects.get()
    lead = cast.lead
    cast.lead.log_activity(call, outcome=reached, by=cast.olga)
    log = f"/change-lead/activity/{lead.key}/"
    browser.post(row("outcome", reached, "deactivate"))
    assert f"outcome:{reached.key}" not in browser.get(log).content.decode()
    assert browser.post(log, {"result": f"outcome:{reached.key}"}).status_code == 400
    assert f"type:{call.key}" in browser.get(log).content.decode()
    browser.post(row("activity_type", call, "deactivate"))
    for address in (log, f"/change-lead/standby/{lead.key}/", "/goals/new/"):
        assert call.key not in browser.get(address).content.decode(), address
    assert browser.post(log, {"result": f"type:{call.key}"}).status_code == 400
    assert "Phone call" in said(browser.get(f"/leads/{lead.key}/"))
    assert "Reached" in said(browser.get(f"/leads/{lead.key}/"))
    browser.post(row("activity_type", call, "reactivate"))
    assert f"type:{call.key}" in browser.get(log).content.decode()


# Categories and tags


def test_a_category_is_added_with_tags_and_required(cast, visit):
    browser = visit(cast.ada)
    browser.post(CATEGORIES, {"name": HOSTILE})
    made = Category.objects.get(name=HOSTILE)
    browser.post(f"{CATEGORIES}{made.key}/edit/", {"name": "Region", "is_required": "on"})
    for name in ("Omega", "Alpha"):
        browser.post(f"{CATEGORIES}{made.key}/add/", {"name": name})
    assert browser.post(f"{CATEGORIES}{made.key}/add/", {"name": "omega"}).status_code == 400
    browser.post(row("tag", made.tags.get(name="Alpha"), "move"), {"to": "up"})
    made.refresh_from_db()
    assert (made.name, made.is_required) == ("Region", True)
    assert [str(tag) for tag in made.tags.all()] == ["Alpha", "Omega"]
    form = browser.get(f"/change-lead/won/{cast.lead.key}/").content.decode()
    assert form.index("Alpha") < form.index("Omega")
    browser.post(row("category", made, "deactivate"))
    assert "Alpha" not in browser.get(f"/change-lead/won/{cast.lead.key}/").content.decode()


@pytest.mark.parametrize("name", [*BAD_NAMES, "REGION"])
def test_bad_and_used_names_of_categories_are_refused(name, cast, visit):
    Category.define("Region")
    before = Category.objects.count()
    assert visit(cast.ada).post(CATEGORIES, {"name": name}).status_code == 400
    assert Category.objects.count() == before


def test_a_tag_moves_to_another_category_and_out_of_all(cast, visit):
    browser = visit(cast.ada)
    region, size = Category.define("Region"), Category.define("Size")
    tag = Tag.define("Large", category=region)
    Tag.define("Small", category=size)
    page = f"/settings/tags/{tag.key}/edit/"
    browser.post(page, {"name": "Big", "category": size.key})
    assert [str(one) for one in size.tags.all()] == ["Small", "Big"]
    assert browser.post(page, {"name": "small", "category": size.key}).status_code == 400
    assert browser.post(page, {"name": "Big", "category": "nowhere"}).status_code == 400
    browser.post(page, {"name": "Big", "category": ""})
    tag.refresh_from_db()
    assert (tag.name, tag.category) == ("Big", None)
    assert "Big" in said(browser.get("/settings/tags/"))


def test_an_inactive_tag_stays_on_its_leads_and_is_not_offered_to_others(cast, visit):
    browser, tag = visit(cast.ada), Tag.define("Large")
    cast.lead.tag(tag, by=cast.ada)
    other = Lead.create(title="Doors", by=cast.ada, step=cast.steps[0])
    browser.post(row("tag", tag, "deactivate"))
    assert tag.key not in browser.get(f"/change-lead/tags/{other.key}/").content.decode()
    browser.post(f"/change-lead/tags/{cast.lead.key}/", {"tags": [tag.key], "new": "Blue"})
    assert sorted(map(str, cast.lead.tags.all())) == ["Blue", "Large"]


def test_tags_are_merged_and_the_merge_is_undone(cast, visit):
    browser = visit(cast.ada)
    big, large = Tag.define("Big"), Tag.define("Large")
    both = Lead.create(title="Doors", by=cast.ada, step=cast.steps[0])
    both.tag(big, large, by=cast.ada)
    others = set(cast.lead.tags.all())
    cast.lead.tag(big, by=cast.ada)
    fair = ProspectingList.objects.get()
    fair.tags.add(big)
    page, key = f"/settings/tags/{big.key}/edit/", new_key()
    for bad in ("", big.key, "nowhere"):
        assert browser.post(page, {"merge": "yes", "to": bad}).status_code == 400
    for _ in range(2):
        shown = browser.post(page, {"merge": "yes", "to": large.key, "action": key}, follow=True)
    assert "Merge the tag “Big” into “Large”" in said(shown)
    assert list(both.tags.all()) == [large]
    assert set(cast.lead.tags.all()) == {*others, large}
    assert set(fair.tags.all()) == {big, large}
    big.refresh_from_db()
    assert not big.is_active
    browser.post(f"/undo/{key}/")
    big.refresh_from_db()
    assert big.is_active
    assert set(cast.lead.tags.all()) == {*others, big}
    assert set(both.tags.all()) == {big, large}
    browser.post(
        f"/settings/tags/{Tag.define('Unused').key}/edit/", {"merge": "yes", "to": big.key}
    )
    assert not Tag.objects.get(name="Unused").is_active


def test_only_admins_reach_the_pages(cast, visit):
    call = ActivityType.objects.get()
    for address in (TYPES, CATEGORIES, "/settings/tags/", f"{TYPES}{call.key}/edit/"):
        assert visit(cast.mona).get(address).status_code == 403
    assert visit(cast.ada).post(f"/settings/rows/lead/{cast.lead.key}/move/").status_code == 404


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_are_well_formed_and_completely_in_french(language, cast, visit):
    browser, call = visit(cast.ada, language), ActivityType.objects.get()
    category = Category.define("Région", is_required=True)
    tag = Tag.define("Nord", category=category)
    addresses = [
        TYPES,
        f"{TYPES}{call.key}/edit/",
        f"/settings/outcomes/{call.outcomes.get().key}/edit/",
    ]
    addresses += [CATEGORIES, f"{CATEGORIES}{category.key}/edit/", "/settings/tags/"]
    addresses += [f"/settings/tags/{tag.key}/edit/"]
    for address in addresses:
        page = Page.read(browser.get(address).content.decode())
        assert (page.language, len(page.headings)) == (language, 1), address
        assert page.faults == page.unlabelled == [], address
        assert len(page.ids) == len(set(page.ids)), address
