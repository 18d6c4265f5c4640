"""Audit log: what signs in, changes settings and exports leaves there, and its page."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from allauth.mfa.totp.internal import auth
from django.db.models import QuerySet

from leadlight.accounts import audit
from leadlight.accounts.models import AuditEntry
from leadlight.accounts.readers import SYSTEM
from leadlight.replication import replica
from leadlight.sales.models import Category, CustomField, FollowUpTemplate
from tests.web.conftest import PASSWORD
from tests.web.pages import Page

pytestmark = pytest.mark.database

LOG, SIGN_IN = "/settings/audit/", "/accounts/login/"


def entries(**found):
    rows = AuditEntry.objects.filter(**found).order_by("pk")
    return list(rows.values_list("action", "actor__first_name", "about__first_name", "subject"))


def said(response) -> str:
    return Page.read(response.content.decode()).text


def test_sign_ins_and_sign_outs_are_recorded_with_the_address_of_the_client(cast, visit):
    browser = visit()
    for login, password in [
        ("stranger@example.com", "x"),
        (cast.olga.email.upper(), "wrong"),
        (cast.olga.email, PASSWORD),
    ]:
        browser.post(SIGN_IN, {"login": login, "password": password}, REMOTE_ADDR="192.0.2.7")
    browser.post("/accounts/logout/", REMOTE_ADDR="2001:db8::7")
    assert entries() == [
        ("failed", None, None, "stranger@example.com"),
        ("failed", None, "Olga", ""),
        ("signed_in", "Olga", "Olga", ""),
        ("signed_out", "Olga", "Olga", ""),
    ]
    addresses = AuditEntry.objects.order_by("pk").values_list("address", flat=True)
    assert list(addresses) == ["192.0.2.7"] * 3 + ["2001:db8::7"]


def test_a_wrong_code_is_recorded_and_the_sign_in_only_after_the_right_one(cast, visit):
    secret = auth.generate_totp_secret()
    auth.TOTP.activate(cast.olga, secret)
    browser = visit()
    browser.post(SIGN_IN, {"login": cast.olga.email, "password": PASSWORD})
    browser.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert entries() == [("code_failed", None, "Olga", "")]
    code = auth.format_hotp_value(
        auth.hotp_value(secret, next(iter(auth.yield_hotp_counters_from_time())))
    )
    browser.post("/accounts/2fa/authenticate/", {"code": code})
    assert entries()[1:] == [("signed_in", "Olga", "Olga", "")]


def test_a_changed_password_is_recorded_without_the_password(cast, visit):
    browser, fresh = visit(), "a pane of blue glass"
    browser.post(SIGN_IN, {"login": cast.olga.email, "password": PASSWORD})
    change = {"oldpassword": PASSWORD, "password1": fresh, "password2": fresh}
    browser.post("/accounts/password/change/", change)
    assert ("changed", "Olga", "Olga", "") in entries(kind="password")
    texts = AuditEntry.objects.values_list("subject", "old_value", "new_value")
    assert not any("pane" in text for row in texts for text in row)


def test_exports_are_recorded_with_their_filters(cast, visit):
    browser = visit(cast.olga)
    for address in (
        "/leads-export/csv?status=todo",
        "/clients-export/csv?q=hotel",
        "/reports/company/export/csv?from=2026-01-01&to=2026-01-31",
        "/reports/company/leads/export/csv?from=2026-01-01&to=2026-01-31&column=created_leads",
    ):
        b"".join(browser.get(address))
    rows = list(AuditEntry.objects.order_by("pk").values_list("action", "subject", "new_value"))
    assert [row[:2] for row in rows] == [
        ("list", "Leads"),
        ("list", "Clients"),
        ("report", "Company performance"),
        ("list", "Company performance"),
    ]
    assert all(row[2].startswith("/") for row in rows)
    assert "status=todo" in rows[0][2]
    assert "q=hotel" in rows[1][2]
    assert "from=2026-01-01" in rows[2][2]
    assert {entry.actor for entry in AuditEntry.objects.all()} == {cast.olga}
    replica.forget()


def test_changes_of_the_other_settings_are_recorded(cast, visit):
    browser, category = visit(cast.ada), Category.objects.get()
    browser.post("/working-days/", {"weekend": ["7"]})
    browser.post("/working-days/add/", {"day": "2026-05-04", "name": "Bridge"})
    browser.post("/settings/loss-reasons/", {f"category-{category.pk}": "lost"})
    browser.post("/settings/fields/", {"subject": "lead", "name": "Colour", "kind": "text"})
    field = CustomField.objects.get()
    browser.post(f"/settings/fields/{field.key}/archive/")
    browser.post("/settings/follow-ups/", {"name": "Welcome"})
    template = FollowUpTemplate.objects.get()
    step = {"title": "Call", "days": "2", "owner_rule": "lead_owner"}
    browser.post(f"/settings/follow-ups/{template.key}/add/", step)
    rows = AuditEntry.objects.order_by("pk").values_list("action", "old_value", "new_value")
    assert list(rows) == [
        ("weekend", "Saturday, Sunday", "Sunday"),
        ("holiday", "", "2026-05-04 Bridge"),
        ("loss_reason", "Not used as a reason", "Losing"),
        ("field", "", "1. Colour · Lead · Text"),
        ("field", "1. Colour · Lead · Text", "1. Colour · Lead · Text · archived"),
        ("template", "", "1. Welcome"),
        ("template_task", "", "Call (+2, Owner of the lead)"),
    ]
    assert set(AuditEntry.objects.values_list("actor", flat=True)) == {cast.ada.pk}


def test_an_invalid_change_is_not_recorded(cast, visit):
    browser = visit(cast.ada)
    browser.post("/working-days/add/", {"day": "never", "name": "Bridge"})
    browser.post("/settings/fields/", {"subject": "lead", "name": "", "kind": "text"})
    browser.post("/settings/follow-ups/", {"name": ""})
    assert not AuditEntry.objects.exists()


def test_texts_are_cut_and_have_no_nul(cast):
    audit.record("settings", "field", by=SYSTEM, old="a\x00b", new="x" * 10_000)
    entry = AuditEntry.objects.get()
    assert entry.old_value == "a\N{REPLACEMENT CHARACTER}b"
    assert entry.new_value == "x" * 1_999 + "…"
    with pytest.raises(KeyError):
        audit.record("settings", "no such action", by=SYSTEM)


@pytest.fixture
def log(cast):
    """Three entries of January 2026, by Ada, by the command line and by a stranger."""
    audit.record("people", "role", by=cast.ada, about=cast.tom, old="user", new="manager")
    audit.record("teams", "created", by=SYSTEM, subject="<b>\u202eWest</b>")
    audit.record("sign-in", "failed", by=None, subject="=1+1@example.com")
    for day, entry in enumerate(AuditEntry.objects.order_by("pk"), start=10):
        at = datetime(2026, 1, day, 23, 30, tzinfo=UTC)
        QuerySet(AuditEntry).filter(pk=entry.pk).update(recorded_at=at)
    return cast


def test_the_page_filters_by_person_kind_and_local_day(log, visit):
    browser = visit(log.ada)
    every = said(browser.get(LOG))
    assert "Command line" in every
    assert "Not signed in" in every
    found = said(browser.get(f"{LOG}?person=tom"))
    assert "User" in found
    assert "West" not in found
    assert "West" in said(browser.get(f"{LOG}?kind=teams&from=&to="))
    # 23:30 UTC on 11 January is 00:30 on 12 January in Paris.
    on_12th = said(browser.get(f"{LOG}?from=2026-01-12&to=2026-01-12"))
    assert "West" in on_12th
    assert "Tom Glass" not in on_12th
    assert "No entry matches." in said(browser.get(f"{LOG}?from=0001-01-01&to=0001-01-02"))
    assert "West" in said(browser.get(f"{LOG}?to=9999-12-31"))
    assert "<b>" not in browser.get(LOG).content.decode()
    assert "Ligne de commande" in said(visit(log.ada, "fr").get(LOG))


@pytest.mark.parametrize(
    "query", ["kind=x", "from=x", "nonsense=1", "from=2026-01-01&from=2026-02-01"]
)
def test_an_invalid_filter_is_refused_with_a_sentence(cast, visit, query):
    assert visit(cast.ada).get(f"{LOG}?{query}").status_code == 400


def test_pages_follow_each_other_without_gap_and_with_a_fixed_number_of_queries(
    cast, visit, django_assert_num_queries
):
    for number in range(120):
        audit.record("teams", "created", by=cast.ada, subject=f"Team {number:03}", about=cast.tom)
    browser, seen, address = visit(cast.ada), [], LOG
    browser.get(LOG)
    while address:
        with django_assert_num_queries(7 if address == LOG else 8):
            page = browser.get(address)
        text = said(page)
        seen += [number for number in range(119, -1, -1) if f"Team {number:03}" in text]
        links = [one for one in Page.read(page.content.decode()).links if "before=" in one]
        address = f"{LOG}{links[0]}" if links else ""
    assert seen == list(range(119, -1, -1))


def test_the_export_has_all_entries_found_escapes_formulas_and_is_an_entry(log, visit):
    response = visit(log.ada).get(f"{LOG}export/csv?from=2026-01-01&to=2026-01-31")
    text = b"".join(response).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["action"] for row in rows] == [
        "Sign-in refused: wrong email or password",
        "Team created",
        "Role",
    ]
    assert rows[2]["recorded_at"] == "2026-01-11T00:30:00+01:00"
    assert not rows[0]["subject"].startswith("=")
    assert entries(kind="export") == [("list", "Ada", None, "Audit log")]
