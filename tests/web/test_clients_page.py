"""Page of one client: access, edit in place, conflicts, leads and activities."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadlight.accounts.models import Organization
from leadlight.sales.models import Activity, ActivityType, Client, CustomField, Lead
from leadlight.sales.models.field_texts import FieldKind
from leadlight.web.clients import page as client_page
from tests.web.pages import Page

pytestmark = pytest.mark.database

HTMX = {"hx-request": "true"}
EVERY_ROLE = ["olga", "tom", "mona", "uma", "ada"]


@pytest.fixture
def hotel(cast):
    """The client of Olga's lead."""
    return Client.objects.get()


@pytest.fixture
def fields(hotel):
    return {
        kind: CustomField.define(
            "client", f"My {kind}", kind, choices=["A", "B"] if kind == "choice" else ()
        )
        for kind in FieldKind.values
    }


def address_of(client, verb="", part=""):
    path = f"/clients/{client.key}/{f'{verb}/' if verb else ''}"
    return f"{path}?part={part}" if part else path


def html_of(browser, address, status=200, **more):
    response = browser.get(address, **more)
    assert response.status_code == status
    return unescape(response.content.decode())


def save(browser, client, part, text, before="", *, status=302, **more):
    response = browser.post(
        address_of(client, "edit", part), {"text": text, "before": before}, **more
    )
    assert response.status_code == status, response.content.decode()[:2000]
    client.refresh_from_db()
    return unescape(response.content.decode())


def lead_of(client, *, title="x", owner=None, amount=None, **more):
    at = datetime(2026, 1, 5, tzinfo=UTC)
    return Lead.create(
        title=title, by=None, client=client, owner=owner, amount=amount, at=at, **more
    )


# Access


def statuses(cast, visit, client, method, verb):
    """Return the status of the answer to each role, in the order of `EVERY_ROLE`."""
    given = {"text": "New name", "before": client.name} if verb == "edit" else {}
    address = address_of(client, verb, "name" if verb == "edit" else "")
    return [
        getattr(visit(getattr(cast, who)), method)(
            address, given if method == "post" else {}
        ).status_code
        for who in EVERY_ROLE
    ]


def test_each_role_sees_and_edits_the_clients_of_its_leads(cast, hotel, visit):
    page, form = [200, 404, 200, 404, 200], [302, 404, 302, 404, 302]
    assert statuses(cast, visit, hotel, "get", "") == page
    assert statuses(cast, visit, hotel, "post", "edit") == form
    assert statuses(cast, visit, hotel, "post", "deactivate") == [403, 404, 403, 404, 302]
    assert statuses(cast, visit, hotel, "post", "reactivate") == [403, 404, 403, 404, 302]


def test_with_shared_privacy_others_see_the_client_but_cannot_change_it(cast, hotel, visit):
    Organization.objects.update(privacy="shared")
    assert statuses(cast, visit, hotel, "get", "") == [200] * 5
    assert statuses(cast, visit, hotel, "get", "edit")[1] == 403
    assert statuses(cast, visit, hotel, "post", "edit") == [302, 403, 302, 403, 302]
    assert statuses(cast, visit, hotel, "post", "deactivate") == [403, 403, 403, 403, 302]
    hotel.refresh_from_db()
    assert (hotel.name, hotel.is_active) == ("New name", False)


def test_only_those_who_may_change_something_get_its_controls(cast, hotel, visit):
    Organization.objects.update(privacy="shared")
    CustomField.define("client", "Site", "link")
    edit, deactivate = address_of(hotel, "edit"), address_of(hotel, "deactivate")
    shown = {who: html_of(visit(getattr(cast, who)), address_of(hotel)) for who in EVERY_ROLE}
    assert [who for who in EVERY_ROLE if edit in shown[who]] == ["olga", "mona", "ada"]
    assert [who for who in EVERY_ROLE if deactivate in shown[who]] == ["ada"]


