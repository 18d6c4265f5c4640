"""Settings pages of the organisation, people and teams, and the home of the settings."""

from __future__ import annotations

import io
import re

import pytest
from allauth.mfa.totp.internal import auth
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from leadlight.accounts.keys import new_key
from leadlight.accounts.models import AuditEntry, Membership, Organization, Team, User
from leadlight.jobs.worker import run_due
from leadlight.replication import replica
from tests.web.conftest import PASSWORD, person
from tests.web.pages import Page
from tests.web.test_every_page import ENGLISH

pytestmark = pytest.mark.database

ORGANIZATION, PEOPLE, TEAMS = "/settings/organization/", "/settings/people/", "/settings/teams/"
INVITE = "/settings/people/invite/"
CONSOLE = "django.core.mail.backends.console.EmailBackend"
HOSTILE = "<script>\u202e😀=1+1"


def values_of(organization: Organization) -> dict[str, str]:
    """Return what the form of the organisation sends if nothing is changed."""
    names = ("name", "time_zone", "currency", "country", "locale", "first_weekday")
    names += ("fiscal_year_start_month", "dialler")
    shown = {name: str(getattr(organization, name)) for name in names}
    return shown | {f"initial-{name}": value for name, value in shown.items()}


def said(response) -> str:
    return Page.read(response.content.decode()).text


def picture(kind: str, size=(2_000, 400)) -> SimpleUploadedFile:
    content = io.BytesIO()
    Image.new("RGB", size, "teal").save(content, kind)
    return SimpleUploadedFile(f"logo.{kind.lower()}", content.getvalue())


def test_the_home_lists_all_settings_pages_for_admins_only(cast, visit):
    page = Page.read(visit(cast.ada).get("/settings/").content.decode())
    for address in (ORGANIZATION, PEOPLE, TEAMS, "/settings/audit/", "/settings/fields/"):
        assert address in page.links
    for address in ("/working-days/", "/settings/loss-reasons/", "/settings/follow-ups/"):
        assert address in page.links
    for user in (cast.mona, cast.olga):
        assert visit(user).get("/settings/").status_code == 403
        assert "/settings/" not in Page.read(visit(user).get("/goals/").content.decode()).links


def test_only_admins_reach_the_new_pages(cast, visit):
    team = cast.olga.teams.get()
    gets = [ORGANIZATION, PEOPLE, INVITE, TEAMS, "/settings/audit/", "/settings/audit/export/csv"]
    gets += [f"{PEOPLE}{cast.olga.key}/edit/", f"{TEAMS}{team.key}/edit/"]
    verbs = ("invite", "deactivate", "reactivate", "reset-second-factor")
    posts = [f"{PEOPLE}{cast.olga.key}/{verb}/" for verb in verbs]
    posts += [f"{TEAMS}{team.key}/{verb}/" for verb in ("place", "deactivate", "reactivate")]
    for user in (cast.mona, cast.olga):
        browser = visit(user)
        assert {browser.get(one).status_code for one in gets} == {403}
        assert {browser.post(one).status_code for one in (*gets[:4], *gets[6:], *posts)} == {403}
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_are_well_formed_and_completely_in_french(cast, visit, language):
    browser, team = visit(cast.ada, language), cast.olga.teams.get()
    addresses = ["/settings/", ORGANIZATION, PEOPLE, INVITE, TEAMS, "/settings/audit/"]
    addresses += [f"{PEOPLE}{cast.olga.key}/edit/", f"{TEAMS}{team.key}/edit/?q=glass"]
    for address in addresses:
        page = Page.read(browser.get(address).content.decode())
        assert (page.language, len(page.headings)) == (language, 1)
        assert page.faults == page.unlabelled == []
        assert len(page.ids) == len(set(page.ids)), address
        if language == "fr":
            # The won is a currency.
            assert set(ENGLISH.findall(page.prose + page.title)) <= {"won"}, address


# Organisation


def test_a_setting_is_saved_recorded_and_undone(cast, visit):
    browser, before = visit(cast.ada), values_of(cast.organization)
    key = new_key()
    sent = before | {"name": HOSTILE, "currency": "CHF", "action": key}
    page = browser.post(ORGANIZATION, sent, follow=True)
    assert "Organisation saved." in said(page)
    company = Organization.current()
    assert (company.name, company.currency) == (HOSTILE, "CHF")
    assert "<script>" not in page.content.decode().replace("<script src", "")
    rows = AuditEntry.objects.filter(kind="organization").order_by("pk")
    assert list(rows.values_list("action", "old_value", "new_value")) == [
        ("name", "Delorme Glazing", HOSTILE),
        ("currency", "EUR", "CHF"),
    ]
    browser.post(f"/undo/{key}/", {"next": ORGANIZATION})
    company = Organization.current()
    assert (company.name, company.currency) == ("Delorme Glazing", "EUR")
    assert rows.count() == 4


