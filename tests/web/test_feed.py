"""Activity feed: its entries, filters and days, and who sees them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from leadlight.accounts.models import Organization, Team
from leadlight.sales.models import Activity, ActivityType, CustomField, Lead, LeadEvent
from leadlight.sales.models.event_log import Channel, through
from tests.clock import START
from tests.web.pages import Page

pytestmark = pytest.mark.database


def page_of(browser, query="", status=200):
    response = browser.get(f"/activity/?{query}")
    assert response.status_code == status
    return response.content.decode()


def text_of(browser, query="", status=200):
    return " ".join(Page.read(page_of(browser, query, status)).text.split())


def entries_of(browser, query=""):
    """Return a text for each entry: what it shows first, and the title of its lead."""
    shown = browser.get(f"/activity/?{query}").context["page"].days
    return [(words(line), str(line.lead)) for day in shown for line in day.entries]


def words(line):
    entry = line.entry
    if entry.activity:
        return f"{entry.activity.activity_type}"
    if entry.is_creation:
        return "created"
    if entry.comments:
        return entry.comments[0].text
    change = entry.changes[0]
    return f"{change.title}: {change.after}"


def record_at(lead, at):
    """Set the instant at which everything of a lead was recorded."""
    lead.events.update(recorded_at=at)
    lead.activities.update(recorded_at=at)


@pytest.fixture
def leads(cast):
    """Leave the lead of the cast without events, and add two leads on which much happens."""
    cast.lead.events.all().delete()
    cast.lead.activities.all().delete()
    doors = Lead.create(title="Doors", by=cast.olga, owner=cast.olga, amount=500)
    roof = Lead.create(title="Roof", by=cast.ada)
    doors.move_to(cast.steps[1], by=cast.olga)
    roof.assign_to(cast.uma, by=cast.ada)
    doors.set_amount(700, by=cast.olga)
    doors.comment("Away until May", by=cast.mona)
    doors.stand_by(by=cast.olga)
    roof.set_source("Web", by=cast.uma)
    call = ActivityType.objects.get()
    now = START + timedelta(minutes=1)
    Activity.objects.create(
        activity_type=call, user=cast.olga, lead=doors, occurred_at=now, recorded_at=now
    )
    doors.win(by=cast.olga)
    roof.lose(by=cast.uma)
    return cast


EVERYTHING = [
    ("Phone call", "Doors"),
    ("Status: lost", "Roof"),
    ("Status: won", "Doors"),
    ("Source: Web", "Roof"),
    ("Status: standby", "Doors"),
    ("Away until May", "Doors"),
    ("Amount: 700", "Doors"),
    ("Owner: Uma Glass", "Roof"),
    ("Step: Offer", "Doors"),
    ("created", "Roof"),
    ("created", "Doors"),
]


def test_the_feed_shows_what_happened_newest_first(leads, visit):
    assert entries_of(visit(leads.ada)) == EVERYTHING


@pytest.mark.parametrize("privacy", ["own", "shared"])
@pytest.mark.parametrize(
    ("who", "titles"),
    [
        ("ada", {"Doors", "Roof"}),
        ("mona", {"Doors"}),
        ("olga", {"Doors"}),
        ("tom", set()),
        ("uma", {"Roof"}),
    ],
)
def test_each_user_sees_what_happened_on_the_leads_they_may_see(who, titles, privacy, leads, visit):
    Organization.objects.update(privacy=privacy)
    seen = {"Doors", "Roof"} if privacy == "shared" else titles
    browser = visit(getattr(leads, who))
    shown = [entry for entry in EVERYTHING if entry[1] in seen]
    assert entries_of(browser) == shown
    for query in ("kind=won", "kind=lost", "kind=created", "kind=other", "kind=activity"):
        assert {title for _words, title in entries_of(browser, query)} <= seen
    html = page_of(browser)
    for hidden in {"Doors", "Roof"} - seen:
        assert hidden not in html


def test_an_outsider_sees_the_same_page_as_in_a_company_without_leads(leads, visit):
    browser = visit(leads.tom)
    with_leads = text_of(browser)
    LeadEvent.objects.all().delete()
    Activity.objects.all().delete()
    assert text_of(browser) == with_leads
    assert "Nothing has happened yet on the leads you have access to." in with_leads


def test_leads_in_the_bin_are_left_out(leads, visit):
    Lead.objects.get(title="Roof").bin(by=leads.ada)
    assert {title for _words, title in entries_of(visit(leads.ada))} == {"Doors"}
    Lead.objects.get(title="Roof").restore(by=leads.ada)
    assert entries_of(visit(leads.ada), "kind=other")[0] == ("Deleted: False", "Roof")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=created", ["created", "created"]),
        ("kind=won", ["Status: won"]),
        ("kind=won&kind=lost", ["Status: lost", "Status: won"]),
        ("kind=cancelled", []),
        ("kind=moved", ["Step: Offer"]),
        ("kind=assigned", ["Owner: Uma Glass"]),
        ("kind=comment", ["Away until May"]),
        ("kind=other", ["Source: Web", "Status: standby", "Amount: 700"]),
        ("kind=activity", ["Phone call"]),
        ("kind=activity&kind=won", ["Phone call", "Status: won"]),
        ("user=me", ["Owner: Uma Glass", "created"]),
        ("user=OLGA&kind=won", ["Status: won"]),
        ("user=UMA&user=MONA", ["Status: lost", "Source: Web", "Away until May"]),
        ("team=NORTH&kind=created", ["created"]),
        ("team=none", []),
        ("user=UMA&kind=moved", []),
    ],
)
@pytest.mark.parametrize("fewest", [0, 1000])
def test_each_filter_selects_its_entries(query, found, fewest, leads, visit, monkeypatch):
    """The result is the same whether the events are read lead by lead or by instant."""
    monkeypatch.setattr("leadlight.web.feed.moments.MOST_LEADS_BY_ID", fewest)
    for name in ("olga", "uma", "mona"):
        query = query.replace(name.upper(), getattr(leads, name).key)
    query = query.replace("NORTH", Team.objects.get(name="North").key)
    assert [shown for shown, _title in entries_of(visit(leads.ada), query)] == found


def test_an_activity_type_is_a_kind(leads, visit):
    mail = ActivityType.objects.create(name="Mail", key="mail")
    lead = Lead.objects.get(title="Roof")
    Activity.objects.create(activity_type=mail, lead=lead, user=leads.uma)
    browser = visit(leads.ada)
    assert entries_of(browser, "kind=activity:mail") == [("Mail", "Roof")]
    assert len(entries_of(browser, "kind=activity")) == 2
    assert entries_of(visit(leads.uma), "kind=activity:mail") == [("Mail", "Roof")]
    assert entries_of(browser, f"kind=activity:mail&user={leads.olga.key}") == []


def test_an_activity_on_a_prospect_alone_is_left_out(cast, visit):
    assert [shown for shown, _title in entries_of(visit(cast.ada), "kind=activity")] == [
        "Phone call"
    ]
    assert Activity.objects.count() == 2


# Order and days


def test_what_is_recorded_late_stands_where_it_was_recorded(cast, visit):
    """A reader who has read everything up to an instant finds all later entries above it."""
    late = Lead.create(title="Late", by=cast.olga, owner=cast.olga, at=START - timedelta(days=90))
    browser = visit(cast.ada)
    assert entries_of(browser)[0] == ("created", "Late")
    assert "happened 27 Aug 2026, 12:00" in text_of(browser)
    record_at(late, datetime(2026, 8, 27, 10, tzinfo=UTC))
    assert entries_of(browser)[0] != ("created", "Late")


def test_entries_are_grouped_by_local_days(cast, visit):
    lead = cast.lead
    lead.activities.all().delete()
    first, second, *_rest = lead.events.values_list("occurred_at", flat=True).distinct()
    lead.events.filter(occurred_at=first).update(
        recorded_at=datetime(2026, 11, 23, 22, 59, tzinfo=UTC)
    )
    lead.events.filter(occurred_at=second).update(
        recorded_at=datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
    )
    lead.events.exclude(occurred_at__in=[first, second]).update(recorded_at=START)
    browser = visit(cast.ada)
    days = [str(day.day) for day in browser.get("/activity/").context["page"].days]
    assert days == ["2026-11-25", "2026-11-24", "2026-11-23"]
    text = text_of(browser)
    assert "Today · Wed 25 Nov 2026 11:00" in text
    assert "Yesterday · Tue 24 Nov 2026 00:00" in text
    assert "Mon 23 Nov 2026 23:59" in text


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("period=today", [25]),
        ("period=yesterday", [24]),
        ("period=last_7_days", [25, 24, 19]),
        ("from=2026-11-19&to=2026-11-19", [19]),
        ("from=2026-11-19&to=2026-11-24", [24, 19]),
        ("from=2026-11-20", [25, 24]),
        ("to=2026-11-24", [24, 19, 18]),
        ("period=custom", [25, 24, 19, 18]),
        ("period=today&from=2026-11-24&to=2026-11-24", [24]),
    ],
)
def test_days_select_what_was_recorded_on_them(query, days, cast, visit):
    cast.lead.activities.all().delete()
    cast.lead.events.all().delete()
    for day in (18, 19, 24, 25):
        lead = Lead.create(title=f"On the {day}th", by=cast.ada)
        record_at(lead, datetime(2026, 11, day, 9, tzinfo=UTC))
    shown = visit(cast.ada).get(f"/activity/?{query}").context["page"].days
    assert [day.day.day for day in shown] == days


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("user=nobody", "Unknown user: “nobody”."),
        ("user=none", "Unknown user: “none”."),
        ("team=x", "Unknown team: “x”."),
        ("kind=x", "Unknown kind: “x”."),
        ("kind=activity:x", "Unknown kind: “activity:x”."),
        ("period=this_year", "“this_year” is not possible for “Period”."),
        ("from=2026-02-30", "“2026-02-30” is not a date."),
        ("from=2026-02-02&to=2026-02-01", "is before the first day"),
        ("before=x", "“x” is not a valid position on the Activity page."),
        ("before=2026-01-01~" + "9" * 30, "is not a valid position on the Activity page."),
        ("colour=red", "Unknown filter: “colour”."),
        ("kind=%00", "Unknown kind"),
    ],
)
def test_an_invalid_parameter_is_refused_with_a_message(query, sentence, cast, visit):
    assert sentence in text_of(visit(cast.ada), query, status=400)


def test_hidden_users_and_teams_give_the_same_error_as_missing_ones(cast, visit):
    browser = visit(cast.olga)
    north = Team.objects.get(name="North").key
    for name, key in (("user", cast.uma.key), ("team", north)):
        refused = text_of(browser, f"{name}={key}", status=400)
        assert refused == text_of(browser, f"{name}=nobody", status=400).replace("nobody", key)


def test_choices_of_users_and_teams_are_those_of_the_reader(cast, visit):
    def names(user, dimension):
        response = visit(user).get(f"/activity-choices/{dimension}/")
        return Page.read(response.content.decode()).text if response.status_code == 200 else None

    assert "Uma" in names(cast.ada, "user")
    assert "Uma" not in names(cast.mona, "user")
    assert "Unassigned" not in names(cast.ada, "user")
    assert "South" in names(cast.ada, "team")
    assert names(cast.uma, "team") is None
    assert names(cast.ada, "status") is None


# Display


def test_active_filters_are_shown_and_can_be_removed(leads, visit):
    browser = visit(leads.ada)
    html = page_of(browser, "kind=won&user=me&period=today")
    text = " ".join(Page.read(html).text.split())
    for shown in ("User: Me (Ada Glass)", "Kind: Won", "Today ×"):
        assert shown in text
    assert 'href="/activity/?kind=won&amp;period=today"' in html
    assert 'href="/activity/?user=me&amp;period=today"' in html
    assert 'href="/activity/?user=me&amp;kind=won"' in html
    assert "Nothing matches these filters." in text


def test_empty_parameters_of_the_form_leave_the_address(leads, visit):
    response = visit(leads.ada).get("/activity/?kind=won&period=&from=&to=")
    assert response.url == "/activity/?kind=won"
    assert (
        visit(leads.ada)
        .get("/activity/?kind=won&period=&from=&to=", headers={"hx-request": "true"})
        .headers["HX-Push-Url"]
        == "/activity/?kind=won"
    )


def test_a_creation_is_one_line_with_amount_and_owner(leads, visit):
    line = text_of(visit(leads.olga), "kind=created")
    assert "Olga Glass Lead created Owner: Olga Glass Amount: €500 Doors" in line
    assert "Step: Contact" not in line


def test_an_edited_comment_is_shown_with_its_text_of_today(leads, visit):
    lead, olga = Lead.objects.get(title="Doors"), leads.olga
    comment = lead.events.get(kind="comment")
    lead.edit_comment(comment, "Away until June", by=olga)
    text = text_of(visit(olga))
    assert "Away until June (edited)" in text
    assert "May" not in text
    lead.remove_comment(comment, by=olga)
    assert "Away" not in text_of(visit(olga))


def test_texts_are_harmless(cast, visit):
    lead, olga = cast.lead, cast.olga
    script = "<script>alert(1)</script>"
    field = CustomField.define("lead", script, "text")
    lead.rename(script + "\u202e", by=olga)
    lead.comment(script + "x" * 10_000, by=olga)
    lead.set_field(field, script, by=olga)
    with through(Channel.MAIL):
        lead.describe(script, by=olga)
    html = page_of(visit(olga))
    assert script not in html
    assert "x" * 200 not in html
    assert "Email" in Page.read(html).text


def test_the_menu_leads_to_the_feed(cast, visit):
    html = page_of(visit(cast.tom))
    assert '<a href="/activity/" aria-current="page">Activity</a>' in html


def test_the_feed_is_french_in_french(leads, visit):
    text = " ".join(Page.read(page_of(visit(leads.ada, "fr"))).text.split())
    for shown in (
        "Activité",
        "Aujourd’hui",
        "7 derniers jours",
        "Opportunité créée",
        "Changement d’étape",
    ):
        assert shown in text
