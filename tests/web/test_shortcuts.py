"""Shortcuts: saving, visibility and changing."""

from __future__ import annotations

import re
from html import unescape

import pytest

from leadlight.accounts.models import Membership, Team
from leadlight.sales.models import Shortcut
from tests.web.worked import html

pytestmark = pytest.mark.database

QUERY = "period=last_month&compare=previous&group_by=user"
READERS = ("ada", "mona", "ana", "bo", "uma")


def form(**changed):
    given = {"report": "company", "query": QUERY, "name": "Our month", "sharing": "private"}
    return {name: value for name, value in (given | changed).items() if value is not None}


def save(browser, status=302, **changed):
    response = browser.post("/shortcuts/new/", form(**changed))
    assert response.status_code == status, response.content.decode()[:2000]
    return unescape(response.content.decode())


def kept(owner, sharing="private", team=None, query=QUERY, report="company", name="Our month"):
    return Shortcut.objects.create(
        owner=owner, name=name, report=report, query=query, sharing=sharing, team=team
    )


def can_open(readers, visit, shortcut):
    """Return the names of the readers who can open the shortcut."""
    statuses = {
        name: visit(getattr(readers, name)).get(f"/shortcuts/{shortcut.key}/").status_code
        for name in READERS
    }
    assert set(statuses.values()) <= {302, 404}
    return {name for name, status in statuses.items() if status == 302}


# Saving


def test_a_shortcut_stores_the_canonical_query(readers, visit):
    save(visit(readers.ana), query="group_by=user&compare=previous&period=last_month&tags=any")
    shortcut = Shortcut.objects.get()
    assert (shortcut.owner, shortcut.name, shortcut.report) == (readers.ana, "Our month", "company")
    assert shortcut.query == QUERY


def test_a_shortcut_stores_the_order_of_the_rows(readers, visit):
    save(visit(readers.ana), query=f"{QUERY}&sort=-won_leads")
    assert Shortcut.objects.get().query == f"{QUERY}&sort=-won_leads"


def test_saving_redirects_back_to_the_report(readers, visit):
    response = visit(readers.ana).post("/shortcuts/new/", form())
    assert response.url == f"/reports/company/?{QUERY}"


def test_the_report_page_offers_to_save_its_query(readers, visit):
    page = html(visit(readers.ana), f"/reports/company/?{QUERY}")
    assert 'action="/shortcuts/new/"' in page
    [query] = re.findall(r'name="query" value="([^"]*)" form="save-shortcut"', page)
    assert unescape(query) == QUERY


def test_an_htmx_response_updates_the_query_to_save_and_the_pins(readers, visit):
    page = html(
        visit(readers.ana),
        "/reports/company/?period=this_month",
        **{"hx-request": "true", "hx-target": "results"},
    )
    assert 'name="query" value="period=this_month" form="save-shortcut"' in page
    assert 'id="pinned"' in page
    assert 'hx-swap-oob="true"' in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "Enter a name for the shortcut."),
        ({"name": "  "}, "Enter a name for the shortcut."),
        ({"name": "n" * 81}, "This name has 81 characters. Enter at most 80."),
        (
            {"name": "our  MONTH"},
            "A shortcut named “our MONTH” already exists. Choose another name.",
        ),
        (
            {"name": "Other", "sharing": "team:south"},
            "You cannot share the shortcut with these people.",
        ),
        (
            {"name": "Other", "sharing": "everyone"},
            "You cannot share the shortcut with these people.",
        ),
        (
            {"name": "Other", "sharing": "team:nowhere"},
            "You cannot share the shortcut with these people.",
        ),
        ({"name": "Other", "query": "team=south"}, "Unknown team: “south”."),
        ({"name": "Other", "query": "group_by=mood"}, "“mood” is not possible"),
        ({"name": "Other", "query": None}, "There is no report to save. Open a report first."),
    ],
)
def test_an_invalid_shortcut_is_refused_with_a_message(readers, visit, wrong, sentence):
    kept(readers.ana)
    assert sentence in save(visit(readers.ana), status=400, **wrong)
    assert Shortcut.objects.count() == 1


def test_two_people_may_use_the_same_name(readers, visit):
    kept(readers.bo)
    save(visit(readers.ana))
    assert Shortcut.objects.filter(name="Our month").count() == 2


def test_a_shortcut_to_an_unknown_report_is_not_found(readers, visit):
    save(visit(readers.ana), status=404, report="weather")


def test_a_seller_shares_with_a_team_and_a_manager_with_everyone(readers, visit):
    save(visit(readers.bo), sharing="team:south")
    save(visit(readers.mona), sharing="everyone")
    assert [(one.owner, one.sharing, one.team) for one in Shortcut.objects.order_by("pk")] == [
        (readers.bo, "team", Team.objects.get(key="south")),
        (readers.mona, "everyone", None),
    ]


def test_saving_requires_a_csrf_token(readers, visit):
    browser = visit(readers.ana)
    browser.handler.enforce_csrf_checks = True
    save(browser, status=403)
    assert not Shortcut.objects.exists()


# Visibility