def test_an_unknown_client_or_part_is_not_found(cast, hotel, visit):
    browser = visit(cast.ada)
    archived = CustomField.define("client", "Old", "text")
    archived.archive()
    of_leads = CustomField.define("lead", "Floors", "number")
    for address in ("/clients/none/", "/clients/none/edit/?part=name"):
        html_of(browser, address, status=404)
    for part in ("", "key", "is_active", f"field:{archived.key}", f"field:{of_leads.key}"):
        html_of(browser, address_of(hotel, "edit", part), status=404)
        save(browser, hotel, part, "x", status=404)


def test_deactivating_needs_a_post(cast, hotel, visit):
    for verb in ("deactivate", "reactivate"):
        html_of(visit(cast.ada), address_of(hotel, verb), status=405)


def test_the_page_shows_only_the_leads_and_activities_that_the_reader_sees(cast, hotel, visit):
    secret = lead_of(hotel, title="Secret of Uma", owner=cast.uma, amount=Decimal(5))
    Activity.objects.create(
        activity_type=ActivityType.objects.get(),
        user=cast.uma,
        lead=secret,
        occurred_at=datetime(2026, 1, 6, tzinfo=UTC),
        content="Secret call",
    )
    seen = {who: html_of(visit(getattr(cast, who)), address_of(hotel)) for who in ("olga", "uma")}
    assert "Hotel windows" in seen["olga"]
    assert "Said on the 6th" in seen["olga"]
    assert "Secret" not in seen["olga"]
    assert "Secret of Uma" in seen["uma"]
    assert "Secret call" in seen["uma"]
    assert "Hotel windows" not in seen["uma"]
    assert "Said on the 6th" not in seen["uma"]


# Content


def test_open_leads_come_first_with_their_facts(cast, hotel, visit):
    lead_of(hotel, title="Won last", owner=cast.olga).win(by=None)
    html = html_of(visit(cast.olga), address_of(hotel))
    assert html.index("Hotel windows") < html.index("Won last")
    row = html.partition("Hotel windows")[2].partition("</tr>")[0]
    for text in ("To do", "Offer", "Olga Glass", "€1,234.56", "31 Mar 2026"):
        assert text in row, text


def test_the_totals_lead_to_their_leads(cast, hotel, visit):
    for verb in (Lead.win, Lead.lose, Lead.cancel, Lead.cancel):
        verb(lead_of(hotel, owner=cast.olga, amount=Decimal(100)), by=None)
    browser = visit(cast.olga)
    page = Page.read(browser.get(address_of(hotel)).content.decode())
    text = " ".join(page.text.split())
    assert "Leads 5 Open 1 Won 1 Lost 1 Cancelled 2" in text
    assert "Open amount €1,234.56 Won amount €100 Win rate 25.0% (1 of 4)" in text
    for link, count in {
        f"/leads/?client={hotel.key}": "5 leads",
        f"/leads/?client={hotel.key}&status=todo&status=standby": "1 lead",
        f"/leads/?client={hotel.key}&status=won&status=lost&status=cancelled": "4 leads",
    }.items():
        assert link in page.links
        assert count in html_of(browser, link)


def test_a_long_list_of_leads_is_cut_with_a_link_to_all(cast, hotel, visit, monkeypatch):
    monkeypatch.setattr(client_page, "LEADS_SHOWN", 1)
    lead_of(hotel, title="Older", owner=cast.olga)
    html = html_of(visit(cast.olga), address_of(hotel))
    assert "All 2 leads of this client" in html


def test_the_contacts_of_the_description_are_links(cast, hotel, visit):
    hotel.describe("Phone: +33 1 42 68 53 00\nE-mail: lea@hotel.example")
    page = Page.read(html_of(visit(cast.olga), address_of(hotel)))
    assert {"tel:+33142685300", "mailto:lea@hotel.example"} <= set(page.links)


