"""Leadlight on a phone: installed, without a connection, shared texts, and return from a call."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client as Session
from PIL import Image
from playwright.sync_api import Page, expect

from leadlight.sales.models import ActivityType, Lead
from tests.browser.conftest import PATIENCE_MS, PHONE, wait_for_htmx
from tests.clock import START
from tests.web.conftest import PASSWORD, small_company

pytestmark = pytest.mark.django_db(transaction=True)

LEAVE = "Object.defineProperty(document, 'hidden', {value: true, configurable: true})"
RETURN = """() => {
  Object.defineProperty(document, 'hidden', {value: false, configurable: true});
  document.dispatchEvent(new Event('visibilitychange'));
}"""
STAY = """() => document.addEventListener(
  "click", (event) => event.target.closest("a[data-call]") && event.preventDefault())"""
LATER = "() => { const real = Date.now; Date.now = () => real() + 5000; }"


@pytest.fixture
def cast(transactional_db):
    return small_company()


@pytest.fixture
def installed(browser, live_server, own_replica):
    """A page in a context with service workers, as an installed app has one."""
    context = browser.new_context(
        base_url=live_server.url, viewport={"width": PHONE[0], "height": PHONE[1]}, locale="en-GB"
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


def test_the_manifest_has_what_a_browser_needs_to_install_the_app(cast, phone: Page):
    phone.goto("/accounts/login/")
    address = phone.locator("link[rel=manifest]").get_attribute("href")
    manifest = phone.request.get(address).json()
    assert manifest["name"] == "Leadlight · Delorme Glazing"
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == (
        *("/today/", "/", "standalone"),
    )
    sizes = {icon["sizes"] for icon in manifest["icons"]}
    assert {"192x192", "512x512"} <= sizes
    for icon in manifest["icons"]:
        response = phone.request.get(icon["src"])
        assert response.ok
        if icon["type"] == "image/png":
            path = finders.find(icon["src"].removeprefix("/static/"))
            with Image.open(path) as image:
                assert f"{image.width}x{image.height}" == icon["sizes"]
    found = phone.context.new_cdp_session(phone).send("Page.getAppManifest")
    assert found["errors"] == []


def test_without_a_connection_there_is_a_page_and_nothing_private_is_kept(
    cast, installed: Page, enter
):
    enter(installed, cast.olga)
    installed.goto(f"/leads/{cast.lead.key}/")
    installed.evaluate("navigator.serviceWorker.ready.then(() => true)")
    expect(installed.get_by_role("heading", name="Hotel windows")).to_be_visible()
    installed.reload()
    installed.wait_for_function("navigator.serviceWorker.controller !== null")
    installed.context.set_offline(True)
    installed.goto("/today/")
    expect(installed.get_by_role("heading", name="No connection")).to_be_visible()
    expect(installed.get_by_role("heading", name="Pas de connexion")).to_be_visible()
    kept = installed.evaluate(
        "caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name)"
        ".then((cache) => cache.keys())))).then((all) => all.flat().map(({ url }) => "
        "new URL(url).pathname))"
    )
    assert kept[0] == "/offline/"
    assert all(path.startswith("/static/leadlight/") for path in kept[1:])
    installed.context.set_offline(False)
    installed.get_by_role("link", name="Try again").click()
    expect(installed.get_by_role("heading", name="Today")).to_be_visible()


def test_a_shared_text_becomes_a_new_lead_to_confirm_also_after_signing_in(cast, phone: Page):
    # The phone sends the text without a page of ours, and so without a token.
    sent = Session(enforce_csrf_checks=True).post(
        "/share/", {"title": "Atelier Zoé", "text": "Phone: 06 12 34 56 79\n<b>Zoé</b>"}
    )
    phone.goto(sent["Location"])
    phone.get_by_label("Email").fill("olga@example.com")
    phone.get_by_label("Password").fill(PASSWORD)
    phone.get_by_role("button", name="Sign in").click()
    expect(phone.get_by_label("Title")).to_have_value("Atelier Zoé")
    description = "Phone: 06 12 34 56 79\n<b>Zoé</b>"
    expect(phone.get_by_label("Description")).to_have_value(description)
    assert Lead.objects.count() == 1
    phone.get_by_role("button", name="Create the lead").click()
    expect(phone.get_by_role("heading", name="Atelier Zoé")).to_be_visible()
    assert Lead.objects.latest("pk").description == description


@pytest.mark.parametrize("is_today", [False, True], ids=["lead", "today"])
def test_after_a_call_the_page_asks_once_what_came_of_it(cast, phone: Page, enter, is_today):
    ActivityType.define("Visit", kind="meeting")
    enter(phone, cast.olga)
    phone.goto("/today/" if is_today else f"/leads/{cast.lead.key}/")
    if is_today:
        phone.get_by_role("link", name="Hotel windows").first.click()
        wait_for_htmx(phone)
    link = phone.locator("a[data-call]").first
    phone.evaluate(STAY)
    link.click()
    question = phone.get_by_text("What came of the call to")
    expect(question).to_be_hidden()
    phone.evaluate(LEAVE)
    phone.evaluate(LATER)
    phone.evaluate(RETURN)
    expect(question).to_be_visible()
    expect(phone.get_by_role("button", name=re.compile("Reached$"))).to_be_focused()
    phone.get_by_role("button", name="Nothing to log").click()
    expect(question).to_be_hidden()
    phone.evaluate(RETURN)
    expect(question).to_be_hidden()
    link.click()
    phone.evaluate(LATER)
    phone.evaluate(RETURN)
    phone.get_by_role("button", name=re.compile("Reached$")).click()
    expect(phone.get_by_text(re.compile("^Logged: Phone call · Reached"))).to_be_visible()
    assert cast.lead.activities.filter(occurred_at__gte=START).count() == 1


def test_somebody_who_types_keeps_the_focus_after_a_call(cast, phone: Page, enter):
    enter(phone, cast.olga)
    phone.goto(f"/leads/{cast.lead.key}/")
    phone.evaluate(STAY)
    phone.locator("a[data-call]").first.click()
    note = phone.get_by_label("Note", exact=True).first
    note.focus()
    phone.evaluate(LATER)
    phone.evaluate(RETURN)
    expect(phone.get_by_text("What came of the call to")).to_be_visible()
    expect(note).to_be_focused()
