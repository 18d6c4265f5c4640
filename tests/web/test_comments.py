"""Comments on the page of a lead: people whom they mention, and comments pinned on top."""

from __future__ import annotations

import re
from html import unescape

import pytest

from leadlight.accounts.keys import new_key
from leadlight.accounts.models import Organization, User
from leadlight.sales.models import Action, Lead, Mention
from leadlight.sales.undo import undo
from tests.web.pages import Page

pytestmark = pytest.mark.database

HTMX = {"HX-Request": "true"}


def html(browser, path, **more):
    response = browser.get(path, **more)
    assert response.status_code == 200
    return response.content.decode()


def text(page):
    return " ".join(Page.read(page).text.split())


def post(browser, lead, what, query="", **data):
    sent = {"action": new_key(), **data}
    return browser.post(f"/change-lead/{what}/{lead.key}/{query}", sent)


def mentioned(comment):
    return {mention.user.first_name for mention in Mention.objects.filter(comment=comment)}


def last_comment(lead):
    return lead.events.filter(kind="comment", about="").order_by("-pk").first()


def pinned(page):
    start = page.find('<section class="card pinned">')
    part = page[start : page.index("</section>", start)] if start >= 0 else ""
    return re.findall(r'<div class="prose">(.*?)</div>', part)


# Mentions


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("@Mona Glass please call", {"Mona"}),
        ("see with @mona GLASS, @Ada Glass.", {"Mona", "Ada"}),
        ("@Mona Glassmaker", set()),
        ("mona@glass.example and x@Mona Glass", set()),
        ("@ Mona Glass, @nobody", set()),
        ("@{key}: look", {"Mona"}),
        ("twice @Mona Glass @Mona Glass", {"Mona"}),
    ],
)
def test_a_name_or_key_after_the_sign_mentions_a_person(written, names, cast):
    comment = cast.lead.comment(written.format(key=cast.mona.key), by=cast.olga)
    assert mentioned(comment) == names


def test_a_name_that_two_people_have_mentions_none_of_them(cast):
    namesake = User.objects.create_user("mg@example.com", first_name="Mona", last_name="Glass")
    assert mentioned(cast.lead.comment("@Mona Glass", by=cast.olga)) == set()
    both = cast.lead.comment(f"@{namesake.key} and @{cast.mona.key}", by=cast.olga)
    assert {one.user for one in both.mentions.all()} == {namesake, cast.mona}


def test_editing_removing_and_undoing_a_comment_changes_its_mentions(cast, visit):
    lead, browser = cast.lead, visit(cast.olga)
    post(browser, lead, "comment", text="@Mona Glass: look")
    comment = last_comment(lead)
    assert mentioned(comment) == {"Mona"}
    post(browser, lead, "edit-comment", f"?comment={comment.key}", text="@Ada Glass: look")
    assert mentioned(comment) == {"Ada"}
    undo(Action.objects.order_by("-pk").first(), by=cast.olga)
    assert mentioned(comment) == {"Mona"}
    post(browser, lead, "edit-comment", f"?comment={comment.key}", text="")
    assert mentioned(comment) == set()
    post(browser, lead, "comment", text="@Mona Glass: again")
    undo(Action.objects.order_by("-pk").first(), by=cast.olga)
    assert not Mention.objects.exists()


@pytest.mark.parametrize("what", ["comment", "lost"])
def test_who_may_not_see_the_lead_cannot_be_mentioned(what, cast, visit):
    name = "text" if what == "comment" else "comment"
    response = post(visit(cast.olga), cast.lead, what, **{name: "Ask @Uma Glass"})
    assert response.status_code == 400
    sentence = "Uma Glass cannot see this lead, and cannot be mentioned."
    assert sentence in text(response.content.decode())
    assert not Mention.objects.exists()
    Organization.objects.update(privacy="shared")
    assert post(visit(cast.olga), cast.lead, what, **{name: "Ask @Uma Glass"}).status_code == 302
    assert Mention.objects.get().user == cast.uma


def test_a_mention_is_marked_and_hostile_text_is_harmless(cast, visit):
    User.objects.filter(pk=cast.mona.pk).update(first_name="<b>Mona</b>")
    cast.lead.comment("<i>Hi</i> @<b>Mona</b> Glass! a@b.example", by=cast.olga)
    page = html(visit(cast.olga), f"/leads/{cast.lead.key}/")
    assert '<mark class="mention">@&lt;b&gt;Mona&lt;/b&gt; Glass</mark>!' in page
    assert "&lt;i&gt;Hi&lt;/i&gt;" in page
    assert '<a href="mailto:a@b.example">' in page


# Pins


def test_comments_are_pinned_on_top_the_last_one_first(cast, visit):
    lead, browser = cast.lead, visit(cast.olga)
    first, second = (lead.comment(each, by=cast.mona) for each in ("Gate code 12", "Dog"))
    for comment in (first, second):
        response = post(browser, lead, "pin-comment", f"?comment={comment.key}")
        assert response.status_code == 302
    page = html(browser, f"/leads/{lead.key}/")
    assert pinned(page) == ["Dog", "Gate code 12"]
    post(browser, lead, "unpin-comment", f"?comment={second.key}")
    assert pinned(html(browser, f"/leads/{lead.key}/")) == ["Gate code 12"]
    lead.edit_comment(first, "Gate code 34", by=cast.mona)
    assert pinned(html(browser, f"/leads/{lead.key}/")) == ["Gate code 34"]
    lead.remove_comment(first, by=cast.mona)
    assert pinned(html(browser, f"/leads/{lead.key}/")) == []
    events = lead.events.filter(kind="pin").order_by("pk").values_list("about", "value", "actor")
    assert list(events) == [
        (first.key, "true", cast.olga.pk),
        (second.key, "true", cast.olga.pk),
        (second.key, "false", cast.olga.pk),
    ]