def test_an_undo_is_refused_after_another_change_and_for_other_people(cast, visit):
    key = new_key()
    sent = values_of(cast.organization) | {"name": "First", "action": key}
    visit(cast.ada).post(ORGANIZATION, sent)
    assert visit(person("Eve", role="admin")).post(f"/undo/{key}/").status_code == 404
    Organization.objects.update(name="Second")
    page = visit(cast.ada).post(f"/undo/{key}/", {"next": ORGANIZATION}, follow=True)
    assert "This setting has changed since" in said(page)
    assert Organization.current().name == "Second"


def test_a_form_keeps_what_somebody_else_changed_meanwhile(cast, visit):
    sent = values_of(cast.organization) | {"name": "Ours"}
    Organization.objects.update(currency="CHF")
    visit(cast.ada).post(ORGANIZATION, sent)
    company = Organization.current()
    assert (company.name, company.currency) == ("Ours", "CHF")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", ""),
        ("name", "x" * 201),
        ("name", "a\x00b"),
        ("time_zone", "Mars/Olympus"),
        ("currency", "euro"),
        ("country", "XX"),
        ("locale", "de"),
        ("first_weekday", "8"),
        ("fiscal_year_start_month", "0"),
        ("dialler", "javascript:alert(%s)"),
    ],
)
def test_an_invalid_setting_is_refused(cast, visit, name, value):
    sent = values_of(cast.organization) | {name: value}
    response = visit(cast.ada).post(ORGANIZATION, sent)
    assert response.status_code == 400
    assert "errorlist" in response.content.decode()
    assert values_of(Organization.current()) == values_of(cast.organization)
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_made_small_shown_to_everybody_and_removed(cast, visit, settings, tmp_path, kind):
    settings.LEADLIGHT_DATA = tmp_path
    browser, before = visit(cast.ada), values_of(cast.organization)
    browser.post(ORGANIZATION, before | {"logo_file": picture(kind)})
    digest = Organization.current().logo
    address = f"/logo/{digest}.webp"
    assert address in visit().get("/accounts/login/").content.decode()
    response = visit().get(address)
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    with Image.open(io.BytesIO(b"".join(response))) as shown:
        assert (shown.format, shown.size) == ("WEBP", (480, 96))
    assert visit().get(f"/logo/{'0' * 64}.webp").status_code == 404
    browser.post(ORGANIZATION, before | {"no_logo": "on"})
    assert Organization.current().logo == ""
    assert visit().get(address).status_code == 404


@pytest.mark.parametrize("content", [b"", b"text", b"GIF89a\x01\x00\x01\x00", b"<svg/>"])
def test_a_file_that_is_no_picture_is_no_logo(cast, visit, settings, tmp_path, content):
    settings.LEADLIGHT_DATA = tmp_path
    file = SimpleUploadedFile("logo.png", content)
    sent = values_of(cast.organization) | {"logo_file": file}
    response = visit(cast.ada).post(ORGANIZATION, sent)
    assert "This is not a picture" in said(response) or not content
    assert Organization.current().logo == ""


def test_another_time_zone_reaches_the_reports(cast, visit):
    browser = visit(cast.ada)
    sent = values_of(cast.organization) | {"time_zone": "America/New_York"}
    browser.post(ORGANIZATION, sent)
    assert browser.get("/reports/company/", follow=True).status_code == 200
    replica.forget()


# People


def test_people_are_found_by_words_and_state(cast, visit):
    browser = visit(cast.ada)
    shown = said(browser.get(PEOPLE))
    assert "Olga Glass" in shown
    assert "Ina Glass" not in shown
    assert "Ina Glass" in said(browser.get(f"{PEOPLE}?state=inactive"))
    found = said(browser.get(f"{PEOPLE}?q=glass olga&state=all"))
    assert "olga@example.com" in found
    assert "tom@example.com" not in found
    assert "Nobody has this name." in said(browser.get(f"{PEOPLE}?q=\x00{HOSTILE}"))


