"""Settings page of privacy and rights, and the controls that follow from the rights."""

from __future__ import annotations

import pytest

from leadlight.accounts.keys import new_key
from leadlight.accounts.models import AuditEntry, Organization
from leadlight.sales.models import Lead
from tests.web.pages import Page

pytestmark = pytest.mark.database

PRIVACY = "/settings/privacy/"
SETTINGS = ("privacy", "team_privacy", "may_assign", "may_export")


def sent(**changes: str) -> dict[str, str]:
    """Return what the form sends if these settings are changed."""
    company = Organization.current()
    shown = {name: getattr(company, name) for name in SETTINGS}
    return shown | {f"initial-{name}": value for name, value in shown.items()} | changes


def said(response) -> str:
    return Page.read(response.content.decode()).text


def test_settings_are_saved_recorded_and_undone(cast, visit):
    browser, key = visit(cast.ada), new_key()
    form = sent(team_privacy="members", may_export="admins", action=key)
    assert "Privacy and rights saved." in said(browser.post(PRIVACY, form, follow=True))
    company = Organization.current()
    assert [getattr(company, name) for name in SETTINGS] == [
        "own",
        "members",
        "everybody",
        "admins",
    ]
    rows = AuditEntry.objects.filter(kind="organization").values_list("action", "new_value")
    assert sorted(rows) == [("may_export", "admins"), ("team_privacy", "members")]
    browser.post(f"/undo/{key}/", {"next": PRIVACY})
    company = Organization.current()
    assert (company.team_privacy, company.may_export) == ("managers", "everybody")
    assert "Nothing has changed." in said(browser.post(PRIVACY, sent(), follow=True))


def test_a_page_that_was_open_meanwhile_does_not_set_other_settings_back(cast, visit):
    old = sent(may_assign="admins")
    Organization.objects.update(may_export="managers")
    visit(cast.ada).post(PRIVACY, old)
    company = Organization.current()
    assert (company.may_assign, company.may_export) == ("admins", "managers")


@pytest.mark.parametrize("name", SETTINGS)
def test_unknown_values_are_refused(name, cast, visit):
    shown = visit(cast.ada).post(PRIVACY, sent(**{name: "\0<script>"}))
    assert shown.status_code == 400
    assert "Choose one of the options." in said(shown)


def test_only_admins_reach_the_page(cast, visit):
    for user in (cast.mona, cast.olga):
        assert visit(user).get(PRIVACY).status_code == 403
        assert visit(user).post(PRIVACY, sent(privacy="shared")).status_code == 403
    assert Organization.current().privacy == "own"


EXPORTS = (
    "/leads-export/csv",
    "/selection-export/csv",
    "/clients-export/csv",
    "/reports/company/export/csv",
    "/reports/company/leads/export/csv?column=created_leads",
    "/reports/company/credit/export/csv",
)


@pytest.mark.parametrize("holders", ["admins", "managers"])
def test_without_the_right_nothing_is_exported_and_no_control_is_shown(holders, cast, visit):
    Organization.objects.update(may_export=holders)
    for user, is_holder in (
        (cast.ada, True),
        (cast.mona, holders == "managers"),
        (cast.olga, False),
    ):
        browser = visit(user)
        for page in ("/leads/", "/clients/", "/reports/company/"):
            text = browser.get(page, follow=True).content.decode()
            assert ("-export" in text or "/export/" in text) == is_holder, (user, page)
        for address in EXPORTS:
            send = browser.post if "selection" in address else browser.get
            status = send(
                address, {"keys": f'["{cast.lead.key}"]'} if "selection" in address else {}
            )
            assert (status.status_code == 403) != is_holder, (user, address, status.status_code)
    exported = AuditEntry.objects.filter(kind="export").values_list("actor", flat=True)
    assert cast.olga.pk not in exported
    assert cast.ada.pk in exported


def test_without_the_right_leads_are_assigned_nowhere(cast, visit):
    Organization.objects.update(may_assign="managers")
    browser, lead = visit(cast.olga), cast.lead
    page = browser.get(f"/leads/{lead.key}/").content.decode()
    assert f"/change-lead/owner/{lead.key}/" not in page
    assert f"/change-lead/amount/{lead.key}/" in page
    bar = browser.get("/leads/").content.decode()
    assert "/bulk/move/" in bar
    for verb in ("assign", "unassign", "distribute"):
        assert f'formaction="/bulk/{verb}/' not in bar
        chosen = {"keys": f'["{lead.key}"]', "scope": "leads", "apply": "1", "owner": cast.tom.key}
        assert browser.post(f"/bulk/{verb}/", chosen).status_code == 403
    for send in (browser.get, browser.post):
        assert send(f"/change-lead/owner/{lead.key}/", {"owner": ""}).status_code == 403
    lead.refresh_from_db()
    assert lead.owner == cast.olga
    form = browser.get("/new-lead/").content.decode()
    assert cast.olga.key in form
    refused = browser.post("/new-lead/", {"title": "Doors", "owner": cast.mona.key})
    assert refused.status_code == 400
    assert visit(cast.mona).get(f"/change-lead/owner/{lead.key}/").status_code == 200


def test_without_the_right_one_still_takes_a_lead_of_the_basket(cast, visit):
    Organization.objects.update(may_assign="admins")
    lead = Lead.create(title="Doors", by=cast.ada, team=cast.olga.teams.get(), step=cast.steps[0])
    visit(cast.olga).post(f"/unassigned/{lead.key}/take/")
    lead.refresh_from_db()
    assert lead.owner == cast.olga


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_is_well_formed_and_completely_in_french(cast, visit, language):
    page = Page.read(visit(cast.ada, language).get(PRIVACY).content.decode())
    assert (page.language, len(page.headings)) == (language, 1)
    assert page.faults == page.unlabelled == []
