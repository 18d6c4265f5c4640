"""Fixtures of the browser tests, which run in an installed Chromium or Chrome.

`page` is a desktop in English, `phone` a phone; `open_page` opens any other. A page that logs an
error or violates the content security policy fails its test; a test that provokes one on purpose
empties `complaints`.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Playwright,
    Request,
    expect,
    sync_playwright,
)

from leadlight.replication import replica
from tests.recorded_company import RecordedCompany, recorded_company
from tests.web.worked import Readers, worked_company

# Playwright's synchronous interface runs an event loop in the thread of the test.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

DESKTOP = (1280, 900)
PHONE = (390, 844)
# Settings of a journey: the longer words on the smaller screen. `test_accessibility` opens every
# page in all combinations in turn.
DESKTOP_AND_PHONE = pytest.mark.parametrize(
    ("size", "language"), [(DESKTOP, "en"), (PHONE, "fr")], ids=["desktop-en", "phone-fr"]
)
NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
ELSEWHERE = [
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
]
FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
FIRST_PAGE = "/static/leadlight/icon.svg"
# Timeout for a busy machine; a correct page is ready sooner.
PATIENCE_MS = 60_000
# Logged by htmx when a request replaces a pending one, as intended. Before an error it logs the
# first of these too, and then the error under its own name.
REPLACED = ("htmx:afterRequest,", "htmx:sendAbort,")
HOW_TO_GET_ONE = (
    "The browser tests need Chromium or Chrome, and none was found. Install the package of your "
    "system (Debian: apt-get install chromium), or that of Playwright (.venv/bin/playwright "
    "install --with-deps chromium), or name a program in CHROME."
)


def is_root() -> bool:
    return os.geteuid() == 0


def installed() -> str | None:
    named = os.environ.get("CHROME")
    if named:
        if shutil.which(named) is None:
            pytest.fail(
                f"CHROME is “{named}”: it must be a program that can be run.", pytrace=False
            )
        return named
    found = [path for name in NAMES if (path := shutil.which(name))]
    found += [str(path) for path in ELSEWHERE if path.exists()]
    return found[0] if found else None


def of_playwright(playwright: Playwright) -> str | None:
    """Return the Chromium that `playwright install chromium` downloads."""
    own = Path(playwright.chromium.executable_path)
    return str(own) if own.exists() else None


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        program = installed() or of_playwright(playwright)
        if program is None:
            pytest.fail(HOW_TO_GET_ONE, pytrace=False)
        browser = playwright.chromium.launch(
            executable_path=program, args=[*FLAGS, *(["--no-sandbox"] if is_root() else [])]
        )
        expect.set_options(timeout=PATIENCE_MS)
        yield browser
        browser.close()


class Contexts:
    """Browser contexts, used by one test after another.

    A new context starts two processes, which takes a second. One that is used again has no cookie,
    stored value, cached file or open page of the test before. Its first page stays open, because
    the process of a site ends with the last page.
    """

    def __init__(self, browser: Browser, base_url: str) -> None:
        self._browser = browser
        self._base_url = base_url
        self._free: dict[tuple[Any, ...], list[BrowserContext]] = {}
        self._settings: dict[BrowserContext, tuple[Any, ...]] = {}

    def take(self, size: tuple[int, int], language: str, color_scheme: str) -> BrowserContext:
        """Return a context in this setting that no test has taken."""
        setting = (size, language, color_scheme)
        if free := self._free.get(setting):
            return free.pop()
        context = self._browser.new_context(
            base_url=self._base_url,
            viewport={"width": size[0], "height": size[1]},
            locale={"en": "en-GB", "fr": "fr-FR"}[language],
            timezone_id="Europe/Paris",
            color_scheme=color_scheme,
            has_touch=size == PHONE,
            service_workers="block",  # Playwright sees no request that a worker answers
        )
        context.set_default_timeout(PATIENCE_MS)
        context.new_page().goto(FIRST_PAGE)
        self._settings[context] = setting
        return context

    def give_back(self, context: BrowserContext) -> None:
        first, *others = context.pages
        for page in others:
            page.close()
        context.clear_cookies()
        session = context.new_cdp_session(first)
        session.send("Network.clearBrowserCache")
        stored = {"origin": self._base_url, "storageTypes": "all"}
        session.send("Storage.clearDataForOrigin", stored)
        session.detach()
        self._free.setdefault(self._settings[context], []).append(context)

    def close(self) -> None:
        for context in self._settings:
            context.close()


@pytest.fixture(scope="session")
def contexts(browser: Browser, live_server: Any) -> Iterator[Contexts]:
    contexts = Contexts(browser, live_server.url)
    yield contexts
    contexts.close()


def wait_for_htmx(page: Page) -> None:
    """Wait until htmx has taken over the parts that it put into the page.

    Until then, Enter in a form of such a part sends the form without htmx.
    """
    busy = ".htmx-added, .htmx-settling, .htmx-swapping, .htmx-request"
    expect(page.locator(busy)).to_have_count(0)


def press(page: Page, key: str, **options: Any) -> None:
    """Press a key once the scripts of the page listen for it.

    A page that another key opened shows its heading before its scripts have run.
    """
    page.wait_for_load_state("domcontentloaded")
    page.keyboard.press(key, **options)


class Requests:
    """Number of requests in progress on the server of this process."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = threading.Condition()

    def begin(self, **_sent: Any) -> None:
        self._change(1)

    def end(self, **_sent: Any) -> None:
        self._change(-1)

    def _change(self, by: int) -> None:
        with self._changed:
            self._count += by
            self._changed.notify_all()

    def wait_for_end(self) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._count == 0, PATIENCE_MS / 1000)