def test_the_list_needs_the_same_number_of_queries_for_any_number_of_people(
    cast, visit, django_assert_num_queries
):
    browser = visit(cast.ada)
    browser.get(PEOPLE)
    north = Team.objects.get(name="North")
    many = User.objects.bulk_create(User(email=f"{n}@example.com") for n in range(60))
    Membership.objects.bulk_create(Membership(team=north, user=one) for one in many)
    with django_assert_num_queries(9):
        page = said(browser.get(PEOPLE))
    assert "1 to 50 of 65" in page


def test_people_are_invited_by_mail_and_choose_a_password(
    cast, visit, django_capture_on_commit_callbacks
):
    team = cast.olga.teams.get()
    lines = "Eva Martin <Eva@example.com>\n\nmax@example.com\neva@EXAMPLE.com\nolga@example.com"
    sent = {"emails": lines, "role": "manager", "language": "fr", "teams": [team.key]}
    with django_capture_on_commit_callbacks(execute=True):
        page = visit(cast.ada).post(INVITE, sent | {"action": new_key()})
    run_due()
    assert "Somebody already has the address olga@example.com." in said(page)
    assert sorted(letter.to[0] for letter in mail.outbox) == ["eva@example.com", "max@example.com"]
    max_ = User.objects.get(email="max@example.com")
    assert (max_.role, max_.language, list(max_.teams.all())) == ("manager", "fr", [team])
    letter = next(one for one in mail.outbox if one.to == ["max@example.com"])
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", letter.body)[1]
    stranger = visit()
    form = stranger.get(link, follow=True)
    new = {"password1": "a pane of red glass", "password2": "a pane of red glass"}
    stranger.post(form.redirect_chain[-1][0], new)
    max_.refresh_from_db()
    assert max_.check_password("a pane of red glass")
    assert AuditEntry.objects.filter(kind="password", action="reset", about=max_).count() == 1
    # The link works once.
    assert "no longer works" in said(visit().get(link, follow=True))


def test_without_a_mail_server_the_links_are_shown_once(cast, visit, settings):
    settings.EMAIL_BACKEND = CONSOLE
    browser, key = visit(cast.ada), new_key()
    sent = {"emails": "eva@example.com", "role": "user", "action": key}
    page = browser.post(INVITE, sent).content.decode()
    assert "/accounts/password/reset/key/" in page
    again = browser.post(INVITE, sent, follow=True).content.decode()
    assert "/accounts/password/reset/key/" not in again
    assert User.objects.filter(email="eva@example.com").count() == 1
    assert AuditEntry.objects.filter(action="invited").count() == 1


@pytest.mark.parametrize(
    "lines",
    ["", "no address", "eva@example.com\n<b>@", "x" * 300 + "@example.com", "eva@exam\x00ple.com"],
)
def test_an_invalid_invitation_invites_nobody(cast, visit, lines):
    before = User.objects.count()
    response = visit(cast.ada).post(INVITE, {"emails": lines, "role": "user"})
    assert response.status_code == 400
    assert User.objects.count() == before


def test_a_person_with_a_password_gets_no_invitation(cast, visit):
    page = visit(cast.ada).post(f"{PEOPLE}{cast.olga.key}/invite/", follow=True)
    assert "Olga Glass can already sign in." in said(page)
    assert not AuditEntry.objects.exists()


def account(user: User, **changed) -> dict[str, object]:
    names = ("first_name", "last_name", "email", "role", "language")
    shown = {name: getattr(user, name) for name in names}
    own = [team.key for team in user.teams.all()]
    before = {f"initial-{name}": value for name, value in shown.items()} | {"initial-teams": own}
    return shown | before | {"teams": own} | changed


def test_an_account_is_changed_as_a_whole_or_not_at_all(cast, visit):
    browser, page = visit(cast.ada), f"{PEOPLE}{cast.olga.key}/edit/"
    south = Team.objects.get(name="South")
    taken = account(cast.olga, first_name="Olive", email="TOM@example.com", teams=[south.key])
    response = browser.post(page, taken)
    assert response.status_code == 400
    assert "Somebody already has the address tom@example.com." in said(response)
    cast.olga.refresh_from_db()
    assert cast.olga.first_name == "Olga"
    assert not AuditEntry.objects.exists()
    free = account(cast.olga, first_name="Olive", role="manager", teams=[south.key])
    assert browser.post(page, free).status_code == 302
    cast.olga.refresh_from_db()
    assert (cast.olga.first_name, cast.olga.role) == ("Olive", "manager")
    assert list(cast.olga.teams.all()) == [south]
    rows = AuditEntry.objects.order_by("pk").values_list("action", "old_value", "new_value")
    assert list(rows) == [
        ("first_name", "Olga", "Olive"),
        ("role", "user", "manager"),
        ("member", "member", ""),
        ("member", "", "member"),
    ]


