"""A page that fails because the disk is full shows a message, and is logged in one line."""

from __future__ import annotations

import errno
import logging
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client as Browser

from leadlight.analytics.engine.duckdb import DiskFull
from leadlight.replication.replica import Replica
from tests.web.conftest import Cast

FULL = [
    DiskFull("IO Error: Could not write: No space left on device"),
    OperationalError("database or disk is full"),
    OSError(errno.ENOSPC, "No space left on device"),
]


@pytest.mark.parametrize("error", FULL, ids=lambda error: type(error).__name__)
def test_a_report_page_shows_that_the_disk_is_full(
    cast: Cast,
    client: Browser,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise error

    client.force_login(cast.ada)
    monkeypatch.setattr(Replica, "catch_up", full)
    with caplog.at_level(logging.WARNING):
        answer = client.get("/reports/company/?compare=none")
    assert answer.status_code == 507
    assert "The disk is full, and nothing was written." in answer.content.decode()
    assert [record.exc_info for record in caplog.records if record.exc_info] == []


def test_other_pages_show_that_the_disk_is_full(
    cast: Cast, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OperationalError("database or disk is full")

    client.force_login(cast.ada)
    monkeypatch.setattr("leadlight.web.shell.home.redirect", full)
    assert client.get("/").status_code == 507


def test_other_errors_are_server_errors(
    cast: Cast, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(*_: Any) -> None:
        raise KeyError("user")

    client.force_login(cast.ada)
    client.raise_request_exception = False
    monkeypatch.setattr(Replica, "catch_up", wrong)
    assert client.get("/reports/company/?compare=none").status_code == 500
