"""Public forms and partners: what a visitor sends, what is made of it, and what is refused."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from leadlight.accounts.models import AuditEntry
from leadlight.accounts.tokens import new_token
from leadlight.automation.dispatch import dispatch
from leadlight.automation.models import Rule, RuleRun
from leadlight.sales import form_entries, lead_forms, pipeline_settings, tag_merging
from leadlight.sales.merging import merge
from leadlight.sales.models import (
    ContactPoint,
    CustomField,
    FormEntry,
    FormRefusal,
    Lead,
    LeadForm,
    Partner,
    Tag,
)
from leadlight.sales.models.actions import acting

SENT = {"name": "Zoé Vitrail", "company": "Atelier Zoé", "email": "zoe@client.example"}
THANKS = "Thank you. We have received what you sent"


@pytest.fixture
def clock(monkeypatch):
    """Let the time pass: `clock(seconds)` moves the clock forward."""
    real, passed = timezone.now, [timedelta()]
    monkeypatch.setattr(timezone, "now", lambda: real() + passed[0])

    def forward(seconds: float) -> None:
        passed[0] += timedelta(seconds=seconds)

    return forward


@pytest.fixture
def form(cast) -> LeadForm:
    return a_form(cast)


def a_form(cast, **more) -> LeadForm:
    one = LeadForm()
    fields = [
        {"name": name, "required": name == "name"}
        for name in ("name", "company", "email", "phone", "message")
    ]
    given = {
        "name": "Website",
        "title": "Ask for an offer",
        "introduction": "",
        "thanks": "",
        "continue_at": "",
        "language": "en",
        "fields": fields,
        "sites": [],
        "step": cast.steps[1],
        "owner": None,
        "tags": [],
    }
    lead_forms.save(one, by=cast.ada, **(given | more))
    return one


def a_partner(cast, form, name="Marbrerie Duval") -> Partner:
    one = Partner()
    lead_forms.save_partner(one, by=cast.ada, name=name, form=form)
    return one


def path_of(row: LeadForm | Partner) -> str:
    return f"/form/{row.address.token}/"


def hidden(page: str) -> str:
    return re.search(r'name="t" value="([^"]+)"', page)[1]


def send(path, clock, values=SENT, *, after=10, time=None, **more):
    """Open the form, wait, and send it as a browser does, without cookies."""
    browser = Browser(enforce_csrf_checks=True)
    time = time or hidden(browser.get(path).text)
    clock(after)
    return browser.post(path, values | {"t": time}, **more)


def new_leads(cast):
    return list(Lead.objects.exclude(pk=cast.lead.pk).order_by("pk"))


def test_a_submission_makes_a_lead_in_the_basket(cast, form, clock):
    message = "Two windows, please.\n<script>alert(1)</script>"
    page = send(path_of(form), clock, SENT | {"phone": "06 12 34 56 79", "message": message})
    assert page.status_code == 200
    assert THANKS in page.text
    [lead] = new_leads(cast)
    assert (lead.title, lead.owner, lead.step, lead.status) == (
        *("Atelier Zoé", None, cast.steps[1], "todo"),
    )
    assert lead.source == "Form: Website"
    assert lead.description == (
        "Name: Zoé Vitrail\nCompany: Atelier Zoé\nEmail: zoe@client.example\n"
        f"Phone: 06 12 34 56 79\n\n{message}"
    )
    points = ContactPoint.objects.filter(lead=lead).values_list("kind", "value", "name")
    assert sorted(points) == [
        ("email", "zoe@client.example", "Zoé Vitrail"),
        ("phone", "+33612345679", "Zoé Vitrail"),
    ]
    created = lead.events.get(kind="created")
    assert (created.channel, created.actor) == ("form", None)


def test_the_form_works_without_cookies_scripts_or_sign_in(form):
    browser = Browser(enforce_csrf_checks=True)
    response = browser.get(path_of(form))
    assert response.status_code == 200
    assert not browser.cookies
    assert "<script" not in response.text
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]


def test_only_named_sites_may_show_the_form_in_a_frame(cast):
    form = a_form(cast, sites=["https://www.Shop.example/", "https://b.example:8443"])
    response = Browser().get(path_of(form))
    policy = response["Content-Security-Policy"]
    assert "frame-ancestors https://www.shop.example https://b.example:8443;" in policy
    assert "X-Frame-Options" not in response
    assert Browser().get("/accounts/login/")["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "site",
    [
        *("http://a.example", "a.example", "https://a.example; script-src *", "*"),
        *("https://*", "https://a.example'self'", "javascript:alert(1)", "https://é.example"),
    ],
)
def test_a_site_that_could_change_the_policy_is_refused(cast, site):
    with pytest.raises(lead_forms.Refused):
        a_form(cast, sites=[site])
    assert not LeadForm.objects.exists()


def test_the_owner_tags_and_own_fields_of_the_form_are_those_of_the_lead(cast, clock):
    size = CustomField.define("lead", "Size", "choice", choices=["small", "large"])
    budget = CustomField.define("lead", "Budget", "amount")
    tag = Tag.objects.get(name="Urgent")
    names = [f"field:{size.key}", f"field:{budget.key}"]
    fields = [{"name": "company", "required": True}]
    fields += [{"name": name, "required": False} for name in names]
    form = a_form(cast, fields=fields, owner=cast.olga, tags=[tag])
    values = {"company": "Atelier Zoé", names[0]: "huge", names[1]: "12 hundred"}
    page = send(path_of(form), clock, values)
    assert page.status_code == 400
    assert "Choose one of: small, large." in page.text
    assert "Write an amount as 1234.50." in page.text
    assert 'value="12 hundred"' in page.text
    assert new_leads(cast) == []
    send(path_of(form), clock, values | {names[0]: "large", names[1]: "1,200.5"})
    [lead] = new_leads(cast)
    assert (lead.owner, [*lead.tags.all()]) == (cast.olga, [tag])
    assert lead.field_texts == {size.key: "large", budget.key: "1200.50"}
    assert lead.description == "Company: Atelier Zoé"


def test_a_known_email_or_phone_adds_a_comment_to_the_open_lead(cast, form, clock):
    known = {"name": "Léa", "phone": "+33 6 12 34 56 78", "message": "Any news?"}
    assert THANKS in send(path_of(form), clock, known).text
    assert new_leads(cast) == []
    comment = cast.lead.events.get(kind="comment")
    assert comment.value == "Form: Website\nName: Léa\nPhone: +33 6 12 34 56 78\n\nAny news?"
    assert (comment.channel, comment.actor) == ("form", None)
    entry = FormEntry.objects.get()
    assert (entry.lead, entry.is_new) == (cast.lead, False)


def test_a_closed_lead_gets_no_comment_but_a_new_lead(cast, form, clock):
    cast.lead.win(by=cast.olga)
    send(path_of(form), clock, SENT | {"email": "lea@hotel.example"})
    assert len(new_leads(cast)) == 1
    assert not cast.lead.events.filter(kind="comment").exists()


def test_the_same_page_sent_twice_is_one_submission(cast, form, clock):
    time = hidden(Browser().get(path_of(form)).text)
    for _ in range(3):
        assert THANKS in send(path_of(form), clock, time=time).text
    assert len(new_leads(cast)) == FormEntry.objects.count() == 1


@pytest.mark.parametrize("after", [2, 24 * 3600 + 1])
def test_a_form_that_is_sent_too_fast_or_too_late_is_shown_again_with_all_values(
    cast, form, clock, after
):
    page = send(path_of(form), clock, after=after)
    assert page.status_code == 400
    assert "Please wait a few seconds, then send the form once more." in page.text
    assert 'value="zoe@client.example"' in page.text
    assert new_leads(cast) == []
    assert FormRefusal.objects.get().reason == "time"
    assert THANKS in send(path_of(form), clock, time=hidden(page.text)).text


@pytest.mark.parametrize("time", ["", "x", "W10:x", "\0"])
def test_a_time_that_nobody_signed_is_refused(cast, form, clock, time):
    assert send(path_of(form), clock, time=time or " ").status_code == 400
    assert new_leads(cast) == []


def test_the_time_of_another_form_is_refused(cast, form, clock):
    other = a_form(cast, name="Fair")
    time = hidden(Browser().get(path_of(other)).text)
    assert send(path_of(form), clock, time=time).status_code == 400


def test_the_field_that_only_programs_fill_in_is_a_trap_that_loses_nothing(cast, form, clock):
    page = send(path_of(form), clock, SENT | {"checkword": "x"})
    assert page.status_code == 400
    assert 'value="Atelier Zoé"' in page.text
    assert new_leads(cast) == []
    assert FormRefusal.objects.get().reason == "trap"


def test_a_flood_of_one_sender_ends_and_others_go_on(cast, form, clock):
    answers = [
        send(path_of(form), clock, SENT | {"email": f"z{number}@client.example"}).status_code
        for number in range(14)
    ]
    assert answers == [200] * 10 + [429] * 4
    assert len(new_leads(cast)) == 10
    assert FormRefusal.objects.get(reason="rate").count == 4
    assert send(path_of(form), clock, REMOTE_ADDR="192.0.2.7").status_code == 200
    clock(3600)
    assert send(path_of(form), clock, SENT | {"email": "late@client.example"}).status_code == 200


def test_a_flood_of_many_senders_ends_and_its_counts_are_bounded(cast, form, clock, monkeypatch):
    monkeypatch.setattr(form_entries, "MOST_OF_A_FORM", 5)
    monkeypatch.setattr(form_entries, "MOST_COUNTED", 3)
    for number in range(12):
        send(path_of(form), clock, REMOTE_ADDR=f"192.0.2.{number}")
    assert FormEntry.objects.count() == 5
    assert FormRefusal.objects.get().count == 3


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"company": "Atelier"}, "Fill in this field."),
        (SENT | {"email": "nobody"}, "This is not an email address."),
        (SENT | {"phone": "call me"}, "A phone number has 3 to 30 digits."),
        (SENT | {"message": "http://a " * 6}, "A message can have at most 5 links."),
        (SENT | {"message": "x" * 5001}, "This text has 5001 characters."),
        (SENT | {"name": "x" * 201}, "This text has 201 characters."),
    ],
)
def test_wrong_values_are_explained_and_kept(cast, form, clock, values, sentence):
    page = send(path_of(form), clock, values)
    assert page.status_code == 400
    assert sentence in page.text
    assert new_leads(cast) == []
    assert FormRefusal.objects.get().reason == "invalid"


def test_a_form_without_required_fields_still_needs_a_sender(cast, clock):
    fields = [{"name": name, "required": False} for name in ("message", "email")]
    page = send(path_of(a_form(cast, fields=fields)), clock, {"message": "Hello"})
    assert "Tell us who you are" in page.text


@pytest.mark.parametrize(
    "text", ["\u202eZoé\u202c 🪟", "=HYPERLINK(1)", "<b>Zoé</b>\0", "@Olga Glass", "Zoé\r\nBcc: x"]
)
def test_hostile_text_is_text(cast, form, clock, visit, text):
    assert THANKS in send(path_of(form), clock, SENT | {"company": text, "message": text}).text
    [lead] = new_leads(cast)
    assert lead.title == " ".join(text.replace("\0", "").split())
    page = visit(cast.ada).get(f"/leads/{lead.key}/")
    assert page.status_code == 200
    assert "<b>Zoé</b>" not in page.text


def test_a_visitor_is_led_on_to_the_page_of_the_company(cast, clock):
    form = a_form(cast, continue_at="https://www.shop.example/thanks?a=1")
    response = send(path_of(form), clock)
    assert (response.status_code, response["Location"]) == (302, form.continue_at)
    assert "form-action 'self' https://www.shop.example;" in response["Content-Security-Policy"]


def test_the_form_speaks_the_chosen_language_or_the_visitors(cast, form, clock):
    french = a_form(cast, name="Salon", language="fr")
    assert "Votre nom" in Browser().get(path_of(french), headers={"accept-language": "en"}).text
    visitors = a_form(cast, name="Fair", language="")
    for language, label in (("fr", "Votre nom"), ("en", "Your name")):
        page = Browser().get(path_of(visitors), headers={"accept-language": language}).text
        assert label in page
        assert f'lang="{language}"' in page
    send(path_of(french), clock)
    assert new_leads(cast)[0].source == "Form: Salon"


def test_a_form_that_is_switched_off_or_has_a_new_address_is_not_found(cast, form, visit):
    old = path_of(form)
    visit(cast.ada).post(f"/settings/forms/{form.key}/switch/", {"do": "renew"})
    form.address.refresh_from_db()
    assert Browser().get(old).status_code == 404
    assert Browser().get(path_of(form)).status_code == 200
    visit(cast.ada).post(f"/settings/forms/{form.key}/switch/", {"do": "off"})
    assert Browser().get(path_of(form)).status_code == 404
    assert Browser().get(f"/form/{new_token()}/").status_code == 404


def test_an_archived_field_is_no_longer_asked_for(cast, clock):
    field = CustomField.define("lead", "Size", "text")
    fields = [{"name": "name", "required": True}]
    fields += [{"name": f"field:{field.key}", "required": True}]
    form = a_form(cast, fields=fields)
    field.archive()
    assert "Size" not in Browser().get(path_of(form)).text
    assert THANKS in send(path_of(form), clock).text


def test_a_form_of_a_closed_step_goes_on_with_the_first_step_of_its_pipeline(cast, form, clock):
    with acting("close", cast.ada):
        pipeline_settings.close_step(cast.steps[1], cast.steps[2], by=cast.ada)
    send(path_of(form), clock)
    assert new_leads(cast)[0].step == cast.steps[0]


def test_a_step_in_which_the_leads_of_a_form_begin_is_not_removed(cast):
    step = pipeline_settings.add_step(cast.steps[0].pipeline, "Visit", by=cast.ada)
    form = a_form(cast, step=step)
    with pytest.raises(lead_forms.Refused, match="form “Website” begin in “Visit”"):
        pipeline_settings.remove_step(step)
    assert LeadForm.objects.get().step == form.step


def test_a_form_gives_the_tag_that_its_own_one_was_merged_into(cast, clock):
    kept, merged = Tag.define("Kept"), Tag.define("Merged")
    form = a_form(cast, tags=[merged])
    with acting("merge", cast.ada):
        tag_merging.merge(merged, kept)
    send(path_of(form), clock)
    assert [*new_leads(cast)[0].tags.all()] == [kept]


def test_a_lead_of_somebody_who_left_is_unassigned(cast, clock):
    form = a_form(cast, owner=cast.ina)
    send(path_of(form), clock)
    assert new_leads(cast)[0].owner is None


# Partners


def test_a_partner_sees_day_name_and_outcome_of_their_leads_and_nothing_else(cast, form, clock):
    partner, other = a_partner(cast, form), a_partner(cast, form, "Somebody else")
    send(path_of(partner), clock)
    send(path_of(other), clock, SENT | {"company": "Not theirs"})
    first = new_leads(cast)[0]
    assert first.source == "Partner: Marbrerie Duval"
    page = f"/partner/{partner.page.token}/"
    assert "In progress" in Browser().get(page).text
    first.set_amount(9876, by=cast.olga)
    first.assign_to(cast.olga, by=cast.mona)
    first.win(by=cast.olga)
    text = Browser().get(page).text
    assert "Atelier Zoé" in text
    assert re.search(r"<td>\s*Won\s*</td>", text)
    for secret in ("9876", "9,876", "Olga", "Not theirs", "zoe@client.example", first.key):
        assert secret not in text


def test_a_partner_learns_nothing_about_leads_that_others_found(cast, form, clock):
    partner = a_partner(cast, form)
    send(path_of(partner), clock, SENT | {"email": "lea@hotel.example"})
    [lead] = new_leads(cast)
    assert not cast.lead.events.filter(kind="comment").exists()
    cast.lead.win(by=cast.olga)
    assert "In progress" in Browser().get(f"/partner/{partner.page.token}/").text
    assert lead.status == "todo"


def test_a_merged_lead_of_a_partner_has_the_outcome_of_the_kept_one(cast, form, clock):
    partner = a_partner(cast, form)
    send(path_of(partner), clock)
    [lead] = new_leads(cast)
    merge(cast.lead, lead, taken=(), by=cast.ada)
    cast.lead.lose(by=cast.olga)
    assert "Lost" in Browser().get(f"/partner/{partner.page.token}/").text


def test_a_partner_who_is_switched_off_finds_neither_page(cast, form, visit):
    partner = a_partner(cast, form)
    visit(cast.ada).post(f"/settings/partners/{partner.key}/switch/", {"do": "off"})
    assert Browser().get(path_of(partner)).status_code == 404
    assert Browser().get(f"/partner/{partner.page.token}/").status_code == 404


# Settings and rules


def test_an_admin_makes_a_form_and_a_partner_and_sees_their_addresses(cast, visit):
    admin = visit(cast.ada)
    page = admin.get("/settings/forms/")
    values = {one.html_name: one.value() or "" for one in page.context["form"]}
    step = cast.steps[0].key
    given = values | {"name": "Website", "step": step, "shown phone": "", "place company": 1}
    given |= {"place name": 2, "sites": "https://www.shop.example", "tags": []}
    page = admin.post("/settings/forms/", given, follow=True)
    assert "Form added." in page.text
    form = LeadForm.objects.get()
    assert [one["name"] for one in form.fields] == ["company", "name", "email", "message"]
    assert [one["required"] for one in form.fields] == [False, True, True, False]
    assert f"http://testserver{path_of(form)}" in page.text
    assert "&lt;iframe src=" in page.text
    again = admin.post("/settings/forms/", given)
    assert again.status_code == 400
    assert "“Website” exists already." in again.text
    page = admin.post("/settings/partners/", {"name": "Duval", "form": form.key}, follow=True)
    partner = Partner.objects.get()
    assert f"http://testserver{path_of(partner)}" in page.text
    assert f"http://testserver/partner/{partner.page.token}/" in page.text
    entries = AuditEntry.objects.filter(kind="settings").values_list("action", "subject")
    assert [*entries.order_by("pk")] == [("lead_form", "Website"), ("partner", "Duval")]


def test_a_form_without_a_sender_field_or_with_unknown_fields_is_refused(cast):
    for fields in (
        [{"name": "message", "required": True}],
        [{"name": "name", "required": True}, {"name": "field:unknown", "required": False}],
    ):
        with pytest.raises(lead_forms.Refused):
            a_form(cast, fields=fields)


def test_a_rule_acts_on_received_forms_alone(cast, form, clock):
    rule = Rule.objects.create(name="Forms", trigger="form", actions={"comment": "Call today"})
    Lead.create(title="By hand", by=cast.olga, owner=cast.olga)
    send(path_of(form), clock)
    send(path_of(form), clock, SENT | {"email": "lea@hotel.example"})
    dispatch()
    form_leads = [entry.lead for entry in FormEntry.objects.order_by("pk")]
    assert [run.lead for run in RuleRun.objects.filter(rule=rule).order_by("pk")] == form_leads