def test_the_link_to_a_new_lead_appears_once_its_page_exists(cast, hotel, visit, monkeypatch):
    monkeypatch.setattr(client_page, "NEW_LEAD", "no_such_page")
    assert "New lead of this client" not in html_of(visit(cast.olga), address_of(hotel))
    monkeypatch.setattr(client_page, "NEW_LEAD", "leads")
    html = html_of(visit(cast.olga), address_of(hotel))
    assert f'href="/leads/?client={hotel.key}">New lead of this client' in html


def test_the_number_of_queries_does_not_depend_on_leads_activities_and_fields(cast, hotel, visit):
    browser = visit(cast.olga)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            html_of(browser, address_of(hotel))
        return len(captured)

    CustomField.define("client", "Site", "link")
    before = queries()
    for number in range(12):
        lead = lead_of(hotel, title=f"More {number}", owner=cast.olga)
        Activity.objects.create(
            activity_type=ActivityType.objects.get(),
            user=cast.olga,
            lead=lead,
            occurred_at=datetime(2026, 1, 6, tzinfo=UTC),
        )
        CustomField.define("client", f"Field {number}", "text")
    assert queries() == before <= 18


# Edit in place


def test_a_part_is_edited_without_scripts(cast, hotel, visit):
    browser = visit(cast.olga)
    html = html_of(browser, address_of(hotel, "edit", "name"))
    assert 'name="text" type="text" dir="auto" value="Hôtel Élysée"' in html
    assert 'name="before" value="Hôtel Élysée"' in html
    response = browser.post(
        address_of(hotel, "edit", "name"), {"text": "Verre", "before": hotel.name}, follow=True
    )
    assert response.redirect_chain == [(address_of(hotel), 302)]
    assert "Saved." in response.content.decode()
    hotel.refresh_from_db()
    assert (hotel.name, hotel.sort_name) == ("Verre", "verre")


def test_a_part_is_swapped_in_place_by_htmx(cast, hotel, visit):
    browser = visit(cast.olga)
    form = html_of(browser, address_of(hotel, "edit", "description"), headers=HTMX)
    assert form.startswith('<div class="part editing"')
    assert "csrfmiddlewaretoken" in form
    shown = save(browser, hotel, "description", "One\r\ntwo", status=200, headers=HTMX)
    assert shown.startswith('<div class="part"')
    assert "One\ntwo" in shown
    assert hotel.description == "One\ntwo"
    address = address_of(hotel, "edit", "description") + "&cancel=1"
    assert html_of(browser, address, headers=HTMX).startswith('<div class="part"')


VALUES = [
    ("text", "Über <b>", "Über <b>"),
    ("number", "0012.50", "12.5"),
    ("amount", "1234.5", "1234.50"),
    ("day", "2026-02-28", "2026-02-28"),
    ("choice", "B", "B"),
    ("email", "lea@hotel.example", "lea@hotel.example"),
    ("phone", "+33 1 42 68 53 00", "+33 1 42 68 53 00"),
    ("address", "1 rue\r\nParis", "1 rue\nParis"),
    ("link", "https://hotel.example/", "https://hotel.example/"),
]


@pytest.mark.parametrize(("kind", "text", "stored"), VALUES)
def test_a_field_of_each_kind_is_set_and_removed(kind, text, stored, cast, hotel, fields, visit):
    browser, key = visit(cast.olga), fields[kind].key
    save(browser, hotel, f"field:{key}", text)
    assert hotel.field_texts == {key: stored}
    form = html_of(browser, address_of(hotel, "edit", f"field:{key}"), headers=HTMX)
    assert f'name="before" value="{stored}"' in form
    save(browser, hotel, f"field:{key}", "", stored)
    assert hotel.field_texts == {}