@pytest.fixture(scope="session")
def served() -> Iterator[Requests]:
    requests = Requests()
    request_started.connect(requests.begin)
    request_finished.connect(requests.end)
    yield requests
    request_started.disconnect(requests.begin)
    request_finished.disconnect(requests.end)


@pytest.fixture
def complaints() -> list[str]:
    """Errors that the pages of this test logged."""
    return []


@pytest.fixture
def open_page(
    contexts: Contexts, own_replica: ExitStack, served: Requests, complaints: list[str]
) -> Iterator[Callable[..., Page]]:
    """Open a page of the running instance in a separate session, closed after the test."""
    taken = []
    asked: set[Request] = set()

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(REPLACED):
            complaints.append(f"{message.text} · {message.location.get('url', '')}")

    def failed(error: Error) -> None:
        complaints.append(str(error))

    def began(request: Request) -> None:
        if request.resource_type == "xhr":
            asked.add(request)

    def ended(request: Request) -> None:
        asked.discard(request)

    def open_page(
        size: tuple[int, int] = DESKTOP, language: str = "en", color_scheme: str = "light"
    ) -> Page:
        context = contexts.take(size, language, color_scheme)
        taken.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", failed)
        page.on("request", began)
        page.on("requestfinished", ended)
        page.on("requestfailed", ended)
        return page

    yield open_page
    for context in taken:
        while asked:
            context.pages[0].wait_for_timeout(10)
        contexts.give_back(context)
    # A page may have sent a request in the moment before it was closed.
    served.wait_for_end()
    assert complaints == []


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    return open_page()


@pytest.fixture
def phone(open_page: Callable[..., Page]) -> Page:
    return open_page(size=PHONE)


@pytest.fixture
def own_replica(transactional_db: None) -> Iterator[ExitStack]:
    """A replica for this test alone, open as long as its pages; what must end after them."""
    with ExitStack() as after_pages:
        after_pages.callback(replica.forget)
        yield after_pages


recorded_worked_company = recorded_company(worked_company)


@pytest.fixture
def readers(own_replica: ExitStack, recorded_worked_company: RecordedCompany) -> Readers:
    restored: Readers = recorded_worked_company.restore()
    own_replica.callback(recorded_worked_company.uninstall)
    return restored


@pytest.fixture
def enter(live_server):
    """Sign a user in on a page without the sign-in form."""

    def enter(page: Page, user) -> Page:
        browser = Client()
        browser.force_login(user)
        session = browser.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
        )
        return page

    return enter


@pytest.fixture
def open_as(open_page: Callable[..., Page], live_server: Any) -> Callable[..., Page]:
    """Return the page of a setting, the same one each time, with the cookies of a session."""
    known: dict[Any, Page] = {}

    def open_as(session: Client, setting: Any) -> Page:
        if setting not in known:
            known[setting] = open_page(setting.size, setting.language, setting.color_scheme)
        page = known[setting]
        page.context.clear_cookies()
        page.context.add_cookies(
            [
                {"name": name, "value": cookie.value, "url": live_server.url}
                for name, cookie in session.cookies.items()
            ]
        )
        return page

    return open_as
