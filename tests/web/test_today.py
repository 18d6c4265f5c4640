"""Today: the queue of a person, the lead beside it, and what a change there shows next."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from leadlight.accounts.models import Organization
from leadlight.sales.models import ActivityType, Category, Lead, Reminder, Tag
from tests.clock import START
from tests.web.conftest import Cast
from tests.web.pages import Page

pytestmark = pytest.mark.database

TODAY = START.date()
HTMX = {"HX-Request": "true"}


@pytest.fixture
def morning(cast: Cast) -> list[Lead]:
    """Four leads of Olga, one in each group of the queue; the lead of the company is closed."""
    cast.lead.win(by=cast.olga)
    made = {"owner": cast.olga, "at": START - timedelta(days=20)}
    reminded = Lead.create(title="Bay windows", by=cast.olga, **made)
    call = ActivityType.objects.get()
    reminder = Reminder(START - timedelta(hours=2), activity_type=call, note="Ask for Lea")
    reminded.stand_by(until=reminder, by=cast.olga)
    expected = Lead.create(
        title="Skylights", by=cast.olga, estimated_closing_on=TODAY - timedelta(days=1), **made
    )
    assigned = Lead.create(title="Doors", by=cast.mona, owner=cast.olga, amount=1200)
    rest = Lead.create(title="Conservatory", by=cast.olga, **made)
    return [reminded, expected, assigned, rest]


def html(browser, path="/today/"):
    response = browser.get(path)
    assert response.status_code == 200
    return response.content.decode()


def text(page):
    return " ".join(Page.read(page).text.split())


def titles(page):
    """Return the titles of the queue, in its order."""
    return re.findall(r'<span class="row-title"><strong>(.*?)</strong>', page)


def chosen(page):
    """Return the title of the lead beside the queue, None without one."""
    found = re.search(r'<h2 id="panel-title"><a [^>]*>(.*?)</a>', without_ahead(page))
    return found and found[1]


def without_ahead(page):
    return re.sub(r"<template.*?</template>", "", page, flags=re.DOTALL)


def ahead(page):
    found = re.search(r"<template.*?</template>", page, flags=re.DOTALL)
    return found and re.search(r'<h2 id="panel-title"><a [^>]*>(.*?)</a>', found[0])[1]


def send(browser, what, lead, then=None, headers=None, **fields):
    to = {"return": "today", "then": then.key if then else ""}
    return browser.post(f"/change-lead/{what}/{lead.key}/", fields | to, headers=headers or {})


def test_the_queue_shows_each_lead_once_with_its_group_and_reason(morning, cast, visit):
    page = html(visit(cast.olga))
    assert titles(page) == ["Bay windows", "Skylights", "Doors", "Conservatory"]
    groups = re.findall(r'<h2 id="group-\d">(.*?) <span class="count">(\d+)</span>', page)
    assert groups == [
        ("Reminders", "1"),
        ("Expected to close", "1"),
        ("Newly assigned", "1"),
        ("To do", "1"),
    ]
    said = text(page)
    assert "09:00 · Phone call · Ask for Lea" in said
    assert "expected on 24 Nov 2026" in said or "expected on Nov 24, 2026" in said
    assert "assigned by Mona Glass" in said
    assert "in “To do” for 20 days" in said
    assert "4 leads to act on" in said


def test_the_first_lead_is_beside_the_queue_and_the_next_one_loaded_ahead(morning, cast, visit):
    page = html(visit(cast.olga))
    assert (chosen(page), ahead(page)) == ("Bay windows", "Skylights")
    page = html(visit(cast.olga), f"/today/?lead={morning[1].key}")
    assert (chosen(page), ahead(page)) == ("Skylights", "Doors")
    page = html(visit(cast.olga), f"/today/?lead={morning[3].key}")
    assert (chosen(page), ahead(page)) == ("Conservatory", "Bay windows")
    assert page.count('id="panel-title"') == 2
    assert without_ahead(page).count('id="panel-title"') == 1


@pytest.mark.parametrize("what", ["todo", "won", "lost", "cancelled", "standby"])
def test_after_a_change_that_leaves_a_lead_the_next_one_is_shown(what, morning, cast, visit):
    browser, (first, second, *_) = visit(cast.olga), morning
    fields = {"in": "1"} if what == "standby" else {}
    page = send(browser, what, first, second, HTMX, **fields)
    assert page.status_code == 200
    assert chosen(page.content.decode()) == "Skylights"
    assert page.headers["HX-Replace-Url"] == f"/today/?lead={second.key}"
    first.refresh_from_db()
    assert first.status == what


def test_after_an_activity_the_page_asks_for_the_next_day(morning, cast, visit):
    browser, (first, second, *_) = visit(cast.olga), morning
    logged = send(browser, "activity", first, second, HTMX, result="type:" + call_key())
    page = logged.content.decode()
    assert chosen(page) == "Bay windows"
    assert "When will you work on it again?" in page
    assert first.activities.get().user == cast.olga
    assert "1 activity today" in text(page)


def call_key():
    return ActivityType.objects.get().key


def test_after_other_changes_the_lead_stays(morning, cast, visit):
    browser, (first, second, *_) = visit(cast.olga), morning
    page = send(browser, "amount", first, second, HTMX, amount="900").content.decode()
    assert chosen(page) == "Bay windows"
    first.refresh_from_db()
    assert first.amount == 900


def test_without_scripts_a_change_redirects_to_the_next_lead(morning, cast, visit):
    browser, (first, second, *_) = visit(cast.olga), morning
    logged = send(browser, "activity", first, second, result="type:" + call_key())
    assert logged.url == f"/today/?lead={first.key}&ask=next"
    assert "When will you work on it again?" in html(browser, logged.url)
    left = send(browser, "standby", first, second, **{"in": "2"})
    assert left.url == f"/today/?lead={second.key}"


def test_a_next_lead_that_left_the_queue_since_is_not_shown(morning, cast, visit):
    browser, (first, second, third, _) = visit(cast.olga), morning
    second.win(by=cast.mona)
    page = send(browser, "won", first, second, HTMX).content.decode()
    assert chosen(page) == third.title


def test_the_form_of_a_change_and_its_errors_are_shown_in_the_queue(morning, cast, visit):
    reasons = Category.objects.create(name="Reason", reason_for="lost", is_required=True)
    Tag.objects.create(name="Price", category=reasons)
    browser, (first, second, *_) = visit(cast.olga), morning
    form = html(browser, f"/change-lead/lost/{first.key}/?return=today&then={second.key}")
    assert titles(form)
    assert "Mark as lost" in form
    refused = send(browser, "lost", first, second, HTMX)
    assert refused.status_code == 400
    assert chosen(refused.content.decode()) == "Bay windows"
    assert "Choose a reason" in refused.content.decode()


def test_forms_and_links_of_the_lead_return_to_today(morning, cast, visit):
    page = without_ahead(html(visit(cast.olga), f"/today/?lead={morning[0].key}"))
    forms = re.findall(r'<form[^>]*action="/change-lead/.*?</form>', page, flags=re.DOTALL)
    assert len(forms) >= 5
    for form in forms:
        assert 'name="return" value="today"' in form
        assert f'name="then" value="{morning[1].key}"' in form
    links = re.findall(r'href="(/change-lead/[^"]*)"', page)
    assert len(links) >= 4
    assert all("return=today" in link for link in links)


def test_an_action_can_be_undone_and_its_lead_is_back(morning, cast, visit):
    browser, (first, second, *_) = visit(cast.olga), morning
    current = {**HTMX, "HX-Current-URL": f"http://testserver/today/?lead={first.key}"}
    page = send(browser, "won", first, second, current).content.decode()
    form = re.search(r'<form[^>]*action="(/undo/[^"]*)".*?</form>', page, flags=re.DOTALL)
    action, back = form[1], re.search(r'name="next" value="([^"]*)"', form[0])[1]
    assert back == f"/today/?lead={first.key}"
    response = browser.post(action, {"next": back})
    assert response.url == back
    page = html(browser, response.url)
    assert chosen(page) == "Bay windows"
    assert titles(page)[0] == "Bay windows"


# Whose


@pytest.mark.parametrize("privacy", ["own", "shared"])
@pytest.mark.parametrize(
    ("who", "own", "shared"),
    [
        ("olga", 200, 200),
        ("mona", 200, 200),
        ("ada", 200, 200),
        ("tom", 404, 200),
        ("uma", 404, 200),
    ],
)
def test_a_colleagues_queue_is_for_those_who_may_see_them(
    privacy, who, own, shared, morning, cast, visit
):
    Organization.objects.update(privacy=privacy)
    expected = {"own": own, "shared": shared}[privacy]
    browser = visit(getattr(cast, who))
    for address in ("/today/", "/today/pace/"):
        assert browser.get(f"{address}?user={cast.olga.key}").status_code == expected
    seen = browser.get(f"/today/?lead={morning[0].key}")
    assert seen.status_code == expected
    may_change = who in ("olga", "mona", "ada")
    if expected == 200:
        page = html(browser, f"/today/?user={cast.olga.key}")
        assert len(titles(page)) == 4
        assert ("<form" in main_of(page)) is may_change
        assert ("change-lead" in page) is may_change
    status = {200: 200 if may_change else 403, 404: 404}[expected]
    for what, fields in (("won", {}), ("comment", {"text": "Hm"}), ("standby", {"in": "1"})):
        sent = send(browser, what, morning[0], morning[1], HTMX, **fields)
        assert sent.status_code == (400 if what == "standby" and status == 200 else status)
    morning[0].refresh_from_db()
    assert (morning[0].status == "won") is may_change


def main_of(page):
    """Return the part of the lead, without the menus of the page and of colleagues."""
    return page[page.index('class="lead-panel"') :].partition("</main>")[0]


def test_a_manager_works_through_a_colleagues_queue(morning, cast, visit):
    browser, (first, second, *_) = visit(cast.mona), morning
    page = html(browser, f"/today/?user={cast.olga.key}")
    assert "Today: Olga Glass" in text(page)
    sent = {"user": cast.olga.key, "return": "today", "then": second.key}
    answer = browser.post(f"/change-lead/won/{first.key}/", sent, headers=HTMX)
    assert chosen(answer.content.decode()) == "Skylights"
    assert answer.headers["HX-Replace-Url"] == f"/today/?user={cast.olga.key}&lead={second.key}"


def test_leads_of_a_colleague_that_the_reader_may_not_see_are_not_in_the_queue(
    morning, cast, visit
):
    south = cast.uma.teams.get()
    morning[1].assign_to(cast.olga, by=cast.ada, team=south)
    assert "Skylights" in titles(html(visit(cast.olga)))
    page = html(visit(cast.mona), f"/today/?user={cast.olga.key}")
    assert titles(page) == ["Bay windows", "Doors", "Conservatory"]
    assert "Skylights" not in page


def test_only_colleagues_whom_one_may_see_are_offered(cast, visit):
    def offered(who, path="/today/"):
        return re.findall(r'<a href="/today/\?user=[^"]*">(.*?)</a>', html(visit(who), path))

    assert offered(cast.olga) == []
    assert offered(cast.mona) == ["Olga Glass", "Tom Glass"]
    assert offered(cast.ada) == ["Mona Glass", "Olga Glass", "Tom Glass", "Uma Glass"]
    assert offered(cast.ada, "/today/?who=om") == ["Tom Glass"]


@pytest.mark.parametrize(
    "query", ["user=nobody", "user=%00", "lead=nothing", "lead=%00", "user=nobody&lead=x"]
)
def test_unknown_people_and_leads_are_not_found(query, cast, visit):
    status = visit(cast.ada).get(f"/today/?{query}").status_code
    assert status == (200 if query == "lead=%00" else 404)


@pytest.mark.parametrize("page", ["0", "-1", "99999", "x", "٣", "1e9", "%00"])
def test_strange_pages_are_the_nearest_ones(page, morning, cast, visit):
    assert len(titles(html(visit(cast.olga), f"/today/?page={page}"))) == 4


# Empty


def test_an_empty_queue_says_what_comes_next(cast, visit):
    reminder = Reminder(START + timedelta(days=2), note="Offer ready")
    cast.lead.stand_by(until=reminder, by=cast.olga)
    page = html(visit(cast.olga))
    said = text(page)
    assert "Nothing left to act on." in said
    assert "Hotel windows" in said
    assert "Offer ready" in said
    assert {"/leads/?user=" + cast.olga.key, "/reports/prospecting/"} <= set(Page.read(page).links)


def test_an_empty_queue_without_reminders_says_so(cast, visit):
    said = text(html(visit(cast.uma)))
    assert "No reminder is planned." in said
    assert "Hotel windows" not in said


def test_goals_and_their_pace_are_loaded_after_the_queue(cast, visit):
    assert 'hx-get="/today/pace/"' in html(visit(cast.olga))
    assert "No goals are set for you." in text(html(visit(cast.olga), "/today/pace/"))


# Size and language


def test_the_queue_has_fifty_leads_a_page(cast, visit):
    for number in range(60):
        Lead.create(title=f"Lead {number}", by=cast.uma, owner=cast.uma)
    browser = visit(cast.uma)
    first, second = html(browser), html(browser, "/today/?page=2")
    assert (len(titles(first)), len(titles(second))) == (50, 10)
    assert not set(titles(first)) & set(titles(second))
    assert "60 leads to act on" in text(second)
    key = Lead.objects.get(title=titles(second)[0]).key
    sent = {"page": "2", "return": "today", "then": key}
    lead = Lead.objects.get(title=titles(second)[1])
    answer = browser.post(f"/change-lead/won/{lead.key}/", sent, headers=HTMX)
    assert answer.headers["HX-Replace-Url"] == f"/today/?page=2&lead={key}"


def test_the_number_of_queries_does_not_depend_on_the_number_of_leads(
    cast, visit, django_assert_num_queries
):
    def lead(number):
        return Lead.create(
            title=f"Lead {number}",
            by=cast.mona,
            owner=cast.uma,
            client=cast.lead.client,
            at=START - timedelta(days=number % 9),
            estimated_closing_on=TODAY if number % 5 == 0 else None,
        )

    browser = visit(cast.uma)
    leads = [lead(number) for number in range(1, 3)]
    with django_assert_num_queries(28):
        html(browser)
    leads += [lead(number) for number in range(3, 60)]
    with django_assert_num_queries(28):
        html(browser)
    with django_assert_num_queries(48):
        assert send(browser, "todo", leads[0], leads[1], HTMX).status_code == 200


def test_today_is_in_french(morning, cast, visit):
    said = text(html(visit(cast.olga, "fr")))
    for words in ("Aujourd’hui", "Rappels", "4 opportunités à traiter", "Nouvelles attributions"):
        assert words in said
    assert "attribuée par Mona Glass" in said
