"""Changes of a lead on its page."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from leadlight.accounts.keys import new_key
from leadlight.accounts.models import Organization, Team
from leadlight.sales.models import (
    Action,
    Activity,
    ActivityType,
    Category,
    Client,
    CustomField,
    Lead,
    Tag,
)
from leadlight.web.leads.forms.catalogue import CHANGES
from tests.web.pages import Page

pytestmark = pytest.mark.database

NASTY = {
    "script": "<script>alert(1)</script>",
    "formula": '=HYPERLINK("https://example.com")',
    "right-to-left": "\u202eabc שלום",
    "emoji": "🪟 👩🏽‍🔧",
}


def post(browser, lead, what, query="", **data):
    return browser.post(f"/change-lead/{what}/{lead.key}/{query}", data)


def read(lead):
    return Lead.objects.get(pk=lead.pk)


def shown(response):
    return " ".join(Page.read(response.content.decode()).text.split())


def test_each_field_is_changed_by_its_form(cast, visit):
    browser, lead, olga = visit(cast.olga), cast.lead, cast.olga
    post(browser, lead, "title", text="Hotel doors")
    post(browser, lead, "description", text="Two doors\r\nnorth side")
    post(browser, lead, "amount", amount="1,500.50")
    post(browser, lead, "probability", probability="35")
    post(browser, lead, "expected-day", day="2026-05-04")
    post(browser, lead, "client", client="Lake Hotel")
    post(browser, lead, "source", source="Web")
    post(browser, lead, "step", step=cast.steps[2].key)
    lead = read(lead)
    assert (lead.title, lead.description) == ("Hotel doors", "Two doors\nnorth side")
    assert (lead.amount, lead.probability) == (Decimal("1500.50"), 35)
    assert lead.estimated_closing_on == date(2026, 5, 4)
    assert (lead.client.name, lead.source, lead.step) == ("Lake Hotel", "Web", cast.steps[2])
    assert {event.actor for event in lead.events.order_by("-pk")[:8]} == {olga}


def test_an_empty_form_removes_the_value(cast, visit):
    browser, lead = visit(cast.olga), cast.lead
    for what in ("amount", "probability", "expected-day", "client", "source", "tags", "owner"):
        assert post(browser, lead, what).status_code == 302, what
    lead = read(lead)
    assert (lead.amount, lead.probability, lead.estimated_closing_on) == (None, None, None)
    assert (lead.client, lead.source, lead.owner) == (None, "", None)
    assert not lead.tags.exists()


@pytest.mark.parametrize(
    ("what", "data", "sentence"),
    [
        ("title", {"text": " "}, "This field is required"),
        ("amount", {"amount": "a lot"}, "This is not an amount"),
        ("amount", {"amount": "1.234"}, "two decimals"),
        ("amount", {"amount": "9" * 20}, "at most twelve digits"),
        ("probability", {"probability": "101"}, "less than or equal to 100"),
        ("expected-day", {"day": "2026-02-30"}, "Enter a valid date"),
        ("expected-day", {"day": "0001-01-01"}, "Enter a date from"),
        ("owner", {"owner": "nobody"}, "Select a valid choice"),
        ("step", {"step": "nowhere"}, "Select a valid choice"),
        ("created", {"instant": "2999-01-01T10:00"}, "in the future"),
        ("closed", {"instant": "2026-01-01T10:00"}, "not closed"),
        ("standby", {}, "Choose the day on which the lead returns"),
        ("standby", {"day": "2020-01-01"}, "time in the future"),
        ("standby", {"in": "5"}, "Choose one of the days"),
        ("activity", {"result": "type:unknown"}, "Choose what you did"),
        ("comment", {"text": "  "}, "This field is required"),
        ("title", {"text": "a\0b"}, "Null characters are not allowed"),
        ("title", {"text": "a" * 301}, "at most 300 characters"),
    ],
)
def test_a_wrong_value_is_refused_with_a_sentence(what, data, sentence, cast, visit):
    before = read(cast.lead).version
    response = post(visit(cast.olga), cast.lead, what, **data)
    assert response.status_code == 400
    assert sentence in shown(response)
    assert read(cast.lead).version == before


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_texts_are_shown_as_they_were_typed(text, cast, visit):
    browser, lead = visit(cast.olga), cast.lead
    post(browser, lead, "title", text=text)
    post(browser, lead, "description", text=text)
    post(browser, lead, "comment", text=text)
    post(browser, lead, "source", source=text)
    html = browser.get(f"/leads/{lead.key}/").content.decode()
    assert "<script>alert" not in html
    assert " ".join(Page.read(html).text.split()).count(" ".join(text.split())) >= 4


def test_tags_are_chosen_and_created(cast, visit):
    urgent = Tag.objects.get(name="Urgent")
    post(visit(cast.olga), cast.lead, "tags", tags=[urgent.key], new="Spring ")
    assert {tag.name for tag in read(cast.lead).tags.all()} == {"Urgent", "Spring"}
    post(visit(cast.olga), cast.lead, "tags", new="spring")
    assert Tag.objects.filter(name__iexact="spring").count() == 1


def test_an_existing_client_is_found_whatever_the_case_and_accents(cast, visit):
    post(visit(cast.olga), cast.lead, "client", client="HOTEL élysee")
    assert Client.objects.count() == 1


def test_a_custom_field_is_changed_on_the_page(cast, visit):
    area = CustomField.define("lead", "Area", "number")
    roof = CustomField.define("lead", "Roof", "choice", choices=["Flat", "Steep"])
    browser, lead = visit(cast.olga), cast.lead
    assert post(browser, lead, "field", f"?field={area.key}", text="1,250.5").status_code == 302
    assert post(browser, lead, "field", f"?field={roof.key}", text="Flat").status_code == 302
    assert read(lead).field_texts == {area.key: "1250.5", roof.key: "Flat"}
    assert post(browser, lead, "field", f"?field={roof.key}", text="Round").status_code == 400
    assert post(browser, lead, "field", "?field=unknown", text="1").status_code == 404


def test_a_call_is_logged_with_its_result_by_one_click(cast, visit):
    call = ActivityType.objects.get()
    reached = call.outcomes.get()
    response = post(
        visit(cast.olga),
        cast.lead,
        "activity",
        result=f"outcome:{reached.key}",
        content="Call in May",
    )
    assert response.status_code == 302
    logged = Activity.objects.order_by("pk").last()
    assert (logged.activity_type, logged.outcome, logged.user) == (call, reached, cast.olga)
    assert (logged.lead, logged.content) == (cast.lead, "Call in May")
    assert read(cast.lead).last_activity_at == logged.occurred_at


def test_an_activity_can_be_dated_in_the_past_but_not_in_the_future(cast, visit):
    call = ActivityType.objects.get()
    past = {"result": f"type:{call.key}", "at": "2026-02-03T10:30"}
    post(visit(cast.olga), cast.lead, "activity", **past)
    logged = Activity.objects.order_by("pk").last()
    assert logged.occurred_at == datetime(2026, 2, 3, 9, 30, tzinfo=UTC)
    response = post(visit(cast.olga), cast.lead, "activity", **past | {"at": "2999-01-01T10:00"})
    assert response.status_code == 400


def test_a_standby_by_one_click_is_until_the_start_of_a_day(cast, visit):
    post(visit(cast.olga), cast.lead, "standby", **{"in": "7"})
    lead = read(cast.lead)
    zone = Organization.current().zone
    day = timezone.now().astimezone(zone).date() + timedelta(days=7)
    assert lead.status == "standby"
    assert lead.reminder_is_all_day
    assert lead.reminder_at == datetime(day.year, day.month, day.day, tzinfo=zone)


def test_a_standby_has_a_time_a_duration_an_activity_and_a_note(cast, visit):
    call = ActivityType.objects.get()
    day = timezone.now().date() + timedelta(days=40)
    post(
        visit(cast.olga),
        cast.lead,
        "standby",
        day=day.isoformat(),
        time="14:30",
        minutes="45",
        activity=call.key,
        note="Bring the plans",
    )
    reminder = read(cast.lead).reminder
    local = reminder.at.astimezone(Organization.current().zone)
    assert (local.date(), local.hour, local.minute) == (day, 14, 30)
    assert (reminder.is_all_day, reminder.minutes) == (False, 45)
    assert (reminder.activity_type, reminder.note) == (call, "Bring the plans")
    post(visit(cast.olga), cast.lead, "todo")
    assert read(cast.lead).reminder is None


def test_closing_asks_for_the_reasons_that_the_company_requires(cast, visit):
    price = Category.objects.create(name="Why lost", is_required=True, reason_for="lost")
    dear = Tag.objects.create(name="Too expensive", category=price)
    refused = post(visit(cast.olga), cast.lead, "lost", comment="Next year")
    assert refused.status_code == 400
    assert "Choose a reason in “Why lost”" in shown(refused)
    assert read(cast.lead).is_open
    post(visit(cast.olga), cast.lead, "lost", reasons=[dear.key], comment="Next year")
    lead = read(cast.lead)
    assert (lead.status, dear in lead.tags.all()) == ("lost", True)
    assert lead.events.filter(kind="comment", value="Next year").exists()


def test_a_lead_is_won_by_one_click_and_reopened(cast, visit):
    post(visit(cast.olga), cast.lead, "won")
    assert read(cast.lead).status == "won"
    post(visit(cast.olga), cast.lead, "reopen")
    assert read(cast.lead).status == "todo"


def test_winning_asks_for_a_tag_of_a_category_that_every_lead_must_have(cast, visit):
    region = Category.objects.create(name="Region", is_required=True)
    north = Tag.objects.create(name="North", category=region)
    assert post(visit(cast.olga), cast.lead, "won").status_code == 400
    post(visit(cast.olga), cast.lead, "won", reasons=[north.key])
    assert read(cast.lead).status == "won"


# Conflicts


def test_two_people_who_change_different_fields_do_not_disturb_each_other(cast, visit):
    form = {"before:amount": "1234.56", "amount": "2000"}
    cast.lead.rename("Hotel doors", by=cast.mona)
    assert post(visit(cast.olga), cast.lead, "amount", **form).status_code == 302
    assert read(cast.lead).amount == 2000


def test_a_conflict_shows_before_theirs_and_ones_own_value(cast, visit):
    cast.lead.set_amount(1900, by=cast.mona)
    form = {"before:amount": "1234.56", "amount": "2000"}
    response = post(visit(cast.olga), cast.lead, "amount", **form)
    assert response.status_code == 409
    text = shown(response)
    assert "Amount before €1,234.56" in text
    assert "Theirs €1,900" in text
    html = response.content.decode()
    assert 'value="2000"' in html
    assert '<input type="hidden" name="before:amount" value="1900">' in html
    assert read(cast.lead).amount == 1900
    form["before:amount"] = "1900"
    assert post(visit(cast.olga), cast.lead, "amount", **form).status_code == 302


def test_the_form_holds_the_value_that_it_shows(cast, visit):
    html = visit(cast.olga).get(f"/change-lead/owner/{cast.lead.key}/").content.decode()
    assert f'name="before:owner" value="{cast.olga.pk}"' in html


# Twice, and undo


def test_a_form_that_is_sent_twice_acts_once(cast, visit):
    call, key, browser = ActivityType.objects.get(), new_key(), visit(cast.olga)
    for _time in range(2):
        response = post(browser, cast.lead, "activity", result=f"type:{call.key}", action=key)
        assert response.status_code == 302
    assert Activity.objects.filter(action__key=key).count() == 1


def test_a_change_is_undone_from_its_message(cast, visit):
    browser, key = visit(cast.olga), new_key()
    post(browser, cast.lead, "amount", amount="2000", action=key)
    page = browser.get(f"/leads/{cast.lead.key}/").content.decode()
    assert f'action="/undo/{key}/"' in page
    response = browser.post(f"/undo/{key}/", {"next": f"/leads/{cast.lead.key}/"}, follow=True)
    assert "Undone." in shown(response)
    assert read(cast.lead).amount == Decimal("1234.56")
    again = browser.post(f"/undo/{key}/", {"next": f"/leads/{cast.lead.key}/"}, follow=True)
    assert "already undone" in shown(again)


def test_the_history_offers_to_undo_ones_own_last_changes(cast, visit):
    key, mine = new_key(), visit(cast.olga)
    post(mine, cast.lead, "amount", amount="2000", action=key)
    mine.get(f"/leads/{cast.lead.key}/")  # shows the message with its own offer
    address, page = f'action="/undo/{key}/"', f"/leads/{cast.lead.key}/"
    assert mine.get(page).content.decode().count(address) == 1
    assert address not in visit(cast.ada).get(page).content.decode()
    Action.objects.update(at=timezone.now() - timedelta(days=2))
    assert address not in mine.get(page).content.decode()
    response = mine.post(f"/undo/{key}/", {"next": page}, follow=True)
    assert "can no longer be undone" in shown(response)


def test_nobody_else_can_undo_a_change(cast, visit):
    key = new_key()
    post(visit(cast.olga), cast.lead, "amount", amount="2000", action=key)
    assert visit(cast.ada).post(f"/undo/{key}/").status_code == 404
    assert read(cast.lead).amount == 2000


def test_the_key_of_another_user_is_replaced(cast, visit):
    key = new_key()
    post(visit(cast.olga), cast.lead, "amount", amount="2000", action=key)
    post(visit(cast.ada), cast.lead, "amount", amount="3000", action=key)
    assert Action.objects.get(key=key).user == cast.olga
    assert read(cast.lead).amount == 3000


def test_a_binned_lead_is_restored_by_undo(cast, visit):
    browser, key = visit(cast.olga), new_key()
    response = post(browser, cast.lead, "bin", action=key)
    assert response.url == "/leads/"
    browser.post(f"/undo/{key}/", {"next": "/leads/"})
    assert not read(cast.lead).is_deleted


# Access


@pytest.mark.parametrize("what", [*CHANGES, "edit-comment", "field"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_hidden_lead_cannot_be_changed(what, method, cast, visit):
    for who in (cast.tom, cast.uma):
        response = getattr(visit(who), method)(f"/change-lead/{what}/{cast.lead.key}/")
        assert response.status_code == 404


@pytest.mark.parametrize("what", [*CHANGES, "edit-comment", "field"])
def test_who_may_see_a_lead_but_not_edit_it_gets_no_control(what, cast, visit):
    Organization.objects.update(privacy=Organization.Privacy.SHARED)
    browser = visit(cast.uma)
    page = browser.get(f"/leads/{cast.lead.key}/").content.decode()
    assert "/change-lead/" not in page
    assert browser.get(f"/change-lead/{what}/{cast.lead.key}/").status_code == 403
    assert post(browser, cast.lead, what, text="x").status_code == 403


def test_comments_are_edited_by_their_author_only(cast, visit):
    comment = cast.lead.comment("Away until May", by=cast.olga)
    query = f"?comment={comment.key}"
    assert post(visit(cast.ada), cast.lead, "edit-comment", query, text="x").status_code == 404
    post(visit(cast.olga), cast.lead, "edit-comment", query, text="Away until June")
    assert "Away until June" in shown(visit(cast.ada).get(f"/leads/{cast.lead.key}/"))
    post(visit(cast.olga), cast.lead, "edit-comment", query, text="")
    assert "Away until" not in shown(visit(cast.ada).get(f"/leads/{cast.lead.key}/"))


def test_a_seller_neither_sees_nor_chooses_the_teams_of_others(cast, visit):
    south = Team.objects.get(name="South")
    page = shown(visit(cast.olga).get(f"/change-lead/owner/{cast.lead.key}/"))
    assert "South" not in page
    data = {"owner": cast.olga.key, "team": south.key}
    assert post(visit(cast.olga), cast.lead, "owner", **data).status_code == 400
    assert post(visit(cast.ada), cast.lead, "owner", **data).status_code == 302
    assert read(cast.lead).team == south


def test_who_gives_a_lead_away_and_does_not_see_it_any_more_gets_the_list(cast, visit):
    response = post(visit(cast.olga), cast.lead, "owner", owner="")
    assert (response.status_code, response.url) == (302, "/leads/")
    assert read(cast.lead).owner is None