@pytest.mark.parametrize(
    ("kind", "text", "sentence"),
    [
        ("number", "many", "Write a number as -1234.5"),
        ("amount", "1.234", "two decimals"),
        ("day", "2026-02-30", "This date does not exist."),
        ("choice", "C", "Choose one of: A, B."),
        ("email", "nobody", "This is not an email address."),
        ("phone", "call me", "A phone number has 3 to 30 digits."),
        ("link", "javascript:alert(1)", "A link must begin with http:// or https://"),
        ("text", "a\0b", "Text cannot contain the NUL character."),
        ("text", "x" * 10_000, "This text has 10000 characters. At most 2000 are allowed."),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_bad_value_is_refused_with_a_sentence_and_kept_in_the_form(
    headers, kind, text, sentence, cast, hotel, fields, visit
):
    part = f"field:{fields[kind].key}"
    html = save(visit(cast.olga), hotel, part, text, status=400, headers=headers)
    assert sentence in html
    assert 'aria-invalid="true"' in html
    assert text[:20].replace("\0", "") in html.replace("\0", "")
    assert hotel.field_texts == {}


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\0b", "x" * 10_000])
def test_a_bad_name_is_refused(name, cast, hotel, visit):
    html = save(visit(cast.olga), hotel, "name", name, hotel.name, status=400)
    assert 'id="edit-name-error"' in html
    assert hotel.name == "Hôtel Élysée"


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "=1+1", "\u202eاسم", "😀" * 100, "x" * 10_000, "<b>bold</b>"],
)
def test_hostile_texts_are_shown_as_text(text, cast, hotel, fields, visit):
    browser = visit(cast.olga)
    save(browser, hotel, "description", text)
    if len(text) <= 2_000:
        save(browser, hotel, f"field:{fields['text'].key}", text)
    raw = browser.get(address_of(hotel)).content.decode()
    page = Page.read(raw)
    assert page.faults == []
    assert text in page.text
    assert "<b>bold" not in raw


# Two people


def test_a_conflict_shows_both_values_and_the_one_before(cast, hotel, visit):
    olga, mona = visit(cast.olga), visit(cast.mona)
    save(olga, hotel, "name", "Of Olga", "Hôtel Élysée")
    html = save(mona, hotel, "name", "Of Mona", "Hôtel Élysée", status=409, headers=HTMX)
    assert hotel.name == "Of Olga"
    page = Page.read(html)
    text = " ".join(page.text.split())
    assert "Before Hôtel Élysée Theirs Of Olga Yours Of Mona" in text
    assert 'name="before" value="Of Olga"' in html
    assert 'value="Of Mona"' in html
    save(mona, hotel, "name", "Of Mona", "Of Olga")
    assert hotel.name == "Of Mona"


def test_changes_of_different_parts_do_not_conflict(cast, hotel, fields, visit):
    olga, mona = visit(cast.olga), visit(cast.mona)
    site, day = (f"field:{fields[kind].key}" for kind in ("link", "day"))
    save(olga, hotel, "name", "New", "Hôtel Élysée")
    save(olga, hotel, site, "https://a.example/")
    save(mona, hotel, day, "2026-01-31")
    save(mona, hotel, "description", "Text")
    html = save(mona, hotel, site, "https://b.example/", status=409)
    assert "https://a.example/" in html
    assert hotel.field_texts[fields["link"].key] == "https://a.example/"


def test_the_same_change_of_two_people_is_no_conflict(cast, hotel, visit):
    for browser in (visit(cast.olga), visit(cast.mona)):
        save(browser, hotel, "description", "Same\r\ntext", "")
    assert hotel.description == "Same\ntext"


def test_an_imported_text_with_other_line_ends_is_no_conflict(cast, hotel, visit):
    hotel.describe("One\r\ntwo")
    save(visit(cast.olga), hotel, "description", "Three", "One\r\ntwo")
    assert hotel.description == "Three"


def test_a_choice_removed_meanwhile_stays_in_the_form(cast, hotel, fields, visit):
    field = fields["choice"]
    hotel.set_field(field, "A")
    CustomField.objects.filter(pk=field.pk).update(choices=["B"])
    form = html_of(visit(cast.olga), address_of(hotel, "edit", f"field:{field.key}"))
    assert '<option value="A" selected>A</option>' in form
