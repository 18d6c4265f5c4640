"""Shortcuts: who saves, sees, opens, changes and pins what."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest

from leadlight.accounts.models import Membership, Team
from leadlight.replication import replica
from leadlight.sales.models import Default, Opening, Pin, Shortcut
from tests.web.worked import html, worked_company

QUERY = "period=last_month&compare=previous&group_by=user"
READERS = ("ada", "mona", "ana", "bo", "uma")


@pytest.fixture
def readers(db, tmp_path):
    yield worked_company(tmp_path)
    replica.forget()


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


def menu(browser, address="/leads/"):
    """The pinned shortcuts: address, mark and name."""
    page = html(browser, address)
    pinned = page[page.index('id="pinned"') :].partition("</ul>")[0]
    return re.findall(r'<a href="([^"]+)"( aria-current="page")?>([^<]+)</a>', pinned)


def can_open(readers, visit, shortcut):
    """Who of the cast reaches it."""
    statuses = {
        name: visit(getattr(readers, name)).get(f"/shortcuts/{shortcut.key}/").status_code
        for name in READERS
    }
    assert set(statuses.values()) <= {302, 404}
    return {name for name, status in statuses.items() if status == 302}


# Saving


def test_it_keeps_the_question_in_its_canonical_form(readers, visit):
    save(visit(readers.ana), query="group_by=user&compare=previous&period=last_month&tags=any")
    shortcut = Shortcut.objects.get()
    assert (shortcut.owner, shortcut.name, shortcut.report) == (readers.ana, "Our month", "company")
    assert shortcut.query == QUERY


def test_it_keeps_the_order_of_the_rows(readers, visit):
    save(visit(readers.ana), query=f"{QUERY}&sort=-won_leads")
    assert Shortcut.objects.get().query == f"{QUERY}&sort=-won_leads"


def test_after_saving_one_is_back_on_the_report(readers, visit):
    response = visit(readers.ana).post("/shortcuts/new/", form())
    assert response.url == f"/reports/company/?{QUERY}"


def test_the_report_page_offers_to_save_what_it_shows(readers, visit):
    page = html(visit(readers.ana), f"/reports/company/?{QUERY}")
    assert 'action="/shortcuts/new/"' in page
    [query] = re.findall(r'name="query" value="([^"]*)" form="save-shortcut"', page)
    assert unescape(query) == QUERY


def test_a_part_of_the_page_brings_the_question_and_the_pins_along(readers, visit):
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
        ({"name": ""}, "A shortcut needs a name."),
        ({"name": "  "}, "A shortcut needs a name."),
        ({"name": "n" * 81}, "A name has at most 80 characters, not 81."),
        ({"name": "our  MONTH"}, "There is a shortcut “our MONTH” already."),
        ({"name": "Other", "sharing": "team:south"}, "You may not share it so."),
        ({"name": "Other", "sharing": "everyone"}, "You may not share it so."),
        ({"name": "Other", "sharing": "team:nowhere"}, "You may not share it so."),
        ({"name": "Other", "query": "team=south"}, "There is no team “south”."),
        ({"name": "Other", "query": "group_by=mood"}, "“mood” is no choice"),
        ({"name": "Other", "query": None}, "There is no question to save."),
    ],
)
def test_what_cannot_be_saved_is_refused_with_a_sentence(readers, visit, wrong, sentence):
    kept(readers.ana)
    assert sentence in save(visit(readers.ana), status=400, **wrong)
    assert Shortcut.objects.count() == 1


def test_two_people_may_use_the_same_name(readers, visit):
    kept(readers.bo)
    save(visit(readers.ana))
    assert Shortcut.objects.filter(name="Our month").count() == 2


def test_a_report_that_there_is_not_has_no_shortcuts(readers, visit):
    save(visit(readers.ana), status=404, report="weather")


def test_a_seller_shares_with_his_team_a_manager_with_everyone(readers, visit):
    save(visit(readers.bo), sharing="team:south")
    save(visit(readers.mona), sharing="everyone")
    assert [(one.owner, one.sharing, one.team) for one in Shortcut.objects.order_by("pk")] == [
        (readers.bo, "team", Team.objects.get(key="south")),
        (readers.mona, "everyone", None),
    ]


def test_nothing_is_saved_without_the_token_of_the_form(readers, visit):
    browser = visit(readers.ana)
    browser.handler.enforce_csrf_checks = True
    save(browser, status=403)
    assert not Shortcut.objects.exists()


# Who sees it


def test_a_private_one_is_its_owners_alone(readers, visit):
    assert can_open(readers, visit, kept(readers.bo)) == {"bo"}


def test_one_of_a_team_is_its_members_and_the_admins(readers, visit):
    shortcut = kept(readers.bo, "team", Team.objects.get(key="south"))
    assert can_open(readers, visit, shortcut) == {"bo", "mona", "ada"}


def test_one_of_everyone_is_everyones(readers, visit):
    assert can_open(readers, visit, kept(readers.mona, "everyone")) == set(READERS)


def test_one_of_a_team_that_is_gone_is_its_owners_and_the_admins(readers, visit):
    shortcut = kept(readers.bo, "team", Team.objects.create(name="West"))
    Team.objects.filter(name="West").delete()
    assert can_open(readers, visit, shortcut) == {"bo", "ada"}


def test_the_list_has_each_once_however_many_teams_one_is_in(readers, visit):
    for team in Team.objects.all():
        Membership.objects.get_or_create(team=team, user=readers.bo)
    kept(readers.bo, "everyone")
    kept(readers.ana, name="Hers alone")
    page = html(visit(readers.bo), "/shortcuts/")
    assert page.count('<th scope="row">') == 1
    assert "Hers alone" not in page


@pytest.mark.parametrize("path", ["", "edit/", "delete/", "pin/", "default/"])
def test_a_foreign_one_is_not_found(readers, visit, path):
    shortcut = kept(readers.bo)
    browser, address = visit(readers.ana), f"/shortcuts/{shortcut.key}/{path}"
    ask = browser.post if path in ("pin/", "default/") else browser.get
    assert ask(address).status_code == 404


@pytest.mark.parametrize("path", ["edit/", "delete/"])
def test_who_only_reads_a_shared_one_does_not_change_it(readers, visit, path):
    shortcut = kept(readers.mona, "everyone")
    address = f"/shortcuts/{shortcut.key}/{path}"
    assert visit(readers.bo).get(address).status_code == 404
    assert (
        visit(readers.bo).post(address, {"name": "Mine", "sharing": "private"}).status_code == 404
    )
    assert visit(readers.ada).get(address).status_code == 200
    assert Shortcut.objects.get().name == "Our month"


@pytest.mark.parametrize("path", ["/shortcuts/", "/shortcuts/KEY/", "/shortcuts/KEY/edit/"])
def test_strangers_are_asked_to_sign_in(readers, visit, path):
    shortcut = kept(readers.mona, "everyone")
    response = visit().get(path.replace("KEY", shortcut.key))
    assert response.url.startswith("/accounts/login/?next=/shortcuts/")


# Opening


def test_it_opens_the_report_with_its_question(readers, visit):
    response = visit(readers.bo).get(f"/shortcuts/{kept(readers.bo).key}/")
    assert response.url == f"/reports/company/?{QUERY}"
    assert visit(readers.bo).get(response.url).status_code == 200


def test_opening_is_remembered_for_each_reader(readers, visit):
    shortcut = kept(readers.mona, "everyone")
    for reader in (readers.bo, readers.bo, readers.ana):
        visit(reader).get(f"/shortcuts/{shortcut.key}/")
    assert {one.user for one in Opening.objects.all()} == {readers.bo, readers.ana}
    assert Opening.objects.count() == 2


def test_what_the_reader_may_not_filter_by_is_told_like_what_there_is_not(readers, visit):
    query = "group_by=user&user=ana&user=nobody&team=south"
    shortcut = kept(readers.mona, "everyone", query=query)
    response = visit(readers.bo).get(f"/shortcuts/{shortcut.key}/")
    page = unescape(response.content.decode())
    assert response.status_code == 400
    for sentence in ("no user “ana”", "no user “nobody”", "no team “south”"):
        assert f"There is {sentence}." in page
    assert 'href="/reports/company/?group_by=user"' in page
    assert "Abreu" not in page


def test_without_its_filter_the_report_shows_only_what_the_reader_may_see(readers, visit):
    shortcut = kept(readers.mona, "everyone", query="from=2026-01-01&to=2026-03-31&team=south")
    page = html(visit(readers.ana), f"/shortcuts/{shortcut.key}/", status=400)
    [address] = re.findall(r'<a href="([^"]+)">Open the report without', page)
    assert "only the leads that you may see" in html(visit(readers.ana), unescape(address))


def test_rows_without_a_user_may_be_asked_for_by_everyone(readers, visit):
    shortcut = kept(readers.mona, "everyone", query="user=none")
    response = visit(readers.bo).get(f"/shortcuts/{shortcut.key}/")
    assert response.url == "/reports/company/?user=none"


# Pinned and default


def test_pinned_ones_stand_in_the_menu_in_their_order_and_say_where_one_is(readers, visit):
    browser = visit(readers.bo)
    first, second = kept(readers.bo), kept(readers.bo, name="Other", query="", report="team")
    for shortcut in (first, second):
        browser.post(f"/shortcuts/{shortcut.key}/pin/", {"do": "pin"})
    assert [name for _, _, name in menu(browser)] == ["Our month", "Other"]
    browser.post(f"/shortcuts/{second.key}/pin/", {"do": "up"})
    assert [name for _, _, name in menu(browser)] == ["Other", "Our month"]
    marks = {name: mark for _, mark, name in menu(browser, f"/reports/company/?{QUERY}")}
    assert marks == {"Other": "", "Our month": ' aria-current="page"'}
    browser.post(f"/shortcuts/{second.key}/pin/", {"do": "unpin"})
    assert [name for _, _, name in menu(browser)] == ["Our month"]


def test_a_pin_is_only_its_readers(readers, visit):
    shortcut = kept(readers.mona, "everyone")
    visit(readers.bo).post(f"/shortcuts/{shortcut.key}/pin/", {"do": "pin"})
    assert [name for _, _, name in menu(visit(readers.bo))] == ["Our month"]
    assert menu(visit(readers.ana)) == []


def test_pinning_twice_pins_once(readers, visit):
    shortcut = kept(readers.bo)
    for _ in range(2):
        visit(readers.bo).post(f"/shortcuts/{shortcut.key}/pin/", {"do": "pin"})
    assert Pin.objects.count() == 1


def test_one_that_is_no_longer_shared_leaves_the_menus(readers, visit):
    shortcut = kept(readers.mona, "everyone")
    browser = visit(readers.bo)
    browser.post(f"/shortcuts/{shortcut.key}/pin/", {"do": "pin"})
    browser.post(f"/shortcuts/{shortcut.key}/default/", {"do": "on"})
    Shortcut.objects.update(sharing="private")
    assert menu(browser) == []
    assert f"/shortcuts/{shortcut.key}/" not in html(browser, "/leads/")


def test_a_report_opens_with_its_readers_default(readers, visit):
    browser, shortcut = visit(readers.bo), kept(readers.bo)
    other = kept(readers.bo, name="Other", query="")
    for one in (other, shortcut):
        browser.post(f"/shortcuts/{one.key}/default/", {"do": "on"})
    assert Default.objects.get().shortcut == shortcut
    assert f'<a href="/shortcuts/{shortcut.key}/" >Company performance' in html(browser, "/leads/")
    browser.post(f"/shortcuts/{shortcut.key}/default/", {"do": "off"})
    assert '<a href="/reports/company/" >Company performance' in html(browser, "/leads/")


def test_it_may_be_pinned_and_made_the_default_as_it_is_saved(readers, visit):
    save(visit(readers.bo), is_pinned="on", is_default="on")
    assert Pin.objects.get().shortcut == Default.objects.get().shortcut == Shortcut.objects.get()


def test_what_no_button_says_is_refused(readers, visit):
    address = f"/shortcuts/{kept(readers.bo).key}/pin/"
    assert visit(readers.bo).post(address, {"do": "dance"}).status_code == 400
    assert visit(readers.bo).get(address).status_code == 405


# Changing


def test_its_owner_renames_and_shares_it(readers, visit):
    shortcut = kept(readers.bo)
    address = f"/shortcuts/{shortcut.key}/edit/"
    assert "Our month" in html(visit(readers.bo), address)
    visit(readers.bo).post(address, {"name": "South", "sharing": "team:south"})
    shortcut.refresh_from_db()
    assert (shortcut.name, shortcut.sharing, shortcut.team.key) == ("South", "team", "south")
    visit(readers.bo).post(address, {"name": "South", "sharing": "private"})
    shortcut.refresh_from_db()
    assert (shortcut.sharing, shortcut.team) == ("private", None)


def test_an_admin_renames_it_for_its_owner(readers, visit):
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
    assert "A shortcut needs a name." in response.content.decode()


def test_deleting_asks_first(readers, visit):
    shortcut = kept(readers.bo)
    address = f"/shortcuts/{shortcut.key}/delete/"
    assert "The report itself stays" in html(visit(readers.bo), address)
    assert Shortcut.objects.exists()
    assert visit(readers.bo).post(address).url == "/shortcuts/"
    assert not Shortcut.objects.exists()


def test_the_list_says_who_sees_what_in_the_readers_order(readers, visit):
    kept(readers.bo, "team", Team.objects.get(key="south"), name="B")
    kept(readers.mona, "everyone", name="A")
    page = html(visit(readers.bo), "/shortcuts/")
    assert re.findall(r'<th scope="row"><a [^>]+>([^<]+)', page) == ["A", "B"]
    assert "Team South" in page
    assert page.count("/edit/") == 1


# Since it was last opened


def opened(browser, shortcut):
    """The page that a shortcut leads to."""
    return unescape(html(browser, f"/shortcuts/{shortcut.key}/"))


AGAIN = "When you last opened “Our month”"
SINCE = "What changed since you last opened “Our month”"


def test_who_opens_a_shortcut_again_can_go_back_to_when_he_last_did(readers, visit):
    shortcut, browser = kept(readers.ana), visit(readers.ana)
    page = opened(browser, shortcut)
    assert AGAIN not in page
    assert SINCE not in page
    first = Opening.objects.get().last_opened_at
    page = opened(browser, shortcut)
    assert Opening.objects.get().opened_before_at == first
    [then] = re.findall(f'<a href="([^"]+)"[^>]*>{AGAIN}</a>', page)
    instant = quote(first.astimezone(ZoneInfo("Europe/Paris")).isoformat(), safe="")
    assert then == f"/reports/company/?{QUERY}&as_of={instant}"
    assert AGAIN in unescape(html(browser, then))
    [since] = re.findall(f'<a href="([^"]+)">{SINCE}</a>', page)
    assert since == f"/reports/company/changes/?{QUERY}&since={instant}"
    assert "What changed" in html(browser, since)


def test_only_the_page_of_the_shortcut_speaks_of_when_it_was_opened(readers, visit):
    shortcut, browser = kept(readers.ana, "everyone"), visit(readers.ana)
    for _ in range(2):
        opened(browser, shortcut)
    assert AGAIN not in unescape(html(browser, f"/reports/company/?{QUERY}&user=ana"))
    assert AGAIN not in unescape(html(browser, f"/reports/team/?{QUERY}"))
    assert AGAIN in unescape(html(browser, f"/reports/company/?{QUERY}&sort=label"))
    assert AGAIN not in opened(visit(readers.bo), shortcut)


def test_a_shortcut_that_one_may_not_see_any_more_says_nothing(readers, visit):
    shortcut, browser = kept(readers.bo, "everyone"), visit(readers.ana)
    for _ in range(2):
        opened(browser, shortcut)
    Shortcut.objects.update(sharing="private")
    assert AGAIN not in unescape(html(browser, f"/reports/company/?{QUERY}"))