def test_a_private_shortcut_is_visible_to_its_owner_only(readers, visit):
    assert can_open(readers, visit, kept(readers.bo)) == {"bo"}


def test_a_team_shortcut_is_visible_to_members_and_admins(readers, visit):
    shortcut = kept(readers.bo, "team", Team.objects.get(key="south"))
    assert can_open(readers, visit, shortcut) == {"bo", "mona", "ada"}


def test_a_shared_shortcut_is_visible_to_everyone(readers, visit):
    assert can_open(readers, visit, kept(readers.mona, "everyone")) == set(READERS)


def test_a_shortcut_of_a_deleted_team_is_visible_to_owner_and_admins(readers, visit):
    shortcut = kept(readers.bo, "team", Team.objects.create(name="West"))
    Team.objects.filter(name="West").delete()
    assert can_open(readers, visit, shortcut) == {"bo", "ada"}


def test_a_member_of_several_teams_sees_each_shortcut_once(readers, visit):
    for team in Team.objects.all():
        Membership.objects.get_or_create(team=team, user=readers.bo)
    kept(readers.bo, "everyone")
    kept(readers.ana, name="Hers alone")
    page = html(visit(readers.bo), "/shortcuts/")
    assert page.count('<th scope="row">') == 1
    assert "Hers alone" not in page


@pytest.mark.parametrize("path", ["", "edit/", "delete/", "pin/", "default/"])
def test_a_hidden_shortcut_is_not_found(readers, visit, path):
    shortcut = kept(readers.bo)
    browser, address = visit(readers.ana), f"/shortcuts/{shortcut.key}/{path}"
    ask = browser.post if path in ("pin/", "default/") else browser.get
    assert ask(address).status_code == 404


@pytest.mark.parametrize("path", ["edit/", "delete/"])
def test_readers_of_a_shared_shortcut_cannot_change_it(readers, visit, path):
    shortcut = kept(readers.mona, "everyone")
    address = f"/shortcuts/{shortcut.key}/{path}"
    assert visit(readers.bo).get(address).status_code == 404
    assert (
        visit(readers.bo).post(address, {"name": "Mine", "sharing": "private"}).status_code == 404
    )
    assert visit(readers.ada).get(address).status_code == 200
    assert Shortcut.objects.get().name == "Our month"


@pytest.mark.parametrize("path", ["/shortcuts/", "/shortcuts/KEY/", "/shortcuts/KEY/edit/"])
def test_shortcuts_require_signing_in(readers, visit, path):
    shortcut = kept(readers.mona, "everyone")
    response = visit().get(path.replace("KEY", shortcut.key))
    assert response.url.startswith("/accounts/login/?next=/shortcuts/")


# Changing


def test_the_owner_renames_and_shares_a_shortcut(readers, visit):
    shortcut = kept(readers.bo)
    address = f"/shortcuts/{shortcut.key}/edit/"
    assert "Our month" in html(visit(readers.bo), address)
    visit(readers.bo).post(address, {"name": "South", "sharing": "team:south"})
    shortcut.refresh_from_db()
    assert (shortcut.name, shortcut.sharing, shortcut.team.key) == ("South", "team", "south")
    visit(readers.bo).post(address, {"name": "South", "sharing": "private"})
    shortcut.refresh_from_db()
    assert (shortcut.sharing, shortcut.team) == ("private", None)


def test_an_admin_renames_a_shortcut_of_another_user(readers, visit):
    shortcut = kept(readers.mona, "everyone")
    kept(readers.mona, name="Taken")
    address = f"/shortcuts/{shortcut.key}/edit/"
    taken = visit(readers.ada).post(address, {"name": "taken", "sharing": "everyone"})
    assert taken.status_code == 400
    visit(readers.ada).post(address, {"name": "New", "sharing": "everyone"})
    shortcut.refresh_from_db()
    assert (shortcut.name, shortcut.owner) == ("New", readers.mona)


def test_an_empty_form_changes_nothing(readers, visit):
    shortcut = kept(readers.bo)
    response = visit(readers.bo).post(f"/shortcuts/{shortcut.key}/edit/", {})
    assert response.status_code == 400
    assert "Enter a name for the shortcut." in response.content.decode()


def test_deleting_a_shortcut_asks_for_confirmation(readers, visit):
    shortcut = kept(readers.bo)
    address = f"/shortcuts/{shortcut.key}/delete/"
    page = html(visit(readers.bo), address)
    assert "The report itself will be kept" in page
    assert "Keep the shortcut" in page
    assert "Garder le raccourci" in html(visit(readers.bo, "fr"), address)
    assert Shortcut.objects.exists()
    assert visit(readers.bo).post(address).url == "/shortcuts/"
    assert not Shortcut.objects.exists()


def test_the_list_shows_sharing_and_is_sorted_by_name(readers, visit):
    kept(readers.bo, "team", Team.objects.get(key="south"), name="B")
    kept(readers.mona, "everyone", name="A")
    page = html(visit(readers.bo), "/shortcuts/")
    assert re.findall(r'<th scope="row"><a [^>]+>([^<]+)', page) == ["A", "B"]
    assert "Team South" in page
    assert page.count("/edit/") == 1