def test_nobody_changes_their_own_role_on_the_page(cast, visit):
    person("Eve", role="admin")
    page = f"{PEOPLE}{cast.ada.key}/edit/"
    visit(cast.ada).post(page, account(cast.ada, role="user", last_name="Stone"))
    cast.ada.refresh_from_db()
    assert (cast.ada.role, cast.ada.last_name) == ("admin", "Stone")


def test_open_leads_are_handed_over_before_an_account_is_closed(cast, visit):
    browser, seller = visit(cast.ada), visit(cast.olga)
    page, close = f"{PEOPLE}{cast.olga.key}/edit/", f"{PEOPLE}{cast.olga.key}/deactivate/"
    shown = Page.read(browser.get(page).content.decode())
    assert "1 open lead would stay with a closed account." in shown.text
    assert f"/hand-over/{cast.olga.key}/" in shown.links
    assert "Hand them over first" in said(browser.post(close, follow=True))
    assert seller.get("/leads/").status_code == 200
    assert "Account deactivated." in said(browser.post(close, {"anyway": "1"}, follow=True))
    assert seller.get("/leads/").status_code == 302
    assert "Account reactivated." in said(
        browser.post(f"{PEOPLE}{cast.olga.key}/reactivate/", follow=True)
    )
    assert seller.get("/leads/").status_code == 302
    cast.lead.refresh_from_db()
    assert cast.lead.owner == cast.olga


def test_a_second_factor_is_removed(cast, visit):
    auth.TOTP.activate(cast.olga, auth.generate_totp_secret())
    browser, page = visit(cast.ada), f"{PEOPLE}{cast.olga.key}/edit/"
    assert "Remove the second factor" in said(browser.get(page))
    browser.post(f"{PEOPLE}{cast.olga.key}/reset-second-factor/")
    assert "Remove the second factor" not in said(browser.get(page))


# Teams


def test_a_team_is_created_once_renamed_and_deactivated(cast, visit):
    browser, sent = visit(cast.ada), {"name": HOSTILE, "action": new_key()}
    page = browser.post(TEAMS, sent).url
    assert browser.post(TEAMS, sent).url == TEAMS
    team = Team.objects.get(name=HOSTILE)
    assert browser.post(TEAMS, {"name": "north"}).status_code == 400
    assert browser.post(page, {"name": "South"}).status_code == 400
    browser.post(page, {"name": "West"})
    browser.post(f"{TEAMS}{team.key}/deactivate/")
    team.refresh_from_db()
    assert (team.name, team.is_active) == ("West", False)
    assert "Reactivate the team" in said(browser.get(page))
    actions = AuditEntry.objects.filter(kind="teams").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == ["created", "name", "deactivated"]


def test_members_are_found_added_made_managers_and_taken_out(cast, visit):
    browser, team = visit(cast.ada), Team.objects.get(name="South")
    page, place = f"{TEAMS}{team.key}/edit/", f"{TEAMS}{team.key}/place/"
    found = said(browser.get(f"{page}?q=glass"))
    assert "tom@example.com" in found
    assert "ina@example.com" not in found
    for where in ("member", "member", "manager"):
        browser.post(place, {"person": cast.mona.key, "place": where})
    assert Membership.objects.get(team=team, user=cast.mona).is_manager
    refusal = browser.post(place, {"person": cast.tom.key, "place": "manager"}, follow=True)
    assert "Tom Glass has the role User" in said(refusal)
    browser.post(place, {"person": cast.mona.key, "place": ""})
    assert list(team.members.all()) == [cast.uma]
    assert browser.post(place, {"person": cast.mona.key, "place": "boss"}).status_code == 400
    assert browser.post(place, {"person": "\x00", "place": ""}).status_code == 404


def test_nobody_signs_in_with_a_closed_account(cast, visit):
    browser = visit()
    browser.post("/accounts/login/", {"login": cast.ina.email, "password": PASSWORD})
    assert browser.get("/leads/").status_code == 302