def test_a_pin_acts_once_and_is_undone(cast, visit):
    lead, browser = cast.lead, visit(cast.olga)
    comment = lead.comment("Gate code 12", by=cast.mona)
    for key in (new_key(), new_key()):
        post(browser, lead, "pin-comment", f"?comment={comment.key}", action=key)
    assert lead.events.filter(kind="pin").count() == 1
    page = html(browser, f"/leads/{lead.key}/")
    assert "Comment pinned." in text(page)
    address = unescape(re.search(r'action="(/undo/\w+/)"', page)[1])
    browser.post(address, {"next": f"/leads/{lead.key}/"})
    assert pinned(html(browser, f"/leads/{lead.key}/")) == []


def test_a_pin_that_someone_else_removed_is_not_undone(cast, visit):
    lead, browser = cast.lead, visit(cast.olga)
    comment = lead.comment("Gate code 12", by=cast.mona)
    post(browser, lead, "pin-comment", f"?comment={comment.key}")
    action = Action.objects.order_by("-pk").first()
    Lead.objects.get(pk=lead.pk).unpin_comment(comment, by=cast.mona)
    response = browser.post(f"/undo/{action.key}/", {"next": f"/leads/{lead.key}/"}, follow=True)
    assert "has changed since" in text(response.content.decode())


def test_who_may_not_edit_the_lead_cannot_pin(cast, visit):
    comment = cast.lead.comment("Gate code 12", by=cast.mona)
    address = f"?comment={comment.key}"
    assert post(visit(cast.uma), cast.lead, "pin-comment", address).status_code == 404
    Organization.objects.update(privacy="shared")
    assert post(visit(cast.uma), cast.lead, "pin-comment", address).status_code == 403
    assert "pin-comment" not in html(visit(cast.uma), f"/leads/{cast.lead.key}/")
    assert post(visit(cast.olga), cast.lead, "pin-comment", "?comment=nothing").status_code == 404


# Mentions of the reader


def feed_entries(page):
    return re.findall(r"<q><bdi>(.*?)</bdi></q>", page)


def test_the_activity_shows_the_comments_that_mention_the_reader(cast, visit):
    lead = cast.lead
    hidden = Lead.create(title="Hidden", by=cast.uma, owner=cast.uma)
    hidden.comment("@Mona Glass: a secret", by=cast.uma)
    lead.comment("Nobody", by=cast.olga)
    lead.comment("@Mona Glass: first", by=cast.olga)
    lead.comment("@Mona Glass: second", by=cast.ada)
    lead.comment("@Ada Glass: third", by=cast.olga)
    mona, ada = visit(cast.mona), visit(cast.ada)
    assert feed_entries(html(mona, "/activity/?mentioned=me")) == [
        "@Mona Glass: second",
        "@Mona Glass: first",
    ]
    assert feed_entries(html(ada, "/activity/?mentioned=me")) == ["@Ada Glass: third"]
    narrowed = html(mona, f"/activity/?mentioned=me&team={lead.team.key}&kind=comment")
    assert len(feed_entries(narrowed)) == 2
    assert mona.get("/activity/?mentioned=olga").status_code == 400
    assert 'href="/activity/?mentioned=me"' in html(mona, "/activity/")


def test_today_counts_the_mentions_by_others_on_leads_that_one_may_see(cast, visit):
    assert "mention of you" not in text(html(visit(cast.mona), "/today/"))
    cast.lead.comment("@Mona Glass: look", by=cast.olga)
    cast.lead.comment("@Mona Glass: a note to myself", by=cast.mona)
    hidden = Lead.create(title="Hidden", by=cast.uma, owner=cast.uma)
    hidden.comment("@Mona Glass: a secret", by=cast.uma)
    assert "1 mention of you in 7 days" in text(html(visit(cast.mona), "/today/"))
    assert "mention of you" not in text(html(visit(cast.olga), "/today/"))


# People to mention


def proposed(page):
    return re.findall(r'data-text="([^"]*)"', page)


def test_people_who_may_see_the_lead_are_proposed_by_the_start_of_their_names(cast, visit):
    address, browser = f"/mentionable/{cast.lead.key}/", visit(cast.olga)
    assert proposed(html(browser, address)) == ["Ada Glass", "Mona Glass", "Olga Glass"]
    assert proposed(html(browser, f"{address}?q=mO")) == ["Mona Glass"]
    assert proposed(html(browser, f"{address}?q=gla mo")) == ["Mona Glass"]
    assert proposed(html(browser, f"{address}?q=uma")) == []
    assert proposed(html(browser, f"{address}?q=ina")) == []
    assert visit(cast.uma).get(address).status_code == 404
    User.objects.create_user("mg@example.com", first_name="Mona", last_name="Glass")
    assert proposed(html(browser, f"{address}?q=mona")) == [cast.mona.key]
    Organization.objects.update(privacy="shared")
    assert "Uma Glass" in proposed(html(browser, f"{address}?q=u"))
