"""Failed sign-ins are counted in the database, across processes and their restarts."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.db import connection

from tests.web.conftest import small_company

pytestmark = pytest.mark.database

SIGN_IN = "/accounts/login/"
# Script for another process, which tries to sign in twice, against the test database.
TRY = """
import django
django.setup()
from django.conf import settings
settings.ALLOWED_HOSTS = ["testserver"]
from django.db import connections
connections["default"].settings_dict["NAME"] = {name!r}
from django.test import Client
sent = {{"login": "olga@example.com", "password": "guess"}}
for _time in range(2):
    answer = Client().post("/accounts/login/", sent)
    print(answer.status_code, "Too many failed" in answer.content.decode())
"""


def sign_in(browser, password):
    return browser.post(SIGN_IN, {"login": "olga@example.com", "password": password})


def test_attempts_are_counted_in_the_database():
    assert isinstance(caches["default"], DatabaseCache)


@pytest.mark.django_db(transaction=True)
def test_attempts_are_counted_across_processes(visit):
    """Five failures are allowed: four in this process and the first one in the other."""
    small_company()
    caches["default"].clear()
    for number in range(4):
        sign_in(visit(), f"guess {number}")
    script = TRY.format(name=str(connection.settings_dict["NAME"]))
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ
        | {"LEADLIGHT_DEBUG": "true"},  # so that it needs no manifest of static files
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert ran.stdout.splitlines() == ["200 False", "200 True"]
    caches["default"].clear()


def test_opening_a_page_does_not_access_the_counters(cast, visit):
    browser = visit(cast.olga)
    with connection.execute_wrapper(_forbid_cache_table):
        browser.get("/leads/")
        visit().get(SIGN_IN)


def _forbid_cache_table(execute, sql, params, many, context):
    assert f'"{settings.CACHES["default"]["LOCATION"]}"' not in sql
    return execute(sql, params, many, context)
