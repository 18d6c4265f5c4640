"""While another connection writes, pages are readable at once and writes get a retry page."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from types import SimpleNamespace

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, connections

from leadlight import busy
from leadlight.busy import is_busy, unless_busy, wait_briefly
from leadlight.sales.models import Opening, Shortcut
from tests.web.conftest import PASSWORD, Cast, small_company, visit  # noqa: F401 - visit is a fixture
from tests.web.pages import Page
from tests.web.test_every_page import FOR_THE_SIGNED_IN, OPEN_TO_ALL

HELD = "accounts_user, django_session, sales_shortcut, sales_opening, sales_pin"


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return small_company()


@pytest.fixture
def no_lock_timeout() -> Iterator[None]:
    """Set the lock timeout of this connection to zero, and restore it after the test."""
    is_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 0" if is_sqlite else "SET lock_timeout = '50ms'")
    yield
    connection.close()


@pytest.fixture
def writer(cast: Cast, no_lock_timeout: None) -> Iterator[None]:
    """Another connection with an open write transaction."""
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        if other.vendor == "sqlite":
            cursor.execute("BEGIN IMMEDIATE")
        else:
            cursor.execute("BEGIN")
            cursor.execute(f"LOCK TABLE {HELD} IN SHARE ROW EXCLUSIVE MODE")
        yield
        cursor.execute("ROLLBACK")
    other.close()


@pytest.fixture
def ready(cast: Cast, visit):  # noqa: F811
    """A signed-in browser of Olga, a browser of nobody, and a shortcut."""
    shortcut = Shortcut.objects.create(owner=cast.olga, name="Mine", report="company", query="")
    ready = SimpleNamespace(olga=visit(cast.olga), nobody=visit(), shortcut=shortcut)
    for browser in (ready.olga, ready.nobody):
        browser.raise_request_exception = False
    return ready


@pytest.fixture
def during_write(ready, writer: None) -> SimpleNamespace:
    return ready


def test_every_page_is_readable_during_a_write(during_write) -> None:
    for path in OPEN_TO_ALL:
        assert during_write.nobody.get(path, follow=True).status_code == 200, path
    for path in [*FOR_THE_SIGNED_IN, "/"]:
        assert during_write.olga.get(path, follow=True).status_code == 200, path


def test_a_shortcut_opens_without_recording_its_opening(during_write) -> None:
    response = during_write.olga.get(f"/shortcuts/{during_write.shortcut.key}/")
    assert response.status_code == 302
    assert not Opening.objects.exists()


def test_signing_in_during_a_write_gets_a_retry_page(during_write, cast: Cast) -> None:
    form = {"login": cast.tom.email, "password": PASSWORD}
    response = during_write.nobody.post("/accounts/login/", form)
    page = Page.read(response.content.decode())
    assert (response.status_code, response.headers["Retry-After"]) == (503, "10")
    assert page.headings == ["The site is busy"]
    assert page.faults == []


def test_signing_in_works_after_the_write(ready, cast: Cast) -> None:
    form = {"login": cast.tom.email, "password": PASSWORD}
    assert ready.nobody.post("/accounts/login/", form).status_code == 302
    ready.olga.get(f"/shortcuts/{ready.shortcut.key}/")
    assert Opening.objects.exists()


def test_an_htmx_request_shows_the_whole_retry_page(during_write) -> None:
    address = f"/shortcuts/{during_write.shortcut.key}/pin/"
    response = during_write.olga.post(address, {"do": "pin"}, headers={"hx-request": "true"})
    assert (response.status_code, response.headers["HX-Retarget"]) == (503, "body")


def caused(cause: BaseException, error: type[DatabaseError] = OperationalError) -> DatabaseError:
    made = error("failed")
    made.__cause__ = cause
    return made


def sqlite_error(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = code
    return error


def test_only_lock_errors_count_as_busy() -> None:
    busy_ones = [sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_SNAPSHOT, sqlite3.SQLITE_LOCKED]
    assert all(is_busy(caused(sqlite_error(code))) for code in busy_ones)
    assert is_busy(caused(psycopg.errors.LockNotAvailable()))
    assert is_busy(caused(psycopg.errors.DeadlockDetected()))
    assert not is_busy(caused(sqlite_error(sqlite3.SQLITE_FULL)))
    assert not is_busy(caused(psycopg.errors.AdminShutdown()))
    assert not is_busy(caused(sqlite_error(sqlite3.SQLITE_BUSY), IntegrityError))
    assert not is_busy(OperationalError("no cause"))
    assert not is_busy(None)


def test_other_database_errors_are_raised(db: None) -> None:
    with pytest.raises(OperationalError, match="failed"), unless_busy():
        raise caused(sqlite_error(sqlite3.SQLITE_FULL))


def test_an_optional_write_restores_the_lock_timeout(transactional_db: None) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL sets it for one transaction")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 1234")
        with unless_busy():
            assert cursor.execute("PRAGMA busy_timeout").fetchone() == (0,)
        assert cursor.execute("PRAGMA busy_timeout").fetchone() == (1234,)
    connection.close()


def test_connections_of_a_server_have_a_short_lock_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    databases = [
        SimpleNamespace(vendor="sqlite", settings_dict={"OPTIONS": {"timeout": 20}}),
        SimpleNamespace(vendor="postgresql", settings_dict={"OPTIONS": {"options": "-c a=b"}}),
        SimpleNamespace(vendor="postgresql", settings_dict={}),
    ]
    monkeypatch.setattr(busy, "connections", SimpleNamespace(all=lambda: databases))
    wait_briefly()
    assert [database.settings_dict["OPTIONS"] for database in databases] == [
        {"timeout": 5},
        {"options": "-c a=b -c lock_timeout=5000"},
        {"options": "-c lock_timeout=5000"},
    ]
